/**
 * Searches an index on one thread under Node's profiler, and writes what was sampled to OUT. Prints a line.
 *
 *     npx tsx bench/index/profile-child.ts INDEX QUERIES-FOLDER NAME OUT
 */
import { fstatSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { CompressedReader } from '../../src/index/compressed/segment-reader.ts';
import { KernelMemory } from '../../src/index/kernels/kernel-memory.ts';
import { openIndex } from '../../src/index/open-index.ts';
import { readQueries } from './collection.ts';
import { DEPTH } from './exact.ts';
import { machineLimits } from './machine-limits.ts';

const WARM = 20;
/** Microseconds between samples. */
const INTERVAL = 200;

const [path, folder, name, out] = process.argv.slice(2);
const index = openIndex(path, { threads: 1 });
const queries = readQueries(folder, name, index.dim);
const search = async () => {
  const milliseconds: number[] = [];
  for (const { vectors, tokens } of queries) {
    const start = performance.now();
    await index.search(vectors, tokens, DEPTH);
    milliseconds.push(performance.now() - start);
  }
  return milliseconds;
};
for (const { vectors, tokens } of queries.slice(0, WARM)) await index.search(vectors, tokens, DEPTH);
const milliseconds = await search();
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: INTERVAL });
await session.post('Profiler.start');
await search();
const { profile } = await session.post('Profiler.stop');
writeFileSync(out, JSON.stringify(profile));
session.disconnect();
const readers = index.segments.map(({ reader }) => reader.vectors);
const [first] = readers;
if (!(first instanceof CompressedReader)) throw new Error('Only compressed indexes are profiled.');
const { size, dim, packedBytes } = first.codec;
const sum = (of: (reader: (typeof readers)[number]) => number) =>
  readers.reduce((total, reader) => total + of(reader), 0);
let listBytes = 0;
for (const reader of readers)
  if (reader instanceof CompressedReader) listBytes += fstatSync(reader.files.lists.file).size;
const collection = { listBytes, windows: sum(({ windows }) => windows), tokens: sum(({ tokens }) => tokens) };
const queryTokens = queries.reduce((total, { tokens }) => total + tokens, 0) / queries.length;
const codec = { centroids: size, dim, packedBytes };
// An exported function of WebAssembly is named by its number.
const { kernels } = KernelMemory.create(1024);
const kernelNames = Object.fromEntries(
  Object.entries(kernels).map(([kernel, run]) => [(run as { readonly name: string }).name, kernel]),
);
console.log(
  JSON.stringify({
    ...{ milliseconds, queryTokens, ...collection, codec, kernelNames },
    limits: machineLimits(dim),
  }),
);
await index.close();
