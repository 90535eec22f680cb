/** DistilBERT (Sanh et al. 2019): BERT's layers without segments, under names of their own. */
import { z } from 'zod';
import { add, count, gather, reshape } from '../../graph/index.ts';
import { ACTIVATIONS, type EncoderConfig } from '../config.ts';
import { type LayerNames, layersOf, parseFields, postNormLayers } from './bert.ts';
import {
  checkHeads,
  type EncoderFamily,
  layerCount,
  linearShapes,
  maskedLmNames,
  normShapes,
  size,
  WORD_TABLE,
} from './family.ts';

const schema = z.object({
  vocab_size: size,
  dim: size,
  n_layers: layerCount,
  n_heads: size,
  hidden_dim: size,
  max_position_embeddings: size.default(512),
  activation: z.enum(ACTIVATIONS).default('gelu'),
  pad_token_id: z.int().nonnegative().nullish(),
});
/** DistilBERT's, which its configuration does not name. */
const LAYER_NORM_EPS = 1e-12;

function namesOf(i: number): LayerNames {
  const layer = `transformer.layer.${i}`;
  return {
    query: `${layer}.attention.q_lin`,
    key: `${layer}.attention.k_lin`,
    value: `${layer}.attention.v_lin`,
    attended: `${layer}.attention.out_lin`,
    attendedNorm: `${layer}.sa_layer_norm`,
    wide: `${layer}.ffn.lin1`,
    narrow: `${layer}.ffn.lin2`,
    norm: `${layer}.output_layer_norm`,
  };
}

/** The family. */
export const distilbert: EncoderFamily = {
  modelType: 'distilbert',
  classes: {
    encoder: 'DistilBertModel',
    reader: 'DistilBertForQuestionAnswering',
    maskedLm: 'DistilBertForMaskedLM',
  },
  prefix: 'distilbert.',
  fileNames: new Map(maskedLmNames('vocab_transform', 'vocab_layer_norm', 'vocab_projector.bias')),
  parse(json, at): EncoderConfig {
    const c = parseFields(schema, json, at);
    checkHeads(c.dim, c.n_heads, at);
    return {
      modelType: 'distilbert',
      vocabSize: c.vocab_size,
      hiddenSize: c.dim,
      numHiddenLayers: c.n_layers,
      numAttentionHeads: c.n_heads,
      intermediateSize: c.hidden_dim,
      maxPositionEmbeddings: c.max_position_embeddings,
      typeVocabSize: 0,
      layerNormEps: LAYER_NORM_EPS,
      hiddenAct: c.activation,
      padTokenId: c.pad_token_id ?? 0,
    };
  },
  fields: (config) => ({
    vocab_size: config.vocabSize,
    dim: config.hiddenSize,
    n_layers: config.numHiddenLayers,
    n_heads: config.numAttentionHeads,
    hidden_dim: config.intermediateSize,
    max_position_embeddings: config.maxPositionEmbeddings,
    activation: config.hiddenAct,
    pad_token_id: config.padTokenId,
    dropout: 0,
    attention_dropout: 0,
  }),
  shapes(config) {
    const { hiddenSize: h, intermediateSize: f } = config;
    const layer = (n: LayerNames) => [
      ...[n.query, n.key, n.value, n.attended].flatMap((name) => linearShapes(name, h, h)),
      ...normShapes(n.attendedNorm, h),
      ...linearShapes(n.wide, f, h),
      ...linearShapes(n.narrow, h, f),
      ...normShapes(n.norm, h),
    ];
    return [
      [WORD_TABLE, [config.vocabSize, h]],
      ['embeddings.position_embeddings.weight', [config.maxPositionEmbeddings, h]],
      ...normShapes('embeddings.LayerNorm', h),
      ...Array.from({ length: config.numHiddenLayers }, (_, i) => layer(namesOf(i))).flat(),
    ];
  },
  graph(config, parameters, ids, mask) {
    const [batch, length] = ids.shape;
    const { get, norm } = layersOf(config, parameters);
    const flat = reshape(ids, [-1]);
    const rows = gather(get(WORD_TABLE), flat);
    const positions = gather(get('embeddings.position_embeddings.weight'), count(length));
    const words = reshape(rows, [batch, length, config.hiddenSize]);
    const summed = norm(add(words, positions), 'embeddings.LayerNorm');
    const hidden = postNormLayers(
      config,
      parameters,
      reshape(summed, [-1, config.hiddenSize]),
      mask,
      namesOf,
    );
    return { hidden, lookup: { ids: flat, rows } };
  },
};
