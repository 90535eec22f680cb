import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRunTable } from '../data/run-table.ts';
import { rankedRun } from './ranking.ts';
import { rankTable } from './ranking-table.ts';

const IDS = ['p1', 'p10', 'p2', 'ọmọ', 'डॉक्टर', 'طبيب', 'หมอ', '\uff21', '\u{1f33e}', 'P1', 'p-1', 'a'];
const SCORES = [0, -0, 1, 1 + 1e-9, 1.000001, -1, -1.5, 0.25, 3e-39, -3e-39, 1e30, -1e30, 2.5];

test('ranks as the run in memory does: any order, ties, signs, scripts', () => {
  const entry = fc.record({
    query: fc.constantFrom('q1', 'q2', 'किताब'),
    passage: fc.constantFrom(...IDS),
    score: fc.oneof(
      fc.constantFrom(...SCORES),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
    ),
  });
  const runs = fc.uniqueArray(entry, {
    minLength: 1,
    maxLength: 30,
    selector: ({ query, passage }) => `${query} ${passage}`,
  });
  const judgments = fc.dictionary(fc.constantFrom(...IDS, 'unseen', '未'), fc.integer({ min: -1, max: 3 }), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(runs, judgments, (run, grades) => {
      const text = run.map(({ query, passage, score }) => `${query} Q0 ${passage} 1 ${score} t\n`).join('');
      const [table, memory] = [rankTable(parseRunTable(Buffer.from(text), 'a.run')), rankedRun(run)];
      const judged = new Map(Object.entries(grades));
      expect(table.queries).toEqual(memory.queries);
      for (const query of [...memory.queries, 'none']) {
        expect(table.judged(query, judged)).toEqual(memory.judged(query, judged));
        for (const depth of [2, Infinity])
          expect(table.passages(query, depth)).toEqual(memory.passages(query, depth));
      }
    }),
    { numRuns: 60 },
  );
});

test('a passage that occurs twice is named with its query and both lines', () => {
  const text = 'q1 Q0 a 1 1 t\nq2 Q0 b 1 1 t\nq1 Q0 c 1 1 t\nq2 Q0 b 1 0.5 t\n';
  const run = rankTable(parseRunTable(Buffer.from(text), 'a.run'));
  expect(run.judged('q1', new Map()).grades).toHaveLength(2);
  expect(() => run.judged('q2', new Map())).toThrow(
    /a.run:4: query "q2" already has passage "b" on line 2 .*DUPLICATE_ID/,
  );
});

test('a run of many passages in no order', () => {
  const scores = Array.from({ length: 3000 }, (_, i) => ((i * 7717) % 1009) / 8 - 50);
  const entries = scores.map((score, i) => ({ query: 'q', passage: `p${i}`, score }));
  const text = entries.map(({ passage, score }) => `q Q0 ${passage} 0 ${score} t\n`).join('');
  const grades = new Map(entries.map(({ passage }, i) => [passage, i]));
  const table = rankTable(parseRunTable(Buffer.from(text), 'a.run'));
  expect(table.judged('q', grades)).toEqual(rankedRun(entries).judged('q', grades));
});
