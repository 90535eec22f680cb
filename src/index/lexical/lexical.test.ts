/** Words of segments on disk: scores are those of BM25 in memory, across segments, deletions, filters and merges. */
import { mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { emptyBitmap, hasBit, setBit } from '../../data/bitmap.ts';
import type { Passage } from '../../data/records.ts';
import { Bm25Index } from '../../lexical/bm25.ts';
import { englishStem } from '../../lexical/english-stem.ts';
import { StructuredSearch } from '../../lexical/structured.ts';
import type { LexicalSettings } from './lexical-files.ts';
import { LexicalReader } from './reader.ts';
import { type LexicalSegment, LexicalView } from './view.ts';
import { LexicalWriter } from './writer.ts';

const folder = temporaryFolder();
let made = 0;
const place = () => {
  const path = join(folder.path, `s${made++}`);
  mkdirSync(path);
  return path;
};
const passagesOf = (texts: readonly string[]): Passage[] => texts.map((text, i) => ({ id: `${i}`, text }));
const bitmap = (flags: readonly boolean[]) => {
  const bits = emptyBitmap(flags.length);
  flags.forEach((flag, p) => {
    if (flag) setBit(bits, p);
  });
  return bits;
};

async function write(
  passages: readonly Passage[],
  settings: LexicalSettings = {},
  postingsInMemory?: number,
): Promise<LexicalReader> {
  const path = place();
  const writer = new LexicalWriter(path, settings, { postingsInMemory });
  for (const passage of passages) await writer.add(passage);
  await writer.finish();
  return LexicalReader.open(path, passages.length);
}

const TEXTS = [
  'पानी को एक मिनट तक उबालें और फिर पिएँ।',
  'اغلِ الماء دقيقة واحدة قبل أن يشرب الأطفال.',
  'ต้มน้ำหนึ่งนาทีก่อนดื่ม',
  'Ẹ sè omi fún ìṣẹ́jú kan kí ẹ tó mu ún.',
  'The word ماء means water, and سوق means market; water, water.',
  '',
];

describe('the words of a segment', async () => {
  const reader = await write(passagesOf(TEXTS));

  it('are found in any script', () => {
    const found = (term: string) => {
      const list = reader.list(term);
      return list && [...list.passages].map((passage, i) => [passage, list.frequencies[i]]);
    };
    expect(found('पानी')).toEqual([[0, 1]]);
    expect(found('الماء')).toEqual([[1, 1]]);
    expect(found('น้ำ'.normalize('NFKC'))).toEqual([[2, 1]]);
    expect(found('ìṣẹ́jú'.normalize('NFC'))).toEqual([[3, 1]]);
    expect(found('ماء')).toEqual([[4, 1]]);
    expect(found('water')).toEqual([[4, 3]]);
    expect([found('giraffe'), found(''), found('\u{10ffff}')]).toEqual([undefined, undefined, undefined]);
    expect([...reader.lengths()].slice(3)).toEqual([11, 11, 0]);
  });

  it('are searched by words in any case or composition', () => {
    const view = new LexicalView([{ words: reader }]);
    for (const [query, ordinal] of [
      ['उबालें', 0],
      ['دقيقة', 1],
      ['นาที', 2],
      ['OMI'.normalize('NFD'), 3],
      ['سوق Water', 4],
    ] as const)
      expect(view.search(query, 1)[0]?.ordinal).toBe(ordinal);
    expect(view.search('giraffe', 5)).toEqual([]);
  });

  it('may be none', async () => {
    const empty = await write([]);
    expect(new LexicalView([{ words: empty }]).search('water', 3)).toEqual([]);
    expect(new LexicalView([]).search('water', 3)).toEqual([]);
    const wordless = await write(passagesOf(['', '…']));
    expect(new LexicalView([{ words: wordless }]).search('water', 3)).toEqual([]);
  });

  it('take stemming and the language of Turkish casing from the settings', async () => {
    const english = await write(passagesOf(['Boiling waters']), { stem: 'english' });
    expect(new LexicalView([{ words: english }]).search('boiled water', 1)).toHaveLength(1);
    const turkish = await write(passagesOf(['IĞDIR']), { language: 'tr' });
    expect(new LexicalView([{ words: turkish }]).search('ığdır', 1)).toHaveLength(1);
    const error = await refusal(() => new LexicalView([{ words: english }, { words: turkish }]));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
  });

  it('stay readable when their files are removed', async () => {
    const path = place();
    const writer = new LexicalWriter(path);
    for (const passage of passagesOf(TEXTS)) await writer.add(passage);
    await writer.finish();
    const open = LexicalReader.open(path, TEXTS.length);
    for (const name of readdirSync(path)) unlinkSync(join(path, name));
    expect(new LexicalView([{ words: open }]).search('water', 1)).toHaveLength(1);
  });
});

describe('scores', () => {
  const word = fc.oneof(
    fc.integer({ min: 0, max: 255 }).map((n) => `w${Math.clz32((n + 1) << 23)}${n % 3 ? '' : n % 7}`),
    fc.constantFrom('पानी', 'ماء', 'น้ำ', 'omi', 'ọ̀rọ̀', '𞤲𞤣𞤭𞤴𞤥'),
  );
  const text = fc.array(word, { maxLength: 10 }).map((words) => words.join(' '));
  const member = fc.record({ text, live: fc.boolean(), allowed: fc.boolean() });
  const segments = fc.array(fc.array(member, { maxLength: 40 }), { minLength: 1, maxLength: 4 });

  it('are those of BM25 over the live passages, with and without a filter, before and after a merge', async () => {
    await fc.assert(
      fc.asyncProperty(
        segments,
        fc.array(word, { maxLength: 6 }),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom(3, 20, 4_000),
        async (given, query, k, postingsInMemory) => {
          const live = given.flat().filter((each) => each.live);
          const reference = await Bm25Index.create(passagesOf(live.map((each) => each.text)));
          const expected = reference.search(query.join(' '), live.length);
          const allowed = bitmap(live.map((each) => each.allowed));
          const parts: LexicalSegment[] = [];
          for (const segment of given) {
            const words = await write(passagesOf(segment.map((each) => each.text)), {}, postingsInMemory);
            const all = segment.every((each) => each.live);
            parts.push({ words, live: all ? undefined : bitmap(segment.map((each) => each.live)) });
          }
          const merged = place();
          const writer = new LexicalWriter(merged);
          for (const { words, live } of parts) await writer.append(words, live);
          await writer.finish();
          expect(readdirSync(merged).sort()).toEqual(['lexical.json', 'lexical.postings', 'lexical.terms']);
          const one = LexicalReader.open(merged, live.length);
          const word = query[0] ?? 'w';
          const translated = [
            {
              weight: 2,
              translations: new Map([
                [word, 0.7],
                ['omi', 0.3],
              ]),
            },
          ];
          for (const view of [new LexicalView(parts), new LexicalView([{ words: one }])]) {
            expect(view.size).toBe(live.length);
            expect(view.lengths).toEqual(reference.lengths);
            expectSame(view.search(query.join(' '), k), expected.slice(0, k));
            const kept = expected.filter(({ ordinal }) => hasBit(allowed, ordinal));
            expectSame(view.search(query.join(' '), k, allowed), kept.slice(0, k));
            expectSame(view.search(query.join(' '), k), expected.slice(0, k)); // again, from what was kept
            const structured = new StructuredSearch(reference).search(translated, k, 'expected');
            expectSame(new StructuredSearch(view).search(translated, k, 'expected'), structured);
          }
          one.close();
          for (const { words } of parts) words.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  function expectSame(
    found: readonly { ordinal: number; score: number }[],
    expected: readonly { ordinal: number; score: number }[],
  ): void {
    expect(found).toHaveLength(expected.length);
    found.forEach(({ ordinal, score }, i) => {
      expect(Math.abs(score - expected[i].score)).toBeLessThan(1e-9);
      // Passages whose scores differ in the last bits only may change places.
      if (ordinal !== expected[i].ordinal)
        expect(
          expected.some((other) => other.ordinal === ordinal && Math.abs(other.score - score) < 1e-9),
        ).toBe(true);
    });
  }

  it('are those of stemmed BM25 too', async () => {
    const texts = ['boiling water', 'boiled waters boil', 'the market opens'];
    const reference = await Bm25Index.create(passagesOf(texts), { stem: englishStem });
    const words = await write(passagesOf(texts), { stem: 'english' });
    expectSame(new LexicalView([{ words }]).search('boils water', 5), reference.search('boils water', 5));
  });
});

describe('writing', () => {
  it('gives the same bytes whether runs went to the disk or not, and takes added and appended passages', async () => {
    const texts = Array.from({ length: 300 }, (_, i) => `common w${i % 50} w${i} ${TEXTS[i % TEXTS.length]}`);
    const whole = place();
    const inRuns = place();
    for (const [path, postingsInMemory] of [
      [whole, undefined],
      [inRuns, 100],
    ] as const) {
      const writer = new LexicalWriter(path, {}, { postingsInMemory });
      for (const passage of passagesOf(texts)) await writer.add(passage);
      const files = await writer.finish();
      for (const [name, { bytes }] of Object.entries(files))
        expect(readFileSync(join(path, name))).toHaveLength(bytes);
    }
    const mixed = place();
    const writer = new LexicalWriter(mixed);
    const middle = await write(passagesOf(texts.slice(100, 200)));
    for (const passage of passagesOf(texts.slice(0, 100))) await writer.add(passage);
    await writer.append(middle);
    for (const passage of passagesOf(texts.slice(200))) await writer.add(passage);
    await writer.finish();
    for (const name of readdirSync(whole)) {
      const bytes = readFileSync(join(whole, name));
      expect(readFileSync(join(inRuns, name)).equals(bytes)).toBe(true);
      expect(readFileSync(join(mixed, name)).equals(bytes)).toBe(true);
    }
  });

  it('leaves no run behind when it is given up, or stopped', async () => {
    const path = place();
    const writer = new LexicalWriter(path, {}, { postingsInMemory: 2 });
    for (const passage of passagesOf(TEXTS)) await writer.add(passage);
    expect(readdirSync(path).length).toBeGreaterThan(2);
    const error = await refusal(() => writer.finish({ signal: AbortSignal.abort() }));
    expect(error.code).toBe('INTERRUPTED');
    await writer.abandon();
    expect(readdirSync(path).filter((name) => name.includes('run'))).toEqual([]);
  });
});

describe('damage', async () => {
  const texts = Array.from({ length: 90 }, (_, i) => `water w${i} ${TEXTS[i % TEXTS.length]}`);
  const source = place();
  const writer = new LexicalWriter(source);
  for (const passage of passagesOf(texts)) await writer.add(passage);
  await writer.finish();
  const copyWith = (name: string, content: string | Uint8Array) => {
    const path = place();
    for (const each of readdirSync(source)) writeFileSync(join(path, each), readFileSync(join(source, each)));
    writeFileSync(join(path, name), content);
    return path;
  };
  const use = (path: string) => {
    const reader = LexicalReader.open(path, texts.length);
    try {
      new LexicalView([{ words: reader }]).search('water w7 पानी giraffe', 90);
    } finally {
      reader.close();
    }
  };

  it.each(['lexical.json', 'lexical.terms', 'lexical.postings'])('a missing %s is named', async (name) => {
    const path = copyWith(name, '');
    unlinkSync(join(path, name));
    expect(await refusal(() => use(path))).toMatchObject({
      code: 'CHECKPOINT_INCOMPLETE',
      at: join(path, name),
    });
  });

  it.each(['lexical.json', 'lexical.terms', 'lexical.postings'])(
    'a %s that was cut off is refused',
    async (name) => {
      const path = copyWith(name, readFileSync(join(source, name)).subarray(0, -3));
      expect(await refusal(() => use(path))).toMatchObject({
        code: 'CHECKPOINT_FORMAT',
        at: join(path, name),
      });
    },
  );

  it('another number of passages is refused', async () => {
    expect(await refusal(() => LexicalReader.open(source, 91))).toMatchObject({ code: 'CHECKPOINT_FORMAT' });
  });

  it.each(['lexical.terms', 'lexical.postings'])('no flipped byte of %s leads outside', async (name) => {
    const bytes = readFileSync(join(source, name));
    for (let i = 0; i < bytes.length; i += 11) {
      const changed = Uint8Array.from(bytes);
      changed[i] ^= 0xff;
      const path = copyWith(name, changed);
      const merging = LexicalReader.open(path, texts.length);
      const merged = new LexicalWriter(place());
      try {
        use(path);
        await merged.append(merging);
        await merged.finish();
      } catch (error) {
        expect(error).toMatchObject({ code: 'CHECKPOINT_FORMAT' });
      } finally {
        await merged.abandon();
        merging.close();
      }
    }
  });
});

it('words that no passage has do not fill the memory: the first of many is looked up again', async () => {
  const reader = await write(passagesOf(TEXTS));
  const view = new LexicalView([{ words: reader }]);
  const looked = vi.spyOn(reader, 'list').mockReturnValue(undefined);
  for (let word = 0; word < 126_000; word++) view.termPostings(`x${word}`);
  const before = looked.mock.calls.length;
  view.termPostings('x125999');
  expect(looked).toHaveBeenCalledTimes(before);
  view.termPostings('x0');
  expect(looked).toHaveBeenCalledTimes(before + 1);
  reader.close();
});
