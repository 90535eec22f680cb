/**
 * What compressing the vectors of a collection will take. It does not grow along a line: with the collection, centroids
 * grow in number, and with them the sample that they are trained on and what each token is compared with. So the parts
 * of the work are timed at their full width on a few vectors, and multiplied by how often they are done.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type CodeBits, type Codec, codecOf, paddedDim } from '../index/codec/codec.ts';
import { KMeans, kMeansBytes } from '../index/codec/k-means.ts';
import { fitLevels } from '../index/codec/quantiser.ts';
import { BATCH_TOKENS } from '../index/codec/token-encoder.ts';
import { centroidCount } from '../index/codec/train.ts';
import {
  CHILD_TURNS,
  type TrainingShape,
  trainingAssignments,
  trainingShape,
} from '../index/codec/training-shape.ts';
import { residualStorage } from '../index/compressed/residual-storage.ts';
import { KernelMemory } from '../index/kernels/kernel-memory.ts';
import { sampleBytes, sampleRows } from '../index/staged-codec.ts';
import { heldBytes, trainingBytes } from '../index/writer/memory.ts';
import { RandomStream } from '../random.ts';
import { Stage, type StageControl } from '../stage.ts';
import { timed } from './work-plan.ts';

/** Time of work, on the clock and of all cores together. */
export interface Seconds {
  readonly seconds: number;
  readonly processor: number;
}

/** What each part of the work takes, in seconds. */
export interface CompressionRates {
  /** Of a row in a turn of k-means: among all cells, and among the centroids of one cell. */
  readonly amongCells: Seconds;
  readonly amongChildren: Seconds;
  /** Of a token that is compressed and written. */
  readonly token: Seconds;
}

/** Vectors that a part is timed on; those of a cell if these are fewer. */
const TIMED_ROWS = 16384;
/** Seconds of the processors for which a part is done before it is timed, until its code is compiled, and while it is. */
const WARM_UP = 0.1;
const TIMED = 0.15;

/** What is to be compressed, and how. */
export interface Compression {
  /** Of the whole collection. */
  readonly tokens: number;
  readonly dim: number;
  readonly bits: CodeBits;
  /** Memory that the build may take, as it is told. */
  readonly memoryBytes?: number;
  /** By default one for each processor. */
  readonly threads?: number;
  /** Tokens of a passage. */
  readonly passageTokens: number;
  /** Where vectors may be written for a while. */
  readonly folder: string;
}

/**
 * What training a codec for a collection and compressing all its vectors will take. `memory` is the sample's, in bytes.
 *
 * @throws RefractError `SETTING_INVALID` memory below the least; `INTERRUPTED`
 */
export async function planCompression(
  given: Compression,
  control: StageControl = {},
): Promise<Seconds & { readonly memory: number }> {
  const { tokens, dim } = given;
  const rows = sampleRows(tokens, dim, trainingBytes(heldBytes(given.memoryBytes)));
  const shape = trainingShape(rows, centroidCount(tokens));
  const rates = await compressionRates(shape, given, control);
  return { ...compressionTime(shape, tokens, rates), memory: sampleBytes(rows, dim) };
}

/**
 * The time of training on a sample of a shape and of compressing all `tokens`:
 *
 *     cells: (rows + turns x cellRows) x t1, children: turns x rows x t2, levels: levelRows x t3, all: tokens x t3
 *
 * @example compressionTime(shape, 6_400_000, rates).seconds // 80
 */
export function compressionTime(shape: TrainingShape, tokens: number, rates: CompressionRates): Seconds {
  const { amongCells, amongChildren } = trainingAssignments(shape);
  const sum = (of: (part: Seconds) => number) =>
    amongCells * of(rates.amongCells) +
    amongChildren * of(rates.amongChildren) +
    // Levels are fitted by one thread.
    shape.levelRows * rates.token.processor +
    tokens * of(rates.token);
  return { seconds: sum(({ seconds }) => seconds), processor: sum(({ processor }) => processor) };
}

/** Times the parts on vectors that are drawn: what they are does not change how long they take. */
export async function compressionRates(
  { rows, centroids, cells, cellRows }: TrainingShape,
  given: Omit<Compression, 'tokens' | 'memoryBytes'>,
  control: StageControl = {},
): Promise<CompressionRates> {
  const { dim } = given;
  const random = new RandomStream(0, 'plan/compression');
  const ofCell = Math.max(1, Math.round(rows / cells));
  const children = Math.min(ofCell, Math.max(1, Math.round(centroids / cells)));
  const codec = drawnCodec(centroids, cells, given, random);
  const stage = new Stage('timing compression', 3, 'parts', control);
  await stage.turn(0);
  const amongCells = await turnTime(Math.min(cellRows, Math.max(cells, TIMED_ROWS)), cells, dim, random);
  await stage.turn(1);
  const amongChildren = await turnTime(ofCell, children, dim, random);
  await stage.turn(2);
  const token = await tokenTime(codec, given, random);
  stage.end();
  return { amongCells, amongChildren, token };
}

/** A turn of k-means of `rows` vectors among `k` means, for each row. */
async function turnTime(rows: number, k: number, dim: number, random: RandomStream): Promise<Seconds> {
  const padded = paddedDim(dim);
  const memory = KernelMemory.create(2 * padded * rows + kMeansBytes(k, padded) + 1024);
  const at = memory.allocate(2 * padded * rows);
  memory.i16.set(drawnRows(rows * padded, random), at >>> 1);
  const means = new KMeans(memory, k, padded);
  return perUnit(CHILD_TURNS * rows, async () => {
    const stage = new Stage('timing centroids', CHILD_TURNS * rows, 'assignments');
    await means.cluster(at, rows, k, CHILD_TURNS, random, stage, 0);
  });
}

/** Compressing a token and writing it. */
async function tokenTime(
  codec: Codec,
  { folder, passageTokens, threads }: Pick<Compression, 'folder' | 'passageTokens' | 'threads'>,
  random: RandomStream,
): Promise<Seconds> {
  const tokens = Math.max(1, Math.round(passageTokens));
  const passages = Math.max(1, Math.round(BATCH_TOKENS / tokens));
  const vectors = Float32Array.from(
    drawnRows(tokens * passages * codec.dim, random),
    (value) => value * codec.unit,
  );
  const directory = mkdtempSync(join(folder, 'compressed-'));
  const writer = await residualStorage(codec, { threads }).writer(directory);
  try {
    return await perUnit(tokens * passages, async () => {
      for (let p = 0; p < passages; p++)
        await writer.add(vectors.subarray(p * tokens * codec.dim, (p + 1) * tokens * codec.dim), tokens);
    });
  } finally {
    await writer.abandon();
  }
}

/** A codec of the size asked for, whose centroids are drawn instead of trained. */
function drawnCodec(
  size: number,
  cells: number,
  { dim, bits }: Pick<Compression, 'dim' | 'bits'>,
  random: RandomStream,
): Codec {
  const padded = paddedDim(dim);
  const residuals = Float32Array.from({ length: 64 * dim }, () => random.normal());
  return codecOf({
    ...{ dim, bits, unit: 1 / 2 ** 12, maxScale: 4 },
    centroids: drawnRows(size * padded, random),
    cells: drawnRows(cells * padded, random),
    cellStarts: Uint32Array.from({ length: cells + 1 }, (_, c) => Math.floor((c * size) / cells)),
    ...fitLevels(residuals, dim, bits),
  });
}

function drawnRows(length: number, random: RandomStream): Int16Array {
  return Int16Array.from({ length }, () => random.below(2048) - 1024);
}

/** Time of one of the `units` of `work`, which is done over and over. */
async function perUnit(units: number, work: () => Promise<void>): Promise<Seconds> {
  const often = async (least: number): Promise<number> => {
    const before = process.cpuUsage();
    for (let times = 1; ; times++) {
      await work();
      const { user, system } = process.cpuUsage(before);
      if ((user + system) / 1e6 >= least) return times;
    }
  };
  await often(WARM_UP);
  const { result, seconds, processor } = await timed(() => often(TIMED));
  return { seconds: seconds / (result * units), processor: processor / (result * units) };
}
