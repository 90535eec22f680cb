/**
 * Mean shift: without training, a language's token vectors are moved so that their mean is that of English,
 *
 *     s' = (s - mean_language + mean_english) / |...|
 */
import type { TextVectors } from '../model/encoder.ts';

/**
 * The mean [dim] of all token vectors of texts; zero for no texts.
 *
 * @example meanVector([{ vectors: Float32Array.of(1, 0, 0, 1), ids, count: 2 }], 2) // [0.5, 0.5]
 */
export function meanVector(texts: readonly TextVectors[], dim: number): Float64Array {
  const mean = new Float64Array(dim);
  let count = 0;
  for (const text of texts) {
    text.vectors.forEach((value, i) => {
      mean[i % dim] += value;
    });
    count += text.count;
  }
  return count === 0 ? mean : mean.map((sum) => sum / count);
}

/** Mean token vectors of English and of a language, [dim] each. */
export interface MeanShift {
  readonly english: readonly number[];
  readonly language: readonly number[];
}

/** A text with its vectors after the shift, of unit length again. */
export function shiftVectors<Text extends { readonly vectors: Float32Array }>(
  text: Text,
  { english, language }: MeanShift,
): Text {
  const dim = english.length;
  const vectors = text.vectors.map((value, i) => value - language[i % dim] + english[i % dim]);
  for (let start = 0; start < vectors.length; start += dim) {
    const row = vectors.subarray(start, start + dim);
    const norm = Math.hypot(...row);
    if (norm > 0) for (let i = 0; i < dim; i++) row[i] /= norm;
  }
  return { ...text, vectors };
}
