/**
 * The shape of a Hugging Face `tokenizer.json` as far as Refract writes it, the files a checkpoint
 * folder keeps of a tokenizer, and the fingerprint by which an index or pack recognises it.
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
export interface TokenizerJson {
  readonly version: string;
  readonly truncation: Json;
  readonly padding: Json;
  readonly added_tokens: readonly AddedTokenJson[];
  readonly normalizer: JsonObject | null;
  readonly pre_tokenizer: JsonObject | null;
  readonly post_processor: JsonObject | null;
  readonly decoder: JsonObject | null;
  readonly model: JsonObject;
}

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

const ROLES: readonly (readonly [role: string, token: string])[] = [
  ['pad_token', '[PAD]'],
  ['unk_token', '[UNK]'],
  ['cls_token', '[CLS]'],
  ['sep_token', '[SEP]'],
  ['mask_token', '[MASK]'],
];

/**
 * The text of the two tokenizer files of a checkpoint folder, by file name. `transformers` opens a folder
 * that holds both with `AutoTokenizer` as well as with `PreTrainedTokenizerFast`.
 *
 * @param modelMaxLength - the most positions the encoder has, in tokens
 * @example
 * for (const [name, text] of Object.entries(tokenizerFiles(json, 512))) writeFileAtomic(join(folder, name), text)
 */
export function tokenizerFiles(json: TokenizerJson, modelMaxLength: number): Record<string, string> {
  const present = new Set(json.added_tokens.map((token) => token.content));
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: modelMaxLength,
    clean_up_tokenization_spaces: false,
    ...Object.fromEntries(ROLES.filter(([, token]) => present.has(token))),
  };
  return {
    'tokenizer.json': `${JSON.stringify(json, null, 1)}\n`,
    'tokenizer_config.json': `${JSON.stringify(config, null, 2)}\n`,
  };
}
