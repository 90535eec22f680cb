/**
 * A student's head start: before distillation, the word vector of each token of the new language is moved
 * to the teacher's word vectors of the English tokens it is aligned with in the bitext and dictionaries
 * (IBM Model 1). A token f that is seen m_f times in English, and n_f times in the new language in sentences
 * whose translation does not hold it too, keeps part of its old meaning:
 *
 *     x_f <- (1 - w) x_f + w |x| sum_e t(e | f) x_e / |sum_e t(e | f) x_e|,   w = n_f / (n_f + k m_f)
 *
 * with |x| the mean length of word vectors. Names and numbers, which translations copy, have a small n_f and
 * stay where they are, as English words do.
 */
import { trainModel1 } from '../lexical/ibm-model1.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import type { StageControl } from '../stage.ts';

/** Tokens of a pair: `pivot` in the teacher's language, `target` in the new one. */
export interface AlignedPair {
  readonly pivot: Int32Array;
  readonly target: Int32Array;
}

/** Settings of the head start. */
export interface AlignSettings {
  readonly iterations: number;
  /** k above: how strongly use in the teacher's language protects a token. */
  readonly protection: number;
}

/** Translations less probable than this are dropped; a token that is left with none keeps its vector. */
const LEAST_PROBABILITY = 0.05;

/**
 * Moves rows of `table` [V, H] in place; `pivotCounts` [V] says how often each token occurs in the
 * teacher's language. Returns how many rows were moved by half or more. Throws `INTERRUPTED` when
 * `control.signal` is aborted, the table being as it was.
 */
export async function alignWordVectors(
  table: FloatTensor,
  pairs: readonly AlignedPair[],
  pivotCounts: ArrayLike<number>,
  settings: AlignSettings,
  control: StageControl = {},
): Promise<number> {
  const [vocabulary, width] = table.shape;
  const before = table.data.slice();
  const counts = new Float64Array(vocabulary);
  for (const { pivot, target } of pairs) {
    const copied = new Set(pivot);
    for (const id of target) if (!copied.has(id)) counts[id]++;
  }
  const translations = await trainModel1(
    pairs.map(({ pivot, target }) => ({ e: pivot, f: target })),
    { iterations: settings.iterations, threshold: LEAST_PROBABILITY },
    control,
  );
  const length = meanLength(before, width);
  const sum = new Float64Array(width);
  let moved = 0;
  for (const [id, list] of translations) {
    if (list.length === 0) continue;
    sum.fill(0);
    for (const { e, p } of list) for (let h = 0; h < width; h++) sum[h] += p * before[e * width + h];
    const scale = length / Math.max(Math.hypot(...sum), 1e-12);
    if (counts[id] === 0) continue;
    const weight = counts[id] / (counts[id] + settings.protection * pivotCounts[id]);
    if (weight >= 0.5) moved++;
    for (let h = 0; h < width; h++) {
      const at = id * width + h;
      table.data[at] = (1 - weight) * before[at] + weight * scale * sum[h];
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
