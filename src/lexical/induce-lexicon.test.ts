import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { readLexicon } from '../data/lexicon.ts';
import { formatInduced, type InduceOptions, induceLexicon } from './induce-lexicon.ts';

const folder = temporaryFolder();
const pairsOf = (language: string, ...sides: readonly (readonly [string, string])[]) =>
  sides.map(([pivot, target]) => ({ pivot, target, language }));
const best = async (pairs: ReturnType<typeof pairsOf>, options: InduceOptions = {}) =>
  Object.fromEntries((await induceLexicon(pairs, options)).map(({ pivot, target }) => [pivot, target]));

const SWAHILI = pairsOf(
  'sw',
  ['Clean water', 'Maji safi'],
  ['Clean house', 'Nyumba safi'],
  ['Water and house', 'Maji na nyumba'],
  ['Goat and water, 25', 'Mbuzi na maji, 25'],
  ['A goat', 'Mbuzi'],
);

describe('induceLexicon', () => {
  it('finds the words of a small bitext, lower-cased, without numbers and rare words', async () => {
    const options: InduceOptions = { symmetry: 'intersection', iterations: 20 };
    expect(await best(SWAHILI, options)).toEqual({
      and: 'na',
      clean: 'safi',
      goat: 'mbuzi',
      house: 'nyumba',
      water: 'maji',
    });
    expect(await best(SWAHILI, { ...options, leastPairs: 3 })).toEqual({ water: 'maji' });
  });

  it('scores by the geometric mean, best first; the intersection is part of it', async () => {
    const wide = await induceLexicon(SWAHILI, { threshold: 0.05, leastPairs: 1 });
    const narrow = await induceLexicon(SWAHILI, { threshold: 0.05, leastPairs: 1, symmetry: 'intersection' });
    expect(narrow.length).toBeLessThan(wide.length);
    expect(wide).toEqual(expect.arrayContaining(narrow));
    for (const { probability } of wide) {
      expect(probability).toBeGreaterThanOrEqual(0.05);
      expect(probability).toBeLessThanOrEqual(1);
    }
    wide.slice(1).forEach((entry, i) => {
      if (entry.pivot === wide[i].pivot) expect(entry.probability).toBeLessThanOrEqual(wide[i].probability);
      else expect(entry.pivot > wide[i].pivot).toBe(true);
    });
  });

  it('by hand: one pair of one word each, in one round', async () => {
    // Each side is explained half by the empty word, but t(e | f) is divided by f's own counts: 1.
    expect(await induceLexicon(pairsOf('sw', ['water', 'maji']), { leastPairs: 1, iterations: 1 })).toEqual([
      { pivot: 'water', target: 'maji', language: 'sw', source: 'ibm1', probability: 1 },
    ]);
  });

  it('cuts Thai into words, keeps Devanagari marks and Yoruba tones whole', async () => {
    const options: InduceOptions = { symmetry: 'intersection', iterations: 10 };
    const thai = pairsOf('th', ['love cat', 'รักแมว'], ['cat', 'แมว'], ['love', 'รัก']);
    expect(await best(thai, options)).toEqual({ love: 'รัก', cat: 'แมว' });
    const hindi = pairsOf('hi', ['clean water', 'साफ़ पानी'], ['water', 'पानी'], ['clean', 'साफ़']);
    expect((await best(hindi, options)).water).toBe('पानी');
    const yoruba = pairsOf('yor', ['goat', 'ewúrẹ́'], ['a goat', 'ewúrẹ́ kan']);
    expect((await best(yoruba, options)).goat).toBe('ewúrẹ́'.normalize('NFC'));
  });

  it('is read back by readLexicon in the same order', async () => {
    const entries = await induceLexicon(SWAHILI, { leastPairs: 1 });
    const path = folder.write('induced.tsv', [...formatInduced(entries, 'sw')].join(''));
    expect(await readLexicon(path, 'sw')).toEqual(
      entries.map(({ pivot, target, language, source }) => ({ pivot, target, language, source })),
    );
  });

  it('refuses no pairs and settings out of range, and can be stopped', async () => {
    expect((await refusal(() => induceLexicon([]))).code).toBe('BITEXT_EMPTY');
    for (const options of [{ threshold: 0 }, { threshold: 2 }, { iterations: 0 }, { leastPairs: 0.5 }])
      expect((await refusal(() => induceLexicon(SWAHILI, options))).code).toBe('SETTING_INVALID');
    const control = { signal: AbortSignal.abort() };
    expect((await refusal(() => induceLexicon(SWAHILI, {}, control))).code).toBe('INTERRUPTED');
  });
});
