/** The optimiser of a run: AdamW over named tensors, with clipping by global norm and row-sparse tables. */
import { type AdamWSettings, adamwUpdate, decays, type RowGradient, sumOfSquares } from './adamw.ts';
import { allocateMoments, type KernelMoments } from './adamw-kernel.ts';

/** The gradient of one step: dense tensors by name, and the rows of the word table that were used. */
export interface StepGradient {
  readonly dense: ReadonlyMap<string, Float32Array>;
  readonly rows?: { readonly name: string; readonly gradient: RowGradient };
}

/** AdamW with its moments. Updates the given arrays in place. */
export class Optimiser {
  readonly moments: ReadonlyMap<string, KernelMoments>;
  private readonly parameters: ReadonlyMap<string, Float32Array>;
  private readonly settings: AdamWSettings;

  /** `parameters` are the trainable ones. */
  constructor(parameters: ReadonlyMap<string, Float32Array>, settings: AdamWSettings) {
    this.parameters = parameters;
    this.settings = settings;
    const moments = allocateMoments([...parameters.values()].map((x) => x.length));
    this.moments = new Map([...parameters.keys()].map((name, i) => [name, moments[i]]));
  }

  /**
   * One update. `share` multiplies every gradient (1 / accumulated batches); the norm of the whole is then
   * held to `clipNorm`. Returns the norm before clipping.
   */
  update(gradient: StepGradient, rate: number, step: number, share: number, clipNorm: number): number {
    let squares = 0;
    for (const g of gradient.dense.values()) squares += sumOfSquares(g);
    if (gradient.rows) squares += sumOfSquares(gradient.rows.gradient.rows);
    const norm = Math.sqrt(squares) * share;
    const scale = norm > clipNorm ? (share * clipNorm) / norm : share;
    for (const [name, g] of gradient.dense) {
      const x = this.parameters.get(name)!;
      adamwUpdate(x, this.moments.get(name)!, g, this.settings, rate, step, scale, decays(name));
    }
    if (gradient.rows) {
      const { name, gradient: rows } = gradient.rows;
      const x = this.parameters.get(name)!;
      const moments = this.moments.get(name)!;
      const width = rows.rows.length / rows.ids.length;
      rows.ids.forEach((id, n) => {
        const from = id * width;
        adamwUpdate(
          x,
          moments,
          rows.rows,
          this.settings,
          rate,
          step,
          scale,
          false,
          from,
          from + width,
          n * width,
        );
      });
    }
    return norm;
  }
}
