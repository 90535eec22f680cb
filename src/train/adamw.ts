/**
 * AdamW on the CPU (Loshchilov and Hutter 2019) as one fused kernel (`adamw-kernel.ts`): chains of elementwise ONNX
 * nodes would move five times the memory. Tables of word vectors are updated row by row, only where a
 * batch used them.
 *
 *     m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
 *     x = x - rate (m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps) + decay x)
 */
import { BLOCK, type KernelMoments } from './adamw-kernel.ts';

/** Settings of AdamW. */
export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled weight decay, not applied to biases and layer norms. */
  readonly weightDecay: number;
}

/** First and second moments of one tensor. */
export interface Moments {
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** BERT's rule: biases and layer norms do not decay; neither do word vectors, which most steps do not touch. */
export function decays(name: string): boolean {
  return !(name.endsWith('bias') || name.includes('LayerNorm') || name.includes('_embeddings.'));
}

/**
 * One step for elements `from` to `to` of a tensor. `step` counts from 1; `scale` multiplies the gradient
 * (clipping, and averaging over accumulated batches). `gradientAt` is where the gradient of element `from` stands.
 */
export function adamwUpdate(
  x: Float32Array,
  moments: KernelMoments,
  gradient: Float32Array,
  settings: AdamWSettings,
  rate: number,
  step: number,
  scale: number,
  decay: boolean,
  from = 0,
  to = x.length,
  gradientAt = from,
): void {
  const { beta1, beta2, epsilon } = settings;
  const numbers = {
    beta1,
    beta2,
    epsilon,
    scale,
    shrink: decay ? 1 - rate * settings.weightDecay : 1,
    size: rate / (1 - beta1 ** step),
    root: 1 / Math.sqrt(1 - beta2 ** step),
  };
  const { kernel, address } = moments;
  for (let start = from; start < to; start += BLOCK) {
    const end = Math.min(to, start + BLOCK);
    const count = end - start;
    const source = gradientAt + start - from;
    kernel.x.set(x.subarray(start, end));
    kernel.g.set(gradient.subarray(source, source + count));
    // The kernel works on whole registers: what stands behind an odd end is put back.
    const behind =
      count % 4 === 0 ? undefined : [moments.m.slice(end, end + 3), moments.v.slice(end, end + 3)];
    kernel.run(count, address.m + 4 * start, address.v + 4 * start, numbers);
    x.set(kernel.x.subarray(0, count), start);
    if (behind) {
      moments.m.set(behind[0], end);
      moments.v.set(behind[1], end);
    }
  }
}

/** The gradients of the rows of a table that a batch used: `ids` without repeats, `rows` [ids, width]. */
export interface RowGradient {
  readonly ids: Int32Array;
  readonly rows: Float32Array;
}

/** Adds up gradient rows [N, width] that belong to the same id; the ids come out in order of first use. */
export function sumRows(
  ids: readonly Int32Array[],
  gradients: readonly Float32Array[],
  width: number,
): RowGradient {
  const slots = new Map<number, number>();
  for (const list of ids) for (const id of list) if (!slots.has(id)) slots.set(id, slots.size);
  const rows = new Float32Array(slots.size * width);
  ids.forEach((list, k) => {
    const gradient = gradients[k];
    for (let n = 0; n < list.length; n++) {
      const to = slots.get(list[n])! * width;
      const from = n * width;
      for (let h = 0; h < width; h++) rows[to + h] += gradient[from + h];
    }
  });
  return { ids: Int32Array.from(slots.keys()), rows };
}

/** Sum of squares of a gradient, in float64; four sums at a time, so that none waits for another. */
export function sumOfSquares(gradient: Float32Array): number {
  const even = gradient.length - (gradient.length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < even; i += 4) {
    a += gradient[i] * gradient[i];
    b += gradient[i + 1] * gradient[i + 1];
    c += gradient[i + 2] * gradient[i + 2];
    d += gradient[i + 3] * gradient[i + 3];
  }
  for (let i = even; i < gradient.length; i++) a += gradient[i] * gradient[i];
  return a + b + (c + d);
}
