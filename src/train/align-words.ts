/**
 * What a student's head start does to word vectors: the vector of each token of the new language is moved to
 * the teacher's word vectors of the tokens that it is a translation of. A token f that is seen m_f times in
 * the teacher's language, and n_f times in the new one in sentences whose translation does not hold it too,
 * keeps part of its old meaning:
 *
 *     x_f <- (1 - w) x_f + w |x| sum_e t(e | f) x_e / |sum_e t(e | f) x_e|,   w = n_f / (n_f + k m_f)
 *
 * with |x| the mean length of word vectors. Names and numbers, which translations copy, have a small n_f and
 * stay where they are, as English words do. The probabilities t come from `head-start.ts`.
 */
import type { TranslationTable } from '../lexical/ibm-model1.ts';
import type { FloatTensor } from '../model/safetensors.ts';

/** Tokens of a pair: `pivot` in the teacher's language, `target` in the new one. */
export interface AlignedPair {
  readonly pivot: Int32Array;
  readonly target: Int32Array;
}

/** How often each token occurs: n_f and m_f above, [V] each. */
export interface TokenUse {
  readonly foreign: ArrayLike<number>;
  readonly pivot: ArrayLike<number>;
}

/** Translations less probable than this are dropped; a token that is left with none keeps its vector. */
const LEAST_PROBABILITY = 0.05;

/** n_f of every token of a vocabulary. */
export function foreignUse(pairs: readonly AlignedPair[], vocabulary: number): Float64Array {
  const counts = new Float64Array(vocabulary);
  for (const { pivot, target } of pairs) {
    const copied = new Set(pivot);
    for (const id of target) if (!copied.has(id)) counts[id]++;
  }
  return counts;
}

/**
 * Writes the moved rows of `table` [V, H]; `teacher` [V, H] holds the teacher's. `protection` is k. Returns
 * how many rows were moved by half or more.
 *
 * @example takeMeanings(table, teacherRows, translations, { foreign, pivot }, 2);
 */
export function takeMeanings(
  table: FloatTensor,
  teacher: Float32Array,
  translations: TranslationTable,
  use: TokenUse,
  protection: number,
): number {
  const width = table.shape[1];
  table.data.set(teacher);
  const length = meanLength(teacher, width);
  const sum = new Float64Array(width);
  let moved = 0;
  for (const [id, list] of translations) {
    if (use.foreign[id] === 0) continue;
    sum.fill(0);
    for (const { e, p } of list) {
      if (p >= LEAST_PROBABILITY) for (let h = 0; h < width; h++) sum[h] += p * teacher[e * width + h];
    }
    const norm = Math.hypot(...sum);
    if (norm < 1e-12) continue;
    const weight = use.foreign[id] / (use.foreign[id] + protection * use.pivot[id]);
    if (weight >= 0.5) moved++;
    for (let h = 0; h < width; h++) {
      const at = id * width + h;
      table.data[at] = (1 - weight) * teacher[at] + (weight * length * sum[h]) / norm;
    }
  }
  return moved;
}

function meanLength(rows: Float32Array, width: number): number {
  let total = 0;
  const count = rows.length / width;
  for (let n = 0; n < count; n++) {
    let squares = 0;
    for (let h = 0; h < width; h++) squares += rows[n * width + h] ** 2;
    total += Math.sqrt(squares);
  }
  return total / count;
}
