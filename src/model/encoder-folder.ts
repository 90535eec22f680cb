/**
 * The encoder in a folder: configuration, tokenizer and weights, of a family that Refract knows, or of any other that
 * lies there as an ONNX model.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { optionalJson, readJson, requireFile } from './checkpoint-parts.ts';
import { type EncoderConfig, IMPORTED, MODEL_TYPES } from './config.ts';
import { GRAPH_FILE } from './encoder-files.ts';
import { HEAD } from './families/imported.ts';
import { parseHuggingFaceConfig, WORD_TABLE } from './families/index.ts';
import { openGraph, takeApart } from './imported-graph.ts';
import { onnxIn } from './onnx-graph.ts';
import { checkVocabulary, type JsonObject, tokenizerOf } from './tokenizer-files.ts';
import { readWeights, WEIGHTS, WEIGHTS_INDEX, type WeightsRead } from './weight-files.ts';

/** An encoder as its folder has it. */
export interface EncoderFolder extends TokenizerFiles {
  readonly config: EncoderConfig;
  /** The number of the tokenizer's ids. */
  readonly ids: number;
  readonly weights: WeightsRead;
}

interface TokenizerFiles {
  readonly tokenizerJson: JsonObject;
  readonly tokenizerConfig?: JsonObject;
  readonly specialTokensMap?: JsonObject;
}

/**
 * Reads the encoder in `place`. Where another tool wrote the folder (`foreign`), an ONNX model is taken if there are no
 * safetensors, or if `config.json` is of no family that Refract knows.
 *
 * @throws RefractError `CHECKPOINT_INCOMPLETE`, `CHECKPOINT_FORMAT`, `CHECKPOINT_SHAPE`, `TOKENIZER_MISMATCH`
 * @example readEncoderFolder('models/electra', true).config.graph !== undefined // true
 */
export function readEncoderFolder(place: string, foreign: boolean): EncoderFolder {
  const onnx = foreign ? onnxOf(place) : undefined;
  if (onnx === undefined && foreign) requireFile(place, 'config.json');
  const files = readTokenizerFiles(place);
  const { config, weights } =
    onnx === undefined
      ? { config: readConfig(place), weights: readWeights(place) }
      : importedFrom(onnx, place, files);
  const ids = checkVocabulary(files.tokenizerJson, config.vocabSize, join(place, 'tokenizer.json'));
  return { config, ids, weights, ...files };
}

function readTokenizerFiles(place: string): TokenizerFiles {
  return {
    tokenizerJson: readJson(place, 'tokenizer.json'),
    tokenizerConfig: optionalJson(place, 'tokenizer_config.json'),
    specialTokensMap: optionalJson(place, 'special_tokens_map.json'),
  };
}

function readConfig(place: string): EncoderConfig {
  const at = join(place, 'config.json');
  const config = parseHuggingFaceConfig(readJson(place, 'config.json'), at);
  if (config.modelType !== IMPORTED) return config;
  requireFile(place, GRAPH_FILE);
  const path = join(place, GRAPH_FILE);
  return { ...config, graph: openGraph(new Uint8Array(readFileSync(path)), path) };
}

/** The ONNX model that is the encoder of another tool's folder; undefined where safetensors are. */
function onnxOf(place: string): string | undefined {
  const onnx = onnxIn(place);
  const safetensors = [WEIGHTS, WEIGHTS_INDEX].some((name) => existsSync(join(place, name)));
  if (onnx === undefined || !safetensors) return onnx;
  const type = optionalJson(place, 'config.json')?.model_type;
  return [...MODEL_TYPES, IMPORTED].some((known) => known === type) ? undefined : onnx;
}

const size = z.int().positive().optional().catch(undefined);
/** What configurations of transformers say, as far as they do, under the names of several families. */
const saidSchema = z.object({
  model_type: z.string().optional().catch(undefined),
  num_hidden_layers: size,
  n_layers: size,
  num_layers: size,
  num_attention_heads: size,
  n_heads: size,
  num_heads: size,
  intermediate_size: size,
  hidden_dim: size,
  d_ff: size,
  max_position_embeddings: size,
  n_positions: size,
  type_vocab_size: size,
  pad_token_id: z.int().nonnegative().optional().catch(undefined),
});
/** What tokenizers say of texts without a limit is a number near 10^30. */
const LONGEST = 1e6;
/** Families of transformers whose first token stands in the row after the padding token's, as RoBERTa's. */
const AFTER_PADDING = new Set([
  ...['camembert', 'data2vec-text', 'ibert', 'longformer', 'luke', 'mpnet'],
  ...['roberta', 'roberta-prelayernorm', 'xlm-roberta', 'xlm-roberta-xl', 'xmod'],
]);
/** Tokens that are read where no file says how many can be, as most encoders have it. */
const USUAL_POSITIONS = 512;

function importedFrom(
  onnx: string,
  place: string,
  files: TokenizerFiles,
): { config: EncoderConfig; weights: WeightsRead } {
  const { graph, tensors, hiddenSize } = takeApart(onnx);
  const table = tensors.get(WORD_TABLE)!;
  const said = saidSchema.parse(optionalJson(place, 'config.json') ?? {});
  const config: EncoderConfig = {
    modelType: IMPORTED,
    vocabSize: table.shape[0],
    hiddenSize,
    numHiddenLayers: said.num_hidden_layers ?? said.n_layers ?? said.num_layers ?? 0,
    numAttentionHeads: said.num_attention_heads ?? said.n_heads ?? said.num_heads ?? 0,
    intermediateSize: said.intermediate_size ?? said.hidden_dim ?? said.d_ff ?? 0,
    maxPositionEmbeddings: longest(said, files.tokenizerConfig),
    typeVocabSize: said.type_vocab_size ?? 0,
    padTokenId: said.pad_token_id ?? tokenizerOf(files).roles.get('pad') ?? 0,
    ...HEAD,
    graph,
    ...(said.model_type !== undefined && { importedType: said.model_type }),
  };
  return { config, weights: { tensors, at: onnx } };
}

/** The longest input: the least that the configuration and the tokenizer say. A graph does not say it. */
function longest(
  {
    model_type: type,
    max_position_embeddings: rows,
    n_positions: others,
    ...said
  }: z.output<typeof saidSchema>,
  tokenizerConfig: JsonObject | undefined,
): number {
  const unused = type !== undefined && AFTER_PADDING.has(type) ? (said.pad_token_id ?? 1) + 1 : 0;
  const positions = rows === undefined ? undefined : rows - unused;
  const limits = [positions, others, tokenizerConfig?.model_max_length].filter(
    (limit): limit is number => typeof limit === 'number' && limit >= 1 && limit < LONGEST,
  );
  return limits.length > 0 ? Math.floor(Math.min(...limits)) : USUAL_POSITIONS;
}
