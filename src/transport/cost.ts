/** The transport cost between token vectors. */
import { RefractError } from '../errors.ts';

/**
 * C_ij = 1 - t_i . s_j, the cosine distance of unit vectors (0 same direction, 1 orthogonal, 2 opposite).
 *
 * @param source t, row-major `m x dim`, unit rows; @param target s, row-major `n x dim`, unit rows
 * @returns C, row-major `m x n`
 * @throws RefractError `GRAPH_SHAPE` when a size is no multiple of `dim`
 * @example cosineCost(Float32Array.of(1, 0, 0, 1), Float32Array.of(1, 0), 2); // 0, 1
 */
export function cosineCost(
  source: Float32Array | Float64Array,
  target: Float32Array | Float64Array,
  dim: number,
): Float64Array {
  const m = source.length / dim;
  const n = target.length / dim;
  if (!(dim > 0) || !Number.isInteger(m) || !Number.isInteger(n)) {
    throw new RefractError(
      'GRAPH_SHAPE',
      `${source.length} and ${target.length} numbers are no whole vectors of ${dim}`,
      { hint: 'Give row-major token vectors of one dimension on both sides.' },
    );
  }
  const cost = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let dot = 0;
      for (let k = 0; k < dim; k++) dot += source[i * dim + k] * target[j * dim + k];
      cost[i * n + j] = 1 - dot;
    }
  }
  return cost;
}
