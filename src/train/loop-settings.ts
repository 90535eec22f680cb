/** From validated settings to what the training loop takes. */
import type { LoopSettings } from './loop.ts';
import type { TrainSettings } from './teach-settings.ts';
import type { WorkControl } from './work.ts';

/** Settings of the loop for a run. */
export function loopSettings(
  train: TrainSettings,
  control: Pick<WorkControl, 'device' | 'threads'>,
): LoopSettings {
  const { steps, rate, warmupSteps, decay, floor, beta1, beta2, epsilon, weightDecay } = train;
  const { clipNorm, accumulate, evaluateEvery, patience, checkpointEvery } = train;
  return {
    steps,
    schedule: { rate, warmupSteps, decay, floor },
    adamw: { beta1, beta2, epsilon, weightDecay },
    clipNorm,
    accumulate,
    evaluateEvery,
    patience,
    checkpointEvery,
    device: control.device ?? 'cpu',
    threads: control.threads ?? 0,
  };
}

/** The tensors that are trained: all whose name contains none of the frozen parts. */
export function trainableNames(
  names: Iterable<string>,
  { freeze }: Pick<TrainSettings, 'freeze'>,
): Set<string> {
  return new Set([...names].filter((name) => !freeze.some((part) => name.includes(part))));
}
