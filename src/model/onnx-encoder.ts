/**
 * An encoder from an ONNX file: any graph from token ids and a mask to hidden states [B, L, H] whose operators are
 * known, as tensors that can be differentiated. Its weights become inputs of the graph under the names they have in
 * the file, so that it is trained as the encoders written here are.
 */
import {
  input,
  mayBeWeight,
  type OnnxModel,
  reachedByGradient,
  readOnnxModel,
  type Tensor,
} from '../graph/index.ts';
import type { Lookup, ParameterTensors } from './families/index.ts';
import { buildGraph, checkInputs, type HiddenStates, modelFile, refused, wordTable } from './onnx-graph.ts';
import type { FloatTensor } from './safetensors.ts';
import { tiedWeights } from './tied-weights.ts';

/** Options of `importEncoder`. */
export interface ImportEncoderOptions {
  /** The output to take; by default `last_hidden_state`, or the one float output of rank 3. */
  readonly output?: string;
  /**
   * Stored tensors that are not to be trained though a gradient reaches them, such as tables of sines and cosines
   * that the exporter has worked out.
   */
  readonly frozen?: ReadonlySet<string>;
}

/** An encoder that was imported. */
export interface ImportedEncoder {
  /** Its weights by their names in the file, in the file's order; a matrix that is there twice is one weight. */
  readonly parameters: ReadonlyMap<string, FloatTensor>;
  /** Width H of the hidden states. */
  readonly hiddenSize: number;
  /**
   * Name of the table [V, H] that ids look up, where they are all that reads it; its gradient may be kept row by
   * row. Undefined where it cannot be told, and then the gradients of all parameters are dense.
   */
  readonly wordTable: string | undefined;
  /** Rows of the word table: ids from 0 to below this can be encoded. Undefined where there is none. */
  readonly vocabSize: number | undefined;
  /** True where the model reads token types. */
  readonly hasTypes: boolean;
  /** Graph inputs for the weights, by name. */
  parameterInputs(): Map<string, Tensor>;
  /**
   * The encoder as a graph: ids, mask and types [B, L] (int32; mask 1 for tokens, 0 for padding; types 0 where left
   * out) to hidden states [B*L, H], and the look-up of the word table. B and L may be named sizes.
   * @throws RefractError `CHECKPOINT_FORMAT` for sizes that the model was not made for
   */
  build(
    parameters: ParameterTensors,
    ids: Tensor,
    mask: Tensor,
    types?: Tensor,
  ): { hidden: Tensor; lookup: Lookup | undefined };
}

/** An encoder's file, and what was found out about it. */
export interface EncoderModel {
  readonly model: OnnxModel;
  /** Weights by their names in the file, those that are there twice once. */
  readonly parameters: ReadonlyMap<string, FloatTensor>;
  /** The further names of weights: to the one that is in `parameters`. */
  readonly tied: ReadonlyMap<string, string>;
  /** Hidden states of ids and a mask [B, L], over inputs for the weights. */
  readonly trial: HiddenStates;
  readonly wordTable: string | undefined;
}

/** Reads the ONNX file of an encoder and tells its weights. Errors: those of `importEncoder`. */
export function readEncoderModel(path: string, options: ImportEncoderOptions = {}): EncoderModel {
  const model = readOnnxModel(modelFile(path));
  checkInputs(model);
  const candidates = possibleWeights(model, options.frozen);
  const tied = tiedWeights(candidates);
  const inputs = weightInputs([...candidates].filter(([name]) => !tied.has(name)));
  const [ids, mask] = ['ids', 'mask'].map((name) => input(name, 'int32', ['B', 'L']));
  const trial = buildGraph(model, withTied(inputs, tied), ids, mask, undefined, options.output);
  const reached = reachedByGradient(trial.hidden, new Set(inputs.values()));
  const parameters = new Map<string, FloatTensor>();
  for (const [name, weight] of candidates) {
    const tensor = inputs.get(name);
    if (tensor && reached.has(tensor)) parameters.set(name, weight);
  }
  if (parameters.size === 0) throw refused(model.path, 'no weights of the model reach its hidden states');
  return { model, parameters, tied, trial, wordTable: wordTable(trial.hidden, trial.lookups) };
}

/**
 * Imports an encoder from an `.onnx` file, or from a folder that holds `model.onnx` or `onnx/model.onnx`. Position
 * ids, where the model has them as an input, count from 0.
 *
 * @throws RefractError `FILE_MISSING`; `CHECKPOINT_INCOMPLETE` (external data is missing); `CHECKPOINT_FORMAT` (no
 *   such output, unknown inputs, an operator that is not supported, fixed sizes, quantised, damaged, NaN)
 * @example
 * const encoder = importEncoder('unknown/model.onnx');
 * const parameters = encoder.parameterInputs();
 * const ids = graph.input('ids', 'int32', ['B', 'L']);
 * const mask = graph.input('mask', 'int32', ['B', 'L']);
 * const { hidden } = encoder.build(parameters, ids, mask);
 */
export function importEncoder(path: string, options: ImportEncoderOptions = {}): ImportedEncoder {
  const { model, parameters, tied, trial, wordTable: table } = readEncoderModel(path, options);
  return {
    parameters,
    hiddenSize: trial.hidden.shape[1] as number,
    wordTable: table,
    vocabSize: table === undefined ? undefined : parameters.get(table)?.shape[0],
    hasTypes: model.inputs.some(({ name }) => name === 'token_type_ids'),
    parameterInputs: () => weightInputs([...parameters]),
    build(given, ids, mask, types) {
      const { hidden, lookups } = buildGraph(model, withTied(given, tied), ids, mask, types, options.output);
      return { hidden, lookup: lookups.find((each) => each.table === table) };
    },
  };
}

function possibleWeights(
  model: OnnxModel,
  frozen: ReadonlySet<string> | undefined,
): Map<string, FloatTensor> {
  const found = new Map<string, FloatTensor>();
  for (const [name, stored] of model.initialisers) {
    const { shape, data } = stored;
    // Infinities are in masks; what is no number is in no model.
    if (stored.dtype === 'float32' && hasNaN(data as Float32Array))
      throw refused(
        model.path,
        `tensor ${name} holds NaN`,
        'Training diverged or the file is damaged: export an earlier checkpoint, or copy the file again.',
      );
    if (!frozen?.has(name) && mayBeWeight(stored))
      found.set(name, { dtype: 'F32', shape, data: data as Float32Array });
  }
  return found;
}

/** A plain loop: there are 10^8 numbers. */
function hasNaN(data: Float32Array): boolean {
  for (const value of data) if (Number.isNaN(value)) return true;
  return false;
}

function weightInputs(
  weights: readonly (readonly [string, { shape: readonly number[] }])[],
): Map<string, Tensor> {
  return new Map(weights.map(([name, { shape }]) => [name, input(name, 'float32', shape)]));
}

/** The tensors given, and again under the names of the weights that are tied to them. */
function withTied(given: ParameterTensors, tied: ReadonlyMap<string, string>): ParameterTensors {
  const all = new Map(given);
  for (const [name, first] of tied) {
    const tensor = given.get(first);
    if (tensor) all.set(name, tensor);
  }
  return all;
}
