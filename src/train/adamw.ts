/**
 * AdamW on the CPU (Loshchilov and Hutter 2019) as one fused kernel (`adamw-kernel.ts`): chains of elementwise ONNX
 * nodes would move five times the memory. Tables of word vectors are updated row by row, only where a
 * batch used them.
 *
 *     m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
 *     x = x - rate (m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps) + decay x)
 */
import { type AdamWKernel, type AdamWNumbers, BLOCK, type KernelMoments } from './adamw-kernel.ts';

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
  return !(name.endsWith('bias') || /norm/i.test(name) || name.includes('_embeddings.'));
}

/**
 * The numbers of one step. `step` counts from 1; `scale` multiplies the gradient (clipping, and averaging over
 * accumulated batches).
 */
export function adamwNumbers(
  { beta1, beta2, epsilon, weightDecay }: AdamWSettings,
  rate: number,
  step: number,
  scale: number,
  decay: boolean,
): AdamWNumbers {
  return {
    beta1,
    beta2,
    epsilon,
    scale,
    shrink: decay ? 1 - rate * weightDecay : 1,
    size: rate / (1 - beta1 ** step),
    root: 1 / Math.sqrt(1 - beta2 ** step),
  };
}

/**
 * One step for elements `from` to `to` of a tensor, in place. `gradientAt` is where the gradient of element `from`
 * stands. Weights and gradient may be in the kernel's memory or not.
 */
export function adamwUpdate(
  x: Float32Array,
  { m, v, kernel }: KernelMoments,
  gradient: Float32Array,
  numbers: AdamWNumbers,
  from = 0,
  to = x.length,
  gradientAt = from,
): void {
  const address = (array: Float32Array, index: number) => array.byteOffset + 4 * index;
  const [xHere, gHere] = [kernel.holds(x), kernel.holds(gradient)];
  for (let start = from; start < to; start += BLOCK) {
    const end = Math.min(to, start + BLOCK);
    const count = end - start;
    const source = gradientAt + start - from;
    // The kernel works on whole registers: what stands behind an odd end is put back.
    const odd = count % 4 !== 0;
    const behind = odd ? [m.slice(end, end + 3), v.slice(end, end + 3)] : [];
    const inPlace = xHere && !odd;
    if (!inPlace) kernel.x.set(x.subarray(start, end));
    if (!gHere) kernel.g.set(gradient.subarray(source, source + count));
    kernel.run(
      count,
      inPlace ? address(x, start) : kernel.x.byteOffset,
      gHere ? address(gradient, source) : kernel.g.byteOffset,
      address(m, start),
      address(v, start),
      numbers,
    );
    if (!inPlace) x.set(kernel.x.subarray(0, count), start);
    if (odd) {
      m.set(behind[0], end);
      v.set(behind[1], end);
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

/**
 * Sum of squares of a gradient, in float64; four sums at a time, so that none waits for another. With a `kernel` in
 * whose memory the gradient is, that adds them up, to the same bits.
 */
export function sumOfSquares(gradient: Float32Array, kernel?: AdamWKernel): number {
  const even = gradient.length - (gradient.length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  if (kernel?.holds(gradient)) [a, b, c, d] = kernel.squares(even, gradient.byteOffset);
  else {
    for (let i = 0; i < even; i += 4) {
      a += gradient[i] * gradient[i];
      b += gradient[i + 1] * gradient[i + 1];
      c += gradient[i + 2] * gradient[i + 2];
      d += gradient[i + 3] * gradient[i + 3];
    }
  }
  for (let i = even; i < gradient.length; i++) a += gradient[i] * gradient[i];
  return a + b + (c + d);
}
