/** Encoding batches of token vectors in a kernel memory that several threads share. */
import { type KernelMemory, roundUp } from '../kernels/kernel-memory.ts';
import type { Work } from '../kernels/thread-team.ts';
import { ASSIGN_TOKENS, Assigner, type AssignPlan, assignerBytes } from './assign.ts';
import { CENTROID_NORM, type Codec } from './codec.ts';
import { ResidualEncoder } from './quantiser.ts';

/** Addresses of a batch, and what encodes it; can be posted to a worker. */
export interface EncodePlan {
  readonly kind: 'encode';
  /** The codec; its centroids and tables lie in memory of their own. */
  readonly codec: Codec;
  readonly assign: AssignPlan;
  /** int32: tokens of the batch. */
  readonly count: number;
  /** float32 [tokens, dim]. */
  readonly vectors: number;
  /** uint16 [tokens]. */
  readonly codes: number;
  /** bytes [tokens]. */
  readonly scales: number;
  /** bytes [tokens, packedBytes]. */
  readonly packed: number;
  /** float64 [chunks, 2]: sums of squared residuals and of squared errors. */
  readonly fit: number;
  /** First thread's scratch, and bytes of each. */
  readonly scratch: number;
  readonly scratchBytes: number;
}

/** Bytes of one thread's scratch. */
export function encodeScratchBytes(codec: Codec): number {
  return roundUp(2 * codec.paddedDim * ASSIGN_TOKENS, 64) + roundUp(assignerBytes(codec), 64);
}

/** One thread's share of encoding: chunks of `ASSIGN_TOKENS` tokens. */
export class EncodeWork implements Work {
  private readonly memory: KernelMemory;
  private readonly plan: EncodePlan;
  private readonly rows: number;
  private readonly assigner: Assigner;
  private readonly encoder: ResidualEncoder;
  private readonly residual: Float32Array;

  constructor(memory: KernelMemory, plan: EncodePlan, thread: number) {
    this.memory = memory;
    this.plan = plan;
    this.rows = plan.scratch + thread * plan.scratchBytes;
    const { codec } = plan;
    const scratch = this.rows + roundUp(2 * codec.paddedDim * ASSIGN_TOKENS, 64);
    this.assigner = new Assigner(memory, plan.assign, scratch);
    this.encoder = new ResidualEncoder(codec.dim, codec.bits, codec, codec.maxScale);
    this.residual = new Float32Array(codec.dim);
    // Dimensions of padding stay zero.
    memory.i16.fill(0, this.rows >>> 1, (this.rows >>> 1) + codec.paddedDim * ASSIGN_TOKENS);
  }

  run(_phase: number, chunk: number): void {
    const { memory, plan, residual, encoder } = this;
    const { dim, paddedDim, centroids, unit, packedBytes } = plan.codec;
    const first = chunk * ASSIGN_TOKENS;
    const count = Math.min(ASSIGN_TOKENS, memory.i32[plan.count >>> 2] - first);
    this.toIntegers(first, count);
    this.assigner.assign(this.rows, count);
    const start = plan.packed + first * packedBytes;
    memory.u8.fill(0, start, start + count * packedBytes);
    let [squares, errors] = [0, 0];
    for (let t = 0; t < count; t++) {
      const code = this.assigner.codes[t];
      const vector = (plan.vectors >>> 2) + (first + t) * dim;
      for (let d = 0; d < dim; d++) {
        residual[d] = memory.f32[vector + d] - centroids[code * paddedDim + d] * unit;
      }
      memory.u16[(plan.codes >>> 1) + first + t] = code;
      memory.u8[plan.scales + first + t] = encoder.encode(residual, memory.u8, start + t * packedBytes);
      squares += encoder.squares;
      errors += encoder.error;
    }
    memory.f64[(plan.fit >>> 3) + 2 * chunk] = squares;
    memory.f64[(plan.fit >>> 3) + 2 * chunk + 1] = errors;
  }

  /** The vectors as integers; one that is longer than all of the sample is shortened, which keeps its direction. */
  private toIntegers(first: number, count: number): void {
    const { memory, plan } = this;
    const { dim, paddedDim, unit } = plan.codec;
    for (let t = 0; t < count; t++) {
      const from = (plan.vectors >>> 2) + (first + t) * dim;
      const to = (this.rows >>> 1) + t * paddedDim;
      let squares = 0;
      for (let d = 0; d < dim; d++) squares += memory.f32[from + d] ** 2;
      const factor = Math.min(1 / unit, CENTROID_NORM / (Math.sqrt(squares) || 1));
      for (let d = 0; d < dim; d++) memory.i16[to + d] = Math.round(memory.f32[from + d] * factor);
    }
  }
}
