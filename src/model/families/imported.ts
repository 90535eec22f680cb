/** Encoders of no family, which came as an ONNX graph (imported-graph.ts): the graph says what they are. */
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import { type EncoderConfig, type EncoderGraph, IMPORTED } from '../config.ts';
import { parseFields } from './bert.ts';
import { type EncoderFamily, layerCount, type Shapes, size, WORD_TABLE } from './family.ts';

const schema = z.object({
  vocab_size: size,
  hidden_size: size,
  max_position_embeddings: size,
  pad_token_id: z.int().nonnegative(),
  num_hidden_layers: layerCount.optional(),
  num_attention_heads: size.optional(),
  intermediate_size: size.optional(),
  type_vocab_size: z.int().nonnegative().default(0),
  imported_type: z.string().optional(),
});

/** BERT's, which Refract's own language-model head has where a family does not say otherwise. */
export const HEAD = { layerNormEps: 1e-12, hiddenAct: 'gelu' } as const;

/** The family. */
export const imported: EncoderFamily = {
  modelType: IMPORTED,
  classes: { encoder: 'OnnxEncoder' },
  prefix: '',
  parse(json, at): EncoderConfig {
    const c = parseFields(schema, json, at);
    return {
      modelType: IMPORTED,
      vocabSize: c.vocab_size,
      hiddenSize: c.hidden_size,
      numHiddenLayers: c.num_hidden_layers ?? 0,
      numAttentionHeads: c.num_attention_heads ?? 0,
      intermediateSize: c.intermediate_size ?? 0,
      maxPositionEmbeddings: c.max_position_embeddings,
      typeVocabSize: c.type_vocab_size,
      padTokenId: c.pad_token_id,
      ...HEAD,
      ...(c.imported_type !== undefined && { importedType: c.imported_type }),
    };
  },
  fields: (config) => ({
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    max_position_embeddings: config.maxPositionEmbeddings,
    pad_token_id: config.padTokenId,
    ...(config.numHiddenLayers > 0 && { num_hidden_layers: config.numHiddenLayers }),
    ...(config.numAttentionHeads > 0 && { num_attention_heads: config.numAttentionHeads }),
    ...(config.intermediateSize > 0 && { intermediate_size: config.intermediateSize }),
    type_vocab_size: config.typeVocabSize,
    ...(config.importedType !== undefined && { imported_type: config.importedType }),
  }),
  shapes: (config) =>
    graphOf(config).shapes.map(([name, [rows, ...rest]]): Shapes[number] => [
      name,
      [name === WORD_TABLE ? config.vocabSize : rows, ...rest],
    ]),
  graph: (config, parameters, ids, mask, types) => graphOf(config).build(parameters, ids, mask, types),
};

function graphOf({ graph }: EncoderConfig): EncoderGraph {
  if (graph !== undefined) return graph;
  throw new RefractError('GRAPH_INVALID', 'the configuration of an imported encoder is without its graph', {
    hint: 'Take the configuration that readCheckpoint gives.',
  });
}
