/**
 * Refract's index as one of the systems of bench/index.ts: opens it, and answers all queries one by one when it is given
 * a line: {"effort": 0.5}, or {} for the default; {"first": 10} for that many of the queries.
 *
 *     npx tsx bench/index/search-system.ts INDEX QUERIES-FOLDER NAME THREADS
 */
import { openIndex } from '../../src/index/open-index.ts';
import { takeTurns } from '../turns.ts';
import { readQueries } from './collection.ts';
import { DEPTH } from './exact.ts';

/** Queries that are not timed, at the beginning of each turn: so many, and for so long, as threads come up meanwhile. */
const WARM = 10;
const WARM_MILLISECONDS = 1000;

const [path, folder, name, threads] = process.argv.slice(2);
const before = process.memoryUsage().rss;
const opening = performance.now();
const index = openIndex(path, { threads: Number(threads) });
const queries = readQueries(folder, name, index.dim);
// Vectors are loaded at the first search.
await index.search(queries[0].vectors, queries[0].tokens, 1);
const openSeconds = (performance.now() - opening) / 1000;
const rss = () => process.memoryUsage().rss / 2 ** 20;
const loaded = {
  ...{ system: 'refract', passages: index.size, openSeconds },
  ...{ beforeMiB: before / 2 ** 20, openMiB: rss(), peakMiB: process.resourceUsage().maxRSS / 1024 },
};
await takeTurns(JSON.stringify(loaded), async (line) => {
  const { effort, first }: { effort?: number; first?: number } = JSON.parse(line);
  const asked = queries.slice(0, first);
  const search = ({ vectors, tokens }: (typeof queries)[number]) =>
    index.search(vectors, tokens, DEPTH, { effort });
  const warming = performance.now();
  for (let q = 0; q < Math.min(WARM, asked.length) || performance.now() - warming < WARM_MILLISECONDS; q++)
    await search(queries[q % queries.length]);
  const found: string[][] = [];
  const milliseconds: number[] = [];
  const cpu = process.cpuUsage();
  for (const query of asked) {
    const start = performance.now();
    const hits = await search(query);
    milliseconds.push(performance.now() - start);
    found.push(hits.map(({ id }) => id));
  }
  const { user, system } = process.cpuUsage(cpu);
  return { found, milliseconds, cpuMs: (user + system) / 1000 / asked.length, rssMiB: rss() };
});
await index.close();
