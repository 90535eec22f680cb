/**
 * The shape of a Hugging Face `tokenizer.json` as far as Refract writes it, and the fingerprint by which
 * an index or pack recognises a tokenizer.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../data/canonical-json.ts';

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

/**
 * The fingerprint of a tokenizer: 16 hexadecimal digits of SHA-256 over its `tokenizer.json` with sorted keys, without
 * the `padding` and `truncation` sections, which Refract sets itself and other tools rewrite when they save.
 *
 * @example tokenizerFingerprint(trainTokenizer(texts, { vocabSize: 8000 })) // '7e07c961a5ea6065'
 */
export function tokenizerFingerprint(tokenizerJson: unknown): string {
  const isObject = typeof tokenizerJson === 'object' && tokenizerJson !== null;
  const content = isObject ? { ...tokenizerJson, padding: undefined, truncation: undefined } : tokenizerJson;
  return createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, 16);
}
