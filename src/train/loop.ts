/**
 * The training loop: every objective of Refract is trained by this one. Read it top to bottom: batch,
 * gradient, update, log, measure on the dev set, checkpoint. A run that was stopped continues from its
 * checkpoint to the same weights, bit for bit, given the same seed, data and thread count.
 */
import { RefractError } from '../errors.ts';
import { clock, type Progress, type ProgressFactory } from '../progress.ts';
import { interruption } from '../stage.ts';
import { MetricsLog } from './metrics-log.ts';
import type { BatchSource } from './objective.ts';
import { openUpdates, type UpdatedWeights, type UpdateSettings } from './open-updates.ts';
import { hasLoopState, type LoopState, readLoopState, removeLoopState, writeLoopState } from './resume.ts';
import { rateAt, type Schedule } from './schedule.ts';
import type { OptimiserState } from './weight-updates.ts';
import type { OnPart } from './work.ts';

/** How long and how a model is trained. */
export interface LoopSettings extends UpdateSettings {
  /** Updates of the weights; with none, the weights are measured as they are. */
  readonly steps: number;
  readonly schedule: Schedule;
  /** The gradient's global norm is held to this. */
  readonly clipNorm: number;
  /** Measure on the dev set every so many steps (and at the end); 0 for never. */
  readonly evaluateEvery: number;
  /** Stop after so many measurements in a row without a new best; 0 for never. */
  readonly patience: number;
  /** Write a checkpoint to resume from every so many steps. */
  readonly checkpointEvery: number;
}

/** A task for the loop. */
export interface Training extends UpdatedWeights {
  readonly batches: BatchSource;
  /** The dev measure of the weights as they stand, higher is better. */
  readonly evaluate?: (onPart: OnPart) => Promise<number>;
}

/** Where a run keeps its state, and how it is watched. */
export interface LoopControl {
  /** Folder for the metrics log and the resume checkpoint; without it nothing is kept. */
  readonly directory?: string;
  /** Continue from the checkpoint in `directory`. */
  readonly resume: boolean;
  /** What must be the same for a resumed run: settings and data fingerprints. */
  readonly identity: string;
  readonly progress: ProgressFactory;
  /** Hears that the CPU takes over from a device. */
  readonly tell?: (sentence: string) => void;
  /** Aborted by SIGINT: the loop writes a checkpoint and throws INTERRUPTED. */
  readonly signal?: AbortSignal;
}

/** What a run did. */
export interface TrainingReport {
  readonly steps: number;
  /** Smoothed over the last steps; NaN without a step. */
  readonly finalLoss: number;
  /** Best dev measure and its step, where there is one; the weights are those of that step. */
  readonly best?: { readonly value: number; readonly step: number };
  readonly seconds: number;
  readonly stoppedEarly: boolean;
}

/**
 * Trains in place and returns a report; afterwards `parameters` hold the weights of the best dev measure.
 * Fails with LOSS_NOT_FINITE (the last checkpoint stays), INTERRUPTED (a checkpoint was written),
 * RESUME_MISMATCH (the checkpoint is of another run), DEVICE_UNAVAILABLE, DEVICE_MEMORY.
 */
export async function train(
  task: Training,
  settings: LoopSettings,
  control: LoopControl,
): Promise<TrainingReport> {
  const { parameters, batches } = task;
  const trained = new Map(
    [...parameters].filter(([name]) => task.trainable.has(name)).map(([name, t]) => [name, t.data]),
  );
  const best = { value: -Infinity, step: 0, misses: 0, weights: new Map<string, Float32Array>() };
  let done = 0;
  let unmeasured = false;
  let smoothLoss = Number.NaN;
  let earlierSeconds = 0;
  let earlier: OptimiserState | undefined;
  if (control.resume && control.directory) {
    const state = readLoopState(control.directory, control.identity);
    if (state) ({ done, earlierSeconds } = restore(state));
    earlier = state;
  } else if (control.directory) removeLoopState(control.directory);
  const updates = await openUpdates(task, settings, earlier, control.tell);
  let log: MetricsLog | undefined;
  let progress: Progress;
  const start = performance.now();
  const seconds = () => earlierSeconds + (performance.now() - start) / 1000;
  let stoppedEarly = settings.patience > 0 && best.misses >= settings.patience;

  const measure = async (evaluate: (onPart: OnPart) => Promise<number>) => {
    unmeasured = true; // a run that is stopped meanwhile measures when it goes on
    await updates.fetchWeights();
    const value = await evaluate((part, of) => {
      stopIfAsked();
      progress.update(done, `measuring ${part}/${of}`);
    });
    unmeasured = false;
    log?.write({ step: done, dev: value, seconds: seconds() });
    if (value > best.value) {
      Object.assign(best, { value, step: done, misses: 0 });
      for (const [name, x] of trained) best.weights.set(name, x.slice());
    } else if (settings.patience > 0 && ++best.misses >= settings.patience) stoppedEarly = true;
  };

  try {
    log = control.directory ? new MetricsLog(control.directory, done) : undefined;
    progress = control.progress('training', settings.steps, 'steps');
    // The start counts too: training that only harms returns the weights it was given.
    const owed = unmeasured || best.value === -Infinity;
    if (task.evaluate && settings.evaluateEvery > 0 && owed) await measure(task.evaluate);
    while (done < settings.steps && !stoppedEarly) {
      stopIfAsked();
      const now = done + 1;
      const { loss, metrics } = await updates.gradient(() => batches.next(), settings.accumulate);
      if (!Number.isFinite(loss)) throw notFinite('loss', loss, now);
      const rate = rateAt(settings.schedule, now, settings.steps);
      const { norm, skipped, lossScale } = await updates.update(rate, now, settings.clipNorm);
      if (!Number.isFinite(norm) && skipped !== true) throw notFinite('gradient norm', norm, now);
      done = now;
      smoothLoss = Number.isNaN(smoothLoss) ? loss : 0.95 * smoothLoss + 0.05 * loss;
      log?.write({
        step: now,
        loss,
        rate,
        ...(skipped === true ? { skipped: 1 } : { norm }),
        ...(lossScale !== undefined && { lossScale }),
        ...metrics,
        seconds: seconds(),
      });
      progress.update(
        now,
        `loss ${smoothLoss.toFixed(4)}${best.value > -Infinity ? `, dev ${best.value.toFixed(4)}` : ''}`,
      );

      const last = done === settings.steps;
      if (task.evaluate && settings.evaluateEvery > 0 && (last || done % settings.evaluateEvery === 0)) {
        await measure(task.evaluate);
      }
      if (!last && settings.checkpointEvery > 0 && done % settings.checkpointEvery === 0) await save();
    }
    await updates.fetchWeights();
  } catch (error) {
    if (error instanceof RefractError && error.code === 'INTERRUPTED') await save();
    throw error;
  } finally {
    await updates.close();
    log?.close();
  }
  for (const [name, x] of best.weights) trained.get(name)!.set(x);
  const loss = done > 0 ? `, loss ${smoothLoss.toFixed(4)}` : '';
  progress.end(
    `${done} steps${loss}${best.value > -Infinity ? `, best dev ${best.value.toFixed(4)} at step ${best.step}` : ''}`,
  );
  return {
    steps: done,
    finalLoss: smoothLoss,
    best: best.value > -Infinity ? { value: best.value, step: best.step } : undefined,
    seconds: seconds(),
    stoppedEarly,
  };

  async function save(): Promise<void> {
    if (!control.directory) return;
    await updates.fetchWeights();
    writeLoopState(control.directory, {
      identity: control.identity,
      step: done,
      seconds: seconds(),
      batches: batches.save(),
      best: { value: best.value, step: best.step, misses: best.misses },
      unmeasured,
      smoothLoss,
      parameters: trained,
      ...(await updates.state()),
      bestWeights: best.weights,
    });
  }

  function restore(state: LoopState): { done: number; earlierSeconds: number } {
    for (const [name, x] of trained) x.set(state.parameters.get(name)!);
    batches.load(state.batches);
    Object.assign(best, state.best, { weights: new Map(state.bestWeights) });
    ({ unmeasured, smoothLoss } = state);
    return { done: state.step, earlierSeconds: state.seconds };
  }

  function stopIfAsked(): void {
    if (control.signal?.aborted !== true) return;
    throw interruption(`stopped at step ${done} after ${clock(seconds())}`, control.directory);
  }

  function notFinite(what: string, value: number, at: number): RefractError {
    const kept = control.directory !== undefined && hasLoopState(control.directory);
    return new RefractError('LOSS_NOT_FINITE', `the ${what} became ${value} at step ${at}`, {
      at: control.directory,
      hint: `${kept ? 'The last checkpoint is kept: lower' : 'There was no checkpoint yet: lower'} the learning rate (--set train.rate=...) and ${kept ? 'use --resume' : 'start again'}.`,
    });
  }
}
