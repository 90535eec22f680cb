/** Where a query's time goes on one thread, and how far that is from what the machine could do. */
import { mkdirSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../../src/data/atomic.ts';
import { candidateCount } from '../../src/index/compressed/candidates.ts';
import { PROBES } from '../../src/index/compressed/list-candidates.ts';
import { DEPTH } from './exact.ts';
import { flameSvg } from './flame-chart.ts';
import type { MachineLimits } from './machine-limits.ts';
import { type CpuProfile, type TimeNode, timeTree } from './profile-tree.ts';
import { percentile } from './recall.ts';
import { build, data } from './stages.ts';
import { type Choices, child, type Workplace } from './workplace.ts';

/** What profile-child.ts says. */
interface Profiled {
  readonly milliseconds: readonly number[];
  readonly queryTokens: number;
  readonly windows: number;
  readonly tokens: number;
  /** Bytes of all inverted lists. */
  readonly listBytes: number;
  /** By the numbers of their functions. */
  readonly kernelNames: Readonly<Record<string, string>>;
  readonly codec: { readonly centroids: number; readonly dim: number; readonly packedBytes: number };
  readonly limits: MachineLimits;
}

/** Measures, prints the stages, and draws `index-query.svg`. */
export async function profile(work: Workplace, choices: Choices): Promise<void> {
  const { passages, precision, queries } = choices;
  await data(work, choices);
  await build(work, choices);
  const out = work.at(`query-${passages}-${precision}.cpuprofile`);
  const profiled = await child<Profiled>(
    'profile-child.ts',
    ...[work.index(passages, precision), work.collection(passages), queries, out],
  );
  const sampled: CpuProfile = JSON.parse(readFileSync(out, 'utf8'));
  const tree = timeTree(sampled, profiled.kernelNames);
  const p50 = percentile(profiled.milliseconds, 0.5);
  const stagesMs = Object.fromEntries(
    [...tree.children.values()].map(({ name, time }) => [name, (p50 * time) / tree.time]),
  );
  const visited = [...tree.children.get('candidates')!.children.values()].some(hasVisit);
  work.report({
    stage: 'profile',
    ...{ passages, precision, threads: 1, p50, stagesMs },
    candidatesBy: visited ? 'lists' : 'scan',
    ...physicalLimit(profiled, visited, p50),
  });
  const folder = choices.figures ?? work.folder;
  mkdirSync(folder, { recursive: true });
  const title = `A query over ${passages} passages on one thread, by functions`;
  writeFileAtomic(`${folder}/index-query.svg`, `${flameSvg(tree, p50, title)}\n`);
}

function hasVisit({ name, children }: TimeNode): boolean {
  return name === 'visit' || [...children.values()].some(hasVisit);
}

/**
 * Bytes that a query must read and multiply-adds it must do, each by what the machine does at most; the larger time is the
 * limit, as both can go on at once.
 */
function physicalLimit(
  { queryTokens, windows, tokens, listBytes, codec, limits }: Profiled,
  visited: boolean,
  p50: number,
) {
  const { centroids, dim, packedBytes } = codec;
  const scored = candidateCount(windows, DEPTH) * (tokens / windows);
  const bytes = {
    centroids: 2 * dim * centroids,
    // A scan reads every code and where each window starts; else lists of each token's nearest centroids.
    codes: visited ? (listBytes / centroids) * PROBES * queryTokens : 2 * tokens + 4 * windows,
    scored: scored * (packedBytes + 1 + 2),
  };
  const multiplyAdds = { centroids: queryTokens * centroids * dim, scored: queryTokens * scored * dim };
  const total = (parts: Readonly<Record<string, number>>) =>
    Object.values(parts).reduce((sum, part) => sum + part, 0);
  const readMs = (1000 * total(bytes)) / limits.bytesPerSecond;
  const multiplyMs = (1000 * total(multiplyAdds)) / limits.multiplyAddsPerSecond;
  const limitMs = Math.max(readMs, multiplyMs);
  return { limits, bytes, multiplyAdds, readMs, multiplyMs, limitMs, ratio: p50 / limitMs };
}
