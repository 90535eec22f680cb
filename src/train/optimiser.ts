/** The optimiser of a run: AdamW over named tensors, with clipping by global norm and row-sparse tables. */
import {
  type AdamWSettings,
  adamwNumbers,
  adamwUpdate,
  decays,
  type RowGradient,
  sumOfSquares,
} from './adamw.ts';
import type { KernelMoments } from './adamw-kernel.ts';
import { claimTensors } from './place-weights.ts';

/** The gradient of one step: dense tensors by name, and the rows of the word table that were used. */
export interface StepGradient {
  readonly dense: ReadonlyMap<string, Float32Array>;
  readonly rows?: { readonly name: string; readonly gradient: RowGradient };
}

/**
 * AdamW with its moments. Updates the given arrays in place; fastest those that `placeWeights` moved.
 *
 * @example
 * const optimiser = new Optimiser(parameters, settings);
 * const step = await GradientStep.create(objective, tensors, { ...options, into: optimiser.gradients });
 * await step.add(batch);
 * const norm = optimiser.update(step.take(), 1e-3, 1, 1, 1);
 */
export class Optimiser {
  readonly moments: ReadonlyMap<string, KernelMoments>;
  /** Arrays for gradients; one that stands elsewhere is copied at every update. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  private readonly parameters: ReadonlyMap<string, Float32Array>;
  private readonly settings: AdamWSettings;

  /** `parameters` are the trainable ones. */
  constructor(parameters: ReadonlyMap<string, Float32Array>, settings: AdamWSettings) {
    this.parameters = parameters;
    this.settings = settings;
    const tensors = claimTensors([...parameters.values()]);
    const names = [...parameters.keys()];
    this.moments = new Map(names.map((name, i) => [name, tensors[i]]));
    this.gradients = new Map(names.map((name, i) => [name, tensors[i].g]));
  }

  /**
   * One update. `share` multiplies every gradient (1 / accumulated batches); the norm of the whole is then
   * held to `clipNorm`. Returns the norm before clipping.
   */
  update(gradient: StepGradient, rate: number, step: number, share: number, clipNorm: number): number {
    let squares = 0;
    for (const [name, g] of gradient.dense) squares += sumOfSquares(g, this.moments.get(name)!.kernel);
    if (gradient.rows) squares += sumOfSquares(gradient.rows.gradient.rows);
    const norm = Math.sqrt(squares) * share;
    const scale = norm > clipNorm ? (share * clipNorm) / norm : share;
    const [decaying, others] = [true, false].map((decay) =>
      adamwNumbers(this.settings, rate, step, scale, decay),
    );
    for (const [name, g] of gradient.dense) {
      const x = this.parameters.get(name)!;
      adamwUpdate(x, this.moments.get(name)!, g, decays(name) ? decaying : others);
    }
    if (gradient.rows) {
      const { name, gradient: rows } = gradient.rows;
      const x = this.parameters.get(name)!;
      const moments = this.moments.get(name)!;
      const width = rows.rows.length / rows.ids.length;
      rows.ids.forEach((id, n) => {
        const from = id * width;
        adamwUpdate(x, moments, rows.rows, others, from, from + width, n * width);
      });
    }
    return norm;
  }
}
