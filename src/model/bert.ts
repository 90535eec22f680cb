/**
 * The BERT encoder as a graph (Devlin et al. 2019, post-layer-norm), with the tensor names of Hugging
 * Face's `BertModel`. Weights are inputs of the graph, so that one compiled session serves every step.
 */
import {
  add,
  cast,
  count,
  type Dim,
  gather,
  gelu,
  geluTanh,
  input,
  layerNorm,
  linear,
  matmul,
  mul,
  relu,
  reshape,
  slice,
  softmax,
  sub,
  swapLast,
  type Tensor,
  transpose,
} from '../graph/index.ts';
import { type EncoderConfig, parameterShapes } from './config.ts';

/** Name of the word-embedding table, whose gradient is kept row by row. */
export const WORD_TABLE = 'embeddings.word_embeddings.weight';

/** A model's weights as graph inputs, by tensor name. */
export type ParameterTensors = ReadonlyMap<string, Tensor>;

/** One look-up of word vectors: `rows` [B*L, H] is what the gradient of the table is taken through. */
export interface Lookup {
  /** Ids [B*L], int32. */
  readonly ids: Tensor;
  readonly rows: Tensor;
}

/** Graph inputs for every tensor of the encoder. */
export function parameterInputs(config: EncoderConfig): Map<string, Tensor> {
  return new Map(parameterShapes(config).map(([name, shape]) => [name, input(name, 'float32', shape)]));
}

/**
 * The encoder: ids and mask [B, L] (int32; mask 1 for tokens, 0 for padding) to hidden states [B*L, H].
 * B and L may be named sizes; L is at most `maxPositionEmbeddings`. Without `types` [B, L] all tokens are of type 0.
 */
export function bertEncoder(
  config: EncoderConfig,
  parameters: ParameterTensors,
  ids: Tensor,
  mask: Tensor,
  types?: Tensor,
): { hidden: Tensor; lookup: Lookup } {
  const [batch, length] = ids.shape;
  const get = (name: string) => parameters.get(name)!;
  const norm = (x: Tensor, name: string) =>
    layerNorm(x, get(`${name}.LayerNorm.weight`), get(`${name}.LayerNorm.bias`), config.layerNormEps);
  const dense = (x: Tensor, name: string) => linear(x, get(`${name}.weight`), get(`${name}.bias`));

  const flat = reshape(ids, [-1]);
  const rows = gather(get(WORD_TABLE), flat);
  const positions = gather(get('embeddings.position_embeddings.weight'), count(length));
  const typeTable = get('embeddings.token_type_embeddings.weight');
  const type = types ? gather(typeTable, types) : slice(typeTable, 0, 0, 1);
  const words = reshape(rows, [batch, length, config.hiddenSize]);
  let hidden = reshape(norm(add(add(words, positions), type), 'embeddings'), [-1, config.hiddenSize]);

  const bias = reshape(mul(sub(1, cast(mask, 'float32')), MASKED), [batch, 1, 1, length]);
  for (let i = 0; i < config.numHiddenLayers; i++) {
    const layer = `encoder.layer.${i}`;
    const attended = selfAttention(config, hidden, bias, batch, length, (x, name) =>
      dense(x, `${layer}.attention.self.${name}`),
    );
    const mixed = add(dense(attended, `${layer}.attention.output.dense`), hidden);
    hidden = norm(mixed, `${layer}.attention.output`);
    const wide = activation(config, dense(hidden, `${layer}.intermediate.dense`));
    hidden = norm(add(dense(wide, `${layer}.output.dense`), hidden), `${layer}.output`);
  }
  return { hidden, lookup: { ids: flat, rows } };
}

/** Added to attention scores of padding; its exponential is 0 in float32. */
const MASKED = -1e9;

/** The activation that the configuration names. */
export function activation(config: EncoderConfig, x: Tensor): Tensor {
  return { gelu, gelu_new: geluTanh, relu }[config.hiddenAct](x);
}

/** softmax(Q K' / sqrt(d) + bias) V per head; x [B*L, H] -> [B*L, H]. */
function selfAttention(
  config: EncoderConfig,
  x: Tensor,
  bias: Tensor,
  batch: Dim,
  length: Dim,
  project: (x: Tensor, name: 'query' | 'key' | 'value') => Tensor,
): Tensor {
  const heads = config.numAttentionHeads;
  const width = config.hiddenSize / heads;
  const split = (name: 'query' | 'key' | 'value') =>
    transpose(reshape(project(x, name), [batch, length, heads, width]), [0, 2, 1, 3]);
  const query = split('query');
  const key = split('key');
  const value = split('value');
  const scores = add(mul(matmul(query, swapLast(key)), 1 / Math.sqrt(width)), bias);
  const mixed = matmul(softmax(scores), value);
  return reshape(transpose(mixed, [0, 2, 1, 3]), [-1, config.hiddenSize]);
}
