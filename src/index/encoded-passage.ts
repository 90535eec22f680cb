/** A passage with its token vectors, as an encoder hands it to an index. */
import { decodeFloat16, encodeFloat16, FLOAT16_MAX } from '../data/half.ts';
import type { Passage } from '../data/records.ts';
import { RefractError } from '../errors.ts';

/** A passage and what the encoder made of it. */
export interface EncodedPassage {
  readonly passage: Passage;
  /** Row-major `tokens x dim`; unit rows for cosine scores. */
  readonly vectors: Float32Array;
  /** At least 1. */
  readonly tokens: number;
  /** One id a vector, so that an explanation can name the tokens. */
  readonly tokenIds?: Int32Array;
  /**
   * Tokens of each of its windows, which follow one another in `vectors`; their sum is `tokens`. A passage's score is
   * the best of its windows (MaxP: Dai and Callan 2019, https://arxiv.org/abs/1905.09217). Absent: one window.
   */
  readonly windows?: readonly number[];
}

/** The most windows of one passage; `windows.u16` holds the number. */
export const MOST_WINDOWS = 65535;

/** The windows of a passage, as numbers of tokens. */
export function windowsOf({
  windows,
  tokens,
}: Pick<EncodedPassage, 'windows' | 'tokens'>): readonly number[] {
  return windows ?? [tokens];
}

/**
 * The passage with its vectors rounded to half precision, as a build stages them: what is compressed is then the same
 * whether a passage came with a build or was added.
 */
export function roundedToHalf(encoded: EncodedPassage): EncodedPassage {
  return { ...encoded, vectors: decodeFloat16(encodeFloat16(encoded.vectors)) };
}

/**
 * Refuses a passage that cannot be stored.
 *
 * @param number the passage's place among those given, from 1; @param at the index
 * @throws RefractError `PASSAGE_EMPTY` no vectors; `GRAPH_SHAPE` sizes that contradict each other; `SETTING_INVALID`
 * vectors that are not finite, or larger than half precision holds where `half` is set
 */
export function checkEncoded(
  encoded: EncodedPassage,
  dim: number,
  half: boolean,
  { number, at }: { readonly number: number; readonly at: string },
): void {
  const { passage, vectors, tokens, tokenIds } = encoded;
  const where = `passage ${number} (${passage.id})`;
  if (tokens === 0 && vectors.length === 0)
    throw new RefractError('PASSAGE_EMPTY', `${where} has no token vectors`, {
      at,
      hint: 'Remove the passage, or give it a text.',
    });
  const windows = windowsOf(encoded);
  const whole = windows.every((count) => Number.isInteger(count) && count >= 1);
  const sum = windows.reduce((total, count) => total + count, 0);
  if (!whole || sum !== tokens || windows.length > MOST_WINDOWS)
    throw new RefractError(
      'GRAPH_SHAPE',
      `${where} has ${windows.length} windows of ${sum} tokens together, and ${tokens} tokens`,
      { at, hint: 'Give windows of at least one token, whose numbers of tokens add up; at most 65535.' },
    );
  if (vectors.length !== tokens * dim || (tokenIds?.length ?? tokens) !== tokens)
    throw new RefractError(
      'GRAPH_SHAPE',
      `${where} has ${vectors.length} numbers and ${tokenIds?.length ?? 'no'} token ids for ${tokens} x ${dim}`,
      { at, hint: 'Give tokens * dim numbers (row-major) and one id a token.' },
    );
  const limit = half ? FLOAT16_MAX : Number.MAX_VALUE;
  for (const value of vectors) {
    if (Math.abs(value) <= limit) continue;
    throw new RefractError('SETTING_INVALID', `${where} has a vector with the value ${value}`, {
      at,
      hint: 'The encoder is damaged, or its vectors are too large to store; check its weights.',
    });
  }
}
