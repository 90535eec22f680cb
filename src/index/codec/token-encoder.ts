/** Encodes token vectors batch by batch, on several threads. */
import { KernelMemory, roundUp } from '../kernels/kernel-memory.ts';
import { TEAM_WORDS, ThreadTeam } from '../kernels/thread-team.ts';
import { ASSIGN_TOKENS, assignPlan, assignPlanBytes } from './assign.ts';
import type { Codec } from './codec.ts';
import { type EncodePlan, EncodeWork, encodeScratchBytes } from './encode-work.ts';

/** Tokens of a batch. */
export const BATCH_TOKENS = 8 * ASSIGN_TOKENS;

/** A batch of vectors as it comes in and goes out; views of one memory. */
export class TokenEncoder {
  private readonly memory: KernelMemory;
  private readonly plan: EncodePlan;
  private readonly work: EncodeWork;
  private readonly threads: number;
  private readonly team: number;
  private threadTeam: ThreadTeam | undefined;
  /** float32 [`BATCH_TOKENS`, dim]: fill this, then `encode`. */
  readonly vectors: Float32Array;
  readonly codes: Uint16Array;
  readonly scales: Uint8Array;
  readonly packed: Uint8Array;
  /** Sums over all tokens that were encoded. */
  readonly fit = { tokens: 0, squares: 0, errors: 0 };

  constructor(codec: Codec, threads: number, plain = false) {
    const { dim, packedBytes } = codec;
    const scratchBytes = encodeScratchBytes(codec);
    const batch = roundUp(BATCH_TOKENS * (4 * dim + 2 + 1 + packedBytes), 64) + 4096;
    const memory = KernelMemory.create(batch + assignPlanBytes(codec) + threads * scratchBytes, plain);
    this.memory = memory;
    this.threads = threads;
    this.team = memory.allocate(4 * TEAM_WORDS);
    this.plan = {
      kind: 'encode',
      codec,
      assign: assignPlan(memory, codec),
      count: memory.allocate(4),
      vectors: memory.allocate(4 * BATCH_TOKENS * dim),
      codes: memory.allocate(2 * BATCH_TOKENS),
      scales: memory.allocate(BATCH_TOKENS),
      packed: memory.allocate(BATCH_TOKENS * packedBytes),
      fit: memory.allocate(16 * (BATCH_TOKENS / ASSIGN_TOKENS)),
      scratch: memory.allocate(threads * scratchBytes),
      scratchBytes,
    };
    this.work = new EncodeWork(memory, this.plan, 0);
    const { vectors, codes, scales, packed } = this.plan;
    this.vectors = memory.f32.subarray(vectors >>> 2, (vectors >>> 2) + BATCH_TOKENS * dim);
    this.codes = memory.u16.subarray(codes >>> 1, (codes >>> 1) + BATCH_TOKENS);
    this.scales = memory.u8.subarray(scales, scales + BATCH_TOKENS);
    this.packed = memory.u8.subarray(packed, packed + BATCH_TOKENS * packedBytes);
  }

  /** Encodes the first `count` vectors. */
  async encode(count: number): Promise<void> {
    const { memory, plan, work } = this;
    const chunks = Math.ceil(count / ASSIGN_TOKENS);
    memory.i32[plan.count >>> 2] = count;
    // Threads are worth their start for many tokens only.
    const threads = count === BATCH_TOKENS ? this.threads : 1;
    if (threads > 1) this.threadTeam ??= new ThreadTeam(memory, this.team, work, threads, plan);
    this.threadTeam?.start();
    if (this.threadTeam) await this.threadTeam.run(0, chunks);
    else for (let chunk = 0; chunk < chunks; chunk++) work.run(0, chunk);
    this.fit.tokens += count;
    for (let chunk = 0; chunk < chunks; chunk++) {
      this.fit.squares += memory.f64[(plan.fit >>> 3) + 2 * chunk];
      this.fit.errors += memory.f64[(plan.fit >>> 3) + 2 * chunk + 1];
    }
  }

  async close(): Promise<void> {
    await this.threadTeam?.close();
  }
}
