/** PEER by its name and as a measure of runs. */
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { parsePeer, peerMeasure } from './peer-measure.ts';

const languages = new Map([
  ['d1', 'de'],
  ['d2', 'de'],
  ['s1', 'sw'],
  ['s2', 'sw'],
]);
const judgments = [...languages.keys()].map((passage) => ({ query: 'q', passage, grade: 1 }));
const run = (...ids: string[]) => ids.map((passage, i) => ({ query: 'q', passage, score: -i }));
const measure = (name: string, judged = judgments) => {
  const parsed = parsePeer(name);
  if (parsed === undefined) throw new Error(name);
  return peerMeasure(parsed, judged, languages);
};

describe('PEER as a measure', () => {
  it('is the p of Kruskal-Wallis over the ranks of the languages', () => {
    // Ranks 1, 2 against 3, 4: H = 12 / (4 · 5) · (9 / 2 + 49 / 2) - 3 · 5 = 2.4; p = erfc(sqrt(1.2)).
    const apart = evaluate(judgments, run('d1', 'd2', 's1', 's2'), [measure('PEER')]);
    expect(apart.means.get('PEER')).toBeCloseTo(0.12134, 5);
    // Ranks 1, 4 against 2, 3: equal sums, H = 0.
    const mixed = evaluate(judgments, run('d1', 's1', 's2', 'd2'), [measure('PEER')]);
    expect(mixed.means.get('PEER')).toBeCloseTo(1, 10);
  });

  it('looks at the first k ranks only', () => {
    const ranked = run('d1', 's1', 'd2', 's2');
    const shallow = evaluate(judgments, ranked, [measure('PEER@1'), measure('PEER@2')]);
    // At 2 each language has ranks 1 or 2 and one below the cutoff, 3.
    expect(shallow.means.get('PEER@2')).toBeGreaterThan(shallow.means.get('PEER@1') ?? 1);
  });

  it('weighs grades as the name says, or the grades above 0 alike', () => {
    const graded = judgments.map((each) => ({ ...each, grade: each.passage.endsWith('1') ? 1 : 3 }));
    const ranked = run('d1', 'x', 's1', 'd2');
    const value = (name: string) =>
      evaluate(graded, ranked, [measure(name, graded)])
        .means.values()
        .next().value ?? 0;
    expect(value('PEER')).toBeCloseTo((value('PEER(1=1)') + value('PEER(3=1)')) / 2, 12);
    expect(value('PEER(1=.25,3=.75)')).toBeCloseTo(0.25 * value('PEER(1=1)') + 0.75 * value('PEER(3=1)'), 12);
  });

  it('needs the language of every judged passage, and two languages', () => {
    const stranger = [...judgments, { query: 'q', passage: 'x', grade: 1 }];
    expect(() => measure('PEER', stranger)).toThrow(/language of passage "x" is not known .*UNKNOWN_ID/);
    expect(() => measure('PEER', judgments.slice(0, 2))).toThrow(/all judged passages are in de/);
    expect(() => measure('PEER(2=1)')).toThrow(/no passage is judged with a grade that has a weight/);
    // Passages that are not relevant may be of unknown language.
    expect(measure('PEER', [...judgments, { query: 'q', passage: 'x', grade: 0 }]).name).toBe('PEER');
  });
});

describe('parsePeer', () => {
  it('reads cutoff and weights, in any case', () => {
    expect(parsePeer('peer @ 20')).toEqual({ name: 'PEER@20', cutoff: 20 });
    expect(parsePeer('PEER(1=.25, 3=.75)@20')).toEqual({
      name: 'PEER(1=.25,3=.75)@20',
      cutoff: 20,
      weights: new Map([
        [1, 0.25],
        [3, 0.75],
      ]),
    });
    expect([parsePeer('P@5'), parsePeer('peers')]).toEqual([undefined, undefined]);
  });

  it.each([
    ['PEER@0', /cutoff after @/],
    ['PEER(1=1', /weights in brackets/],
    ['PEER(1)', /"1" is not grade=weight/],
    ['PEER(1=.5,1=.5)', /two weights/],
    ['PEER(1=.5,2=.4)', /sum to 0.9/],
  ])('%s is refused', (name, message) => {
    expect(() => parsePeer(name)).toThrow(message);
  });
});
