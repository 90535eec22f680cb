/**
 * AdamW on the CPU (Loshchilov and Hutter 2019) as one fused loop per tensor: chains of elementwise ONNX
 * nodes would move five times the memory. Tables of word vectors are updated row by row, only where a
 * batch used them.
 *
 *     m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
 *     x = x - rate (m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps) + decay x)
 */

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
  moments: Moments,
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
  const { m, v } = moments;
  const shrink = decay ? 1 - rate * settings.weightDecay : 1;
  const size = rate / (1 - beta1 ** step);
  const root = 1 / Math.sqrt(1 - beta2 ** step);
  const rest1 = 1 - beta1;
  const rest2 = 1 - beta2;
  const shift = gradientAt - from;
  for (let i = from; i < to; i++) {
    const g = gradient[i + shift] * scale;
    const first = beta1 * m[i] + rest1 * g;
    const second = beta2 * v[i] + rest2 * g * g;
    m[i] = first;
    v[i] = second;
    x[i] = x[i] * shrink - (size * first) / (Math.sqrt(second) * root + epsilon);
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

/** Sum of squares of a gradient, in float64. */
export function sumOfSquares(gradient: Float32Array): number {
  let total = 0;
  for (let i = 0; i < gradient.length; i++) total += gradient[i] * gradient[i];
  return total;
}
