/**
 * Translations of tokens read off transport plans: where word alignment knows only which tokens occur
 * together, a plan between the teacher's and the student's vectors in context also knows what they mean, and
 * its marginals leave no token out. Over all pairs (their plans T, their student marginals b),
 *
 *     t(e | f) = sum_{pairs, i, j: e_i = e, f_j = f} T_ij / b_j   over the same summed over all e.
 *
 * With `takeMeanings` it is a step of expectation-maximisation whose expectation is a transport problem: the
 * plan for the student as it stands, then the word vectors that suit the plan. No gradient is needed.
 */
import type { TranslationTable } from '../lexical/ibm-model1.ts';
import type { Encoder, TextVectors } from '../model/encoder.ts';
import type { InputMaker } from '../model/input.ts';
import { Stage, type StageControl } from '../stage.ts';
import { cosineCost } from '../transport/cost.ts';
import { ipot } from '../transport/ipot.ts';
import type { Masses } from '../transport/plan.ts';
import { sinkhorn } from '../transport/sinkhorn.ts';
import { unbalancedSinkhorn } from '../transport/unbalanced.ts';
import type { TokenMass } from './distill-batches.ts';
import type { SolverSettings } from './optical-objective.ts';
import type { TeacherVectors } from './teacher-vectors.ts';

/** A sentence and its translation; `weight` says how often the pair counts. */
export interface WeightedPair {
  readonly pivot: string;
  readonly target: string;
  readonly weight: number;
}

/** What plans are made of. */
export interface PlanSource {
  readonly maker: InputMaker;
  readonly teacher: TeacherVectors;
  readonly student: Encoder;
  /** Marginals of the teacher's and the student's tokens. */
  readonly masses: readonly [TokenMass, TokenMass];
  readonly solver: SolverSettings;
}

/** Pairs that are encoded together. */
const PAIRS_PER_TURN = 128;
/** Smaller shares of a token's mass are noise of the regularisation. */
const LEAST_SHARE = 1e-3;

/**
 * t(e | f) for every token f of the pairs' target sides. Markers and padding translate nothing.
 *
 * @throws RefractError `INTERRUPTED` when `control.signal` is aborted
 */
export async function transportTranslations(
  pairs: readonly WeightedPair[],
  source: PlanSource,
  control: StageControl = {},
): Promise<TranslationTable> {
  const { maker, teacher, student, masses } = source;
  const frame = new Set(maker.query('').ids);
  const counts = new Map<number, Map<number, number>>();
  const stage = new Stage('transporting words', pairs.length, 'pairs', control);
  for (let start = 0; start < pairs.length; start += PAIRS_PER_TURN) {
    const chunk = pairs.slice(start, start + PAIRS_PER_TURN);
    const pivots = await teacher.of(chunk.map(({ pivot }) => pivot));
    const targets = await student.queries(chunk.map(({ target }) => target));
    for (let k = 0; k < chunk.length; k++) {
      const a = masses[0](maker.query(chunk[k].pivot));
      const b = masses[1](maker.query(chunk[k].target));
      const plan = plainPlan(pivots[k], targets[k], a, b, source.solver, maker.settings.dim);
      count(plan, pivots[k].ids, targets[k].ids, b, chunk[k].weight, frame, counts);
      if (stage.due()) await stage.turn(start + k + 1);
    }
  }
  stage.end();
  return new Map([...counts].map(([f, row]) => [f, probabilities(row)]));
}

/** (1 - share) first + share second for each f; where only one has the token, that one. */
export function mixTranslations(
  first: TranslationTable,
  second: TranslationTable,
  share: number,
): TranslationTable {
  const mixed = new Map<number, readonly { e: number; p: number }[]>();
  for (const f of new Set([...first.keys(), ...second.keys()])) {
    const [a, b] = [first.get(f) ?? [], second.get(f) ?? []];
    const weights = a.length === 0 ? [0, 1] : b.length === 0 ? [1, 0] : [1 - share, share];
    const row = new Map<number, number>();
    [a, b].forEach((list, side) => {
      const total = list.reduce((sum, { p }) => sum + p, 0);
      for (const { e, p } of list) row.set(e, (row.get(e) ?? 0) + (weights[side] * p) / total);
    });
    mixed.set(f, probabilities(row));
  }
  return mixed;
}

function plainPlan(
  teacher: TextVectors,
  student: TextVectors,
  a: Float64Array,
  b: Float64Array,
  settings: SolverSettings,
  dim: number,
): Masses {
  const cost = cosineCost(teacher.vectors, student.vectors, dim);
  switch (settings.solver) {
    case 'sinkhorn':
      return sinkhorn(cost, teacher.count, student.count, a, b, settings).plan;
    case 'unbalanced':
      return unbalancedSinkhorn(cost, teacher.count, student.count, a, b, settings).plan;
    case 'ipot':
      return ipot(cost, teacher.count, student.count, a, b, settings).plan;
  }
}

/** Adds T_ij / b_j of one plan [m, n] to the counts of (f_j, e_i). */
function count(
  plan: Masses,
  pivot: Int32Array,
  target: Int32Array,
  b: Float64Array,
  weight: number,
  frame: ReadonlySet<number>,
  counts: Map<number, Map<number, number>>,
): void {
  target.forEach((f, j) => {
    if (frame.has(f)) return;
    let row = counts.get(f);
    if (!row) {
      row = new Map();
      counts.set(f, row);
    }
    for (let i = 0; i < pivot.length; i++) {
      const share = plan[i * target.length + j] / b[j];
      if (share < LEAST_SHARE || frame.has(pivot[i])) continue;
      row.set(pivot[i], (row.get(pivot[i]) ?? 0) + weight * share);
    }
  });
}

/** A row of counts as probabilities, most probable first; ties by token. */
function probabilities(row: ReadonlyMap<number, number>): { e: number; p: number }[] {
  let total = 0;
  for (const n of row.values()) total += n;
  return [...row].map(([e, n]) => ({ e, p: n / total })).sort((x, y) => y.p - x.p || x.e - y.e);
}
