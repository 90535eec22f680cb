/** The stages of bench/index.ts on synthetic vectors: data, build, search, changes. */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { readManifest } from '../../src/index/manifest.ts';
import { verifyIndex } from '../../src/index/verify.ts';
import type { System } from '../turns.ts';
import { readQueries, SYNTHETIC, writeCollection, writeSyntheticQueries } from './collection.ts';
import { exactBest } from './exact.ts';
import type { LivePeriod } from './live-system.ts';
import { percentile, recall } from './recall.ts';
import { type Choices, child, type Measured, system, type Workplace } from './workplace.ts';

/** Queries of each set. */
const QUERIES = 200;
/** Efforts that show the dial. */
const EFFORTS = [undefined, 0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
/** Collections up to this size are searched with all effort, too, which shows what compression alone loses. */
const MOST_WHOLE = 20_000;
/** Seconds for which a reader searches undisturbed before each change. */
const QUIET_SECONDS = 5;

/** What a system answers in its turn. */
export interface SearchTurn {
  readonly found: string[][];
  readonly milliseconds: number[];
  readonly cpuMs?: number;
  readonly rssMiB?: number;
}

/** What was found and how fast, of several turns of the same queries. */
export function figures(turns: readonly SearchTurn[], best: readonly (readonly string[])[] | undefined) {
  const milliseconds = turns.flatMap((turn) => turn.milliseconds);
  const [{ found }] = turns;
  return {
    ...(best && { recall10: recall(found, best, 10), recall100: recall(found, best, 100) }),
    p50: percentile(milliseconds, 0.5),
    p95: percentile(milliseconds, 0.95),
  };
}

/** The exact best of the chosen queries; undefined for collections that are too large. */
export async function bestOf(work: Workplace, { passages, queries, mostKept }: Choices) {
  if (passages > mostKept) return undefined;
  return exactBest(work.collection(passages), queries, 2);
}

/** Writes vectors, queries, and the exact best of the chosen ones. */
export async function data(work: Workplace, choices: Choices): Promise<void> {
  const { passages, queries, mostKept } = choices;
  const folder = work.collection(passages);
  const start = performance.now();
  if (passages <= mostKept) writeCollection(folder, passages);
  for (const name of ['dev', 'test'])
    if (!existsSync(`${folder}/${name}.json`)) writeSyntheticQueries(folder, name, QUERIES, passages);
  const written = performance.now();
  await bestOf(work, choices);
  const writeSeconds = (written - start) / 1000;
  const exactSeconds = (performance.now() - written) / 1000;
  work.report({ stage: 'data', passages, queries, writeSeconds, exactSeconds });
}

/** Builds the index unless it is there; what was measured when it was built. */
export async function build(work: Workplace, choices: Choices, again = false): Promise<Measured> {
  const { passages, precision } = choices;
  const out = work.index(passages, precision);
  const known = work.last({ stage: 'build', passages, precision });
  if (!again && known && isReadable(out)) return known;
  rmSync(out, { recursive: true, force: true });
  const streamed = passages > choices.mostKept;
  if (!streamed && !existsSync(work.collection(passages))) await data(work, choices);
  const source = streamed ? ['--stream', String(passages)] : ['--collection', work.collection(passages)];
  const measured = await child<object>('build-child.ts', out, precision, ...source);
  const record = { stage: 'build', ...choicesOf(choices), ...measured };
  work.report(record);
  return record;
}

/** Whether there is an index, of the format of today. */
function isReadable(path: string): boolean {
  try {
    readManifest(path);
    return true;
  } catch {
    return false;
  }
}

/** Opens the index as a process that searches it. */
export async function searching(work: Workplace, choices: Choices, threads: number) {
  const { passages, precision, queries } = choices;
  const from = work.collection(passages);
  const open: System<SearchTurn> = system(
    'search-system.ts',
    ...[work.index(passages, precision), from, queries, String(threads)],
  );
  return { open, loaded: JSON.parse(await open.loaded()) as Readonly<Record<string, number>> };
}

/** Latency and recall after load, one query at a time, for threads and efforts. */
export async function search(work: Workplace, choices: Choices): Promise<void> {
  await build(work, choices);
  const best = await bestOf(work, choices);
  for (const threads of choices.threads) {
    const { open, loaded } = await searching(work, choices, threads);
    const { openSeconds, openMiB } = loaded;
    // The dial is a matter of all threads; with fewer, the default tells.
    const whole = choices.passages <= MOST_WHOLE ? [1] : [];
    const dial = threads === Math.max(...choices.threads) ? [...EFFORTS, ...whole] : [undefined];
    for (const effort of dial) {
      const turn = await open.turn(JSON.stringify({ effort }));
      const { cpuMs, rssMiB } = turn;
      const place = { ...choicesOf(choices), queries: choices.queries, threads, effort: effort ?? 'default' };
      work.report({
        stage: 'search',
        ...{ ...place, ...figures([turn], best), cpuMs, openSeconds, openMiB, rssMiB },
      });
    }
    open.end();
  }
}

/** Adds 1 % and deletes 1 % of a copy of the index while a reader goes on searching. */
export async function changes(work: Workplace, choices: Choices): Promise<void> {
  const built = await build(work, choices);
  const { passages, precision, queries } = choices;
  const copy = work.at('changing');
  rmSync(copy, { recursive: true, force: true });
  cpSync(work.index(passages, precision), copy, { recursive: true });
  const threads = Math.max(...choices.threads);
  const reader = system<LivePeriod>(
    'live-system.ts',
    ...[copy, work.collection(passages), queries, String(threads)],
  );
  await reader.loaded();
  for (const operation of ['add', 'delete']) {
    await reader.turn();
    await new Promise((resolve) => setTimeout(resolve, 1000 * QUIET_SECONDS));
    const quiet = await reader.turn();
    const count = String(Math.round(passages / 100));
    const changed = await child<{ seconds: number }>('change-child.ts', copy, operation, count);
    const busy = await reader.turn();
    await new Promise((resolve) => setTimeout(resolve, 1000 * QUIET_SECONDS));
    const after = await reader.turn();
    const verified = await verifyIndex(copy);
    work.report({
      stage: 'changes',
      ...choicesOf(choices),
      ...changed,
      buildShare: changed.seconds / Number(built.seconds),
      reader: {
        ...{ threads, quiet: latency(quiet), meanwhile: latency(busy), after: latency(after) },
        errors: [...quiet.errors, ...busy.errors, ...after.errors],
        refreshMs: [...busy.refreshMilliseconds, ...after.refreshMilliseconds],
        generation: after.generation,
      },
      damaged: verified.damaged.length,
    });
  }
  reader.end();
  rmSync(copy, { recursive: true, force: true });
}

function latency({ milliseconds }: LivePeriod) {
  if (milliseconds.length === 0) return { searches: 0 };
  return {
    searches: milliseconds.length,
    p50: percentile(milliseconds, 0.5),
    p95: percentile(milliseconds, 0.95),
  };
}

function choicesOf({ passages, precision }: Choices) {
  return { passages, precision };
}

/** The vectors of a query set of the synthetic collection. */
export function queriesOf(work: Workplace, { passages, queries }: Choices) {
  return readQueries(work.collection(passages), queries, SYNTHETIC.dim);
}
