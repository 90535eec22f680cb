/** The loop with weights on a device: measures see them, checkpoints hold them, a stopped run ends as a whole one. */
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import '../../test/allclose.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { TinyBatches, tinyObjective, tinySettings, tinyWeights } from '../../test/tiny-training.ts';
import { TRAINING_DEVICES } from '../../test/training-devices.ts';
import { liveDeviceTensors } from '../graph/index.ts';
import { silent } from '../progress.ts';
import { type LoopControl, type LoopSettings, train } from './loop.ts';
import { readLoopState } from './resume.ts';

// SwiftShader compiles shaders slowly.
vi.setConfig({ testTimeout: 300_000 });

const folder = temporaryFolder();
const { missing } = TRAINING_DEVICES.find(({ device }) => device === 'webgpu')!;

const settings: LoopSettings = { ...tinySettings, steps: 8, device: 'webgpu' };

async function run(batches: TinyBatches, control: Partial<LoopControl>, other: Partial<LoopSettings> = {}) {
  const parameters = tinyWeights();
  const measured: number[] = [];
  const evaluate = async () => {
    let sum = 0;
    for (const { data } of parameters.values()) for (const x of data) sum += x;
    measured.push(sum);
    return sum;
  };
  const trainable = new Set(parameters.keys());
  const report = await train(
    { objective: tinyObjective(), parameters, trainable, batches, evaluate },
    { ...settings, ...other },
    { resume: false, identity: 'tiny', progress: silent, ...control },
  );
  return { report, measured, weights: new Map([...parameters].map(([name, { data }]) => [name, data])) };
}

describe.skipIf(missing !== undefined)(`training on webgpu${missing ? `: ${missing}` : ''}`, () => {
  it('ends, measures and stops as on the CPU, and goes on to the same bits', async () => {
    const before = liveDeviceTensors();
    const whole = await run(new TinyBatches(), {});
    const onCpu = await run(new TinyBatches(), {}, { device: 'cpu' });
    expect(whole.measured).toBeAllclose(onCpu.measured);
    expect(whole.report.best?.step).toBe(onCpu.report.best?.step);
    for (const [name, x] of onCpu.weights) expect(whole.weights.get(name)!, name).toBeAllclose(x);

    const directory = join(folder.path, 'run');
    const controller = new AbortController();
    const stopping = new TinyBatches((drawn) => {
      if (drawn === 9) controller.abort();
      return undefined;
    });
    const error = await refusal(() => run(stopping, { directory, signal: controller.signal }));
    expect(error.code).toBe('INTERRUPTED');
    const kept = readLoopState(directory, 'tiny')!;
    expect(kept.step).toBe(5);
    expect([...kept.moments.values()].some(({ v }) => v.some((x) => x > 0))).toBe(true);
    const resumed = await run(new TinyBatches(), { directory, resume: true });
    expect(resumed.weights).toEqual(whole.weights);
    expect(resumed.report.best).toEqual(whole.report.best);
    expect(liveDeviceTensors()).toBe(before);
  });

  it('says that a card without 16-bit floats cannot compute in them, or does', async () => {
    const mixed = run(new TinyBatches(), {}, { mixedPrecision: true });
    const code = await mixed.then(
      ({ report }) => (report.steps === 8 ? 'done' : 'short'),
      (error) => error.code,
    );
    expect(['done', 'DEVICE_UNAVAILABLE']).toContain(code);
  });
});
