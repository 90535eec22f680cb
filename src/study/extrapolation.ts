/**
 * What a cell costs at full size, from what cells of its group cost in the passes of the probe. With the shares of
 * the sample s (training data), q (queries) and p (passages), the seconds of a cell are taken to be
 *
 *     a + b s                         preparation of a training, beside steps and dev measures
 *     a + b q + d (p, 0)              work on a test set; 0 for answers and choices
 *     a + b s + d (q, p)              a search without a model, whose translations are learnt from the bitext
 *
 * and are read off at s = q = p = 1. No part is let shrink with more data. Of work on a test set the stages that go
 * through queries, passages, or both, are beside this: their time in the largest pass is divided by these shares. A
 * difference between two short times would be mostly noise, and a search is carried on a hundredfold.
 */
import type { Cell } from './cell.ts';
import { isLexical, isOfTest, type Measurement, type ProbePasses, type WorkTime } from './probe.ts';
import type { TestShares } from './probe-data.ts';

/** What cells of a group cost at full size. */
export interface GroupCost {
  /** Beside steps, dev measures and the encoding of passages that students share. */
  readonly rest: WorkTime;
  readonly step: WorkTime;
  readonly measure: WorkTime;
  readonly bytes: number;
}

/** Costs by group. */
export function groupCosts(passes: ProbePasses, depth: number): Map<string, GroupCost> {
  const groups = new Set(Object.values(passes).flatMap(({ groups }) => [...groups.keys()]));
  return new Map(
    [...groups].flatMap((group): [string, GroupCost][] => {
      // Of students that share vectors, the last has found all of them.
      const at = (pass: keyof ProbePasses) => passes[pass].groups.get(group)?.at(-1);
      const last = at('whole') ?? at('queries') ?? at('training') ?? at('lexical') ?? at('least');
      if (last === undefined) return [];
      const { cell } = last;
      const rest = isLexical(cell)
        ? (of: keyof WorkTime) => lexicalTime(passes, at, of)
        : isOfTest(cell)
          ? (of: keyof WorkTime) => testTime(cell, passes, at, depth, of)
          : (of: keyof WorkTime) => preparationTime(passes, at, of);
      const training = (part: 'step' | 'measure') => (of: keyof WorkTime) =>
        (last.training?.[part] ?? 0) * ratio(last, of);
      return [
        [
          group,
          {
            rest: each(rest),
            step: each(training('step')),
            measure: each(training('measure')),
            bytes: fullBytes(cell, passes, at, depth),
          },
        ],
      ];
    }),
  );
}

type At = (pass: keyof ProbePasses) => Measurement | undefined;

function each(of: (part: keyof WorkTime) => number): WorkTime {
  return { seconds: of('seconds'), processor: of('processor') };
}

/** A part of a cell's time for each second by the clock. */
export function ratio(time: WorkTime, of: keyof WorkTime): number {
  return time.seconds > 0 ? time[of] / time.seconds : 0;
}

/** How fast a quantity grows between two shares of the data; never negative, 0 where the shares are equal. */
function growth(small: number, large: number, from: number, to: number): number {
  return to > from ? Math.max(0, (large - small) / (to - from)) : 0;
}

function preparationTime(passes: ProbePasses, at: At, of: keyof WorkTime): number {
  const [few, many] = [at('least'), at('training') ?? at('least')!];
  const beside = (cell: Measurement) =>
    Math.max(0, cell.seconds - (cell.training?.loop ?? 0)) * ratio(cell, of);
  const [from, to] = [passes.least.shares.training, passes.training.shares.training];
  const slope = few ? growth(beside(few), beside(many), from, to) : 0;
  return beside(many) + (many.training?.first ?? 0) * ratio(many, of) + slope * (1 - to);
}

function lexicalTime(passes: ProbePasses, at: At, of: keyof WorkTime): number {
  const least = at('least')!;
  const [more, training] = [at('lexical') ?? least, at('training') ?? least];
  const [small, large] = [sharesOf(passes, 'least', least.cell), sharesOf(passes, 'lexical', least.cell)];
  // Queries and passages grow together in one step: to full size each on its own way, of which the mean is taken.
  const ways = (['queries', 'passages'] as const).flatMap((part) =>
    large[part] > small[part] ? (1 - small[part]) / (large[part] - small[part]) : [],
  );
  const far = ways.length === 0 ? 0 : ways.reduce((sum, way) => sum + way, 0) / ways.length;
  const [from, to] = [passes.least.shares.training, passes.training.shares.training];
  return (
    least[of] +
    Math.max(0, more[of] - least[of]) * far +
    growth(least[of], training[of], from, to) * (1 - from)
  );
}

function testTime(cell: Cell, passes: ProbePasses, at: At, depth: number, of: keyof WorkTime): number {
  const few = at('training') ?? at('queries') ?? at('whole')!;
  const queries = at('queries') ?? few;
  const whole = at('whole') ?? queries;
  const [a, b, c] = (['training', 'queries', 'whole'] as const).map((pass) => sharesOf(passes, pass, cell));
  const beside = (measured: Measurement) =>
    Math.max(0, measured.seconds - inStages(measured, IN_PROPORTION)) * ratio(measured, of);
  const perQuery = growth(beside(few), beside(queries), a.queries, b.queries);
  const perPassage = growth(beside(queries), beside(whole), b.passages, c.passages);
  const most = mostPassages(cell, c, depth);
  return (
    beside(whole) +
    perQuery * (1 - c.queries) +
    perPassage * Math.max(0, most - c.passages) +
    proportionTime(whole, c) * ratio(whole, of)
  );
}

/**
 * The share of the passages up to which a cell takes longer the more there are: answers and choices look at so many a
 * question whatever there is, and what reads runs has no more to do when these are full.
 */
function mostPassages(cell: Cell, { collection }: TestShares, depth: number): number {
  if (['answers', 'choices'].includes(cell.kind)) return 0;
  return readsRuns(cell) ? Math.min(1, depth / Math.max(1, collection)) : 1;
}

/** Stages whose time is in proportion to queries, to passages, or to queries x passages. */
const IN_PROPORTION: ReadonlyMap<string, (shares: TestShares) => number> = new Map([
  ['searching', ({ queries, passages }: TestShares) => queries * passages],
  ['encoding passages', ({ passages }: TestShares) => passages],
  ['reading passages', ({ queries }: TestShares) => queries],
  ['choosing', ({ queries }: TestShares) => queries],
]);

/** Seconds of the stages in proportion to what there is, with everything that there is. */
function proportionTime({ stages }: Measurement, shares: TestShares): number {
  return stages.reduce((total, { label, seconds }) => {
    const share = IN_PROPORTION.get(label)?.(shares);
    return total + (share ? seconds / share : 0);
  }, 0);
}

/** Seconds of the stages with the given labels. */
function inStages({ stages }: Measurement, labels: { has(label: string): boolean }): number {
  return stages.reduce((total, { label, seconds }) => total + (labels.has(label) ? seconds : 0), 0);
}

/** Bytes at full size: of models and what they need by a power law, since vocabularies grow slower than the data. */
function fullBytes(cell: Cell, passes: ProbePasses, at: At, depth: number): number {
  if (!isOfTest(cell)) {
    const [few, many] = [at('least'), at('training') ?? at('least')!];
    const [from, to] = [passes.least.shares.training, passes.training.shares.training];
    if (few === undefined || few.bytes === 0 || many.bytes <= few.bytes || to <= from) return many.bytes;
    return many.bytes * to ** -(Math.log(many.bytes / few.bytes) / Math.log(to / from));
  }
  const pass = isLexical(cell) ? 'lexical' : 'whole';
  const large = at(pass) ?? at('queries') ?? at('training') ?? at('least')!;
  const { queries, passages, collection } = sharesOf(passes, pass, cell);
  if (cell.kind === 'index') return large.bytes / passages;
  if (cell.kind !== 'runs') return large.bytes / queries;
  const hits = (share: number) => Math.min(depth, share * collection);
  return (large.bytes / queries) * (hits(1) / Math.max(1, hits(passages)));
}

/** Whether a cell reads runs instead of passages: a fusion, scores. */
function readsRuns({ kind, needs }: Cell): boolean {
  return kind === 'scores' || (kind === 'runs' && needs.some((need) => need.kind === 'runs'));
}

/** The shares of the test set that a cell works on; its group's name ends with that of the test set. */
export function sharesOf(passes: ProbePasses, pass: keyof ProbePasses, { group }: Cell): TestShares {
  const { tests } = passes[pass].shares;
  return tests.get(group.slice(group.lastIndexOf(' ') + 1)) ?? { queries: 1, passages: 1, collection: 1 };
}
