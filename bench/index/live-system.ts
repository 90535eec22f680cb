/**
 * A reader that goes on searching while another process changes the index. Each line it is given ends a period; it answers
 * with the latencies of that period, how often it went over to a newer generation, and every error.
 *
 *     npx tsx bench/index/live-system.ts INDEX QUERIES-FOLDER NAME THREADS
 */
import { createInterface } from 'node:readline';
import { openIndex, refreshed } from '../../src/index/open-index.ts';
import { readQueries } from './collection.ts';
import { DEPTH } from './exact.ts';

/** What it answers. */
export interface LivePeriod {
  readonly milliseconds: number[];
  /** From noticing another generation to its first answer. */
  readonly refreshMilliseconds: number[];
  readonly errors: string[];
  readonly generation: number;
}

const [path, folder, name, threads] = process.argv.slice(2);
const options = { threads: Number(threads) };
let view = openIndex(path, options);
const queries = readQueries(folder, name, view.dim);
const noPeriod = (): Omit<LivePeriod, 'generation'> => ({
  ...{ milliseconds: [], refreshMilliseconds: [], errors: [] },
});
let period = noPeriod();
let ended = false;
const input = createInterface({ input: process.stdin });
input.on('line', () => {
  process.stdout.write(`${JSON.stringify({ ...period, generation: view.generation })}\n`);
  period = noPeriod();
});
input.on('close', () => {
  ended = true;
});
await view.search(queries[0].vectors, queries[0].tokens, DEPTH);
console.log(JSON.stringify({ system: 'live reader', passages: view.size }));
for (let q = 0; !ended; q = (q + 1) % queries.length) {
  const { vectors, tokens } = queries[q];
  try {
    const start = performance.now();
    const before = view;
    view = await refreshed(view, options);
    const hits = await view.search(vectors, tokens, DEPTH);
    const took = performance.now() - start;
    if (hits.length < Math.min(DEPTH, view.size)) period.errors.push(`${hits.length} hits`);
    (view === before ? period.milliseconds : period.refreshMilliseconds).push(took);
  } catch (error) {
    period.errors.push(String(error));
  }
  // Lets lines be read.
  await new Promise((resolve) => setImmediate(resolve));
}
await view.close();
