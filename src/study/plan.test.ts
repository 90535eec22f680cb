/** The arithmetic of a prediction on made-up measurements. */
import { describe, expect, it } from 'vitest';
import { type Cell, type CellPlan, CellTable } from './cell.ts';
import { groupCosts } from './extrapolation.ts';
import { cellTimes, memoryOfJob, timeWithJobs } from './plan.ts';
import { isOfTest, type Measurement, type ProbePasses, probeCells } from './probe.ts';
import { encodingTime, expectedPassages, freshPassages } from './shared-passages.ts';

const table = new CellTable();
const cellOf = (name: string, kind: Cell['kind'], more: Partial<CellPlan> = {}) =>
  table.add({
    ...{ name, kind, group: name, settings: { name }, data: {}, needs: [] },
    make: async () => ({}),
    ...more,
  });
const teacher = cellOf('teacher', 'teacher');
const index = cellOf('index desk', 'index', { needs: [teacher] });
const dense = cellOf('runs dense desk', 'runs', { needs: [index] });
const lexical = cellOf('runs lexical desk', 'runs');
const scores = cellOf('scores desk', 'scores', { needs: [dense] });
const choices = cellOf('choices dense desk', 'choices', { needs: [index, teacher] });

/** Shares of the training data, the queries and the passages in each pass. */
const SHARES: Record<keyof ProbePasses, readonly [number, number, number]> = {
  least: [0.1, 0.1, 0.05],
  lexical: [0.1, 0.5, 0.25],
  training: [0.4, 0.1, 0.05],
  queries: [0.4, 0.5, 0.05],
  whole: [0.4, 0.5, 0.25],
};

type Law = (training: number, queries: number, passages: number) => number;

/** A cell, its time and its bytes, and of its time what a stage with this label takes. */
type CellLaws = readonly [cell: Cell, time: Law, size?: Law, stage?: readonly [label: string, time: Law]];

/** Passes over a collection of 400 passages, in which cells cost exactly what `laws` say. */
function passesOf(laws: readonly CellLaws[]): ProbePasses {
  const pass = (name: keyof ProbePasses) => {
    const [training, queries, passages] = SHARES[name];
    return {
      shares: { training, tests: new Map([['desk', { queries, passages, collection: 400 }]]) },
      groups: new Map(
        laws.map(([cell, time, size = () => 0, stage]): [string, Measurement[]] => {
          const seconds = time(training, queries, passages);
          const bytes = size(training, queries, passages);
          const [label, part] = stage ?? [];
          // In two stages, as for two languages.
          const half = part && label && { label, seconds: part(training, queries, passages) / 2 };
          const stages = half ? [half, half] : [];
          return [cell.group, [{ cell, seconds, processor: 2 * seconds, bytes, stages, memoryBytes: 100 }]];
        }),
      ),
    };
  };
  return {
    ...{ least: pass('least'), lexical: pass('lexical'), training: pass('training') },
    ...{ queries: pass('queries'), whole: pass('whole') },
  };
}

describe('the cost of a group', () => {
  it('is read off at full size: preparation, encoding, and searching in proportion to queries x passages', () => {
    const costs = groupCosts(
      passesOf([
        [teacher, (s) => 3 + 20 * s, (s) => 100 * Math.sqrt(s)],
        [index, (_, _q, p) => 1 + 40 * p, (_, _q, p) => 1000 * p],
        [
          dense,
          (_, q, p) => 1 + 2 * q + 4 * p + 30 * q * p,
          undefined,
          ['searching', (_, q, p) => 30 * q * p],
        ],
        [lexical, (s, q, p) => 1 + 8 * s + 4 * q + 8 * p],
      ]),
      100,
    );
    const rest = (cell: Cell) => costs.get(cell.group)!.rest;
    expect(rest(teacher).seconds).toBeCloseTo(23);
    expect(costs.get('teacher')!.bytes).toBeCloseTo(100);
    expect(rest(index).seconds).toBeCloseTo(41);
    expect(costs.get('index desk')!.bytes).toBeCloseTo(1000);
    expect(rest(dense).seconds).toBeCloseTo(37);
    expect(rest(dense).processor).toBeCloseTo(74);
    // From the small sample: 2.6 + 7.2 for the training data, and 3.2 for a step of both, carried on 2.25 to 4.75 times.
    expect(rest(lexical).seconds).toBeCloseTo(2.6 + 7.2 + 3.2 * 3.5);
  });

  it('of choices grows with the questions, in the pass that has most of them', () => {
    expect(isOfTest(choices)).toBe(true);
    const passes = passesOf([[choices, (_, q, p) => 1 + 8 * q + 2 * p, (_, q) => 100 * q]]);
    const cost = groupCosts(passes, 100).get(choices.group)!;
    expect(cost.rest.seconds).toBeCloseTo(1 + 8 + 2 * 0.25);
    expect(cost.bytes).toBeCloseTo(100);
  });

  it('of a search among passages of each language grows with their encoding, where every sample has as many', () => {
    const own = cellOf('runs own desk', 'runs', { needs: [teacher] });
    const kept = 0.25;
    const passes = passesOf([
      [own, (_, q) => 1 + 2 * q + 40 * kept, undefined, ['encoding passages', () => 40 * kept]],
    ]);
    for (const pass of Object.values(passes)) {
      const { queries } = pass.shares.tests.get('desk')!;
      (pass.shares.tests as Map<string, object>).set('desk', { queries, passages: kept, collection: 8 });
    }
    expect(groupCosts(passes, 100).get(own.group)!.rest.seconds).toBeCloseTo(1 + 2 + 40);
  });

  it('is not led astray by a disturbance that hits the searching of one pass', () => {
    const disturbed = passesOf([
      [
        dense,
        (_, q, p) => 1 + 2 * q + 30 * q * p + (p > 0.1 ? 1 : 0),
        undefined,
        ['searching', (_, q, p) => 30 * q * p],
      ],
    ]);
    // A second too long, beside the search: carried on to all passages by its growth, not by that of queries x passages.
    expect(groupCosts(disturbed, 100).get(dense.group)!.rest.seconds).toBeCloseTo(33 + 1 + 0.75 / 0.2);
  });

  it('grows with passages no further than runs are deep, and shrinks with nothing', () => {
    // Half of 400 passages fill runs of 200; the sample holds a quarter of them.
    const law: Law = (_, q, p) => 1 + 4 * q + 4 * p;
    expect(groupCosts(passesOf([[scores, law]]), 200).get('scores desk')!.rest.seconds).toBeCloseTo(
      1 + 4 + 2,
    );
    expect(groupCosts(passesOf([[scores, law]]), 50).get('scores desk')!.rest.seconds).toBeCloseTo(1 + 4 + 1);
    const less = groupCosts(passesOf([[dense, (_, q, p) => 9 - q - p]]), 100).get(dense.group)!.rest.seconds;
    expect(less).toBeCloseTo(9 - 0.5 - 0.25);
    const bytes = (depth: number) =>
      groupCosts(passesOf([[dense, () => 1, (_, q, p) => 1000 * q * Math.min(depth, 400 * p)]]), depth);
    expect(bytes(50).get(dense.group)!.bytes).toBeCloseTo(50_000);
    expect(bytes(200).get(dense.group)!.bytes).toBeCloseTo(200_000);
  });
});

describe('students that share passage vectors', () => {
  const student = (name: string, of: string, draws: string, steps = 100) =>
    cellOf(name, 'student', {
      group: 'student switched',
      needs: [teacher],
      training: { steps, evaluateEvery: 0, lookUps: { teacher: of, perStep: 10, draws } },
    });
  const cells = [
    student('a1', 'teacher-1', 'one'),
    student('a2', 'teacher-1', 'one'),
    student('b1', 'teacher-2', 'two'),
    student('b2', 'teacher-2', 'three'),
    student('c1', 'teacher-1', 'one'),
  ];
  const time = (seconds: number) => ({ seconds, processor: seconds });
  const cost = { rest: time(5), step: time(0.5), measure: time(7), bytes: 12 };

  it('encode each passage once for a teacher at a time', () => {
    const costs = new Map([['student switched', cost]]);
    const shared = freshPassages(cells, 1000);
    const times = cellTimes(cells, costs, shared.of, time(1));
    const fresh = cells.map((cell) => times.get(cell)!.seconds - 55);
    const [once, twice] = [expectedPassages(1000, 1000), expectedPassages(2000, 1000)];
    expect(once).toBeCloseTo(632.3, 1);
    const expected = [once, 0, once, twice - once, once];
    fresh.forEach((seconds, i) => {
      expect(seconds).toBeCloseTo(expected[i]);
    });
    expect(times.get(cells[0])!.bytes).toBe(12);
    expect(shared.held).toBeCloseTo(twice);
    // Half as many steps of the same draws come first: the rest is left for the whole.
    const [half, whole] = [student('half', 'teacher-1', 'one', 50), cells[0]];
    const parts = freshPassages([half, whole], 1000).of;
    expect(parts.get(half)).toBeCloseTo(expectedPassages(500, 1000));
    expect(parts.get(half)! + parts.get(whole)!).toBeCloseTo(once);
    const long = cellTimes([student('long', 'teacher-1', 'one', 300)], costs, new Map(), time(1));
    expect([...long.values()][0].seconds).toBeCloseTo(5 + 300 * 0.5);
  });

  it('are probed in pairs, whose difference is the time to encode', () => {
    expect(probeCells(cells, () => true)).toEqual(
      [teacher, cells[0], cells[1]].filter((c) => cells.includes(c)),
    );
    const made = (cell: Cell, step: number): Measurement => ({
      ...{ cell, ...time(10), bytes: 1, stages: [], memoryBytes: 1 },
      training: { loop: 5, first: 1, step, measure: 0 },
    });
    const pass = {
      ...passesOf([]).training,
      groups: new Map([['x', [made(cells[0], 3), made(cells[1], 1)]]]),
    };
    // Nearly every draw of a large collection is new: 990 of them in the 99 steps that were timed.
    expect(encodingTime({ training: pass }, 1e9).seconds).toBeCloseTo((2 * 99) / 990);
    const alone = { ...pass, groups: new Map([['x', [made(cells[0], 3)]]]) };
    expect(encodingTime({ training: alone }, 1e9).seconds).toBe(0);
  });
});

it('a job has the memory of the probe, or of a cell with what it holds at full size', () => {
  const student = cellOf('looks up', 'student', {
    needs: [teacher],
    training: { steps: 1, evaluateEvery: 0, lookUps: { teacher: 'teacher', perStep: 1, draws: 'one' } },
  });
  // The sample's index has 1000 bytes, a quarter of the 400 passages; vectors are held in twice as many as are written.
  const passes = passesOf([
    [index, () => 1, (_, _q, p) => 4000 * p],
    [dense, () => 1],
    [student, () => 1],
  ]);
  const costs = groupCosts(passes, 100);
  const memory = (shared: number, peak: number) =>
    memoryOfJob(passes, costs, shared, { loadedMemory: 20, peak });
  const searching = 20 + 1.25 * 80 + 2 * 3000;
  expect(memory(0, 100)).toBeCloseTo(searching);
  // 800 shared passages of 10 bytes each.
  expect(memory(800, 100)).toBeCloseTo(20 + 1.25 * 80 + 2 * 10 * 800);
  expect(memory(100, 100)).toBeCloseTo(searching);
  expect(memory(0, 10_020)).toBeCloseTo(20 + 1.25 * 10_000);
});

it('jobs share the cells, but for those that wait for what they need', () => {
  const table = new CellTable();
  const add = (name: string, ...needs: Cell[]) =>
    table.add({ name, kind: 'student', group: 'x', settings: name, data: {}, needs, make: async () => ({}) });
  const seconds = new Map([
    [add('teacher'), 10],
    [add('lexical'), 4],
  ]);
  const [teacher] = table.cells;
  for (const name of ['a', 'b', 'c']) seconds.set(add(name, teacher), 6);
  const time = (jobs: number) => timeWithJobs(table.cells, (cell) => seconds.get(cell)!, jobs);
  expect(time(1)).toBe(32);
  // The second job makes what needs no teacher, and waits.
  expect(time(2)).toBe(10 + 2 * 6);
  expect(time(3)).toBe(10 + 6);
  expect(time(8)).toBe(16);
  expect(timeWithJobs([], () => 1, 2)).toBe(0);
});
