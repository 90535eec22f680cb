/**
 * The shape of a Hugging Face `tokenizer.json` as far as Refract writes it, and the fingerprint by which
 * an index or pack recognises a tokenizer.
 */
import { createHash } from 'node:crypto';

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** A token that is matched in the raw text before anything else; `special` ones carry no text. */
export interface AddedTokenJson {
  readonly id: number;
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
  readonly [key: string]: Json;
}

/** The parsed `tokenizer.json`. */
export type TokenizerJson = {
  readonly version: string;
  readonly truncation: Json;
  readonly padding: Json;
  readonly added_tokens: readonly AddedTokenJson[];
  readonly normalizer: JsonObject | null;
  readonly pre_tokenizer: JsonObject | null;
  readonly post_processor: JsonObject | null;
  readonly decoder: JsonObject | null;
  readonly model: JsonObject;
};

/** JSON text with the keys of every object in code-unit order, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
    return `{${entries.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/**
 * SHA-256 (hexadecimal) of what decides a tokenizer's ids: its `tokenizer.json` without the padding and
 * truncation settings, which only say how batches are laid out.
 *
 * @example tokenizerFingerprint(trainTokenizer(texts, { vocabSize: 8000 })) // '3f6c…'
 */
export function tokenizerFingerprint(json: TokenizerJson): string {
  const { padding: _padding, truncation: _truncation, ...identity } = json;
  return createHash('sha256').update(canonicalJson(identity)).digest('hex');
}
