/**
 * ModernBERT (Warner et al. 2024) and mmBERT: layers that normalise before they compute, gated feed-forward layers
 * without biases, rotary positions, and layers that attend to neighbours alone between those that attend to all.
 */
import { z } from 'zod';
import {
  add,
  cast,
  concat,
  constant,
  count,
  gather,
  greater,
  layerNorm,
  linear,
  mul,
  neg,
  reshape,
  scalar,
  slice,
  split,
  sub,
  type Tensor,
} from '../../graph/index.ts';
import { attend, MASKED, paddingBias, reachingAny, splitHeads } from '../attention.ts';
import { ACTIVATIONS, type EncoderConfig, type RotaryConfig } from '../config.ts';
import { activation, parseFields } from './bert.ts';
import {
  checkHeads,
  type EncoderFamily,
  invalidConfig,
  layerCount,
  maskedLmNames,
  type ParameterTensors,
  type Shapes,
  size,
  sizeFields,
  WORD_TABLE,
} from './family.ts';

const theta = z.number().positive();
const angles = z.object({ rope_theta: theta, rope_type: z.literal('default').default('default') });
/** The longest input: no tensor says it, and tables of angles are made for all places. */
const LONGEST = 2 ** 20;
const KINDS = ['full_attention', 'sliding_attention'] as const;
const schema = z.object({
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: layerCount,
  num_attention_heads: size,
  intermediate_size: size,
  max_position_embeddings: size.max(LONGEST).default(8192),
  norm_eps: z.number().positive().default(1e-5),
  hidden_activation: z.enum(ACTIVATIONS).default('gelu'),
  pad_token_id: z.int().nonnegative().nullish(),
  norm_bias: z.literal(false).default(false),
  attention_bias: z.literal(false).default(false),
  mlp_bias: z.literal(false).default(false),
  /** Both sides together. */
  local_attention: size.default(128),
  global_attn_every_n_layers: size.default(3),
  layer_types: z.array(z.enum(KINDS)).optional(),
  // Older files name the bases of the angles by themselves, newer ones by kind of layer.
  global_rope_theta: theta.default(160_000),
  local_rope_theta: theta.nullish(),
  rope_parameters: z.object({ full_attention: angles, sliding_attention: angles }).optional(),
});
/** ModernBERT's id of [PAD], where the file names none. */
const PAD = 50283;

const TABLE_IN_FILES = 'embeddings.tok_embeddings.weight';

/** The family. */
export const modernbert: EncoderFamily = {
  modelType: 'modernbert',
  // Its reader in transformers has layers that Refract's has not.
  classes: { encoder: 'ModernBertModel', maskedLm: 'ModernBertForMaskedLM' },
  prefix: 'model.',
  fileNames: new Map([
    [WORD_TABLE, TABLE_IN_FILES],
    ...maskedLmNames('head.dense', 'head.norm', 'decoder.bias'),
  ]),
  maskedLm: { activation: 'gelu', unbiased: true },
  parse(json, at): EncoderConfig {
    const c = parseFields(schema, json, at);
    checkHeads(c.hidden_size, c.num_attention_heads, at, true);
    const kinds = Array.from({ length: c.num_hidden_layers }, (_, i) =>
      i % c.global_attn_every_n_layers === 0 ? KINDS[0] : KINDS[1],
    );
    const { layer_types: layers = kinds, rope_parameters: rope } = c;
    if (layers.length !== c.num_hidden_layers)
      throw invalidConfig(at, `layer_types: ${layers.length} of ${c.num_hidden_layers} layers`);
    const globalTheta = rope?.full_attention.rope_theta ?? c.global_rope_theta;
    return {
      modelType: 'modernbert',
      vocabSize: c.vocab_size,
      hiddenSize: c.hidden_size,
      numHiddenLayers: c.num_hidden_layers,
      numAttentionHeads: c.num_attention_heads,
      intermediateSize: c.intermediate_size,
      maxPositionEmbeddings: c.max_position_embeddings,
      typeVocabSize: 0,
      layerNormEps: c.norm_eps,
      hiddenAct: c.hidden_activation,
      padTokenId: c.pad_token_id ?? PAD,
      rotary: {
        global: layers.map((kind) => kind === KINDS[0]),
        reach: Math.floor(c.local_attention / 2),
        globalTheta,
        localTheta: rope?.sliding_attention.rope_theta ?? c.local_rope_theta ?? globalTheta,
      },
    };
  },
  fields(config) {
    const { global, reach, globalTheta, localTheta } = rotaryOf(config);
    return {
      ...sizeFields(config),
      norm_eps: config.layerNormEps,
      hidden_activation: config.hiddenAct,
      pad_token_id: config.padTokenId,
      norm_bias: false,
      attention_bias: false,
      mlp_bias: false,
      local_attention: 2 * reach,
      layer_types: global.map((all) => (all ? KINDS[0] : KINDS[1])),
      global_rope_theta: globalTheta,
      local_rope_theta: localTheta,
      rope_parameters: {
        full_attention: { rope_theta: globalTheta, rope_type: 'default' },
        sliding_attention: { rope_theta: localTheta, rope_type: 'default' },
      },
      embedding_dropout: 0,
      attention_dropout: 0,
      mlp_dropout: 0,
    };
  },
  shapes(config) {
    const { hiddenSize: h, intermediateSize: f } = config;
    const layer = (i: number): Shapes => [
      ...(i === 0 ? [] : ([[`layers.${i}.attn_norm.weight`, [h]]] satisfies Shapes)),
      [`layers.${i}.attn.Wqkv.weight`, [3 * h, h]],
      [`layers.${i}.attn.Wo.weight`, [h, h]],
      [`layers.${i}.mlp_norm.weight`, [h]],
      [`layers.${i}.mlp.Wi.weight`, [2 * f, h]],
      [`layers.${i}.mlp.Wo.weight`, [h, f]],
    ];
    return [
      [WORD_TABLE, [config.vocabSize, h]],
      ['embeddings.norm.weight', [h]],
      ...Array.from({ length: config.numHiddenLayers }, (_, i) => layer(i)).flat(),
      ['final_norm.weight', [h]],
    ];
  },
  graph(config, parameters, ids, mask) {
    const { hiddenSize, intermediateSize, numAttentionHeads: heads } = config;
    const { global, reach, globalTheta, localTheta } = rotaryOf(config);
    const [batch, length] = ids.shape;
    const { get, norm } = unbiased(config, parameters);
    const flat = reshape(ids, [-1]);
    const rows = gather(get(WORD_TABLE), flat);
    let hidden = norm(rows, 'embeddings.norm');
    const padding = paddingBias(mask);
    const near = global.every((all) => all) ? padding : add(padding, distanceBias(length, reach));
    // As PyTorch's attention: where no neighbour may be attended to, nothing is taken from any.
    const reaching = reachingAny(near);
    const turns = new Map([globalTheta, localTheta].map((base) => [base, rotations(config, base, length)]));
    for (let i = 0; i < config.numHiddenLayers; i++) {
      const turn = turns.get(global[i] ? globalTheta : localTheta)!;
      const read = i === 0 ? hidden : norm(hidden, `layers.${i}.attn_norm`);
      const [query, key, value] = split(
        linear(read, get(`layers.${i}.attn.Wqkv.weight`)),
        [hiddenSize, hiddenSize, hiddenSize],
        1,
      ).map((x) => splitHeads(x, batch, length, heads));
      const [bias, reached] = global[i] ? [padding] : [near, reaching];
      const attended = attend(rotate(query, turn), rotate(key, turn), value, bias, reached);
      hidden = add(hidden, linear(attended, get(`layers.${i}.attn.Wo.weight`)));
      const [wide, gate] = split(
        linear(norm(hidden, `layers.${i}.mlp_norm`), get(`layers.${i}.mlp.Wi.weight`)),
        [intermediateSize, intermediateSize],
        1,
      );
      hidden = add(hidden, linear(mul(activation(config, wide), gate), get(`layers.${i}.mlp.Wo.weight`)));
    }
    return { hidden: norm(hidden, 'final_norm'), lookup: { ids: flat, rows } };
  },
};

function rotaryOf({ rotary }: EncoderConfig): RotaryConfig {
  if (rotary === undefined) throw new Error('a ModernBERT has rotary positions');
  return rotary;
}

/** Layer normalisation without a shift. */
function unbiased({ hiddenSize, layerNormEps }: EncoderConfig, parameters: ParameterTensors) {
  const get = (name: string) => parameters.get(name)!;
  const none = constant(new Float32Array(hiddenSize));
  return { get, norm: (x: Tensor, name: string) => layerNorm(x, get(`${name}.weight`), none, layerNormEps) };
}

/** Added to attention scores of tokens further apart than `reach`: [L, L]. */
function distanceBias(length: Tensor['shape'][number], reach: number): Tensor {
  const places = cast(count(length), 'float32');
  const apart = sub(reshape(places, [length, 1]), reshape(places, [1, length]));
  return mul(cast(greater(mul(apart, apart), scalar(reach * reach)), 'float32'), MASKED);
}

/** Cosines and sines [L, d] of the angles by which the halves of a head are turned against each other. */
interface Rotation {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/** Angles p / base^(2i/d) of position p and component i, the same for both halves of a head of width d. */
function rotations(config: EncoderConfig, base: number, length: Tensor['shape'][number]): Rotation {
  const width = config.hiddenSize / config.numAttentionHeads;
  const positions = config.maxPositionEmbeddings;
  const tables = { cos: new Float32Array(positions * width), sin: new Float32Array(positions * width) };
  for (let p = 0; p < positions; p++)
    for (let i = 0; i < width; i++) {
      const angle = Math.fround(p * Math.fround(1 / base ** ((2 * (i % (width / 2))) / width)));
      tables.cos[p * width + i] = Math.cos(angle);
      tables.sin[p * width + i] = Math.sin(angle);
    }
  const used = (table: Float32Array) => gather(constant(table, [positions, width]), count(length));
  return { cos: used(tables.cos), sin: used(tables.sin) };
}

/** Heads [B, heads, L, d] turned by their positions: x cos + (-second half, first half) sin. */
function rotate(x: Tensor, { cos, sin }: Rotation): Tensor {
  const width = Number(x.shape[3]);
  const [first, second] = [slice(x, 3, 0, width / 2), slice(x, 3, width / 2, width)];
  return add(mul(x, cos), mul(concat([neg(second), first], 3), sin));
}
