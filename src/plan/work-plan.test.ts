/** Carrying two runs on to all data, by hand. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { RefractError } from '../errors.ts';
import { fewSteps, sampleSizes } from './probe-size.ts';
import { truncatedTexts } from './truncation.ts';
import { atFullSize, inProbeFolder, measuresOf, type ProbeRun, trainingTimes } from './work-plan.ts';

const folder = temporaryFolder();

const run = (share: number, seconds: number, more: Partial<ProbeRun> = {}): ProbeRun => ({
  ...{ share, seconds, processor: 2 * seconds, bytes: 100, peak: 1000 },
  ...more,
});

describe('atFullSize', () => {
  it('goes on along the line of two runs', () => {
    // 5 s and 20 s for all data.
    const plan = atFullSize(run(0.1, 7, { bytes: 10 }), run(0.2, 9, { bytes: 20 }));
    expect(plan.seconds).toBeCloseTo(25, 9);
    expect(plan.processor).toBeCloseTo(50, 9);
    expect(plan.disk).toBeCloseTo(100, 9);
    expect(plan.memory).toBeCloseTo(1100, 9);
  });

  it('lets nothing shrink, and adds nothing where the sample was all there is', () => {
    expect(atFullSize(run(0.1, 9), run(0.2, 7)).seconds).toBe(7);
    expect(atFullSize(run(1, 6), run(1, 7)).seconds).toBe(7);
  });

  it('lets memory be where it does not grow', () => {
    const [small, large] = [run(0.1, 1, { peak: 100 }), run(0.2, 1, { peak: 200 })];
    expect(atFullSize(small, large).memory).toBeCloseTo(1.1 * 1000, 9);
    expect(atFullSize(small, large, undefined, { memory: false }).memory).toBeCloseTo(1.1 * 200, 9);
  });

  it('counts steps and measures, and takes the loop of the sample away', () => {
    const training = { loop: 6, first: 1, step: 0.5, measure: 2 };
    const plan = atFullSize(run(0.1, 8, { training: { ...training, loop: 5 } }), run(0.2, 10, { training }), {
      steps: 100,
      measures: 3,
    });
    // Beside the loop 3 s and 4 s: 12 s at full size; 1 + 50 + 6 s of training.
    expect(plan.seconds).toBeCloseTo(12 + 57, 9);
  });
});

describe('the times of a training', () => {
  const report = { steps: 3, finalLoss: 1, seconds: 20, stoppedEarly: false };

  it('are read from its log', () => {
    const lines = [
      { step: 0, dev: 0.1, seconds: 4 },
      { step: 1, loss: 1, seconds: 7 },
      { step: 2, loss: 1, seconds: 8 },
      { step: 3, loss: 1, seconds: 9 },
      { step: 3, dev: 0.2, seconds: 12 },
    ];
    folder.write('run/metrics.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(trainingTimes(`${folder.path}/run`, report)).toEqual({ loop: 20, first: 2, step: 1, measure: 3 });
  });

  it('know nothing of measures that were not made', () => {
    folder.write('plain/metrics.jsonl', '{"step":1,"loss":1,"seconds":3}\n{"step":2,"loss":1,"seconds":4}\n');
    expect(trainingTimes(`${folder.path}/plain`, report)).toEqual({
      loop: 20,
      first: 2,
      step: 1,
      measure: 0,
    });
  });

  it.each([
    [{ steps: 100, evaluateEvery: 50 }, 3],
    [{ steps: 90, evaluateEvery: 50 }, 3],
    [{ steps: 100, evaluateEvery: 0 }, 0],
    [{ steps: 0, evaluateEvery: 50 }, 1],
  ])('have as many dev measures as the loop makes: %o', (train, count) => {
    expect(measuresOf(train)).toBe(count);
  });
});

describe('a probe', () => {
  it('takes an eighth of much data, all of little, and a quarter of that', () => {
    expect(sampleSizes(1_000_000).map(({ share }) => share)).toEqual([1 / 32, 1 / 8]);
    expect(sampleSizes(40_000).map(({ share }) => share)).toEqual([1 / 16, 1 / 4]);
    expect(sampleSizes(500).map(({ share }) => share)).toEqual([1 / 4, 1]);
  });

  it('makes no more steps than the run, and writes no state to resume from', () => {
    const train = { steps: 5, evaluateEvery: 50, patience: 3, checkpointEvery: 2 } as Parameters<
      typeof fewSteps
    >[0];
    expect(fewSteps(train, 8)).toMatchObject({ steps: 5, evaluateEvery: 5, patience: 0, checkpointEvery: 0 });
    expect(fewSteps({ ...train, evaluateEvery: 0 }, 2)).toMatchObject({ steps: 2, evaluateEvery: 0 });
  });
});

describe('truncatedTexts', () => {
  const tokenizer = { encode: (text: string) => new Int32Array(text.split(' ').length) };

  it('counts texts that do not fit with three special tokens', () => {
    const texts = ['a', 'a b', 'a b c', 'سوق ماء omi'];
    expect(truncatedTexts('queries', texts, tokenizer, 5)).toEqual({
      kind: 'queries',
      limit: 5,
      sample: 4,
      cut: 2,
    });
  });

  it('draws a sample of many', () => {
    const texts = Array.from({ length: 5000 }, (_, i) => (i % 2 === 0 ? 'a' : 'a b c'));
    const { sample, cut } = truncatedTexts('queries', texts, tokenizer, 5);
    expect(sample).toBe(1000);
    expect(cut).toBeGreaterThan(440);
    expect(cut).toBeLessThan(560);
  });
});

describe('inProbeFolder', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('removes the folder, and says what to do without naming it', async () => {
    let folder = '';
    const failing = (error: (at: string) => Error) =>
      refusal(() =>
        inProbeFolder(async (made) => {
          folder = made;
          throw error(`${made}/pack-8.unfinished`);
        }),
      );
    const stopped = await failing(
      (at) => new RefractError('INTERRUPTED', 'stopped', { at, hint: 'Run it with --resume.' }),
    );
    expect(stopped).toMatchObject({ code: 'INTERRUPTED', at: undefined });
    expect(stopped.message).not.toContain('--resume');
    expect(existsSync(folder)).toBe(false);
    const full = await failing(
      (at) => new RefractError('DISK_FULL', 'cannot write (ENOSPC)', { at, hint: 'Choose another --out.' }),
    );
    expect(full).toMatchObject({ code: 'DISK_FULL', at: tmpdir(), hint: expect.stringContaining('TMPDIR') });
    expect(full.what).toContain('ENOSPC');
    expect((await failing((at) => new RefractError('LOSS_NOT_FINITE', 'NaN', { at, hint: '.' }))).code).toBe(
      'LOSS_NOT_FINITE',
    );
  });

  it('is refused where there is no place for temporary files', async () => {
    vi.stubEnv('TMPDIR', folder.write('file', 'no folder'));
    const error = await refusal(() => inProbeFolder(async () => {}));
    expect(error).toMatchObject({ code: 'DISK_FULL', hint: expect.stringContaining('TMPDIR') });
    expect(error.what).toContain('ENOTDIR');
  });
});
