/** Training a codec on a sample of token vectors: cells, centroids within each, and the levels of residuals. */
import { RefractError } from '../../errors.ts';
import { RandomStream } from '../../random.ts';
import { Stage, type StageControl } from '../../stage.ts';
import { KernelMemory, roundUp } from '../kernels/kernel-memory.ts';
import { ASSIGN_TOKENS, Assigner, assignerBytes, assignPlan, assignPlanBytes } from './assign.ts';
import { CENTROID_NORM, type CodeBits, type Codec, codecOf, MAX_CENTROIDS, paddedDim } from './codec.ts';
import { KMeans, kMeansBytes } from './k-means.ts';
import { fitLevels } from './quantiser.ts';
import {
  CELL_TURNS,
  CHILD_TURNS,
  LEVEL_TOKENS,
  trainingAssignments,
  trainingShape,
} from './training-shape.ts';

/** Settings of `trainCodec`. */
export interface CodecSettings {
  /** Size of a token vector. */
  readonly dim: number;
  readonly bits: CodeBits;
  /** Number of centroids, at most 65,536; by default `centroidCount(tokens)`. */
  readonly centroids?: number;
  /** Tokens of the whole collection; by default those of the sample. */
  readonly tokens?: number;
  readonly seed: number;
  /** Computes without WebAssembly, with the same result. */
  readonly plain?: boolean;
}

/** Sample tokens for each centroid. */
const SAMPLE_PER_CENTROID = 12;
/** Scales may be this much larger than the largest of the sample. */
const SCALE_ROOM = 2;

/** Centroids for a collection of so many tokens: 16 x its square root, to the nearest power of two, at most 65,536. */
export function centroidCount(tokens: number): number {
  return Math.min(MAX_CENTROIDS, 2 ** Math.max(0, Math.round(Math.log2(16 * Math.sqrt(tokens)))));
}

/** Token vectors that a sample for `centroids` should have: more is better, but hardly. */
export function sampleSize(centroids: number): number {
  return SAMPLE_PER_CENTROID * centroids;
}

/**
 * Trains a codec on `sample`, row-major [tokens, dim]. The same sample, settings and seed give the same codec on any
 * machine and number of threads.
 *
 * @throws RefractError `SETTING_INVALID` no vector, numbers that are not finite, or settings out of range;
 * `INTERRUPTED`
 * @example const codec = await trainCodec(sample, { dim: 128, bits: 4, tokens: 6_400_000, seed: 1 });
 */
export async function trainCodec(
  sample: Float32Array,
  settings: CodecSettings,
  control: StageControl = {},
): Promise<Codec> {
  const { dim, bits, seed, plain } = settings;
  const count = Math.floor(sample.length / dim);
  checkSample(sample, settings);
  const wanted = settings.centroids ?? centroidCount(settings.tokens ?? count);
  const shape = trainingShape(count, wanted);
  const { centroids: size, cells: cellCount, cellRows } = shape;
  const padded = paddedDim(dim);
  const unit = largestNorm(sample, dim) / CENTROID_NORM || 1;

  const memory = KernelMemory.create(
    2 * padded * (count + cellRows) + kMeansBytes(cellCount, padded) + 1024,
    plain,
  );
  const rows = memory.allocate(2 * padded * count);
  toIntegers(sample, dim, unit, memory.i16.subarray(rows >>> 1), padded);

  const random = new RandomStream(seed, 'centroids');
  const { amongCells, amongChildren } = trainingAssignments(shape);
  const stage = new Stage('finding centroids', amongCells + amongChildren, 'assignments', control);
  const subset = memory.allocate(2 * padded * cellRows);
  for (let i = 0; i < cellRows; i++)
    copyRow(memory, rows, Math.floor((i * count) / cellRows), subset, i, padded);
  const coarse = new KMeans(memory, cellCount, padded);
  const found = await coarse.cluster(subset, cellRows, cellCount, CELL_TURNS, random, stage, 0);
  const cellOf = new Int32Array(count);
  await coarse.assign(rows, count, found, cellCount, cellOf, stage, cellRows * CELL_TURNS);

  // A cell without rows gets no centroids, and is left out.
  const all = groups(cellOf, cellCount);
  const members = all.filter(({ length }) => length > 0);
  const cells = new Int16Array(members.length * padded);
  let kept = 0;
  all.forEach(({ length }, c) => {
    if (length > 0) cells.set(found.subarray(c * padded, (c + 1) * padded), padded * kept++);
  });
  const cellStarts = shareOut(members, size);
  const centroids = new Int16Array(size * padded);
  const largest = Math.max(...members.map(({ length }) => length));
  const most = Math.max(...members.map((_, c) => cellStarts[c + 1] - cellStarts[c]));
  const inner = KernelMemory.create(2 * padded * largest + kMeansBytes(most, padded) + 1024, plain);
  const own = inner.allocate(2 * padded * largest);
  const children = new KMeans(inner, most, padded);
  let done = amongCells;
  for (const [c, mine] of members.entries()) {
    const k = cellStarts[c + 1] - cellStarts[c];
    mine.forEach((row, i) => {
      const from = (rows >>> 1) + row * padded;
      inner.i16.set(memory.i16.subarray(from, from + padded), (own >>> 1) + i * padded);
    });
    const means = await children.cluster(own, mine.length, k, CHILD_TURNS, random, stage, done);
    centroids.set(means, cellStarts[c] * padded);
    done += mine.length * CHILD_TURNS;
  }
  stage.end();
  const parts = { dim, bits, centroids, cells, cellStarts, unit };
  const residuals = sampleResiduals(sample, parts, plain);
  return codecOf({ ...parts, ...fitLevels(residuals, dim, bits), maxScale: largestScale(residuals, dim) });
}

function checkSample(sample: Float32Array, { dim, bits, centroids = 1 }: CodecSettings): void {
  const refuse = (what: string, hint: string) => new RefractError('SETTING_INVALID', what, { hint });
  if (sample.length < dim || sample.length % dim !== 0) {
    throw refuse(
      `a sample of ${sample.length} numbers is no list of vectors of ${dim}`,
      'Give at least one.',
    );
  }
  if (![1, 2, 4].includes(bits)) throw refuse(`${bits} bits`, 'Choose 1, 2 or 4 bits.');
  if (!(Number.isInteger(centroids) && centroids >= 1 && centroids <= MAX_CENTROIDS)) {
    throw refuse(`${centroids} centroids`, `Choose a whole number from 1 to ${MAX_CENTROIDS}.`);
  }
  if (!sample.every(Number.isFinite)) {
    throw refuse('the sample has a number that is not finite', 'The encoder is damaged; check its weights.');
  }
}

function largestNorm(sample: Float32Array, dim: number): number {
  let largest = 0;
  for (let start = 0; start < sample.length; start += dim) {
    let squares = 0;
    for (let d = start; d < start + dim; d++) squares += sample[d] ** 2;
    largest = Math.max(largest, squares);
  }
  return Math.sqrt(largest);
}

/** Rows of `dim` floats as integers of `unit`, `padded` apart. */
function toIntegers(sample: Float32Array, dim: number, unit: number, out: Int16Array, padded: number): void {
  for (let start = 0, to = 0; start < sample.length; start += dim, to += padded) {
    for (let d = 0; d < dim; d++) out[to + d] = Math.round(sample[start + d] / unit);
  }
}

function copyRow(
  memory: KernelMemory,
  from: number,
  row: number,
  to: number,
  place: number,
  dim: number,
): void {
  const start = from + 2 * dim * row;
  memory.u8.copyWithin(to + 2 * dim * place, start, start + 2 * dim);
}

/** The rows of each cell. */
function groups(cellOf: Int32Array, cells: number): number[][] {
  const members = Array.from({ length: cells }, (): number[] => []);
  cellOf.forEach((cell, row) => {
    members[cell].push(row);
  });
  return members;
}

/** Starts of each cell's share of `size` centroids, in proportion to its rows and never more than these. */
function shareOut(members: readonly (readonly number[])[], size: number): Uint32Array {
  const starts = new Uint32Array(members.length + 1);
  let rest = members.reduce((sum, { length }) => sum + length, 0);
  let left = size;
  members.forEach(({ length }, c) => {
    const share = Math.min(
      length,
      left - (members.length - c - 1),
      Math.max(1, Math.round((left * length) / rest)),
    );
    // What this cell does not take must fit into the rows of those that follow.
    const taken = Math.max(share, left - (rest - length));
    starts[c + 1] = starts[c] + taken;
    left -= taken;
    rest -= length;
  });
  return starts;
}

/** x - centroid(x) of evenly spaced vectors of the sample. */
function sampleResiduals(
  sample: Float32Array,
  parts: Pick<Codec, 'dim' | 'bits' | 'centroids' | 'cells' | 'cellStarts' | 'unit'>,
  plain: boolean | undefined,
): Float32Array {
  const { dim, unit, centroids } = parts;
  const padded = paddedDim(dim);
  const codec = { ...parts, levels: new Int8Array(), levelUnit: 0, maxScale: 0 };
  const count = Math.min(LEVEL_TOKENS, sample.length / dim);
  const memory = KernelMemory.create(
    assignPlanBytes(codec) + assignerBytes(codec) + roundUp(2 * padded * ASSIGN_TOKENS, 64) + 1024,
    plain,
  );
  const plan = assignPlan(memory, codec);
  const rows = memory.allocate(2 * padded * ASSIGN_TOKENS);
  const assigner = new Assigner(memory, plan, memory.allocate(assignerBytes(codec)));
  const residuals = new Float32Array(count * dim);
  for (let first = 0; first < count; first += ASSIGN_TOKENS) {
    const tile = Math.min(ASSIGN_TOKENS, count - first);
    const chosen = new Float32Array(tile * dim);
    for (let i = 0; i < tile; i++) {
      const row = Math.floor(((first + i) * (sample.length / dim)) / count);
      chosen.set(sample.subarray(row * dim, (row + 1) * dim), i * dim);
    }
    toIntegers(chosen, dim, unit, memory.i16.subarray(rows >>> 1), padded);
    assigner.assign(rows, tile);
    for (let i = 0; i < tile * dim; i++) {
      const code = assigner.codes[Math.floor(i / dim)];
      residuals[first * dim + i] = chosen[i] - centroids[code * padded + (i % dim)] * unit;
    }
  }
  return residuals;
}

function largestScale(residuals: Float32Array, dim: number): number {
  return (SCALE_ROOM * largestNorm(residuals, dim)) / Math.sqrt(dim) || 1;
}
