/** MaxSim in plain TypeScript: one passage at a time, the reference for the fast kernel. */

/**
 * sum_i max_j q_i . d_j, summed in float64.
 *
 * @param query row-major `n x dim`; @param passage row-major `m x dim`, m >= 1
 * @example maxSim(Float32Array.of(1, 0), Float32Array.of(0.6, 0.8, 1, 0), 2); // 1
 */
export function maxSim(query: Float32Array, passage: Float32Array, dim: number): number {
  let score = 0;
  for (let q = 0; q < query.length; q += dim) {
    let best = Number.NEGATIVE_INFINITY;
    for (let d = 0; d < passage.length; d += dim) {
      let dot = 0;
      for (let k = 0; k < dim; k++) dot += query[q + k] * passage[d + k];
      if (dot > best) best = dot;
    }
    score += best;
  }
  return score;
}
