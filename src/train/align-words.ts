/**
 * What a student's head start does to word vectors: the vector of each token of the new language is moved to
 * the teacher's word vectors of the tokens that it is a translation of. A token f that is seen m_f times in
 * the teacher's language, and n_f times in the new one in sentences whose translation does not hold it too,
 * keeps part of its old meaning:
 *
 *     x_f <- (1 - w) x_f + w |x| sum_e t(e | f) x_e / |sum_e t(e | f) x_e|,   w = n_f / (n_f + k m_f)
 *
 * with |x| the mean length of word vectors. Names and numbers, which translations copy, have a small n_f and
 * stay where they are: in a text of either language they must find themselves. The probabilities t come from
 * `head-start.ts`. Where tokens have two rows (model/readings.ts), x_f on the left is the second one.
 */
import type { TranslationTable } from '../lexical/ibm-model1.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import type { TokenUse } from './token-use.ts';

/** Translations less probable than this are dropped; a token that is left with none keeps its vector. */
const LEAST_PROBABILITY = 0.05;

/**
 * Writes the moved vectors into `table`: its first V rows are `teacher` [V, H], and each token's is moved in its
 * own row of `rows` (default: the token itself, whose vector is lost then). `protection` is k. Returns how many
 * vectors were moved by half or more.
 *
 * @example takeMeanings(table, teacherRows, translations, use, { protection: 2 });
 */
export function takeMeanings(
  table: FloatTensor,
  teacher: Float32Array,
  translations: TranslationTable,
  use: Pick<TokenUse, 'foreign' | 'pivot'>,
  { protection, rows }: { readonly protection: number; readonly rows?: Int32Array },
): number {
  const width = table.shape[1];
  const vector = (token: number) => teacher.subarray(token * width, (token + 1) * width);
  table.data.set(teacher);
  rows?.forEach((row, token) => {
    table.data.set(vector(token), row * width);
  });
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
    const at = (rows?.[id] ?? id) * width;
    vector(id).forEach((x, h) => {
      table.data[at + h] = (1 - weight) * x + (weight * length * sum[h]) / norm;
    });
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
