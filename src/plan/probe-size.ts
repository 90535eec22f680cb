/** How much data and how many steps a probe takes. */
import type { TrainSettings } from '../train/train-settings.ts';

/** Of the data, the large sample has this share, or so many items if that is more; the small one a quarter. */
const SHARE = 1 / 8;
const ITEMS = 10_000;
/** Steps on the large sample, which are timed, and on the small one. */
const TIMED_STEPS = 8;
const FEWEST_STEPS = 2;

/** A sample's share of the data, and the steps on it. */
export interface SampleSize {
  readonly share: number;
  readonly steps: number;
}

/** The small and the large sample of so many items. */
export function sampleSizes(items: number): [small: SampleSize, large: SampleSize] {
  const share = Math.min(1, Math.max(SHARE, ITEMS / Math.max(1, items)));
  return [
    { share: share / 4, steps: FEWEST_STEPS },
    { share, steps: TIMED_STEPS },
  ];
}

/** The settings of a training of few steps, with a dev measure at both ends where it has any. */
export function fewSteps<T extends TrainSettings>(train: T, most: number): T {
  const steps = Math.min(train.steps, most);
  return {
    ...train,
    steps,
    evaluateEvery: train.evaluateEvery > 0 ? Math.max(1, steps) : 0,
    patience: 0,
    checkpointEvery: 0,
  };
}
