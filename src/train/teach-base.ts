/**
 * A teacher's start from a base: an encoder that this or another tool wrote. Its weights, positions and
 * tokenizer are kept. What a ColBERT encoder needs beside them is found in it or added: a token each that marks
 * queries and passages, and the projection.
 */
import { RefractError } from '../errors.ts';
import { type Checkpoint, PROJECTION, projectionOf } from '../model/checkpoint.ts';
import type { EncoderConfig } from '../model/config.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import { type RetrievalSettings, retrievalSettings } from '../model/settings.ts';
import { type JsonObject, tokenizerOf, withAdditionalTokens } from '../model/tokenizer-files.ts';
import { RandomStream } from '../random.ts';
import { withSpecialTokens } from '../text/special-tokens.ts';
import { loadTokenizer, type TextTokenizer } from '../text/tokenizer.ts';
import { copiedTensors, DEVIATION, initialTensor } from './initialise.ts';
import { checkOneReading } from './one-reading.ts';
import type { TeachBaseSettings } from './teach-settings.ts';

/** What training begins with. */
export interface TeacherStart {
  readonly config: EncoderConfig;
  readonly parameters: Map<string, FloatTensor>;
  readonly retrieval: RetrievalSettings;
  readonly tokenizer: TextTokenizer;
  readonly tokenizerConfig?: JsonObject;
  readonly specialTokensMap?: JsonObject;
}

/** Roles of the tokens that Refract's encoder inputs are made of, beside the two markers. */
const NEEDED = ['pad', 'cls', 'sep', 'mask'] as const;
/** The markers of tokenizers that Refract learns, and of those that get them here. */
const MARKERS = ['[Q]', '[D]'] as const;
/** Rows that BERT's vocabularies keep free. */
const UNUSED = /^\[unused(\d+)\]$/;

/**
 * The start from `base`. Errors: `CHECKPOINT_INCOMPLETE` when its tokenizer has no token to fill up a batch,
 * begin or end a text, or hide a token; `SETTING_INVALID` when a query or passage may be longer than the base can read; `TEACHER_MISMATCH` when its tokens
 * have second word vectors.
 *
 * @example startFromBase(readCheckpoint('mbert', { allowBase: true }), settings).retrieval.queryMarker // '[unused1]'
 */
export function startFromBase(base: Checkpoint, settings: TeachBaseSettings): TeacherStart {
  checkOneReading(base);
  checkLengths(base.config, settings.retrieval);
  const known = tokenizerOf(base);
  checkTokens(known);
  const [queryMarker, passageMarker] = markersOf(base, known);
  const markers = [queryMarker, passageMarker];
  const retrieval = retrievalSettings({ ...settings.retrieval, queryMarker, passageMarker });
  const special = markers.filter((marker) => !known.specials.has(marker));
  const files = [base.tokenizerConfig, base.specialTokensMap];
  const tokenizer = special.length > 0 ? loadTokenizer(withSpecialTokens(known.json, special), files) : known;
  const idsOf = (tokens: readonly string[]) =>
    new Map(tokens.map((token) => [token, tokenizer.specialId(token)]));
  const withSpecial = (file: JsonObject | undefined) =>
    file && special.length > 0 ? withAdditionalTokens(file, idsOf(special)) : file;

  const parameters = copiedTensors(base.tensors);
  const added = markers.filter((marker) => known.idOf(marker) === undefined);
  const words = withRows(parameters.get(WORD_TABLE)!, idsOf(added), settings.seed);
  parameters.set(WORD_TABLE, words);
  parameters.set(PROJECTION, projection(base, retrieval.dim, settings.seed));
  return {
    config: { ...base.config, vocabSize: words.shape[0] },
    parameters,
    retrieval,
    tokenizer,
    tokenizerConfig: withSpecial(base.tokenizerConfig),
    specialTokensMap: withSpecial(base.specialTokensMap),
  };
}

/** The base's projection where it has one of this size, otherwise a fresh one. */
function projection(base: Checkpoint, dim: number, seed: number): FloatTensor {
  const own = projectionOf(base);
  if (own?.shape[0] === dim) return { ...own, data: own.data.slice() };
  return initialTensor(PROJECTION, [dim, base.config.hiddenSize], seed);
}

/**
 * The markers of queries and passages: a retriever's own; else [Q] and [D] where the vocabulary has both; else
 * the first two rows it keeps free, which in English BERT are [unused0] and [unused1] as in Stanford's ColBERT;
 * else [Q] and [D], to be added.
 */
function markersOf({ settings }: Checkpoint, tokenizer: TextTokenizer): readonly [string, string] {
  const has = (pair: readonly [string, string]) => pair.every((token) => tokenizer.idOf(token) !== undefined);
  if (settings !== undefined && 'retrieval' in settings) {
    const { queryMarker, passageMarker } = settings.retrieval;
    if (has([queryMarker, passageMarker])) return [queryMarker, passageMarker];
  }
  if (has(MARKERS)) return MARKERS;
  const vocabulary = tokenizer.tokens(Array.from({ length: tokenizer.vocabSize }, (_, id) => id));
  const [first, second] = vocabulary
    .filter((token) => UNUSED.test(token))
    .sort((a, b) => Number(UNUSED.exec(a)?.[1]) - Number(UNUSED.exec(b)?.[1]));
  return second === undefined ? MARKERS : [first, second];
}

/**
 * The word table [V, H] with a row for each new token (id by text): the mean of the table, so that it stands for
 * no word in particular, with the noise of starting weights, which sets the new tokens apart. It grows where the id lies beyond it.
 */
function withRows(table: FloatTensor, tokens: ReadonlyMap<string, number>, seed: number): FloatTensor {
  if (tokens.size === 0) return table;
  const [count, width] = table.shape;
  const mean = new Float64Array(width);
  for (let row = 0, i = 0; row < count; row++)
    for (let h = 0; h < width; h++) mean[h] += table.data[i++] / count;
  const rows = Math.max(count, ...[...tokens.values()].map((id) => id + 1));
  const data = new Float32Array(rows * width);
  data.set(table.data);
  for (const [token, id] of tokens) {
    const stream = new RandomStream(seed, `weights/${WORD_TABLE}/${token}`);
    for (let h = 0; h < width; h++) data[id * width + h] = mean[h] + stream.normal() * DEVIATION;
  }
  return { ...table, shape: [rows, width], data };
}

function checkTokens(tokenizer: TextTokenizer): void {
  for (const role of NEEDED) tokenizer.roleId(role);
}

function checkLengths(
  { maxPositionEmbeddings: most }: EncoderConfig,
  retrieval: TeachBaseSettings['retrieval'],
): void {
  for (const name of ['queryMaxTokens', 'passageMaxTokens'] as const) {
    if (retrieval[name] <= most) continue;
    throw new RefractError(
      'SETTING_INVALID',
      `retrieval.${name} is ${retrieval[name]}, the base reads at most ${most} tokens (max_position_embeddings)`,
      { hint: `Set retrieval.${name} to at most ${most}; cut longer passages into several.` },
    );
  }
}
