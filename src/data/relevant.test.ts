import { expect, it } from 'vitest';
import { relevantPassages } from './relevant.ts';

it('keeps passages of grade 1 or more, once each, in the order of the judgments', () => {
  const judgments = [
    { query: 'q2', passage: 'p9', grade: 2 },
    { query: 'q1', passage: 'p3', grade: 0 },
    { query: 'q2', passage: 'p1', grade: 1 },
    { query: 'q2', passage: 'p9', grade: 1 },
    { query: 'q3', passage: 'p1', grade: -1 },
  ];
  expect([...relevantPassages(judgments)]).toEqual([['q2', new Set(['p9', 'p1'])]]);
});
