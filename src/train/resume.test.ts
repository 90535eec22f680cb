import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { type LoopState, readLoopState, removeRun, writeLoopState } from './resume.ts';

const folder = temporaryFolder();

function state(step: number, change: Partial<LoopState> = {}): LoopState {
  return {
    identity: 'settings and data',
    step,
    seconds: 12.5,
    batches: { stream: [1, 2, 3, 4], order: [2, 0, 1], at: 1 },
    best: { value: 0.1 + 0.2, step: 3, misses: 1 },
    unmeasured: false,
    smoothLoss: 1 / 3,
    parameters: new Map([
      ['dense.weight', Float32Array.of(0.1, -2, 3e-30)],
      ['a/b', Float32Array.of(7)],
    ]),
    moments: new Map([
      ['dense.weight', { m: Float32Array.of(1, 2, 3), v: Float32Array.of(4, 5, 6) }],
      ['a/b', { m: Float32Array.of(8), v: Float32Array.of(9) }],
    ]),
    bestWeights: new Map([['dense.weight', Float32Array.of(1.5, 2.5, 3.5)]]),
    ...change,
  };
}

describe('the state of an unfinished run', () => {
  it('comes back as it was written, to the bit', () => {
    const directory = join(folder.path, 'round');
    writeLoopState(directory, state(5));
    expect(readLoopState(directory, 'settings and data')).toEqual(state(5));
  });

  it('keeps "no measure yet" and "no loss yet", which JSON has no numbers for', () => {
    const directory = join(folder.path, 'none');
    const fresh = state(0, {
      best: { value: -Infinity, step: 0, misses: 0 },
      smoothLoss: Number.NaN,
      bestWeights: new Map(),
    });
    writeLoopState(directory, fresh);
    expect(readLoopState(directory, fresh.identity)).toEqual(fresh);
  });

  it('replaces an older one and leaves nothing else behind', () => {
    const directory = join(folder.path, 'twice');
    writeLoopState(directory, state(5));
    writeLoopState(directory, state(6));
    expect(readLoopState(directory, 'settings and data')?.step).toBe(6);
    expect(existsSync(join(directory, 'resume.tmp'))).toBe(false);
    expect(existsSync(join(directory, 'resume.old.tmp'))).toBe(false);
  });

  it('is found where the process died between the two renames', () => {
    const directory = join(folder.path, 'killed');
    writeLoopState(directory, state(5));
    renameSync(join(directory, 'resume'), join(directory, 'resume.old.tmp'));
    expect(readLoopState(directory, 'settings and data')?.step).toBe(5);
  });

  it('is absent in a new folder and after it was removed', () => {
    const directory = join(folder.path, 'removed');
    expect(readLoopState(directory, 'x')).toBeUndefined();
    writeLoopState(directory, state(5));
    removeRun(directory);
    expect(existsSync(directory)).toBe(false);
    expect(readLoopState(directory, 'settings and data')).toBeUndefined();
  });

  it("is removed without what is not the run's", () => {
    const directory = join(folder.path, 'shared');
    writeLoopState(directory, state(5));
    const notes = folder.write('shared/notes.txt', 'mine');
    removeRun(directory);
    expect(readdirSync(directory)).toEqual(['notes.txt']);
    expect(readFileSync(notes, 'utf8')).toBe('mine');
  });

  it("is refused where it is another run's", async () => {
    const directory = join(folder.path, 'other');
    writeLoopState(directory, state(5));
    const error = await refusal(() => readLoopState(directory, 'other settings'));
    expect(error.code).toBe('RESUME_MISMATCH');
    expect(error.at).toContain('resume');
  });
});
