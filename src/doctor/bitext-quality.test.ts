import { describe, expect, it } from 'vitest';
import type { BitextPair } from '../data/bitext-pair.ts';
import { cleanBitext } from '../data/clean.ts';
import { RandomStream } from '../random.ts';
import { examineLanguages } from './bitext-language.ts';
import { lengthRatios } from './bitext-lengths.ts';
import { examineBitext } from './bitext-quality.ts';
import { findRepeats } from './bitext-repeats.ts';
import { findShifts } from './bitext-shift.ts';

const pair = (pivot: string, target: string, line = 1, source = 'a'): BitextPair => ({
  pivot,
  target,
  language: 'sw',
  source,
  at: 'en-sw.tsv',
  line,
});

const ENGLISH = ['the', 'of', 'is', 'in', 'and', 'water', 'house', 'child', 'road', 'market', 'river'];
const SWAHILI = ['ya', 'kwa', 'ni', 'katika', 'na', 'maji', 'nyumba', 'mtoto', 'njia', 'soko', 'mto'];

/** Sentences of equal meaning, word by word, different from each other. */
function made(count: number): BitextPair[] {
  const stream = new RandomStream(1, 'test');
  return Array.from({ length: count }, (_, i) => {
    const words = Array.from({ length: 5 + stream.below(6) * 4 }, () => stream.below(ENGLISH.length));
    const say = (list: string[]) => words.map((w) => list[w]).join(' ');
    return pair(`${say(ENGLISH)} ${i}`, `${say(SWAHILI)} ${i}`, i + 1, i % 2 ? 'a' : 'b');
  });
}

async function examined(read: BitextPair[]) {
  const { pairs, report } = cleanBitext(read);
  return examineBitext({ language: 'sw', pivotLanguage: 'en', read, kept: pairs, report });
}
const swapped = (pairs: BitextPair[]) => pairs.map((p) => ({ ...p, pivot: p.target, target: p.pivot }));

describe('examineBitext', () => {
  it('is content with translations', async () => {
    const { verdict, figures } = await examined(made(1200));
    expect(verdict).toBe('ready');
    expect(figures).toMatchObject({ read: 1200, kept: 1200 });
  });

  it('refuses exchanged columns, and says how to name them', async () => {
    const { verdict, findings } = await examined(swapped(made(1200)));
    expect(verdict).toBe('unfit');
    expect(findings[0].what).toContain('The sides look exchanged');
    expect(findings[0].remedy).toContain('--columns 2,1');
  });

  it('refuses a target that is English, and a pivot that is not', async () => {
    const other = [...made(2400)].slice(1200);
    const both = made(1200).map((p, i) => ({ ...p, target: other[i].pivot }));
    expect((await examined(both)).findings[0].what).toContain('The Swahili side looks English');
    const neither = made(1200).map((p, i) => ({ ...p, pivot: other[i].target }));
    expect((await examined(neither)).findings[0].what).toContain('The English side does not look English');
  });

  it('counts single pairs that are wrong', async () => {
    const good = made(1100);
    const bad = swapped(made(1150).slice(1100));
    const { verdict, figures, findings } = await examined([...good, ...bad]);
    expect(figures.languages).toMatchObject({ faults: { exchanged: 50 } });
    expect(verdict).toBe('care');
    expect(findings.find(({ what }) => what.includes('exchanged'))?.examples?.[0]).toMatchObject({
      line: 1101,
    });
  });

  it('says that few pairs are few, and none are none', async () => {
    expect((await examined(made(500))).verdict).toBe('care');
    expect((await examined(made(50))).verdict).toBe('unfit');
    const report = { files: ['a'], layout: [], read: 1, kept: 0, skipped: {} };
    const none = await examineBitext({ language: 'sw', pivotLanguage: 'en', read: [], kept: [], report });
    expect(none.findings[0].what).toBe('No pair is usable.');
  });

  it('finds lines that have slipped, by how many, and where', async () => {
    const good = made(1200).map((p, i) => ({ ...p, source: i < 600 ? 'a' : 'b' }));
    // From line 801 to 1100 of the file, 300 of source b, the translation stands on the line below.
    const slipped = good.map((p, i) => (i >= 800 && i < 1100 ? { ...p, target: good[i - 1].target } : p));
    const { figures, verdict, findings } = await examined(slipped);
    expect(figures.shifts).toEqual([
      { source: 'b', at: 'en-sw.tsv', from: 801, to: 1100, pairs: 300, by: 1 },
    ]);
    expect(verdict).toBe('care');
    const found = findings.find(({ what }) => what.includes('slipped'));
    expect(found?.examples).toEqual(['lines 801 to 1100 (b): 1 line below']);
    const whole = good.map((p, i) => ({ ...p, target: good[(i + 2) % 1200].target }));
    const all = await examined(whole);
    expect(all.verdict).toBe('unfit');
    expect(findShifts(whole).every(({ by }) => by === -2)).toBe(true);
  });

  it('finds a source whose sides do not belong together at all', async () => {
    const good = made(1200);
    const stream = new RandomStream(2, 'test');
    const mixed = stream.shuffle(good.filter((_, i) => i % 5 === 0).map(({ target }) => target));
    const some = good.map((p, i) => (i % 5 === 0 ? { ...p, target: mixed[i / 5], source: 'c' } : p));
    const { findings, verdict } = await examined(some);
    expect(verdict).toBe('care');
    const found = findings.filter(({ what }) => what.includes('hardly go together'));
    expect(found.map(({ what }) => /together in (\w+)/.exec(what)?.[1])).toEqual(['c']);
  });
});

describe('examineLanguages', () => {
  const judge = async (extra: BitextPair) =>
    (await examineLanguages([...made(300), extra], { pivot: 'en', target: 'sw' })).faults;

  it('finds a target that is copied, but for a word', async () => {
    expect(
      await judge(pair('Katherine Amanda Bryan Karen report', 'Katherine Amanda Bryan Karen ripoti')),
    ).toMatchObject({
      copied: 1,
    });
  });

  it('finds a target in English, and one in another script', async () => {
    expect(await judge(pair('ten small boats', 'the market is in the road'))).toMatchObject({
      'target-in-pivot': 1,
    });
    expect(await judge(pair('ten small boats', 'мира лодки'))).toMatchObject({ script: 1 });
  });

  it('leaves names and numbers alone', async () => {
    const faults = await judge(pair('Nairobi 2020', 'Nairobi 2020!'));
    expect(Object.values(faults).every((n) => n === 0)).toBe(true);
  });
});

describe('lengthRatios', () => {
  it('gives the median in characters, and names the farthest', () => {
    // 10 + 10 against 20 + 10: ratio 1.5, in characters as readers count them.
    const pairs = Array.from({ length: 99 }, (_, i) => pair('a'.repeat(10), 'ọ́'.repeat(20), i + 1));
    const { median, outliers, farthest, sources } = lengthRatios([...pairs, pair('a'.repeat(200), 'b', 100)]);
    expect(median).toBeCloseTo(1.5, 6);
    expect([outliers, farthest]).toEqual([1, [99]]);
    expect(sources).toMatchObject([{ source: 'a', pairs: 100, outliers: 1 }]);
  });
});

describe('findRepeats', () => {
  it('tells repetitions across sources from near ones', () => {
    const repeats = findRepeats([
      pair('Water', 'Maji', 1, 'tatoeba'),
      pair('Water ', 'Maji', 2, 'tico'),
      pair('WATER!', 'maji.', 3, 'tico'),
      pair('Water 12', 'Maji 13', 4, 'tico'),
      pair('Wáter', 'Maji', 5, 'tico'),
      pair('Water', 'Maji', 6, 'tatoeba'),
    ]);
    expect(repeats).toMatchObject({
      acrossSources: 1,
      near: 2,
      sources: [{ between: 'tatoeba and tico', pairs: 1 }],
    });
  });
});
