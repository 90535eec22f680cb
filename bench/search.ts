/**
 * Exact search of many queries over an index: the index's own kernel, a query at a time, and blocks multiplied on all
 * threads (`IndexScorer`), in turns. Random unit vectors stand for the queries.
 *
 *     npx tsx bench/search.ts --index DIR [--queries 128] [--tokens 20] [--rounds 5] [--threads 2]
 */
import { parseArgs } from 'node:util';
import { openIndex } from '../src/index/open-index.ts';
import { RandomStream } from '../src/random.ts';
import { IndexScorer } from '../src/search/index-scorer.ts';

const { values } = parseArgs({
  options: {
    index: { type: 'string' },
    queries: { type: 'string', default: '128' },
    tokens: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
  },
});
if (!values.index) throw new Error('Give --index, a folder that refract index wrote.');
const [count, tokens, rounds, threads] = [values.queries, values.tokens, values.rounds, values.threads].map(
  Number,
);
const index = openIndex(values.index);
const stream = new RandomStream(1, 'bench/search');
const queries = Array.from({ length: count }, () => {
  const vectors = Float32Array.from({ length: tokens * index.dim }, () => stream.normal());
  for (let i = 0; i < tokens; i++) {
    const row = vectors.subarray(i * index.dim, (i + 1) * index.dim);
    const norm = Math.hypot(...row);
    for (let k = 0; k < row.length; k++) row[k] /= norm;
  }
  return { vectors, tokens };
});
const scorer = await IndexScorer.open(index, { threads });
const rate = async (search: () => Promise<unknown>) => {
  const start = performance.now();
  await search();
  return (count * 1000) / (performance.now() - start);
};
await index.searchBatch(queries.slice(0, 1), 100);
await scorer.search(queries.slice(0, 1), 100);
const ratios: number[] = [];
for (let round = 1; round <= rounds; round++) {
  const kernel = await rate(() => index.searchBatch(queries, 100));
  const blocks = await rate(() => scorer.search(queries, 100));
  ratios.push(blocks / kernel);
  console.log(
    `${round}: kernel ${kernel.toFixed(1)} queries/s, blocks ${blocks.toFixed(1)}, ${(blocks / kernel).toFixed(2)} times`,
  );
}
ratios.sort((a, b) => a - b);
console.log(
  `${index.size} passages, ${index.dim} dimensions: blocks / kernel ${ratios[rounds >> 1].toFixed(2)} (${ratios[0].toFixed(2)} to ${ratios.at(-1)?.toFixed(2)})`,
);
await scorer.close();
index.close();
