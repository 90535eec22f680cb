/**
 * BERT (Devlin et al. 2019, post-layer-norm), multilingual BERT and MiniLM; and the parts that its relatives share.
 * Tensor names are those of Hugging Face's `BertModel`.
 */
import { z } from 'zod';
import {
  add,
  count,
  gather,
  gelu,
  geluTanh,
  layerNorm,
  linear,
  relu,
  reshape,
  slice,
  type Tensor,
} from '../../graph/index.ts';
import { attend, paddingBias, splitHeads } from '../attention.ts';
import { ACTIVATIONS, type EncoderConfig } from '../config.ts';
import {
  checkHeads,
  type Encoded,
  type EncoderFamily,
  invalidConfig,
  layerCount,
  linearShapes,
  normShapes,
  type ParameterTensors,
  type Shapes,
  size,
  sizeFields,
  WORD_TABLE,
} from './family.ts';

/** The fields of `config.json` that BERT and RoBERTa share. */
const bertSchema = z.object({
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: layerCount,
  num_attention_heads: size,
  intermediate_size: size,
  max_position_embeddings: size,
  type_vocab_size: size.default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_act: z.enum(ACTIVATIONS).default('gelu'),
  pad_token_id: z.int().nonnegative().nullish(),
  position_embedding_type: z.literal('absolute').default('absolute'),
  is_decoder: z.literal(false).default(false),
});

/** A configuration by the fields of BERT; `padTokenId` where the file names none. */
export function parseBertFields(
  json: unknown,
  at: string,
  modelType: 'bert' | 'roberta' | 'xlm-roberta',
  padTokenId: number,
): EncoderConfig {
  const c = parseFields(bertSchema, json, at);
  checkHeads(c.hidden_size, c.num_attention_heads, at);
  return {
    modelType,
    vocabSize: c.vocab_size,
    hiddenSize: c.hidden_size,
    numHiddenLayers: c.num_hidden_layers,
    numAttentionHeads: c.num_attention_heads,
    intermediateSize: c.intermediate_size,
    maxPositionEmbeddings: c.max_position_embeddings,
    typeVocabSize: c.type_vocab_size,
    layerNormEps: c.layer_norm_eps,
    hiddenAct: c.hidden_act,
    padTokenId: c.pad_token_id ?? padTokenId,
  };
}

/** Checks fields of a `config.json`; the error names the first that is wrong. */
export function parseFields<Schema extends z.ZodType>(
  schema: Schema,
  json: unknown,
  at: string,
): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidConfig(at, `${issue.path.join('.') || 'the file'}: ${issue.message}`);
}

/** The fields of BERT's `config.json`. */
export function bertFields(config: EncoderConfig): Record<string, unknown> {
  return {
    ...sizeFields(config),
    type_vocab_size: config.typeVocabSize,
    layer_norm_eps: config.layerNormEps,
    hidden_act: config.hiddenAct,
    pad_token_id: config.padTokenId,
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0,
  };
}

/** BERT's tensors, with `positions` rows in the table of positions. */
export function bertShapes(config: EncoderConfig, positions: number): Shapes {
  const { hiddenSize: h, intermediateSize: f } = config;
  const layer = (name: string) => [
    ...linearShapes(`${name}.attention.self.query`, h, h),
    ...linearShapes(`${name}.attention.self.key`, h, h),
    ...linearShapes(`${name}.attention.self.value`, h, h),
    ...linearShapes(`${name}.attention.output.dense`, h, h),
    ...normShapes(`${name}.attention.output.LayerNorm`, h),
    ...linearShapes(`${name}.intermediate.dense`, f, h),
    ...linearShapes(`${name}.output.dense`, h, f),
    ...normShapes(`${name}.output.LayerNorm`, h),
  ];
  return [
    [WORD_TABLE, [config.vocabSize, h]],
    ['embeddings.position_embeddings.weight', [positions, h]],
    ['embeddings.token_type_embeddings.weight', [config.typeVocabSize, h]],
    ...normShapes('embeddings.LayerNorm', h),
    ...Array.from({ length: config.numHiddenLayers }, (_, i) => layer(`encoder.layer.${i}`)).flat(),
  ];
}

/** The activation that the configuration names. */
export function activation(config: EncoderConfig, x: Tensor): Tensor {
  return { gelu, gelu_new: geluTanh, relu }[config.hiddenAct](x);
}

/** Layer normalisation and linear layers by the names of their tensors. */
export function layersOf({ layerNormEps }: EncoderConfig, parameters: ParameterTensors) {
  const get = (name: string) => parameters.get(name)!;
  return {
    get,
    norm: (x: Tensor, name: string) => layerNorm(x, get(`${name}.weight`), get(`${name}.bias`), layerNormEps),
    dense: (x: Tensor, name: string) => linear(x, get(`${name}.weight`), get(`${name}.bias`)),
  };
}

/** Names of a layer's parts, which DistilBERT calls otherwise. */
export interface LayerNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly attended: string;
  readonly attendedNorm: string;
  readonly wide: string;
  readonly narrow: string;
  readonly norm: string;
}

/** Layers of attention and feed-forward, each added to its input and normalised: hidden [B*L, H] to the same. */
export function postNormLayers(
  config: EncoderConfig,
  parameters: ParameterTensors,
  hidden: Tensor,
  mask: Tensor,
  namesOf: (layer: number) => LayerNames,
): Tensor {
  const [batch, length] = mask.shape;
  const { norm, dense } = layersOf(config, parameters);
  const bias = paddingBias(mask);
  for (let i = 0; i < config.numHiddenLayers; i++) {
    const names = namesOf(i);
    const heads = (name: string) => splitHeads(dense(hidden, name), batch, length, config.numAttentionHeads);
    const attended = attend(heads(names.query), heads(names.key), heads(names.value), bias);
    hidden = norm(add(dense(attended, names.attended), hidden), names.attendedNorm);
    const wide = activation(config, dense(hidden, names.wide));
    hidden = norm(add(dense(wide, names.narrow), hidden), names.norm);
  }
  return hidden;
}

/** BERT's graph; the first token stands at row `firstPosition` of the table of positions. */
export function bertGraph(
  config: EncoderConfig,
  parameters: ParameterTensors,
  ids: Tensor,
  mask: Tensor,
  types: Tensor | undefined,
  firstPosition: number,
): Encoded {
  const [batch, length] = ids.shape;
  const { get, norm } = layersOf(config, parameters);
  const flat = reshape(ids, [-1]);
  const rows = gather(get(WORD_TABLE), flat);
  const table = get('embeddings.position_embeddings.weight');
  const used = firstPosition === 0 ? table : slice(table, 0, firstPosition, Number(table.shape[0]));
  const positions = gather(used, count(length));
  const typeTable = get('embeddings.token_type_embeddings.weight');
  const type = types ? gather(typeTable, types) : slice(typeTable, 0, 0, 1);
  const words = reshape(rows, [batch, length, config.hiddenSize]);
  const summed = norm(add(add(words, positions), type), 'embeddings.LayerNorm');
  const hidden = postNormLayers(config, parameters, reshape(summed, [-1, config.hiddenSize]), mask, (i) => {
    const layer = `encoder.layer.${i}`;
    return {
      query: `${layer}.attention.self.query`,
      key: `${layer}.attention.self.key`,
      value: `${layer}.attention.self.value`,
      attended: `${layer}.attention.output.dense`,
      attendedNorm: `${layer}.attention.output.LayerNorm`,
      wide: `${layer}.intermediate.dense`,
      narrow: `${layer}.output.dense`,
      norm: `${layer}.output.LayerNorm`,
    };
  });
  return { hidden, lookup: { ids: flat, rows } };
}

/** The family. */
export const bert: EncoderFamily = {
  modelType: 'bert',
  classes: { encoder: 'BertModel', reader: 'BertForQuestionAnswering', maskedLm: 'BertForMaskedLM' },
  prefix: 'bert.',
  parse: (json, at) => parseBertFields(json, at, 'bert', 0),
  fields: bertFields,
  shapes: (config) => bertShapes(config, config.maxPositionEmbeddings),
  graph: (config, parameters, ids, mask, types) => bertGraph(config, parameters, ids, mask, types, 0),
};
