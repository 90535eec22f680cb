/** The training loop: what it leaves when it ends, fails or is stopped, and that it goes on exactly. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import {
  TinyBatches,
  tinyBatch,
  tinyObjective,
  tinySettings,
  tinyWeights,
} from '../../test/tiny-training.ts';
import { silent } from '../progress.ts';
import { type LoopControl, type LoopSettings, type Training, train } from './loop.ts';
import { readMetrics } from './metrics-log.ts';
import { readLoopState } from './resume.ts';
import type { OnPart } from './work.ts';

const folder = temporaryFolder();
let runs = 0;
const newRun = () => join(folder.path, `run${runs++}`);

/** A dev measure that depends on nothing but the weights, and moves up and down. */
function wave(parameters: Training['parameters']): Promise<number> {
  let sum = 0;
  for (const { data } of parameters.values()) for (const x of data) sum += x;
  return Promise.resolve(Math.sin(20 * sum));
}

interface Run {
  readonly batches?: TinyBatches;
  readonly settings?: Partial<LoopSettings>;
  readonly control?: Partial<LoopControl>;
  readonly evaluate?: (parameters: Training['parameters'], onPart: OnPart) => Promise<number>;
}

async function run(options: Run = {}) {
  const parameters = tinyWeights();
  const evaluate = options.evaluate ?? wave;
  const report = await train(
    {
      objective: tinyObjective(),
      parameters,
      trainable: new Set(parameters.keys()),
      batches: options.batches ?? new TinyBatches(),
      evaluate: (onPart) => evaluate(parameters, onPart),
    },
    { ...tinySettings, ...options.settings },
    { resume: false, identity: 'tiny', progress: silent, ...options.control },
  );
  return { report, weights: new Map([...parameters].map(([name, { data }]) => [name, data])) };
}

/** The log without its times. */
function logged(directory: string) {
  return readMetrics(join(directory, 'metrics.jsonl')).map(({ seconds: _, ...line }) => line);
}

describe('train', () => {
  it('gives the same weights for the same seed, and lowers the loss', async () => {
    const constant = new TinyBatches(() => tinyBatch([1, 2, 3], [1, 1, -1, 1, 0, 2]));
    const options = { batches: constant, settings: { steps: 60, evaluateEvery: 0 } };
    const directory = newRun();
    await run({ ...options, control: { directory } });
    const losses = logged(directory).map(({ loss }) => loss);
    expect(losses.at(-1)).toBeLessThan(0.5 * losses[0]);
    expect((await run()).weights).toEqual((await run()).weights);
  });

  it('ends with the weights of the best dev measure', async () => {
    const seen: { value: number; weights: Float32Array }[] = [];
    const { report, weights } = await run({
      evaluate: async (parameters) => {
        const value = await wave(parameters);
        seen.push({ value, weights: parameters.get('dense.weight')!.data.slice() });
        return value;
      },
    });
    const best = seen.reduce((a, b) => (b.value > a.value ? b : a));
    expect(report.best).toEqual({ value: best.value, step: 2 * seen.indexOf(best) });
    expect(report.best?.step).toBeLessThan(12);
    expect(weights.get('dense.weight')).toEqual(best.weights);
    expect(report.steps).toBe(12);
    expect(report.stoppedEarly).toBe(false);
  });

  it('stops after so many measures without a new best', async () => {
    const { report } = await run({ settings: { patience: 2 }, evaluate: () => Promise.resolve(0.5) });
    expect(report).toMatchObject({ stoppedEarly: true, steps: 4, best: { value: 0.5, step: 0 } });
  });

  it('returns the weights it was given when training only harms', async () => {
    let measured = 0;
    const { report, weights } = await run({ evaluate: () => Promise.resolve(-measured++) });
    expect(report.best).toEqual({ value: -0, step: 0 });
    expect(weights.get('dense.weight')).toEqual(tinyWeights().get('dense.weight')!.data);
  });

  it('leaves frozen tensors alone', async () => {
    const parameters = tinyWeights();
    await train(
      {
        objective: tinyObjective(),
        parameters,
        trainable: new Set(['dense.weight']),
        batches: new TinyBatches(),
      },
      { ...tinySettings, evaluateEvery: 0 },
      { resume: false, identity: 'tiny', progress: silent },
    );
    const start = tinyWeights();
    for (const [name, { data }] of parameters) {
      if (name === 'dense.weight') expect(data).not.toEqual(start.get(name)!.data);
      else expect(data).toEqual(start.get(name)!.data);
    }
  });
});

describe('a run that fails', () => {
  it('says at which step the loss was not a number, and keeps the checkpoint before it', async () => {
    const directory = newRun();
    const batches = new TinyBatches((drawn) => (drawn === 9 ? tinyBatch([1], [Number.NaN, 0]) : undefined));
    const error = await refusal(() => run({ batches, control: { directory } }));
    expect(error.code).toBe('LOSS_NOT_FINITE');
    expect(error.message).toContain('step 5');
    const kept = readLoopState(directory, 'tiny')!;
    expect(kept.step).toBe(3);
    for (const x of kept.parameters.values()) expect(x.every(Number.isFinite)).toBe(true);
    expect(logged(directory).at(-1)?.step).toBe(4);
  });

  it('refuses to go on under other settings', async () => {
    const directory = newRun();
    await run({ control: { directory } });
    const error = await refusal(() => run({ control: { directory, resume: true, identity: 'other' } }));
    expect(error.code).toBe('RESUME_MISMATCH');
  });
});

describe('a run that was stopped', () => {
  /** Aborts when the given batch is drawn; its step is still finished. */
  async function interruptedRun(directory: string, at: number) {
    const controller = new AbortController();
    const batches = new TinyBatches((drawn) => {
      if (drawn === at) controller.abort();
      return undefined;
    });
    return refusal(() => run({ batches, control: { directory, signal: controller.signal } }));
  }

  it.each([0, 7, 10, 21])('at batch %i goes on to the same weights, bit for bit', async (at) => {
    const whole = newRun();
    const uninterrupted = await run({ control: { directory: whole } });
    const directory = newRun();
    const error = await interruptedRun(directory, at);
    const stopped = Math.floor(at / 2) + 1;
    expect(error.code).toBe('INTERRUPTED');
    expect(error.message).toContain(`step ${stopped}`);
    expect(readLoopState(directory, 'tiny')?.step).toBe(stopped);
    const resumed = await run({ control: { directory, resume: true } });
    expect(resumed.weights).toEqual(uninterrupted.weights);
    expect(resumed.report.best).toEqual(uninterrupted.report.best);
    expect(resumed.report.finalLoss).toBe(uninterrupted.report.finalLoss);
    expect(logged(directory)).toEqual(logged(whole));
  });

  it.each([0, 4, 12])('while it measured at step %i measures there when it goes on', async (step) => {
    const whole = newRun();
    const uninterrupted = await run({ control: { directory: whole } });
    const directory = newRun();
    const controller = new AbortController();
    let measured = -1;
    const evaluate: Run['evaluate'] = (parameters, onPart) => {
      measured++;
      onPart(1, 2);
      if (2 * measured === step) controller.abort();
      onPart(2, 2);
      return wave(parameters);
    };
    const error = await refusal(() => run({ evaluate, control: { directory, signal: controller.signal } }));
    expect(error.code).toBe('INTERRUPTED');
    expect(error.message).toContain(`step ${step}`);
    expect(readLoopState(directory, 'tiny')).toMatchObject({ step, unmeasured: true });
    const resumed = await run({ control: { directory, resume: true } });
    expect(resumed.weights).toEqual(uninterrupted.weights);
    expect(resumed.report.best).toEqual(uninterrupted.report.best);
    expect(logged(directory)).toEqual(logged(whole));
  });

  it('goes on after two stops in a row', async () => {
    const uninterrupted = await run();
    const directory = newRun();
    await interruptedRun(directory, 4);
    const controller = new AbortController();
    const batches = new TinyBatches((drawn) => {
      if (drawn === 15) controller.abort();
      return undefined;
    });
    const control = { directory, resume: true };
    const error = await refusal(() => run({ batches, control: { ...control, signal: controller.signal } }));
    expect(error.message).toContain('step 8');
    expect((await run({ control })).weights).toEqual(uninterrupted.weights);
  });

  it('by a crash goes on from its last checkpoint, and the log has each step once', async () => {
    const whole = newRun();
    const uninterrupted = await run({ control: { directory: whole } });
    const directory = newRun();
    const batches = new TinyBatches((drawn) => {
      if (drawn === 16) throw new Error('the machine went away');
      return undefined;
    });
    await expect(run({ batches, control: { directory } })).rejects.toThrow('went away');
    expect(logged(directory).at(-1)?.step).toBe(8);
    expect(readLoopState(directory, 'tiny')?.step).toBe(6);
    const resumed = await run({ control: { directory, resume: true } });
    expect(resumed.weights).toEqual(uninterrupted.weights);
    expect(logged(directory)).toEqual(logged(whole));
  });

  it('says that nothing was kept where it had no folder', async () => {
    const error = await refusal(() => run({ control: { signal: AbortSignal.abort() } }));
    expect(error.code).toBe('INTERRUPTED');
    expect(error.hint).toBe('Nothing was kept.');
  });

  it('starts at the beginning where there is nothing to resume', async () => {
    const { report } = await run({ control: { directory: newRun(), resume: true } });
    expect(report.steps).toBe(12);
  });
});
