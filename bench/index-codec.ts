/**
 * The compressed vectors of an index: recall against exact MaxSim, latency, bytes, build time and memory.
 *
 *     npx tsx bench/index-codec.ts --work DIR [--passages 100000] [--bits 4] [--queries dev|test] [--count 200]
 *     npx tsx bench/index-codec.ts --work DIR --index INDEX   (the vectors of an index that stores them as they are)
 *
 * DIR keeps vectors, references and indexes between runs. Tune on `dev`, report `test` once. Prints JSON lines.
 */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CodeBits } from '../src/index/codec/codec.ts';
import { readCodec, writeCodec } from '../src/index/codec/codec-files.ts';
import { centroidCount, sampleSize, trainCodec } from '../src/index/codec/train.ts';
import { residualStorage } from '../src/index/compressed/residual-storage.ts';
import type { CandidateSource, CompressedScorer } from '../src/index/compressed/scorer.ts';
import { RandomStream } from '../src/random.ts';
import { type Collection, indexFolder, syntheticFile } from './index-codec/collection.ts';
import { reference } from './index-codec/reference.ts';
import { SyntheticCollection } from './index-codec/synthetic.ts';

const { values } = parseArgs({
  options: {
    work: { type: 'string' },
    passages: { type: 'string', default: '100000' },
    tokens: { type: 'string', default: '64' },
    dim: { type: 'string', default: '128' },
    centres: { type: 'string', default: '20000' },
    topics: { type: 'string', default: '2000' },
    bits: { type: 'string', default: '4' },
    centroids: { type: 'string' },
    queries: { type: 'string', default: 'dev' },
    count: { type: 'string', default: '200' },
    index: { type: 'string' },
    threads: { type: 'string', default: '1,2' },
    effort: { type: 'string', default: '' },
    source: { type: 'string' },
    probes: { type: 'string' },
    rebuild: { type: 'boolean', default: false },
    'no-reference': { type: 'boolean', default: false },
  },
});
if (!values.work) throw new Error('--work DIR is needed');
const work = values.work;
const bits = Number(values.bits) as CodeBits;
const QUERY_TOKENS = 32;
const settings = {
  dim: Number(values.dim),
  tokens: Number(values.tokens),
  seed: 1,
  centres: Number(values.centres),
  topics: Number(values.topics),
};
const collection: Collection = values.index
  ? indexFolder(values.index)
  : syntheticFile(work, Number(values.passages), settings);
const { dim, size, offsets } = collection;
const tokens = offsets[size];
const name = values.index ? values.index.split('/').at(-1) : `synthetic-${size}`;
const print = (record: object) => console.log(JSON.stringify({ collection: name, bits, ...record }));
const queries = Array.from({ length: Number(values.count) }, (_, q) => makeQuery(q));

/** Synthetic queries; for real passages, tokens of one of them in a new order, with noise. */
function makeQuery(q: number): { vectors: Float32Array; tokens: number } {
  if (!values.index) {
    synthetic ??= new SyntheticCollection(settings);
    return { vectors: synthetic.query(values.queries, q, QUERY_TOKENS, size), tokens: QUERY_TOKENS };
  }
  const random = new RandomStream(1, `queries ${values.queries} ${q}`);
  const p = random.below(size);
  const source = collection.vectors(p);
  const vectors = new Float32Array(QUERY_TOKENS * dim);
  for (let i = 0; i < QUERY_TOKENS; i++) {
    const t = random.below(collection.tokens(p));
    const row = Float32Array.from(
      source.subarray(t * dim, (t + 1) * dim),
      (x) => x + (0.5 * random.normal()) / Math.sqrt(dim),
    );
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    vectors.set(
      row.map((x) => x / norm),
      i * dim,
    );
  }
  return { vectors, tokens: QUERY_TOKENS };
}
var synthetic: SyntheticCollection | undefined;

const indexPath = join(work, `index-${name}-${bits}-${values.centroids ?? 'auto'}`);
const entry = (folder: string, file: string) => statSync(join(folder, file)).size;
if (values.rebuild) rmSync(indexPath, { recursive: true, force: true });
await build().catch((error) => {
  if (error.code !== 'EEXIST') throw error;
});

async function build(): Promise<void> {
  mkdirSync(indexPath);
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const centroids = Number(values.centroids ?? centroidCount(tokens));
  // Whole passages, evenly spaced, until the sample is full.
  const wanted = Math.min(tokens, sampleSize(centroids));
  const sample = new Float32Array(wanted * dim);
  const step = Math.max(1, Math.floor((size * wanted) / tokens) / size);
  let filled = 0;
  for (let i = 0; filled < sample.length && i < size; i++) {
    const vectors = collection.vectors(Math.min(size - 1, Math.floor(i / step)));
    const part = vectors.subarray(0, Math.min(vectors.length, sample.length - filled));
    sample.set(part, filled);
    filled += part.length;
  }
  const codec = await trainCodec(sample.subarray(0, filled), { dim, bits, centroids, seed: 1 });
  const trained = performance.now();
  await writeCodec(codec, indexPath);
  const writer = await residualStorage(codec, { threads: 2 }).writer(indexPath);
  for (let p = 0; p < size; p++) await writer.add(collection.vectors(p), collection.tokens(p));
  const { files, fit } = await writer.finish();
  const used = process.cpuUsage(cpu);
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  const shared = entry(indexPath, 'codec.json') + entry(indexPath, 'centroids.i16');
  print({
    stage: 'build',
    centroids: codec.size,
    trainSeconds: (trained - begun) / 1000,
    seconds: (performance.now() - begun) / 1000,
    cpuSeconds: (used.user + used.system) / 1e6,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    bytesPerPassage: Math.round((bytes + shared) / size),
    files: Object.fromEntries(
      Object.entries(files).map(([file, each]) => [file, Math.round(each.bytes / size)]),
    ),
    fit,
  });
}

const exact = values['no-reference']
  ? undefined
  : reference(join(work, `best-${name}-${values.queries}-${values.count}.json`), collection, queries);
for (const threads of values.threads.split(',').map(Number)) {
  const opened = performance.now();
  const storage = residualStorage(readCodec(indexPath), {
    source: values.source as CandidateSource | undefined,
    probes: values.probes === undefined ? undefined : Number(values.probes),
  });
  const reader = storage.reader(indexPath, { windows: size, tokens });
  const scorer = (await storage.scorer([reader], { threads })) as CompressedScorer;
  const loadSeconds = (performance.now() - opened) / 1000;
  for (const effort of values.effort.split(',').map((each) => (each === '' ? undefined : Number(each)))) {
    for (const { vectors } of queries.slice(0, 10)) {
      await scorer.search(vectors, QUERY_TOKENS, 100, [undefined], { effort });
    }
    Object.assign(scorer.times, { table: 0, candidates: 0, choice: 0, scores: 0, searches: 0 });
    const times: number[] = [];
    let [ten, hundred] = [0, 0];
    const cpu = process.cpuUsage();
    for (const [q, { vectors }] of queries.entries()) {
      const start = performance.now();
      const hits = await scorer.search(vectors, QUERY_TOKENS, 100, [undefined], { effort });
      times.push(performance.now() - start);
      if (!exact) continue;
      ten += overlap(hits, exact[q], 10);
      hundred += overlap(hits, exact[q], 100);
    }
    const used = process.cpuUsage(cpu);
    times.sort((a, b) => a - b);
    const { searches, ...parts } = scorer.times;
    print({
      stage: 'search',
      queries: values.queries,
      count: queries.length,
      threads,
      effort: effort ?? 'default',
      loadSeconds,
      recall10: exact && ten / queries.length,
      recall100: exact && hundred / queries.length,
      p50: times[Math.floor(times.length / 2)],
      p95: times[Math.floor(0.95 * times.length)],
      cpuMs: (used.user + used.system) / 1000 / queries.length,
      stagesMs: Object.fromEntries(Object.entries(parts).map(([part, ms]) => [part, ms / searches])),
      rssMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
    });
  }
  await scorer.close();
  reader.close();
}
collection.close();

function overlap(hits: readonly { readonly window: number }[], best: readonly number[], k: number): number {
  const found = new Set(hits.slice(0, k).map(({ window }) => window));
  return best.slice(0, k).filter((p) => found.has(p)).length / Math.min(k, best.length);
}
