/**
 * The two small files that `AutoTokenizer` wants beside `tokenizer.json`. They repeat what that file says
 * in other words: which class reads it and which tokens play which part. And the check that a tokenizer
 * fits its encoder.
 */
import { z } from 'zod';
import { RefractError } from '../errors.ts';
import { TOKEN_ROLES, USUAL_TOKENS } from '../text/special-roles.ts';
import { loadTokenizer, type TextTokenizer } from '../text/tokenizer.ts';

/** Parsed JSON of an object. */
export type JsonObject = { [key: string]: unknown };

/** A checkpoint's tokenizer, with the files that say which special token plays which role. */
export function tokenizerOf(checkpoint: {
  readonly tokenizerJson: JsonObject;
  readonly tokenizerConfig?: JsonObject;
  readonly specialTokensMap?: JsonObject;
}): TextTokenizer {
  return loadTokenizer(checkpoint.tokenizerJson, [checkpoint.tokenizerConfig, checkpoint.specialTokensMap]);
}

const addedTokens = z.object({
  added_tokens: z.array(z.object({ content: z.string(), special: z.boolean().default(false) })).default([]),
});

/**
 * The content of `tokenizer_config.json` and `special_tokens_map.json` for a `tokenizer.json`; other
 * special tokens, such as the query and passage markers, are named as additional ones.
 *
 * @example huggingFaceTokenizerFiles(tokenizerJson, 512).specialTokensMap // { cls_token: '[CLS]', ... }
 */
export function huggingFaceTokenizerFiles(
  tokenizerJson: JsonObject,
  maxTokens: number,
): { tokenizerConfig: JsonObject; specialTokensMap: JsonObject } {
  const parsed = addedTokens.safeParse(tokenizerJson);
  const special = (parsed.success ? parsed.data.added_tokens : [])
    .filter((t) => t.special)
    .map((t) => t.content);
  const specialTokensMap: JsonObject = {};
  for (const role of TOKEN_ROLES) {
    const token = USUAL_TOKENS[role].find((each) => special.includes(each));
    if (token !== undefined) specialTokensMap[`${role}_token`] = token;
  }
  const others = special.filter((token) => !Object.values(specialTokensMap).includes(token));
  if (others.length > 0) specialTokensMap.additional_special_tokens = others;
  return {
    tokenizerConfig: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: maxTokens,
      model_input_names: ['input_ids', 'token_type_ids', 'attention_mask'],
      clean_up_tokenization_spaces: false,
      ...specialTokensMap,
    },
    specialTokensMap,
  };
}

/** Settings of `tokenizer_config.json` that BERT's tokenizer class puts in the place of the normaliser's own. */
const NORMALIZER_SETTINGS = {
  do_lower_case: 'lowercase',
  strip_accents: 'strip_accents',
  tokenize_chinese_chars: 'handle_chinese_chars',
} as const;

/**
 * The `tokenizer.json` as `AutoTokenizer` uses it. Where `tokenizer_config.json` speaks of BERT's tokenizer (or
 * of no class), its word on case, accents and Chinese characters holds against that of a `BertNormalizer`.
 *
 * @example followTokenizerConfig(tokenizerJson, { do_lower_case: false })
 */
export function followTokenizerConfig(tokenizerJson: JsonObject, config: JsonObject = {}): JsonObject {
  const { normalizer } = tokenizerJson;
  const { tokenizer_class: className = 'BertTokenizer' } = config;
  if (!isObject(normalizer) || normalizer.type !== 'BertNormalizer') return tokenizerJson;
  if (typeof className !== 'string' || !className.startsWith('BertTokenizer')) return tokenizerJson;
  const said = Object.entries(NORMALIZER_SETTINGS).flatMap(([setting, name]) =>
    typeof config[setting] === 'boolean' ? [[name, config[setting]]] : [],
  );
  return { ...tokenizerJson, normalizer: { ...normalizer, ...Object.fromEntries(said) } };
}

/**
 * A base's `tokenizer_config.json` or `special_tokens_map.json`, with special tokens (id by text) that its
 * `tokenizer.json` got in addition.
 *
 * @example withAdditionalTokens({ cls_token: '[CLS]' }, new Map([['[Q]', 119547]])).additional_special_tokens // ['[Q]']
 */
export function withAdditionalTokens(file: JsonObject, tokens: ReadonlyMap<string, number>): JsonObject {
  // transformers 5 writes the same list under another name.
  const list = Array.isArray(file.extra_special_tokens)
    ? 'extra_special_tokens'
    : 'additional_special_tokens';
  const before: unknown[] = Array.isArray(file[list]) ? file[list] : [];
  const entries = [...tokens].map(([content, id]) => [
    id,
    { content, lstrip: false, normalized: false, rstrip: false, single_word: false, special: true },
  ]);
  const decoder = file.added_tokens_decoder;
  return {
    ...file,
    [list]: [...before, ...tokens.keys()],
    ...(isObject(decoder) ? { added_tokens_decoder: { ...decoder, ...Object.fromEntries(entries) } } : {}),
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const tokenizerSchema = z.object({
  model: z.object({
    vocab: z.union([z.record(z.string(), z.int().nonnegative()), z.array(z.unknown())]),
  }),
  added_tokens: z.array(z.object({ id: z.int().nonnegative() })).default([]),
});

/**
 * Checks that every id a tokenizer can give has a row in a word embedding of `vocabSize` rows. `at` is the
 * tokenizer's file. Throws `CHECKPOINT_FORMAT` when it has no vocabulary, `TOKENIZER_MISMATCH` when an id
 * has no row. Returns the number of ids.
 */
export function checkVocabulary(tokenizerJson: JsonObject, vocabSize: number, at: string): number {
  const parsed = tokenizerSchema.safeParse(tokenizerJson);
  if (!parsed.success)
    throw new RefractError('CHECKPOINT_FORMAT', 'the tokenizer has no vocabulary', {
      at,
      hint: 'Give a tokenizer.json as the tokenizers library writes it.',
    });
  const { model, added_tokens } = parsed.data;
  let largest = Array.isArray(model.vocab) ? model.vocab.length - 1 : -1;
  if (!Array.isArray(model.vocab))
    for (const id of Object.values(model.vocab)) largest = Math.max(largest, id);
  for (const { id } of added_tokens) largest = Math.max(largest, id);
  if (largest >= vocabSize)
    throw new RefractError(
      'TOKENIZER_MISMATCH',
      `the tokenizer has ids up to ${largest}, the encoder only ${vocabSize} word vectors`,
      { at, hint: 'Take tokenizer.json and model.safetensors from the same model.' },
    );
  return largest + 1;
}
