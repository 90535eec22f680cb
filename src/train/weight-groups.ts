/**
 * Weights in groups that are updated alike, each one flat array on a device: an update is then a few kernels over
 * large arrays instead of a dozen for each of hundreds of tensors.
 */
import { decays } from './adamw.ts';

/** Where a tensor stands in its group. */
export interface Place {
  readonly name: string;
  /** Floats before it. */
  readonly at: number;
  readonly shape: readonly number[];
}

/** Tensors one after another. */
export interface WeightGroup {
  readonly places: readonly Place[];
  /** Floats of the array: a multiple of `ROW`, those behind the last tensor zero. */
  readonly length: number;
  /** Whether weight decay applies. */
  readonly decays: boolean;
}

/** Squares are added up in rows of this length. */
export const ROW = 4096;
/** WebGPU lets every card bind this many bytes at once; a tensor of its own may have more. */
const MOST_FLOATS = 2 ** 27 / 4;

/** The number of values of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/**
 * Groups the tensors of `shapes`, in their order, those with weight decay apart from the others.
 *
 * @param most floats of a group, unless one tensor has more
 */
export function groupWeights(
  shapes: readonly (readonly [name: string, shape: readonly number[]])[],
  most = MOST_FLOATS,
): WeightGroup[] {
  const groups: WeightGroup[] = [];
  for (const decay of [true, false]) {
    let places: Place[] = [];
    let length = 0;
    const finish = () => {
      if (places.length > 0) groups.push({ places, length: Math.ceil(length / ROW) * ROW, decays: decay });
      [places, length] = [[], 0];
    };
    for (const [name, shape] of shapes) {
      if (decays(name) !== decay) continue;
      if (length + sizeOf(shape) > most) finish();
      places.push({ name, at: length, shape });
      length += sizeOf(shape);
    }
    finish();
  }
  return groups;
}

/** The tensors of a group, one after another in a new array. */
export function packGroup(group: WeightGroup, tensor: (name: string) => Float32Array): Float32Array {
  const flat = new Float32Array(group.length);
  for (const { name, at } of group.places) flat.set(tensor(name), at);
  return flat;
}

/** The reverse of `packGroup`, into the arrays of `tensors`. */
export function unpackGroup(
  group: WeightGroup,
  flat: Float32Array,
  tensors: ReadonlyMap<string, Float32Array>,
): void {
  for (const { name, at, shape } of group.places) {
    tensors.get(name)!.set(flat.subarray(at, at + sizeOf(shape)));
  }
}
