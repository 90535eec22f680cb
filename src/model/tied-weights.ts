/** Matrices that a file holds more than once, as exporters write a weight that several layers share. */
import type { FloatTensor } from './safetensors.ts';

/**
 * Of tensors by name, those that hold the same numbers in the same shape as an earlier one: name to the earlier
 * name. Vectors are left alone: two biases of zeros, or scales of ones, are no shared weight.
 *
 * @example tiedWeights(tensors).get('layer.1.weight') // 'layer.0.weight'
 */
export function tiedWeights(
  tensors: ReadonlyMap<string, Pick<FloatTensor, 'shape' | 'data'>>,
): Map<string, string> {
  const byStart = new Map<string, string[]>();
  const tied = new Map<string, string>();
  for (const [name, { shape, data }] of tensors) {
    if (shape.length < 2) continue;
    const key = `${shape} ${data.subarray(0, 8)}`;
    const others = byStart.get(key) ?? [];
    const first = others.find((other) => equal(tensors.get(other)!.data, data));
    if (first !== undefined) tied.set(name, first);
    else byStart.set(key, [...others, name]);
  }
  return tied;
}

function equal(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
