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

import {
  exp,
  GraphSession,
  input,
  matmul,
  mul,
  reciprocal,
  sub,
  swapLast,
  unsqueeze,
} from '../graph/index.ts';
import type { TranslationTable } from '../lexical/ibm-model1.ts';
import type { Encoder } from '../model/encoder.ts';
import type { InputMaker } from '../model/input.ts';
import { Stage, type StageControl } from '../stage.ts';
import { logMasses, stackVectors, type TokenMass } from './distill-batches.ts';
import { type SolverSettings, transportPlans } from './optical-objective.ts';
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
  /** Threads of one operator; 0 leaves it to ONNX Runtime. */
  readonly threads?: number;
}

/** Pairs whose plans are computed together. */
const PAIRS_PER_TURN = 64;
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
  // Pairs of like lengths share a batch. The sums do not depend on the turns, only on this order.
  const order = pairs
    .map(({ pivot, target }, i) => ({ i, length: pivot.length + target.length }))
    .sort((x, y) => x.length - y.length || x.i - y.i);
  const session = await planSession(maker.settings.dim, source);
  try {
    for (let start = 0; start < order.length; start += PAIRS_PER_TURN) {
      const chunk = order.slice(start, start + PAIRS_PER_TURN).map(({ i }) => pairs[i]);
      const pivots = await teacher.of(chunk.map(({ pivot }) => pivot));
      const targets = await student.queries(chunk.map(({ target }) => target));
      const [a, b] = [pivots, targets].map((texts) => stackVectors(texts, maker.settings.dim));
      const { shares } = await session.run({
        teacher: a,
        student: b,
        logA: logMasses(
          chunk.map(({ pivot }) => masses[0](maker.query(pivot))),
          a.shape[1],
        ),
        logB: logMasses(
          chunk.map(({ target }) => masses[1](maker.query(target))),
          b.shape[1],
        ),
      });
      const [m, n] = [a.shape[1], b.shape[1]];
      chunk.forEach(({ weight }, k) => {
        const own = shares.data.subarray(k * m * n, (k + 1) * m * n);
        count(own, n, pivots[k].ids, targets[k].ids, weight, frame, counts);
      });
      stage.report(start + chunk.length);
      if (stage.due()) await stage.turn(start + chunk.length);
    }
  } finally {
    await session.close();
  }
  stage.end();
  return new Map([...counts].map(([f, row]) => [f, probabilities(row)]));
}

/** A session that computes T_ij / b_j [N, m, n] of a batch of pairs. */
function planSession(dim: number, { solver, threads }: PlanSource): Promise<GraphSession> {
  const teacher = input('teacher', 'float32', ['N', 'm', dim]);
  const student = input('student', 'float32', ['N', 'n', dim]);
  const logA = input('logA', 'float32', ['N', 'm']);
  const logB = input('logB', 'float32', ['N', 'n']);
  const cost = sub(1, matmul(teacher, swapLast(student)));
  const plan = transportPlans(cost, logA, logB, solver);
  return GraphSession.create({ shares: mul(plan, reciprocal(unsqueeze(exp(logB), 1))) }, { threads });
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

/** Adds the shares T_ij / b_j of one pair, rows of `width`, to the counts of (f_j, e_i). */
function count(
  shares: Float32Array,
  width: number,
  pivot: Int32Array,
  target: Int32Array,
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
      const share = shares[i * width + j];
      if (!(share >= LEAST_SHARE) || frame.has(pivot[i])) continue;
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
