/** The study's question as tests: what changes from the lowest to the highest share, and along all shares. */
import { testDifferences } from '../../eval/compare.ts';
import { holm } from '../../eval/significance/holm.ts';
import { type Condition, realisedRho } from './conditions.ts';
import { averageOverSeeds, questionDifferences, type SeedAverage } from './question-values.ts';
import { bootstrapIntervals, type Interval } from './resampling.ts';
import type { FigureGroup, TestGroup } from './test-groups.ts';
import { type SeedCurve, type Trend, trendOver } from './trend.ts';

/** How a report tests. */
export interface TestSettings {
  /** Random sign assignments, shuffles and resamples. */
  readonly permutations: number;
  readonly seed: number;
  /** Changes below it, in units of the measure, count as none; fixed before looking. */
  readonly margin: number;
}

/** What the tests say: a change that is significant, one that is shown to be small, or neither. */
export type Verdict = 'rises' | 'falls' | 'stays' | 'open';

/** A change from the lowest to the highest share in one group of languages of one test set. */
export interface Change {
  readonly arm: string;
  readonly design: Condition['design'];
  readonly measure: string;
  readonly test: string;
  readonly group: FigureGroup;
  /** Lowest and highest share, as asked and as realised. */
  readonly asked: readonly [number, number];
  readonly realised: readonly [number, number];
  readonly from: number;
  readonly to: number;
  readonly seeds: number;
  readonly questions: number;
  /** to - from; over the seeds that both ends have. */
  readonly difference: number;
  readonly interval: Interval;
  /** Of the paired randomisation test, and after Holm over all changes. */
  readonly p: number;
  readonly adjusted: number;
  /** Of the paired t test. */
  readonly t: number;
  /** Of the equivalence test with the margin, after Holm. */
  readonly equivalent: number;
  readonly verdict: Verdict;
  /** Along all shares; absent when no seed has two of them. */
  readonly trend?: Trend & { readonly adjusted: number; readonly seeds: number; readonly shares: number };
}

/** A change before its tests: what they need. */
interface Untested {
  readonly row: Omit<
    Change,
    'difference' | 'interval' | 'p' | 't' | 'adjusted' | 'equivalent' | 'verdict' | 'trend'
  >;
  readonly differences: Float64Array;
  /** Of the seeds that have at least two shares. */
  readonly curves: readonly SeedCurve[];
  readonly shares: number;
}

/** The level of all tests. */
export const LEVEL = 0.05;

/**
 * All changes of the arms that know shares, with Holm's adjustment over all of them (and over all trends).
 *
 * @param groups as `testGroups` gives them
 * @param settings B grows with the number of changes (`permutationsFor`)
 */
export function shareChanges(
  conditions: readonly Condition[],
  groups: readonly TestGroup[],
  measures: readonly string[],
  settings: TestSettings,
): Change[] {
  const untested: Untested[] = [];
  const lines = linesOf(conditions);
  for (const measure of measures)
    for (const group of groups) for (const line of lines) untested.push(...changeOf(line, measure, group));
  const tests = { ...settings, permutations: permutationsFor(untested.length, settings) };
  const changes = untested.map(({ row, differences, curves, shares }) => ({
    ...row,
    interval: bootstrapIntervals([differences], settings.permutations, settings.seed)[0],
    ...testDifferences(differences, tests),
    trend:
      curves.length > 0
        ? { ...trendOver(curves, tests.permutations, settings.seed), seeds: curves.length, shares }
        : undefined,
  }));
  const adjusted = holm(changes.map(({ p }) => p));
  const equivalences = holm(changes.map(({ equivalent }) => equivalent ?? Number.NaN));
  const trends = holm(changes.map(({ trend }) => trend?.p ?? Number.NaN));
  return changes.map(
    ({ trend, ...change }, i): Change => ({
      ...change,
      adjusted: adjusted[i],
      equivalent: equivalences[i],
      verdict: verdictOf(change.difference, adjusted[i], equivalences[i]),
      ...(trend && { trend: { ...trend, adjusted: trends[i] } }),
    }),
  );
}

/**
 * B for a table of so many rows: the smallest possible p, 1 / (B + 1), must stay below the level after Holm's
 * adjustment over all of them.
 *
 * @example permutationsFor(500, { permutations: 10_000 }) // 20_000
 */
export function permutationsFor(rows: number, { permutations }: Pick<TestSettings, 'permutations'>): number {
  return Math.max(permutations, Math.ceil(rows / 25) * 1000);
}

/** The conditions of each arm and design, by rising share. */
export function linesOf(conditions: readonly Condition[]): (readonly Condition[])[] {
  const lines = new Map<string, Condition[]>();
  for (const condition of conditions) {
    if (condition.rho === undefined) continue;
    const key = JSON.stringify([condition.arm, condition.design]);
    lines.set(key, [...(lines.get(key) ?? []), condition]);
  }
  return [...lines.values()].map((line) => line.sort((a, b) => (a.rho ?? 0) - (b.rho ?? 0)));
}

function verdictOf(difference: number, adjusted: number, equivalent: number): Verdict {
  if (adjusted < LEVEL) return difference > 0 ? 'rises' : 'falls';
  return equivalent < LEVEL ? 'stays' : 'open';
}

function changeOf(
  line: readonly Condition[],
  measure: string,
  { test, group, weights }: TestGroup,
): Untested[] {
  const there = line.flatMap((condition) => {
    const average = averageOverSeeds(condition.tests.get(test) ?? [], measure, weights);
    return average ? [{ condition, average }] : [];
  });
  const [first, last] = [there.at(0), there.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  const common = first.average.seeds.filter((each) => last.average.seeds.includes(each));
  const [from, to] = [first, last].map(({ condition }) =>
    averageOverSeeds(condition.tests.get(test) ?? [], measure, weights, common),
  );
  if (from === undefined || to === undefined) return [];
  const differences = questionDifferences(to.values, from.values);
  return [
    {
      row: {
        ...{ arm: first.condition.arm, design: first.condition.design, measure, test, group },
        asked: [first.condition.rho ?? 0, last.condition.rho ?? 0],
        realised: [realisedRho(first.condition), realisedRho(last.condition)],
        from: from.mean,
        to: to.mean,
        seeds: common.length,
        questions: differences.length,
      },
      differences,
      curves: seedCurves(there),
      shares: there.length,
    },
  ];
}

/** Share and figure of each seed that has at least two shares. */
function seedCurves(
  there: readonly { readonly condition: Condition; readonly average: SeedAverage }[],
): SeedCurve[] {
  const curves = new Map<number | undefined, { shares: number[]; figures: number[] }>();
  for (const { condition, average } of there)
    for (const [i, seed] of average.seeds.entries()) {
      const curve = curves.get(seed) ?? { shares: [], figures: [] };
      curve.shares.push(realisedRho(condition));
      curve.figures.push(average.bySeed[i]);
      curves.set(seed, curve);
    }
  return [...curves.values()].filter(({ shares }) => shares.length > 1);
}
