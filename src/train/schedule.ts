/** Learning-rate schedules: linear warm-up, then linear or cosine decay. */

/** How the rate moves over a run. */
export interface Schedule {
  /** The peak rate. */
  readonly rate: number;
  /** Steps of linear warm-up from 0. */
  readonly warmupSteps: number;
  readonly decay: 'linear' | 'cosine' | 'constant';
  /** The rate at the last step as a share of the peak. */
  readonly floor: number;
}

/** The rate of `step` (from 1) of `steps`. */
export function rateAt(schedule: Schedule, step: number, steps: number): number {
  const { rate, warmupSteps, decay, floor } = schedule;
  if (step <= warmupSteps) return (rate * step) / warmupSteps;
  if (decay === 'constant') return rate;
  const done = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  const left = decay === 'linear' ? 1 - done : 0.5 * (1 + Math.cos(Math.PI * done));
  return rate * (floor + (1 - floor) * left);
}
