/**
 * Names for the weights of an imported encoder. What trains, adapts and compresses encoders tells weights apart by
 * their names, as transformers spells them: `.weight` of a linear layer, `embeddings.` of a table, `bias`, `LayerNorm`.
 */
import type { OnnxModel, Tensor } from '../graph/index.ts';
import { WORD_TABLE } from './families/index.ts';
import { PROJECTION } from './layouts/index.ts';
import type { EncoderModel } from './onnx-encoder.ts';

/** Names that exporters make up: `onnx::MatMul_312`, `val_7`, `_tensor_constant1`, `/layer/Constant_output_0`. */
const MADE_UP = /::|^\/|^_|^(?:val|tensor|constant)_?\d+$|^\d+$/i;
/** A bias that is a layer's own; exporters make one of equal ones, such as those of a normalisation that are still zero. */
const LAYER_BIAS = /^((?:(?!norm).)+)\.bias$/i;

/**
 * The names of an encoder's weights in Refract, by those in the file; the word table is `WORD_TABLE`. A weight whose name the
 * exporter made up is called after the layer that reads it, where its node or the bias added to it says so. What all names begin with, such as
 * `model.`, is left out.
 *
 * @example weightNames(readEncoderModel('electra.onnx')).get('onnx::MatMul_312') // 'encoder.layer.0.attention.self.query.weight'
 */
export function weightNames(encoder: EncoderModel): Map<string, string> {
  const { model, parameters, tied, trial, wordTable } = encoder;
  const layers = readingLayers(model);
  const products = factorsAndBiases(trial.hidden);
  const said = new Map(
    [...parameters.keys()].map((name) => {
      if (!MADE_UP.test(name)) return [name, name];
      const layer = layers.get(name) ?? LAYER_BIAS.exec(products.get(name) ?? '')?.[1];
      return [name, layer === undefined ? name : `${layer}.weight`];
    }),
  );
  const shared = sharedStart([...said.values()].filter((name) => !MADE_UP.test(name)));
  // Names of the graph's own values, which a weight must not take.
  const taken = new Set([WORD_TABLE, PROJECTION, ...model.graph.node.flatMap(({ output }) => output)]);
  for (const { name } of model.inputs) taken.add(name);
  for (const name of model.initialisers.keys()) if (!parameters.has(name) && !tied.has(name)) taken.add(name);
  const names = new Map<string, string>();
  for (const [name, { shape }] of parameters) {
    if (name === wordTable) {
      names.set(name, WORD_TABLE);
      continue;
    }
    const bare = said.get(name)!.slice(MADE_UP.test(said.get(name)!) ? 0 : shared.length);
    const given = shape.length === 2 ? matrixName(bare, products.has(name)) : normName(bare);
    names.set(name, free(given, taken));
  }
  return names;
}

/** Of each stored tensor the module whose node reads it first, as TorchScript spells it in the name of the node. */
function readingLayers({ graph }: OnnxModel): Map<string, string> {
  const layers = new Map<string, string>();
  for (const { name, input } of graph.node) {
    const parts = name.split('/');
    // `/model/encoder/layer.0/output/dense/MatMul`: the last part is the operator.
    if (parts[0] !== '' || parts.length < 3) continue;
    const layer = parts.slice(1, -1).join('.');
    for (const each of input) if (!layers.has(each)) layers.set(each, layer);
  }
  return layers;
}

/** The part before the first point, with the point, where all names have it. */
function sharedStart(names: readonly string[]): string {
  const [first = ''] = names;
  const start = first.slice(0, first.indexOf('.') + 1);
  return names.length > 1 && names.every((name) => name.startsWith(start)) ? start : '';
}

/** The inputs that are factors of matrix products, and the name of what is added to the product, where it is an input too. */
function factorsAndBiases(hidden: Tensor): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  const seen = new Set([hidden.node]);
  for (const node of seen) {
    for (const x of node.inputs) {
      seen.add(x.node);
      if (node.op !== 'Gemm' && node.op !== 'MatMul') continue;
      const from = x.node.op === 'Transpose' ? x.node.inputs[0].node : x.node;
      const bias = node.inputs[2]?.node;
      if (from.op === 'Input' && from !== bias) found.set(from.name!, bias?.name ?? found.get(from.name!));
    }
  }
  return found;
}

/** As `isLinear` of adapters.ts tells linear layers from tables. */
function matrixName(name: string, linear: boolean): string {
  if (!linear)
    return name.endsWith('.weight') && !name.startsWith('embeddings.') ? `embeddings.${name}` : name;
  const layer = name.startsWith('embeddings.') ? `encoder.${name}` : name;
  return layer.endsWith('.weight') ? layer : `${layer}.weight`;
}

/** As every reader of weights spells the parts of a layer normalisation (weights.ts). */
function normName(name: string): string {
  return name.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
}

/** The name, with a number before its last part where it is taken; from then on it is. */
function free(name: string, taken: Set<string>): string {
  const end = name.lastIndexOf('.');
  const numbered = (n: number) => (end < 0 ? `${name}_${n}` : `${name.slice(0, end)}_${n}${name.slice(end)}`);
  let found = name;
  for (let n = 2; taken.has(found); n++) found = numbered(n);
  taken.add(found);
  return found;
}
