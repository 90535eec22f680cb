/** Lays out what a search needs in one kernel memory: centroids, codes, and room for the query and the candidates. */
import type { Codec } from '../codec/codec.ts';
import { KernelMemory, roundUp } from '../kernels/kernel-memory.ts';
import { TEAM_WORDS } from '../kernels/thread-team.ts';
import { BLOCK_TOKENS, type PlacedSegment, type SearchPlan, searchScratchBytes } from './search-work.ts';
import type { CompressedReader } from './segment-reader.ts';

/** Centroids from which the range of a query's products is told. */
export const PROBE_CENTROIDS = 512;

/** A memory, what lies where, and what only the leading thread uses. */
export interface SearchMemory {
  readonly memory: KernelMemory;
  readonly plan: SearchPlan;
  readonly team: number;
  readonly slots: number;
  /** int16 [probes, dim]: evenly spaced centroids; int32 [probes, BLOCK_TOKENS]: their products. */
  readonly probeRows: number;
  readonly probeSums: number;
  readonly probes: number;
}

/** Loads centroids and the codes of all segments. */
export function searchMemory(
  codec: Codec,
  readers: readonly CompressedReader[],
  threads: number,
  plain: boolean,
): SearchMemory {
  const { paddedDim: dim, size, packedBytes } = codec;
  const segments: PlacedSegment[] = [];
  let [slots, tokens] = [0, 0];
  for (const reader of readers) {
    const { file, path } = reader.files.residuals;
    segments.push({ file, path, firstSlot: slots, windows: reader.windows, firstToken: tokens });
    slots += roundUp(reader.windows, 8);
    tokens += reader.tokens;
  }
  let longest = 1;
  for (const { starts, windows } of readers) {
    for (let w = 0; w < windows; w++) longest = Math.max(longest, starts[w + 1] - starts[w]);
  }
  const probes = Math.min(PROBE_CENTROIDS, size);
  const scratchBytes = searchScratchBytes(dim, packedBytes, longest);
  const sizes = {
    team: 4 * TEAM_WORDS,
    job: 32,
    centroids: 2 * dim * size,
    queryBlock: 2 * dim * BLOCK_TOKENS,
    floors: 4 * BLOCK_TOKENS,
    scales: 4 * 256,
    levels: 4096,
    table: 4 * size * BLOCK_TOKENS,
    bytes: size * BLOCK_TOKENS,
    rows: 4 * size,
    codes: 2 * tokens,
    starts: 4 * (slots + 1),
    allowed: roundUp(slots, 8) / 8,
    scanned: 4 * slots,
    candidates: 4 * slots,
    scores: 8 * slots,
    probeRows: 2 * dim * probes,
    probeSums: 4 * probes * BLOCK_TOKENS,
    scratch: threads * scratchBytes,
  };
  const total = Object.values(sizes).reduce((sum, bytes) => sum + roundUp(bytes, 64), 0);
  const memory = KernelMemory.create(total, plain);
  const { team, probeRows, probeSums, ...addresses } = Object.fromEntries(
    Object.entries(sizes).map(([name, bytes]) => [name, memory.allocate(bytes)]),
  ) as Record<keyof typeof sizes, number>;
  const plan: SearchPlan = {
    kind: 'search',
    dim,
    bits: codec.bits,
    packedBytes,
    centroidCount: size,
    segments,
    ...addresses,
    scratchBytes,
  };
  memory.i16.set(codec.centroids, plan.centroids >>> 1);
  for (let i = 0; i < probes; i++) {
    const from = dim * Math.floor((i * size) / probes);
    memory.i16.set(codec.centroids.subarray(from, from + dim), (probeRows >>> 1) + i * dim);
  }
  fillLevels(memory, plan, codec);
  readers.forEach((reader, s) => {
    const { firstSlot, firstToken } = segments[s];
    const codes = plan.codes >>> 1;
    reader.readCodes(memory.u16.subarray(codes + firstToken, codes + firstToken + reader.tokens));
    const starts = (plan.starts >>> 2) + firstSlot;
    for (let w = 0; w <= roundUp(reader.windows, 8); w++) {
      memory.u32[starts + w] = firstToken + reader.starts[Math.min(w, reader.windows)];
    }
  });
  return { memory, plan, team, slots, probeRows, probeSums, probes };
}

/** Levels as the decoding kernels read them. */
function fillLevels(memory: KernelMemory, { levels: address }: SearchPlan, { bits, levels }: Codec): void {
  if (bits === 4) {
    levels.forEach((level, k) => {
      memory.u8[address + k] = level & 255;
    });
    return;
  }
  const perByte = 8 / bits;
  for (let byte = 0; byte < 256; byte++) {
    for (let k = 0; k < perByte; k++) {
      memory.i16[(address >>> 1) + byte * perByte + k] = levels[(byte >> (bits * k)) & (2 ** bits - 1)];
    }
  }
}
