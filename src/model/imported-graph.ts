/**
 * An imported encoder in the form that checkpoints keep it in: its graph as an ONNX model without weights, which are
 * inputs under the names of `model.safetensors`. So there is one place for weights, and the graph stays what it is
 * however they are trained.
 */
import { createHash } from 'node:crypto';
import { input, parseOnnxModel, type Tensor, withoutWeights } from '../graph/index.ts';
import type { EncoderGraph } from './config.ts';
import { WORD_TABLE } from './families/family.ts';
import { type EncoderModel, type ImportEncoderOptions, readEncoderModel } from './onnx-encoder.ts';
import { buildGraph, checkInputs, INPUTS, refused, wordTable } from './onnx-graph.ts';
import type { FloatTensor } from './safetensors.ts';
import { weightNames } from './weight-names.ts';

/** The name that the rows of the word table have in the graph; there are more of them when tokens are added. */
const ROWS = 'vocabulary';
/** Trial sizes tell what a graph is; the word table's rows make no difference to it. */
const ANY_ROWS = 2;

/** An ONNX encoder, taken apart. */
export interface ImportedModel {
  readonly graph: EncoderGraph;
  /** Its weights by their names in the graph. */
  readonly tensors: ReadonlyMap<string, FloatTensor>;
  readonly hiddenSize: number;
}

/**
 * Takes an ONNX encoder apart into graph and weights.
 *
 * @throws RefractError those of `importEncoder`; `CHECKPOINT_FORMAT` where its word table cannot be told
 * @example takeApart('electra/onnx/model.onnx').graph.shapes[0] // ['embeddings.word_embeddings.weight', [30522, 128]]
 */
export function takeApart(path: string, options: ImportEncoderOptions = {}): ImportedModel {
  const encoder = readEncoderModel(path, options);
  const { model, parameters, tied, trial } = encoder;
  if (encoder.wordTable === undefined) throw noWordTable(encoder);
  const names = weightNames(encoder);
  const weights = new Map(names);
  for (const [name, first] of tied) {
    const renamed = names.get(first);
    if (renamed !== undefined) weights.set(name, renamed);
  }
  const open = new Map([[WORD_TABLE, ROWS]]);
  const graph = openGraph(withoutWeights(model, { output: trial.output, weights, open }), model.path);
  return {
    graph,
    tensors: new Map([...parameters].map(([name, tensor]) => [names.get(name)!, tensor])),
    hiddenSize: trial.hidden.shape[1] as number,
  };
}

function noWordTable({ model, trial }: EncoderModel): Error {
  const tables = [...new Set(trial.lookups.map(({ table }) => table))];
  return refused(
    model.path,
    tables.length === 0
      ? 'no table of word vectors is looked up by input_ids'
      : `the table of word vectors ${tables.join(', ')} is read in other ways than by input_ids, too`,
    'Refract adds rows to it, for markers and for the tokens of packs. Export the encoder so that one Gather by input_ids is all that reads the table; importEncoder takes it as it is, from code.',
  );
}

/**
 * Opens a graph that `takeApart` made; `at` is its file, for messages.
 *
 * @throws RefractError `CHECKPOINT_FORMAT` when it is damaged or none of those
 */
export function openGraph(onnx: Uint8Array, at: string): EncoderGraph {
  const model = parseOnnxModel(onnx, at);
  const isWeight = (name: string) => !INPUTS.includes(name);
  checkInputs(model, isWeight);
  const shapes = model.inputs
    .filter(({ name }) => isWeight(name))
    .map(({ name, shape = [] }): [string, number[]] => [
      name,
      shape.map((size, axis) => {
        if (typeof size === 'number') return size;
        if (name === WORD_TABLE && axis === 0) return ANY_ROWS;
        throw refused(at, `weight ${name} has no fixed shape`, 'Copy the model again.');
      }),
    ]);
  const built = (parameters: ReadonlyMap<string, Tensor>, ids: Tensor, mask: Tensor, types?: Tensor) =>
    buildGraph(model, parameters, ids, mask, types, undefined);
  const [ids, mask] = ['ids', 'mask'].map((name) => input(name, 'int32', ['B', 'L']));
  const trial = built(
    new Map(shapes.map(([name, shape]) => [name, input(name, 'float32', shape)])),
    ids,
    mask,
  );
  if (wordTable(trial.hidden, trial.lookups) !== WORD_TABLE)
    throw refused(at, `${WORD_TABLE} is not what input_ids look up`, 'Copy the model again.');
  const identity = createHash('sha256').update(onnx).digest('hex');
  return {
    onnx,
    identity,
    shapes,
    build(parameters, ids, mask, types) {
      const { hidden, lookups } = built(parameters, ids, mask, types);
      const { ids: looked, rows } = lookups.find(({ table }) => table === WORD_TABLE)!;
      return { hidden, lookup: { ids: looked, rows } };
    },
    toJSON: () => identity,
  };
}
