/**
 * From the tensors of a file to the tensors of an encoder: names of other writers are brought to those of
 * the family, and presence, type, shape and finiteness are checked.
 */
import { RefractError } from '../errors.ts';
import type { EncoderFamily } from './families/family.ts';
import type { FloatTensor, Tensor, TensorMap } from './safetensors.ts';

/** An encoder's tensors, and whatever else was in the file. */
export interface SelectedTensors {
  /** Exactly the expected names, in their order. */
  readonly tensors: Map<string, FloatTensor>;
  /** The other float tensors under their own names, e.g. `cls.predictions.bias`. */
  readonly heads: Map<string, FloatTensor>;
}

/**
 * Picks the tensors of `expected` (name to shape) out of `found`, the content of the file `at`, in which they have the
 * names of `family`. Throws
 * `CHECKPOINT_INCOMPLETE` naming the first missing tensor, `CHECKPOINT_SHAPE` naming a tensor and both
 * shapes, or a tensor of the layers that is not expected, `CHECKPOINT_FORMAT` when a number is not finite or a name is
 * there twice.
 *
 * @example selectTensors(readSafetensors(file), new Map(parameterShapes(config)), file).tensors
 */
export function selectTensors(
  found: TensorMap,
  expected: ReadonlyMap<string, readonly number[]>,
  at: string,
  family: FileNames = {},
): SelectedTensors {
  const renamed = new Map<string, Tensor>();
  const ours = nameInFamily(family);
  for (const [name, tensor] of found) {
    const known = ours(name);
    if (renamed.has(known))
      throw new RefractError('CHECKPOINT_FORMAT', `tensor ${known} is there twice, also as ${name}`, {
        at,
        hint: 'Two models were saved into one file: export the one you mean again.',
      });
    renamed.set(known, tensor);
  }
  const tensors = new Map<string, FloatTensor>();
  for (const [name, shape] of expected) {
    const tensor = renamed.get(name);
    if (tensor === undefined)
      throw new RefractError('CHECKPOINT_INCOMPLETE', `tensor ${name} is missing`, {
        at,
        hint: 'The weights are of another model than config.json says, or unfinished: copy or train it again.',
      });
    renamed.delete(name);
    if (tensor.dtype !== 'F32' || tensor.shape.join() !== shape.join())
      throw new RefractError(
        'CHECKPOINT_SHAPE',
        `tensor ${name} is ${tensor.dtype} [${tensor.shape.join(', ')}], config.json asks for F32 [${shape.join(', ')}]`,
        { at, hint: 'Take config.json, refract.json and model.safetensors from the same model.' },
      );
    tensors.set(name, tensor);
  }
  refuseFurtherLayers(renamed.keys(), expected, at);
  const heads = new Map<string, FloatTensor>();
  for (const [name, tensor] of renamed) if (tensor.dtype === 'F32') heads.set(name, tensor);
  for (const [name, { data }] of [...tensors, ...heads]) {
    const bad = firstNotFinite(data);
    if (bad >= 0)
      throw new RefractError('CHECKPOINT_FORMAT', `tensor ${name} holds ${data[bad]} at position ${bad}`, {
        at,
        hint: 'Training diverged or the file is damaged: use an earlier checkpoint.',
      });
  }
  return { tensors, heads };
}

/** What the names of a layer's tensors begin with: `encoder.layer.`, `layers.`. */
const LAYERS = /^(.*?\blayers?\.)\d+\./;

/** Without a layer, or without a part of one, an encoder computes something else than it was trained to. */
function refuseFurtherLayers(
  further: Iterable<string>,
  expected: ReadonlyMap<string, unknown>,
  at: string,
): void {
  const layers = new Set([...expected.keys()].map((name) => LAYERS.exec(name)?.[1]));
  for (const name of further) {
    const beginning = LAYERS.exec(name)?.[1];
    if (beginning === undefined || !layers.has(beginning)) continue;
    throw new RefractError('CHECKPOINT_SHAPE', `config.json has no place for tensor ${name}`, {
      at,
      hint: 'The encoder would be read without it: take config.json and the weights from the same model.',
    });
  }
}

/** Position of the first NaN or infinity, or -1; a plain loop, since a checkpoint has 10^8 numbers. */
function firstNotFinite(data: Float32Array): number {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
}

/** How a family's tensors are called in files, where that is not as in Refract. */
export type FileNames = Partial<Pick<EncoderFamily, 'prefix' | 'fileNames'>>;

/** From a name in a file, of an old or a headed model too, to that in Refract. */
function nameInFamily({ prefix = '', fileNames = new Map() }: FileNames): (name: string) => string {
  const ours = new Map([...fileNames].map(([own, inFile]) => [inFile, own]));
  return (name) => {
    const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    const known = ours.get(bare) ?? bare;
    return known
      .replace(/LayerNorm\.gamma$/, 'LayerNorm.weight')
      .replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
  };
}
