/** Why a passage was found: which of its tokens answers each query token, and how closely. */
import { RefractError } from '../errors.ts';
import { cosineCost } from '../transport/cost.ts';
import { exactTransport } from '../transport/exact.ts';

/** How the `m` tokens of a query and the `n` tokens of a passage meet. */
export interface TokenAlignment {
  readonly m: number;
  readonly n: number;
  /** q_i . d_j, row-major `m x n`. */
  readonly similarity: Float64Array;
  /** For each query token the passage token with the largest similarity; the first of equals. */
  readonly best: Int32Array;
  /** sum_i max_j q_i . d_j: the passage's score for the query. */
  readonly score: number;
  /** The transport plan of `transportPlan`, row-major `m x n`, if asked for. */
  readonly plan?: Float64Array;
}

/**
 * Aligns query tokens with passage tokens as MaxSim does, and by optimal transport if asked.
 *
 * @param query row-major `m x dim`; @param passage row-major `n x dim`
 * @param options.plan also compute the transport plan
 * @throws RefractError `GRAPH_SHAPE` when a side is empty or no multiple of `dim`
 * @example
 * const { best, score } = alignTokens(queryVectors, index.vectors(ordinal), index.dim);
 */
export function alignTokens(
  query: Float32Array,
  passage: Float32Array,
  dim: number,
  options: { readonly plan?: boolean } = {},
): TokenAlignment {
  const cost = cosineCost(query, passage, dim);
  const m = query.length / dim;
  const n = passage.length / dim;
  if (m === 0 || n === 0) {
    throw new RefractError('GRAPH_SHAPE', `an alignment of ${m} query and ${n} passage tokens`, {
      hint: 'Give at least one token on both sides.',
    });
  }
  const similarity = cost.map((value) => 1 - value);
  const best = new Int32Array(m);
  let score = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 1; j < n; j++) if (similarity[i * n + j] > similarity[i * n + best[i]]) best[i] = j;
    score += similarity[i * n + best[i]];
  }
  if (options.plan !== true) return { m, n, similarity, best, score };
  return { m, n, similarity, best, score, plan: transportPlan(cost, m, n) };
}

/**
 * The exact plan of min <T, C>, C_ij = 1 - q_i . d_j, in which every query token sends 1/m and a passage token
 * takes at most max(1/m, 1/n). Unlike MaxSim it does not let one passage token answer everything, and unlike
 * balanced transport it does not force every token of a long passage into the picture; for m = n it is the
 * balanced plan. (Partial transport by a free dummy source: Caffarelli and McCann 2010, Ann. Math. 171.)
 */
function transportPlan(cost: Float64Array, m: number, n: number): Float64Array {
  const capacity = Math.max(1 / m, 1 / n);
  const spare = n > m ? n / m - 1 : 0;
  const rows = spare > 0 ? m + 1 : m;
  const padded = new Float64Array(rows * n);
  padded.set(cost);
  const source = new Float64Array(rows).fill(1 / m);
  if (spare > 0) source[m] = spare;
  return exactTransport(padded, rows, n, source, new Float64Array(n).fill(capacity)).plan.slice(0, m * n);
}

/** The tokens of both sides as a reader should see them: `m` and `n` strings. */
export interface TokenLabels {
  readonly query: readonly string[];
  readonly passage: readonly string[];
}

/** Refuses labels whose numbers are not the alignment's: `GRAPH_SHAPE`. */
export function checkLabels({ m, n }: TokenAlignment, { query, passage }: TokenLabels): void {
  if (query.length === m && passage.length === n) return;
  throw new RefractError(
    'GRAPH_SHAPE',
    `${query.length} query and ${passage.length} passage labels for an alignment of ${m} x ${n}`,
    { hint: 'Give one label a token.' },
  );
}

/** In a row-major matrix of `n` columns, the position of the largest value of row `i`. */
export function largestInRow(matrix: Float64Array, n: number, i: number): number {
  let best = 0;
  for (let j = 1; j < n; j++) if (matrix[i * n + j] > matrix[i * n + best]) best = j;
  return best;
}
