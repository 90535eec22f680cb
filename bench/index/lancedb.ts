/**
 * LanceDB's indexed multivector search as one of the systems of bench/index.ts, over the vectors in a folder:
 *
 *     npx tsx bench/index/lancedb.ts FOLDER PLACE QUERIES [--nprobes N] [--refine N]
 *
 * FOLDER is one of collection.ts; PLACE is a folder in which `npm install @lancedb/lancedb@0.37.1` was run. The table and
 * its index are kept in FOLDER and used again.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { takeTurns } from '../turns.ts';
import { Collection, readQueries } from './collection.ts';
import { DEPTH } from './exact.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { nprobes: { type: 'string' }, refine: { type: 'string' } },
});
const [folder, place, name] = positionals;
const require = createRequire(join(place, 'package.json'));
const lancedb = require('@lancedb/lancedb');
const arrow = require('apache-arrow');
const collection = new Collection(folder);
const { dim, tokens, passages } = collection;
const queries = readQueries(folder, name, dim);
/** Passages that are written at a time. */
const BATCH = 5000;
const NAME = 'passages';
/** Queries that are not timed. */
const WARM = 10;

const item = new arrow.Field('item', new arrow.Float32(), true);
const row = new arrow.FixedSizeList(dim, item);
const rows = new arrow.List(new arrow.Field('item', row, true));
const schema = new arrow.Schema([
  new arrow.Field('id', new arrow.Int32(), false),
  new arrow.Field('vector', rows, true),
]);

function table(first: number, vectors: Float32Array): unknown {
  const count = vectors.length / (tokens * dim);
  const numbers = arrow.makeData({ type: new arrow.Float32(), data: vectors });
  const vector = arrow.makeData({ type: row, child: numbers, length: count * tokens, nullCount: 0 });
  const valueOffsets = Int32Array.from({ length: count + 1 }, (_, p) => p * tokens);
  const list = arrow.makeData({ type: rows, child: vector, valueOffsets, length: count, nullCount: 0 });
  const ids = arrow.makeData({
    type: new arrow.Int32(),
    data: Int32Array.from({ length: count }, (_, p) => first + p),
  });
  const type = new arrow.Struct(schema.fields);
  const batch = arrow.makeData({ type, children: [ids, list], length: count, nullCount: 0 });
  return new arrow.Table(schema, [new arrow.RecordBatch(schema, batch)]);
}

function bytesOf(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}

const home = join(folder, 'lancedb');
const database = await lancedb.connect(home);
// Written when the index is ready: what is there without it is unfinished.
const ready = join(folder, 'lancedb.json');
if (!existsSync(ready)) {
  const start = performance.now();
  const first = table(0, collection.vectors(0, Math.min(BATCH, passages)));
  const created = await database.createTable(NAME, first, { mode: 'overwrite' });
  for (let first = BATCH; first < passages; first += BATCH)
    await created.add(table(first, collection.vectors(first, Math.min(BATCH, passages - first))));
  await created.createIndex('vector', { config: lancedb.Index.ivfRq({ distanceType: 'cosine' }) });
  writeFileSync(ready, JSON.stringify({ buildSeconds: (performance.now() - start) / 1000 }));
}
const opened = await database.openTable(NAME);
const { buildSeconds } = JSON.parse(readFileSync(ready, 'utf8'));

async function answer(query: Float32Array): Promise<string[]> {
  const vectors = Array.from({ length: query.length / dim }, (_, i) => [
    ...query.subarray(i * dim, (i + 1) * dim),
  ]);
  let search = opened.search(vectors).select(['id', '_distance']).limit(DEPTH);
  if (values.nprobes) search = search.nprobes(Number(values.nprobes));
  if (values.refine) search = search.refineFactor(Number(values.refine));
  const found: { readonly id: number }[] = await search.toArray();
  return found.map(({ id }) => String(id));
}

for (const { vectors } of queries.slice(0, WARM)) await answer(vectors);
const loaded = { system: 'lancedb', buildSeconds, bytesPerPassage: bytesOf(home) / passages };
await takeTurns(JSON.stringify(loaded), async () => {
  const found: string[][] = [];
  const milliseconds: number[] = [];
  for (const { vectors } of queries) {
    const start = performance.now();
    found.push(await answer(vectors));
    milliseconds.push(performance.now() - start);
  }
  return { found, milliseconds };
});
