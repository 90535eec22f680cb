/**
 * An encoder from an ONNX file: any graph from token ids and a mask to hidden states [B, L, H] whose operators are
 * known, as tensors that can be differentiated. Its weights become inputs of the graph under the names they have in
 * the file, so that it is trained as the encoders written here are.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RefractError } from '../errors.ts';
import {
  cast,
  constant,
  count,
  expand,
  importOnnx,
  input,
  mayBeWeight,
  type OnnxModel,
  reachedByGradient,
  readOnnxModel,
  reshape,
  type Shape,
  showDeclared,
  type TableLookup,
  type Tensor,
} from '../graph/index.ts';
import type { Lookup, ParameterTensors } from './families/index.ts';
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

/** The inputs that an encoder may have, by what they are. */
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'];
const HIDDEN = 'last_hidden_state';
const EXPORT_AGAIN = 'Export the encoder with torch.onnx.export (dynamic batch and length) or optimum.';

/**
 * Imports an encoder from an `.onnx` file, or from a folder that holds `model.onnx` or `onnx/model.onnx`. Position
 * ids, where the model has them as an input, count from 0.
 *
 * @throws RefractError `FILE_MISSING`; `CHECKPOINT_INCOMPLETE` (external data is missing); `CHECKPOINT_FORMAT` (no
 *   such output, unknown inputs, an operator that is not supported, fixed sizes, quantised, damaged)
 * @example
 * const encoder = importEncoder('unknown/model.onnx');
 * const parameters = encoder.parameterInputs();
 * const ids = graph.input('ids', 'int32', ['B', 'L']);
 * const mask = graph.input('mask', 'int32', ['B', 'L']);
 * const { hidden } = encoder.build(parameters, ids, mask);
 */
export function importEncoder(path: string, options: ImportEncoderOptions = {}): ImportedEncoder {
  const model = readOnnxModel(modelFile(path));
  checkInputs(model);
  const candidates = possibleWeights(model, options.frozen);
  const tied = tiedWeights(candidates);
  const inputs = weightInputs([...candidates].filter(([name]) => !tied.has(name)));
  const [triedIds, triedMask] = ['ids', 'mask'].map((name) => input(name, 'int32', ['B', 'L']));
  const build = (given: ParameterTensors, ids: Tensor, mask: Tensor, types: Tensor | undefined) =>
    buildGraph(model, withTied(given, tied), ids, mask, types, options.output);
  const trial = build(inputs, triedIds, triedMask, undefined);
  const reached = reachedByGradient(trial.hidden, new Set(inputs.values()));
  const parameters = new Map<string, FloatTensor>();
  for (const [name, weight] of candidates) {
    const tensor = inputs.get(name);
    if (tensor && reached.has(tensor)) parameters.set(name, weight);
  }
  if (parameters.size === 0) throw refused(model.path, 'no weights of the model reach its hidden states');
  const table = wordTable(trial.hidden, trial.lookups);
  return {
    parameters,
    hiddenSize: trial.hidden.shape[1] as number,
    wordTable: table,
    vocabSize: table === undefined ? undefined : parameters.get(table)?.shape[0],
    hasTypes: model.inputs.some(({ name }) => name === 'token_type_ids'),
    parameterInputs: () => weightInputs([...parameters]),
    build(given, ids, mask, types) {
      const { hidden, lookups } = build(given, ids, mask, types);
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
    if (!frozen?.has(name) && mayBeWeight(stored))
      found.set(name, { dtype: 'F32', shape, data: data as Float32Array });
  }
  return found;
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

function refused(at: string, what: string, hint = EXPORT_AGAIN): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, { at, hint });
}

function modelFile(path: string): string {
  if (!existsSync(path) || !statSync(path).isDirectory()) return path;
  const found = ['model.onnx', 'onnx/model.onnx']
    .map((name) => join(path, name))
    .find((each) => existsSync(each));
  if (found) return found;
  throw new RefractError('CHECKPOINT_INCOMPLETE', 'the folder has no model.onnx', {
    at: path,
    hint: 'Give the .onnx file, or a folder with model.onnx or onnx/model.onnx.',
  });
}

function checkInputs({ inputs, path }: OnnxModel): void {
  const other = inputs.find(({ name }) => !INPUTS.includes(name));
  if (other)
    throw refused(
      path,
      `input ${showDeclared(other)} is none that an encoder has`,
      `Inputs may be ${INPUTS.join(', ')}.`,
    );
  for (const name of INPUTS.slice(0, 2)) {
    if (!inputs.some((each) => each.name === name))
      throw refused(
        path,
        `the model has no input ${name}`,
        `It has: ${inputs.map(showDeclared).join(', ')}.`,
      );
  }
  const fixed = inputs.find(({ shape }) => shape?.some((dim) => typeof dim === 'number'));
  if (fixed) throw refused(path, `input ${showDeclared(fixed)} was exported for one batch or length`);
}

/** The model over given tensors: hidden states [B*L, H] and the look-ups by ids. */
function buildGraph(
  model: OnnxModel,
  parameters: ParameterTensors,
  ids: Tensor,
  mask: Tensor,
  types: Tensor | undefined,
  output: string | undefined,
): { hidden: Tensor; lookups: readonly TableLookup[] } {
  const [, length] = ids.shape;
  const zero = constant(Int32Array.of(0), []);
  const positions = () => expand(reshape(count(length), [1, length]), ids.shape);
  const values = [() => ids, () => mask, () => types ?? expand(zero, ids.shape), positions];
  const inputs = new Map(
    model.inputs.map(({ name, elementType }) => [name, ofType(values[INPUTS.indexOf(name)](), elementType)]),
  );
  const graph = importOnnx(model, { inputs, parameters, ids });
  const hidden = hiddenOf(model, graph.outputs, ids.shape, output);
  return { hidden: reshape(hidden, [-1, hidden.shape[2]]), lookups: graph.lookups };
}

/** int32 values as the type that ONNX's number names: whole numbers, truth values or floats. */
function ofType(tensor: Tensor, elementType: number): Tensor {
  const types = new Map([
    [7, 'int64'],
    [6, 'int32'],
    [9, 'bool'],
  ] as const);
  return cast(tensor, types.get(elementType as 7) ?? 'float32');
}

function hiddenOf(
  model: OnnxModel,
  outputs: ReadonlyMap<string, Tensor>,
  [batch, length]: Shape,
  wanted: string | undefined,
): Tensor {
  const all = `It has: ${model.outputs.map(showDeclared).join(', ')}.`;
  const fits = ([, { dtype, shape }]: [string, Tensor]) => dtype === 'float32' && shape.length === 3;
  const name = wanted ?? (outputs.has(HIDDEN) ? HIDDEN : undefined);
  const found =
    name === undefined ? [...outputs].filter(fits) : [...outputs].filter(([each]) => each === name);
  if (found.length !== 1) {
    const problem =
      name === undefined && found.length > 1
        ? 'several outputs that could be'
        : `no output ${name ?? HIDDEN}`;
    throw refused(
      model.path,
      `the model has ${problem}${problem.startsWith('several') ? ' hidden states' : ''}`,
      all,
    );
  }
  const [[chosen, tensor]] = found;
  const [b, l, h] = tensor.shape;
  if (!fits(found[0]) || b !== batch || l !== length || typeof h !== 'number')
    throw refused(model.path, `output ${chosen} is ${tensor}, not hidden states [batch, length, width]`, all);
  return tensor;
}

/** The table that ids look up, where the hidden states depend on it in no other way. */
function wordTable(hidden: Tensor, lookups: readonly TableLookup[]): string | undefined {
  const uses = new Map<string, number>();
  const seen = new Set([hidden.node]);
  for (const node of seen) {
    for (const x of node.inputs) {
      if (x.node.op === 'Input') uses.set(x.node.name!, (uses.get(x.node.name!) ?? 0) + 1);
      seen.add(x.node);
    }
  }
  return lookups.find(({ table }) => uses.get(table) === 1)?.table;
}
