import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary.ts';
import { readLexicon, readLexiconReport } from './lexicon.ts';
import { formatMerged, mergeLexicons } from './lexicon-merge.ts';

const folder = temporaryFolder();
const entry = (pivot: string, target: string, source?: string) => ({
  pivot,
  target,
  language: 'yor',
  ...(source !== undefined && { source }),
});

describe('mergeLexicons', () => {
  it('makes one of entries that differ in case, with all sources and rows, the best first', () => {
    const merged = mergeLexicons([
      { name: 'a', entries: [entry('Water', 'odò'), entry('water', 'omi', 'wikt, cldr')] },
      { name: 'b', entries: [entry('WATER', 'Omi'), entry('goat', 'ewúrẹ́'), entry('water', 'odò', 'a')] },
    ]);
    expect(merged.map(({ pivot, target, source, count }) => [pivot, target, source, count])).toEqual([
      ['goat', 'ewúrẹ́', 'b', 1],
      ['water', 'omi', 'wikt,cldr,b', 2],
      ['Water', 'odò', 'a', 2],
    ]);
  });

  it('keeps what differs in tone, script or spelling', () => {
    const pairs = [entry('husband', 'ọkọ'), entry('hoe', 'ọkọ́'), entry('hoe', 'ọkọ̀'), entry('water', 'น้ำ')];
    expect(mergeLexicons([{ name: 'a', entries: pairs }])).toHaveLength(4);
  });

  it('gives the same when merged in steps through files, as at once', async () => {
    const entries = fc.array(
      fc.record({
        pivot: fc.constantFrom('water', 'Water', 'goat', 'clean water'),
        target: fc.constantFrom('omi', 'Omi', 'odò', 'ماء', 'पानी'),
        language: fc.constant('yor'),
        source: fc.constantFrom('wikt', 'cldr', 'wikt,cldr'),
      }),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(entries, entries, entries, async (a, b, c) => {
        const named = [a, b, c].map((list, i) => ({ name: `${i}`, entries: list }));
        const path = folder.write(
          'ab.tsv',
          [...formatMerged(mergeLexicons(named.slice(0, 2)), 'yor')].join(''),
        );
        const { entries: read, skipped } = await readLexiconReport(path, 'yor');
        expect(skipped).toEqual({ empty: [], columns: [] });
        const sorted = (list: ReturnType<typeof mergeLexicons>) =>
          list.map(({ pivot, target, sources, count }) =>
            JSON.stringify([pivot.toLowerCase(), target.toLowerCase(), [...sources].sort(), count]),
          );
        const steps = mergeLexicons([{ name: 'ab', entries: read }, named[2]]);
        expect(sorted(steps).sort()).toEqual(sorted(mergeLexicons(named)).sort());
      }),
      { numRuns: 25 },
    );
  });
});

describe('reading', () => {
  it("MUSE's pairs, with spaces or a tab", async () => {
    const path = folder.write('muse.txt', 'water maji\ngoat\tmbuzi\nhouse  nyumba\nbare\n');
    const { entries, skipped } = await readLexiconReport(path, 'sw');
    expect(entries.map(({ pivot, target }) => [pivot, target])).toEqual([
      ['water', 'maji'],
      ['goat', 'mbuzi'],
      ['house', 'nyumba'],
    ]);
    expect(skipped.columns).toEqual([4]);
  });

  it('a fourth column is a count only where the header says so', async () => {
    const path = folder.write(
      'counted.tsv',
      'en\tsw\tsources\tcount\nwater\tmaji\ta,b\t3\ngoat\tmbuzi\ta\t1\n',
    );
    expect(await readLexicon(path, 'sw')).toEqual([
      { pivot: 'water', target: 'maji', language: 'sw', source: 'a,b', count: 3 },
      { pivot: 'goat', target: 'mbuzi', language: 'sw', source: 'a' },
    ]);
    const induced = folder.write('induced.tsv', 'en\tsw\tsources\tprobability\nwater\tmaji\tibm1\t3\n');
    expect((await readLexicon(induced, 'sw'))[0]).not.toHaveProperty('count');
  });
});
