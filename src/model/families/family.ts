/** What an encoder family is: its part of `config.json`, its tensors, and its graph. */

import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import type { Tensor } from '../../graph/index.ts';
import type { Activation, EncoderConfig, ModelType } from '../config.ts';

/** Name of the word-embedding table in every family, whose gradient is kept row by row. */
export const WORD_TABLE = 'embeddings.word_embeddings.weight';

/** A model's weights as graph inputs, by tensor name. */
export type ParameterTensors = ReadonlyMap<string, Tensor>;

/** One look-up of word vectors: `rows` [B*L, H] is what the gradient of the table is taken through. */
export interface Lookup {
  /** Ids [B*L], int32. */
  readonly ids: Tensor;
  readonly rows: Tensor;
}

/** Hidden states [B*L, H], and the look-up of the word table. */
export interface Encoded {
  readonly hidden: Tensor;
  readonly lookup: Lookup;
}

/** Names and shapes of tensors. */
export type Shapes = [name: string, shape: number[]][];

/** One architecture of encoders. */
export interface EncoderFamily {
  /** `model_type` of its `config.json`. */
  readonly modelType: ModelType;
  /** The classes of transformers for the encoder alone, and with a head; absent where Refract writes no such head. */
  readonly classes: { readonly encoder: string; readonly reader?: string; readonly maskedLm?: string };
  /** What the encoder's tensor names begin with where a model has a head. */
  readonly prefix: string;
  /** The name in files of a tensor that Refract calls otherwise: of the encoder, or of its language-model head. */
  readonly fileNames?: ReadonlyMap<string, string>;
  /** Where its language-model head is not as BERT's: with another activation than the layers', or without biases. */
  readonly maskedLm?: { readonly activation?: Activation; readonly unbiased?: boolean };
  /**
   * Reads the fields of a `config.json` at `at`.
   *
   * @throws RefractError `CHECKPOINT_FORMAT` when one is missing or out of range
   */
  readonly parse: (json: unknown, at: string) => EncoderConfig;
  /** The fields of a `config.json`, without the class and `model_type`. */
  readonly fields: (config: EncoderConfig) => Record<string, unknown>;
  /** Every tensor of the encoder, in the order of the computation. A linear layer's weight is [out, in]. */
  readonly shapes: (config: EncoderConfig) => Shapes;
  /** The encoder, as `encoderGraph` describes it. */
  readonly graph: (
    config: EncoderConfig,
    parameters: ParameterTensors,
    ids: Tensor,
    mask: Tensor,
    types?: Tensor,
  ) => Encoded;
}

/** A size in a `config.json`. */
export const size = z.int().positive();
/** The number of layers. For each of them tensors are listed before any is looked for in a file. */
export const layerCount = size.max(10_000);

/** BERT's names of the tensors of a language-model head, which are Refract's (masked-lm.ts). */
export const MASKED_LM = {
  dense: 'cls.predictions.transform.dense',
  norm: 'cls.predictions.transform.LayerNorm',
  bias: 'cls.predictions.bias',
} as const;

/** Names in files for those of a language-model head. */
export function maskedLmNames(dense: string, norm: string, bias: string): [string, string][] {
  const both = (ours: string, file: string) =>
    ['weight', 'bias'].map((part): [string, string] => [`${ours}.${part}`, `${file}.${part}`]);
  return [...both(MASKED_LM.dense, dense), ...both(MASKED_LM.norm, norm), [MASKED_LM.bias, bias]];
}

/** The sizes in `config.json`, under the names that BERT, RoBERTa and ModernBERT share. */
export function sizeFields(config: EncoderConfig): Record<string, number> {
  return {
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.numHiddenLayers,
    num_attention_heads: config.numAttentionHeads,
    intermediate_size: config.intermediateSize,
    max_position_embeddings: config.maxPositionEmbeddings,
  };
}

/** The weight [out, in] and the bias of a linear layer. */
export function linearShapes(name: string, out: number, into: number): Shapes {
  return [
    [`${name}.weight`, [out, into]],
    [`${name}.bias`, [out]],
  ];
}

/** The scale and the shift of a layer normalisation. */
export function normShapes(name: string, width: number): Shapes {
  return [
    [`${name}.weight`, [width]],
    [`${name}.bias`, [width]],
  ];
}

/** The error of a `config.json` at `at`. */
export function invalidConfig(at: string, what: string): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, {
    at,
    hint: 'Correct config.json; docs/formats.md lists what an encoder needs.',
  });
}

/** Refuses a width that the heads do not divide; rotary heads are of even width. */
export function checkHeads(hiddenSize: number, heads: number, at: string, even = false): void {
  if (hiddenSize % heads !== 0)
    throw invalidConfig(at, `hidden_size ${hiddenSize} is not divisible by ${heads} heads`);
  if (even && (hiddenSize / heads) % 2 !== 0)
    throw invalidConfig(at, `heads of odd width ${hiddenSize / heads} have no rotary positions`);
}
