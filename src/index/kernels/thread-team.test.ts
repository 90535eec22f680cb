import { closeSync, openSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { clusteredVectors } from '../../../test/clustered-vectors.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { RefractError } from '../../errors.ts';
import { trainCodec } from '../codec/train.ts';
import { searchMemory } from '../compressed/search-memory.ts';
import { PHASE, type SearchPlan } from '../compressed/search-work.ts';
import { KernelMemory } from './kernel-memory.ts';
import { errorOf, postedError } from './thread-errors.ts';
import { TEAM_WORDS, ThreadTeam, type Work } from './thread-team.ts';

const folder = temporaryFolder();
const DIM = 16;
const vectors = clusteredVectors({ count: 400, dim: DIM, clusters: 8, noise: 0.4, seed: 1 });
const codec = await trainCodec(vectors, { dim: DIM, bits: 4, seed: 1, centroids: 16 });

/** A team of two whose worker searches one window, of a file with nothing in it. */
async function withTeam(lead: Work, use: (team: ThreadTeam) => Promise<void>): Promise<void> {
  const area = searchMemory(codec, [], 2, false);
  const memory = KernelMemory.create(area.plan.scratch + 2 * area.plan.scratchBytes + 4096);
  const path = folder.write('residuals', '');
  const file = openSync(path, 'r');
  const starts = memory.allocate(8);
  const candidates = memory.allocate(8);
  const plan: SearchPlan = {
    ...area.plan,
    starts,
    candidates,
    segments: [{ file, path, firstSlot: 0, windows: 1, firstToken: 0 }],
    job: memory.allocate(32),
    scratch: memory.allocate(2 * area.plan.scratchBytes),
  };
  memory.u32[(starts >>> 2) + 1] = 1;
  // Width, candidates of a chunk, candidates, query tokens.
  memory.i32.set([16, 1, 2, 1], plan.job >>> 2);
  const team = new ThreadTeam(memory, memory.allocate(4 * TEAM_WORDS), lead, 2, plan);
  try {
    await use(team);
  } finally {
    await team.close();
    closeSync(file);
  }
}

/** Leaves chunks to the worker for a while. */
const slow: Work = { run: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100) };

describe('a team of threads', () => {
  it('throws what a worker threw, with its class, code and place', async () => {
    await withTeam(slow, async (team) => {
      await team.started();
      for (let job = 0; job < 2; job++) {
        const error = await refusal(() => team.run(PHASE.score, 2));
        expect(error.code).toBe('CHECKPOINT_FORMAT');
        expect(error.at).toMatch(/residuals$/u);
        expect(error.hint).toContain('refract index');
      }
    });
  });

  it('does not go on waiting for a worker that ended without an error', async () => {
    await withTeam(slow, async (team) => {
      team.start();
      const [worker] = (team as unknown as { workers: Worker[] }).workers;
      await worker.terminate();
      for (const work of [() => team.started(), () => team.run(PHASE.score, 2)]) {
        const error = await refusal(work);
        expect(error.code).toBe('OUT_OF_MEMORY');
        expect(error.message).toContain('ended by itself');
      }
    });
  });
});

describe('errors of workers', () => {
  it('come back as they were', () => {
    const thrown = new RefractError('FILE_FORMAT', 'not so', { at: 'a.bin', line: 3, hint: 'Else.' });
    const posted = structuredClone(postedError(thrown, 7));
    expect(posted.job).toBe(7);
    expect(errorOf(posted)).toEqual(thrown);
    expect(errorOf(posted)).toBeInstanceOf(RefractError);
    expect(errorOf(posted).stack).toBe(thrown.stack);
    const other = errorOf(structuredClone(postedError(new TypeError('odd'), 0)));
    expect([other.name, other.message]).toEqual(['TypeError', 'odd']);
    expect(errorOf(postedError('text', 0)).message).toBe('text');
  });
});
