/**
 * Two readings of a token. Languages share tokens: in Swahili "me" marks a tense, in English it is a pronoun. A
 * language pack keeps the teacher's word vector of such a token and adds one of its own; which of them a text
 * takes, its other tokens decide. A text is a chain of two states, the teacher's language and the pack's, in
 * which a token is seen with probability P(token | language) and the language changes between two tokens with a
 * small probability; each token is read in the language that is more probable given the whole text (forward and
 * backward sums of a hidden Markov model). So English through a pack is what it is to the teacher, and a word
 * of one language inside a sentence of the other may still be read as its own.
 */

import type { FloatTensor } from './safetensors.ts';

/** The second readings of a vocabulary of V tokens. */
export interface Readings {
  /** [V]: the row of a token's second word vector; the token itself where it has none. */
  readonly rows: Int32Array;
  /** [V]: ln P(token | the pack's languages) - ln P(token | the teacher's language). */
  readonly logOdds: Float32Array;
}

/** The probability that the language changes from one token to the next. */
const CHANGE = 0.05;
/** Added to the counts of tokens, so that one never seen in a language is not impossible in it. */
const UNSEEN = 0.5;

/**
 * Readings of a vocabulary whose tokens are seen `target` times in the pack's languages and `pivot` times in the
 * teacher's. Those with a positive `foreign` get a second row; these follow the vocabulary's, in the order of
 * tokens. All are [V].
 *
 * @example
 * const use = { target: Float64Array.of(0, 3, 1), foreign: Float64Array.of(0, 3, 1), pivot: Float64Array.of(9, 0, 0) };
 * makeReadings(use).rows // [0, 3, 4]
 */
export function makeReadings({
  target,
  foreign,
  pivot,
}: Readonly<Record<'target' | 'foreign' | 'pivot', Float64Array>>): Readings {
  const size = target.length;
  let next = size;
  const rows = Int32Array.from(foreign, (count, token) => (count > 0 ? next++ : token));
  const total = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, UNSEEN * size);
  const [all, own] = [total(target), total(pivot)];
  const logOdds = Float32Array.from(target, (count, token) =>
    Math.log((((count + UNSEEN) / (pivot[token] + UNSEEN)) * own) / all),
  );
  return { rows, logOdds };
}

/** A word table [V, H] with the second rows after it, each as its token's first: [V + second rows, H]. */
export function withSecondRows({ dtype, shape, data }: FloatTensor, { rows }: Readings): FloatTensor {
  const width = shape[1];
  const count = rows.reduce((most, row) => Math.max(most, row + 1), shape[0]);
  const table = { dtype, shape: [count, width], data: new Float32Array(count * width) };
  table.data.set(data);
  rows.forEach((row, token) => {
    table.data.copyWithin(row * width, token * width, (token + 1) * width);
  });
  return table;
}

/**
 * A word table [V, H] for readers that know one vector a token, of one with second rows: each token's is the one that
 * it has as a text of its own. `taken` counts those that get their second.
 *
 * @example withOneReading(pack.tensors.get(WORD_TABLE), pack.readings).table.shape // [8000, 256]
 */
export function withOneReading(
  { dtype, shape: [, width], data }: FloatTensor,
  { rows, logOdds }: Readings,
): { table: FloatTensor; taken: number } {
  const table = { dtype, shape: [rows.length, width], data: data.slice(0, rows.length * width) };
  let taken = 0;
  rows.forEach((row, token) => {
    if (row === token || logOdds[token] <= 0) return;
    table.data.set(data.subarray(row * width, (row + 1) * width), token * width);
    taken++;
  });
  return { table, taken };
}

/**
 * For each of a text's tokens whether it is read in the pack's language: whether this has a probability of more
 * than one half, given all tokens.
 *
 * @example readInPack(tokenizer.encode('soko liko wapi'), readings) // [true, true, true, ...]
 */
export function readInPack(tokens: Int32Array, { logOdds }: Readings): boolean[] {
  // Of each token the logarithm of P(pack) / P(teacher): by the tokens up to it, and by those after it.
  const before = new Float64Array(tokens.length);
  const after = new Float64Array(tokens.length);
  let odds = 0;
  for (let i = 0; i < tokens.length; i++) {
    odds = (i === 0 ? 0 : passed(odds)) + logOdds[tokens[i]];
    before[i] = odds;
  }
  for (let i = tokens.length - 2; i >= 0; i--) after[i] = passed(after[i + 1] + logOdds[tokens[i + 1]]);
  return Array.from(before, (value, i) => value + after[i] > 0);
}

/** The word-table rows of a text's tokens. */
export function rowsOf(tokens: Int32Array, readings: Readings): Int32Array {
  const inPack = readInPack(tokens, readings);
  return tokens.map((token, i) => (inPack[i] ? readings.rows[token] : token));
}

/** The log odds of two states after one possible change: ln ((1 - c) e^x + c) / (c e^x + 1 - c). */
function passed(odds: number): number {
  // Symmetric, and computed so that e^x cannot overflow.
  if (odds > 0) return -passed(-odds);
  const ratio = Math.exp(odds);
  return Math.log(((1 - CHANGE) * ratio + CHANGE) / (CHANGE * ratio + 1 - CHANGE));
}
