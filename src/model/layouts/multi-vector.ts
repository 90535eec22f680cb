/**
 * The rules of retrieval of Sentence-Transformers' MultiVectorEncoder. They lie with the modules: lengths and query
 * expansion with the encoder, the skip list with MultiVectorMask. Prompts are text, and tokenised with the text.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { type RetrievalSettings, retrievalSettings } from '../settings.ts';
import { tokenizerOf } from '../tokenizer-files.ts';
import { cannotSay, type ForeignEncoder, lengthIn, lengthSchema, readForeignJson } from './layout.ts';
import type { ModelFiles } from './modules.ts';
import { skipTokens } from './pylate.ts';

const transformerSchema = z.object({
  transformer_task: z.string().nullish(),
  max_seq_length: lengthSchema.nullish(),
  query_length: lengthSchema.nullish(),
  document_length: lengthSchema.nullish(),
  query_expansion: z
    .object({
      strategy: z.enum(['fixed', 'min']),
      attend: z.boolean().default(false),
      token: z.string().nullish(),
      length: lengthSchema,
    })
    .nullish(),
});
const maskSchema = z.object({
  skiplist_words: z.array(z.string()).default([]),
  skiplist_tasks: z.array(z.string()).default(['document']),
  keep_only_token_ids: z.array(z.int()).nullish(),
});
const normalizeSchema = z.object({ module_input_name: z.string().default('sentence_embedding') });

/** The settings of a MultiVectorEncoder with token vectors of `dim` numbers. */
export function multiVectorRules(files: ModelFiles, encoder: ForeignEncoder, dim: number): RetrievalSettings {
  const parsed = transformerSchema.safeParse(files.transformer);
  if (!parsed.success)
    throw cannotSay(
      files.encoder,
      `${parsed.error.issues[0].path.join('.')}: ${parsed.error.issues[0].message}`,
    );
  const said = parsed.data;
  const { transformer_task: task } = said;
  if (task !== undefined && task !== null && task !== 'feature-extraction')
    throw cannotSay(files.encoder, `its task is ${task}, not feature-extraction`);
  const words = skipList(files);
  checkNormalize(files);
  const tokenizer = tokenizerOf(encoder);
  const { model_max_length: most } = encoder.tokenizerConfig;
  const longest = said.max_seq_length ?? (typeof most === 'number' ? most : Infinity);
  const expansion = said.query_expansion;
  if (expansion?.token && tokenizer.idOf(expansion.token) !== tokenizer.roles.get('mask'))
    throw cannotSay(files.encoder, `queries are padded with ${expansion.token}, not with the mask token`);
  const query = said.query_length ?? longest;
  const { query: queryPrompt, document: passagePrompt } = files.model.prompts ?? {};
  return retrievalSettings({
    dim,
    queryMaxTokens: lengthIn(
      encoder.config,
      expansion?.strategy === 'fixed' ? expansion.length : Math.max(query, expansion?.length ?? 0),
    ),
    passageMaxTokens: lengthIn(encoder.config, said.document_length ?? longest),
    queryMarker: '',
    passageMarker: '',
    queryPrefix: queryPrompt || undefined,
    passagePrefix: passagePrompt || undefined,
    queryAugmentation: Boolean(expansion),
    ...(expansion?.strategy === 'min' && { augmentedTokens: lengthIn(encoder.config, expansion.length) }),
    ...(expansion && { augmentationAttended: expansion.attend }),
    skipPunctuation: false,
    skipTokens: skipTokens(tokenizer, words, false),
  });
}

function skipList({ at, modules }: ModelFiles): string[] {
  const mask = modules.find(({ type }) => type === 'MultiVectorMask');
  if (mask === undefined) throw cannotSay(at, 'it has no MultiVectorMask, which says what is scored');
  const place = join(mask.folder, 'config.json');
  const said = readForeignJson(place, maskSchema) ?? maskSchema.parse({});
  if (said.keep_only_token_ids && said.keep_only_token_ids.length > 0)
    throw cannotSay(place, 'it scores only the tokens of keep_only_token_ids');
  if (said.skiplist_words.length > 0 && said.skiplist_tasks.join() !== 'document')
    throw cannotSay(
      place,
      `its skip list is for ${said.skiplist_tasks.join(' and ')}, not for passages alone`,
    );
  return said.skiplist_words;
}

function checkNormalize({ at, modules }: ModelFiles): void {
  const normalize = modules.find(({ type }) => type === 'Normalize');
  const said = normalize && readForeignJson(join(normalize.folder, 'config.json'), normalizeSchema);
  if (said?.module_input_name !== 'token_embeddings')
    throw cannotSay(at, 'its token vectors are not brought to length 1 (no Normalize for token_embeddings)');
}
