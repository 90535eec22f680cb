/**
 * PyLate's rules of retrieval. A marker token is inserted after [CLS]; queries are padded with [MASK], which other
 * tokens do not attend to unless told so; passages leave out the tokens of a skip list.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import type { TextTokenizer } from '../../text/tokenizer.ts';
import { type RetrievalSettings, retrievalSettings } from '../settings.ts';
import { type JsonObject, tokenizerOf } from '../tokenizer-files.ts';
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
  const tokenizer = tokenizerOf(encoder);
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
    ...(seesSpaces(tokenizer) && { trimmed: true }),
    queryAugmentation: expansion,
    ...(expansion && { augmentationAttended: said.attend_to_expansion_tokens ?? false }),
    skipPunctuation: false,
    // A word that the vocabulary lacks stands for the unknown token there.
    skipTokens: skipTokens(tokenizer, said.skiplist_words ?? ASCII_PUNCTUATION, true),
  });
}

/**
 * The words of a skip list that are tokens; with `unknown` also the unknown token when one of the words is none.
 *
 * @example skipTokens(tokenizer, ['.', 'no such word'], true) // ['.', '[UNK]']
 */
export function skipTokens(tokenizer: TextTokenizer, words: readonly string[], unknown: boolean): string[] {
  const known = words.filter((word) => tokenizer.idOf(word) !== undefined);
  const unk = tokenizer.roles.get('unk');
  const stands = unknown && known.length < words.length && unk !== undefined;
  return [...new Set(stands ? [...known, ...tokenizer.tokens([unk])] : known)];
}

/** Whether spaces at the ends of a text make tokens, as in byte-level vocabularies. */
export function seesSpaces(tokenizer: TextTokenizer): boolean {
  return tokenizer.encode(' a ').join() !== tokenizer.encode('a').join();
}

/** The content of `config_sentence_transformers.json` for settings that PyLate can say. */
export function pylateSettings(retrieval: RetrievalSettings, skipped: readonly string[]): JsonObject {
  const { queryPrefix, trimmed } = retrieval;
  // PyLate cuts the spaces before it, MultiVectorEncoder does not.
  const prompt = (trimmed === true ? queryPrefix?.trimStart() : queryPrefix) || undefined;
  return {
    model_type: 'ColBERT',
    // PyLate knows one prompt for all texts; MultiVectorEncoder takes those of queries and documents by their names.
    prompts: prompt === undefined ? {} : { text: prompt, query: prompt, document: prompt },
    default_prompt_name: prompt === undefined ? null : 'text',
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
