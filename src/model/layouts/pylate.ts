/**
 * PyLate's rules of retrieval. A marker token is inserted after [CLS]; queries are padded with [MASK], which other
 * tokens do not attend to unless told so; passages leave out the tokens of a skip list.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import { loadTokenizer, type TextTokenizer } from '../../text/tokenizer.ts';
import { type RetrievalSettings, retrievalSettings } from '../settings.ts';
import type { JsonObject } from '../tokenizer-files.ts';
import { ASCII_PUNCTUATION, cannotSay, type ForeignEncoder, lengthIn, lengthSchema } from './layout.ts';
import { MODEL_SETTINGS, type ModelFiles } from './modules.ts';

const schema = z.object({
  query_prefix: z.string().nullish(),
  document_prefix: z.string().nullish(),
  query_length: lengthSchema.nullish(),
  document_length: lengthSchema.nullish(),
  attend_to_expansion_tokens: z.boolean().nullish(),
  do_query_expansion: z.boolean().nullish(),
  skiplist_words: z.array(z.string()).nullish(),
});

/** The settings of a model of PyLate with token vectors of `dim` numbers. */
export function pylateRules(files: ModelFiles, encoder: ForeignEncoder, dim: number): RetrievalSettings {
  const at = join(files.at, MODEL_SETTINGS);
  const parsed = schema.safeParse(files.model);
  if (!parsed.success)
    throw cannotSay(at, `${parsed.error.issues[0].path.join('.')}: ${parsed.error.issues[0].message}`);
  const said = parsed.data;
  const tokenizer = loadTokenizer(encoder.tokenizerJson);
  const marker = (token: string) => {
    if (token === '' || tokenizer.idOf(token) !== undefined) return token;
    throw new RefractError('CHECKPOINT_INCOMPLETE', `the tokenizer has no marker token "${token}"`, {
      at,
      hint: 'PyLate gives it a vector at random whenever it opens the model: open it there once and save it again.',
    });
  };
  const prompt = files.model.prompts?.[files.model.default_prompt_name ?? ''] || undefined;
  const expansion = said.do_query_expansion ?? true;
  return retrievalSettings({
    dim,
    queryMaxTokens: lengthIn(encoder.config, said.query_length ?? 32),
    passageMaxTokens: lengthIn(encoder.config, said.document_length ?? 180),
    queryMarker: marker(said.query_prefix ?? '[Q] '),
    passageMarker: marker(said.document_prefix ?? '[D] '),
    queryPrefix: prompt,
    passagePrefix: prompt,
    queryAugmentation: expansion,
    ...(expansion && { augmentationAttended: said.attend_to_expansion_tokens ?? false }),
    skipPunctuation: false,
    // A word that the vocabulary lacks stands for the unknown token there.
    skipTokens: skipTokens(tokenizer, encoder, said.skiplist_words ?? ASCII_PUNCTUATION, true),
  });
}

/**
 * The words of a skip list that are tokens; with `unknown` also the unknown token when one of the words is none.
 *
 * @example skipTokens(tokenizer, encoder, ['.', 'no such word'], true) // ['.', '[UNK]']
 */
export function skipTokens(
  tokenizer: TextTokenizer,
  { tokenizerJson, tokenizerConfig }: Pick<ForeignEncoder, 'tokenizerJson' | 'tokenizerConfig'>,
  words: readonly string[],
  unknown: boolean,
): string[] {
  const known = words.filter((word) => tokenizer.idOf(word) !== undefined);
  const { unk_token: named } = tokenizerConfig;
  const unk =
    typeof named === 'string' ? named : ((tokenizerJson.model as JsonObject).unk_token ?? undefined);
  const stands = unknown && known.length < words.length && typeof unk === 'string';
  return [...new Set(stands ? [...known, unk] : known)];
}

/** The content of `config_sentence_transformers.json` for settings that PyLate can say. */
export function pylateSettings(retrieval: RetrievalSettings, skipped: readonly string[]): JsonObject {
  return {
    model_type: 'ColBERT',
    prompts: {},
    default_prompt_name: null,
    similarity_fn_name: 'MaxSim',
    query_prefix: retrieval.queryMarker,
    document_prefix: retrieval.passageMarker,
    query_length: retrieval.queryMaxTokens,
    document_length: retrieval.passageMaxTokens,
    attend_to_expansion_tokens: retrieval.queryAugmentation && (retrieval.augmentationAttended ?? true),
    skiplist_words: skipped,
    do_query_expansion: retrieval.queryAugmentation,
  };
}
