/** The graph of an encoder's ONNX model, from ids and mask to hidden states: what its inputs and outputs must be. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RefractError } from '../errors.ts';
import {
  cast,
  constant,
  count,
  expand,
  importOnnx,
  type OnnxModel,
  reshape,
  type Shape,
  showDeclared,
  type TableLookup,
  type Tensor,
} from '../graph/index.ts';
import type { ParameterTensors } from './families/index.ts';

/** The inputs that an encoder may have, by what they are. */
export const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'];
const HIDDEN = 'last_hidden_state';
const EXPORT_AGAIN = 'Export the encoder with torch.onnx.export (dynamic batch and length) or optimum.';
/** Where ONNX models lie in a model's folder. */
const ONNX_FILES = ['model.onnx', 'onnx/model.onnx'];

/** Hidden states as a graph. */
export interface HiddenStates {
  /** [B*L, H]. */
  readonly hidden: Tensor;
  /** Look-ups of tables by the ids. */
  readonly lookups: readonly TableLookup[];
  /** The name of the model's output that they are. */
  readonly output: string;
}

/** The error of an ONNX model at `at` that is no encoder. */
export function refused(at: string, what: string, hint = EXPORT_AGAIN): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, { at, hint });
}

/** The ONNX model of a folder, `model.onnx` or `onnx/model.onnx`; undefined where there is none. */
export function onnxIn(folder: string): string | undefined {
  return ONNX_FILES.map((name) => join(folder, name)).find((each) => existsSync(each));
}

/**
 * The file of a model that is given as such or by its folder.
 *
 * @throws RefractError `CHECKPOINT_INCOMPLETE`
 */
export function modelFile(path: string): string {
  if (!existsSync(path) || !statSync(path).isDirectory()) return path;
  const found = onnxIn(path);
  if (found) return found;
  throw new RefractError('CHECKPOINT_INCOMPLETE', 'the folder has no model.onnx', {
    at: path,
    hint: 'Give the .onnx file, or a folder with model.onnx or onnx/model.onnx.',
  });
}

/**
 * Refuses a model whose inputs are none of an encoder, or of a fixed size; inputs that `isWeight` are passed over.
 *
 * @throws RefractError `CHECKPOINT_FORMAT`
 */
export function checkInputs(
  { inputs: all, path }: OnnxModel,
  isWeight: (name: string) => boolean = () => false,
): void {
  const inputs = all.filter(({ name }) => !isWeight(name));
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

/**
 * The model over given tensors; `parameters` by the names of stored tensors, or of inputs that are none of `INPUTS`.
 *
 * @param output the output to take; by default `last_hidden_state`, or the one float output of rank 3
 * @throws RefractError `CHECKPOINT_FORMAT`
 */
export function buildGraph(
  model: OnnxModel,
  parameters: ParameterTensors,
  ids: Tensor,
  mask: Tensor,
  types: Tensor | undefined,
  output: string | undefined,
): HiddenStates {
  const [, length] = ids.shape;
  const zero = constant(Int32Array.of(0), []);
  const positions = () => expand(reshape(count(length), [1, length]), ids.shape);
  const values = [() => ids, () => mask, () => types ?? expand(zero, ids.shape), positions];
  const inputs = new Map(
    model.inputs.flatMap(({ name, elementType }) => {
      const value = values[INPUTS.indexOf(name)];
      return value === undefined ? [] : [[name, ofType(value(), elementType)] as const];
    }),
  );
  const graph = importOnnx(model, { inputs, parameters, ids });
  const [chosen, hidden] = hiddenOf(model, graph.outputs, ids.shape, output);
  return { hidden: reshape(hidden, [-1, hidden.shape[2]]), lookups: graph.lookups, output: chosen };
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
): [name: string, Tensor] {
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
  return [chosen, tensor];
}

/** The name of the table that ids look up, where the hidden states depend on it in no other way. */
export function wordTable(hidden: Tensor, lookups: readonly TableLookup[]): string | undefined {
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
