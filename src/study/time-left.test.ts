/** Time left by the means of groups. */
import { expect, it } from 'vitest';
import { TimeLeft } from './time-left.ts';

it('is the mean of each group, shared among the jobs; more where a group is new', () => {
  const left = new TimeLeft();
  const [runs, pack, reader] = ['runs', 'pack', 'reader'].map((group) => ({ group }));
  expect(left.of([runs, pack], 1)).toBeUndefined();
  left.add(runs, 10);
  left.add(runs, 20);
  left.add(pack, 600);
  expect(left.of([runs, runs, pack], 1)).toBe('10:30 left');
  expect(left.of([runs, runs, pack], 2)).toBe('5:15 left');
  expect(left.of([runs, reader], 1)).toBe('more than 0:15 left');
  expect(left.of([], 1)).toBeUndefined();
});
