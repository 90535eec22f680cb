/**
 * The configuration of an encoder, of whatever family (families/), and the sizes that Refract trains from scratch.
 *
 * Refract's encoders have no pooler (a retriever uses every token's vector, not the pooled one), so
 * checkpoints are saved without: open them with `AutoModel.from_pretrained(dir, add_pooling_layer=False)`;
 * without that argument transformers makes a pooler up at random and says so, and the token vectors are
 * the same.
 */

import type { Tensor } from '../graph/index.ts';

/** The activations between the two feed-forward layers: exact GELU, its tanh approximation, ReLU. */
export const ACTIVATIONS = ['gelu', 'gelu_new', 'relu'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** The families that Refract knows, by the `model_type` of their `config.json`. */
export const MODEL_TYPES = ['bert', 'roberta', 'xlm-roberta', 'distilbert', 'modernbert'] as const;
/** The `model_type` of an encoder that came as an ONNX graph (imported-graph.ts). */
export const IMPORTED = 'onnx';
export type ModelType = (typeof MODEL_TYPES)[number] | typeof IMPORTED;

/** An encoder's architecture. */
export interface EncoderConfig {
  readonly modelType: ModelType;
  /** Entries of the vocabulary V. */
  readonly vocabSize: number;
  /** Width H of the hidden states. */
  readonly hiddenSize: number;
  /** 0 where an imported encoder does not say; as the next two. */
  readonly numHiddenLayers: number;
  /** Attention heads; they share the width H, which they must divide. */
  readonly numAttentionHeads: number;
  /** Width of the feed-forward layers. */
  readonly intermediateSize: number;
  /** The longest input, in tokens. A RoBERTa's table has `padTokenId` + 1 more rows, which no token takes. */
  readonly maxPositionEmbeddings: number;
  /** Kinds of segments; 0 where the encoder has none. */
  readonly typeVocabSize: number;
  readonly layerNormEps: number;
  readonly hiddenAct: Activation;
  readonly padTokenId: number;
  /** Of ModernBERT alone. */
  readonly rotary?: RotaryConfig;
  /** Of an imported encoder alone: its graph, and the `model_type` that it had. */
  readonly graph?: EncoderGraph;
  readonly importedType?: string;
}

/** The graph of an encoder of no family, as an ONNX model whose weights are inputs. */
export interface EncoderGraph {
  /** The model. */
  readonly onnx: Uint8Array;
  /** SHA-256 of it, in hexadecimal: what configurations are compared by, and fingerprints taken of. */
  readonly identity: string;
  /** Names and shapes of the weights; of the word table the width counts, its rows are the vocabulary's. */
  readonly shapes: readonly (readonly [name: string, shape: readonly number[]])[];
  /** The encoder over given weights, as `encoderGraph` describes it. */
  readonly build: (
    parameters: ReadonlyMap<string, Tensor>,
    ids: Tensor,
    mask: Tensor,
    types?: Tensor,
  ) => { hidden: Tensor; lookup: { ids: Tensor; rows: Tensor } };
  /** In JSON it is its identity. */
  readonly toJSON: () => string;
}

/**
 * Layers and width in words.
 *
 * @example describeSize(config) // '12 layers of 768'; 'width 768' where an imported encoder does not say its layers
 */
export function describeSize({ numHiddenLayers, hiddenSize }: EncoderConfig): string {
  return numHiddenLayers > 0 ? `${numHiddenLayers} layers of ${hiddenSize}` : `width ${hiddenSize}`;
}

/** Rotary positions, and layers that attend to neighbours alone. */
export interface RotaryConfig {
  /** By layer: whether it attends to all tokens, or to those at most `reach` away. */
  readonly global: readonly boolean[];
  readonly reach: number;
  /** Base of the angles, in layers of either kind. */
  readonly globalTheta: number;
  readonly localTheta: number;
}

/** The sizes that `--size` offers; a head is 64 wide in all of them. */
export const SIZES = {
  tiny: { numHiddenLayers: 2, hiddenSize: 128, numAttentionHeads: 2, intermediateSize: 512 },
  mini: { numHiddenLayers: 3, hiddenSize: 256, numAttentionHeads: 4, intermediateSize: 1024 },
  small: { numHiddenLayers: 6, hiddenSize: 384, numAttentionHeads: 6, intermediateSize: 1536 },
  base: { numHiddenLayers: 12, hiddenSize: 768, numAttentionHeads: 12, intermediateSize: 3072 },
} as const;
export type Size = keyof typeof SIZES;

/** What a configuration must say beside its size, and what it may. */
export type ConfigRest = Pick<EncoderConfig, 'vocabSize'> & Partial<Omit<EncoderConfig, 'modelType'>>;

/**
 * The configuration of a BERT of a preset size; fields of `rest` win over the preset's and over BERT's defaults.
 *
 * @example configOfSize('mini', { vocabSize: 8000, maxPositionEmbeddings: 192 }).hiddenSize // 256
 */
export function configOfSize(size: Size, rest: ConfigRest): EncoderConfig {
  return {
    modelType: 'bert',
    maxPositionEmbeddings: 512,
    typeVocabSize: 2,
    layerNormEps: 1e-12,
    hiddenAct: 'gelu',
    padTokenId: 0,
    ...SIZES[size],
    ...rest,
  };
}
