/**
 * Dynamic loss scaling (Micikevicius et al. 2018): the loss is multiplied so that small gradients do not vanish in
 * float16. An overflow halves the scale and skips the update; many good updates in a row double it.
 */

/** A loss scale as a run keeps it. */
export interface LossScaleState {
  readonly scale: number;
  /** Updates since the scale last changed. */
  readonly good: number;
  /** Updates skipped so far; AdamW's bias correction does not count them. */
  readonly skipped: number;
}

/** Updates in a row before the scale is doubled. */
const PATIENCE = 2000;
const [FIRST, MOST] = [2 ** 16, 2 ** 24];
/** Below this no gradient of use is left: the loss itself is at fault. */
const LEAST = 2 ** -10;

/**
 * The scale of a run.
 *
 * @example
 * const scale = new LossScale();
 * if (scale.accepts(norm)) update(scale.value);
 */
export class LossScale {
  private current: LossScaleState;

  constructor(earlier: LossScaleState = { scale: FIRST, good: 0, skipped: 0 }) {
    this.current = earlier;
  }

  /** What the loss is multiplied by. */
  get value(): number {
    return this.current.scale;
  }

  /** Updates that were made, of the first `step`. */
  made(step: number): number {
    return step - this.current.skipped;
  }

  /** Whether an update with a gradient of this norm is made; the scale moves on for the next one. */
  accepts(norm: number): boolean {
    const { scale, good, skipped } = this.current;
    if (!Number.isFinite(norm)) this.current = { scale: scale / 2, good: 0, skipped: skipped + 1 };
    else if (good + 1 < PATIENCE) this.current = { scale, good: good + 1, skipped };
    else this.current = { scale: Math.min(MOST, 2 * scale), good: 0, skipped };
    return Number.isFinite(norm);
  }

  /** Halving has not helped: the gradient is not finite whatever the scale. */
  get exhausted(): boolean {
    return this.current.scale < LEAST;
  }

  save(): LossScaleState {
    return this.current;
  }
}
