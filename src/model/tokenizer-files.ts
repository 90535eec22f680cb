/**
 * The two small files that `AutoTokenizer` wants beside `tokenizer.json`. They repeat what that file says
 * in other words: which class reads it and which tokens play which part. And the check that a tokenizer
 * fits its encoder.
 */
import { z } from 'zod';
import { RefractError } from '../errors.ts';

/** Parsed JSON of an object. */
export type JsonObject = { [key: string]: unknown };

/** The parts that special tokens play in BERT, with their usual spelling. */
const PARTS = {
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
} as const;

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
  for (const [part, token] of Object.entries(PARTS))
    if (special.includes(token)) specialTokensMap[part] = token;
  const others = special.filter((token) => !Object.values<string>(PARTS).includes(token));
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

const tokenizerSchema = z.object({
  model: z.object({
    vocab: z.union([z.record(z.string(), z.int().nonnegative()), z.array(z.unknown())]),
  }),
  added_tokens: z.array(z.object({ id: z.int().nonnegative() })).default([]),
});

/**
 * Checks that every id a tokenizer can give has a row in a word embedding of `vocabSize` rows. `at` is the
 * tokenizer's file. Throws `CHECKPOINT_FORMAT` when it has no vocabulary, `TOKENIZER_MISMATCH` when an id
 * has no row.
 */
export function checkVocabulary(tokenizerJson: JsonObject, vocabSize: number, at: string): void {
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
}
