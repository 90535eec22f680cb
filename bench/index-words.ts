/**
 * Fields and words of a segment on disk: bytes, seconds to write and merge, milliseconds to filter and to search, beside
 * BM25 in memory. Passages are those of the kit's teacher part, `--copies` times over; queries its dev questions.
 *
 *     npx tsx bench/index-words.ts [--kit ../shared/kit] [--copies 1] [--queries 500]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readPassages } from '../src/data/passages.ts';
import { readQueries } from '../src/data/queries.ts';
import { type Passage, passageText } from '../src/data/records.ts';
import { bindFilter } from '../src/index/fields/bound-filter.ts';
import { evaluateFilter } from '../src/index/fields/evaluate.ts';
import { parseFilter } from '../src/index/fields/filter-text.ts';
import { FieldsReader } from '../src/index/fields/reader.ts';
import { FieldSchema } from '../src/index/fields/schema.ts';
import { FieldsWriter } from '../src/index/fields/writer.ts';
import { LexicalReader } from '../src/index/lexical/reader.ts';
import { LexicalView } from '../src/index/lexical/view.ts';
import { LexicalWriter } from '../src/index/lexical/writer.ts';
import type { FileEntries } from '../src/index/vector-storage.ts';
import { Bm25Index, type LexicalIndex } from '../src/lexical/index.ts';

const DEPTH = 100;
/** Times that a filter is evaluated after its columns were read. */
const REPEATS = 20;
const FILTERS = [
  'year>=2010',
  'source=who,bbc',
  'draft!=true',
  'topics=t3',
  'title>=M',
  'year>=2010 and source=who,bbc and draft!=true',
];

const { values } = parseArgs({
  options: {
    kit: { type: 'string', default: '../shared/kit' },
    copies: { type: 'string', default: '1' },
    queries: { type: 'string', default: '500' },
  },
});
const teacher = join(values.kit, 'train', 'teacher');
const once = await readPassages(join(teacher, 'passages.jsonl'));
/** Passages with fields that are made up of their numbers. */
const passages = Array.from({ length: Number(values.copies) }, (_, copy) =>
  once.map((passage, i): Passage => {
    const topics = [`t${i % 50}`, `t${i % 7}`];
    const metadata = {
      year: 1950 + (i % 75),
      source: ['who', 'bbc', 'cnn', 'dw'][i % 4],
      draft: i % 3 === 0,
      topics,
    };
    return { ...passage, id: `${copy}-${passage.id}`, metadata };
  }),
).flat();
const queries = (await readQueries(join(teacher, 'queries.dev.jsonl'))).slice(0, Number(values.queries));
const text = passages.reduce((sum, passage) => sum + Buffer.byteLength(passageText(passage)), 0);
const folder = mkdtempSync(join(tmpdir(), 'refract-bench-'));
try {
  console.log(`${passages.length} passages, ${(text / 1e6).toFixed(1)} MB of text`);
  await fields();
  await words();
} finally {
  rmSync(folder, { recursive: true });
}

async function fields(): Promise<void> {
  const directory = place('fields');
  const schema = new FieldSchema();
  const writer = new FieldsWriter(directory, schema);
  const files = await timed('fields: write', async () => {
    for (const passage of passages) writer.add(passage);
    return writer.finish();
  });
  console.log(`fields: ${share(files)}`);
  const reader = FieldsReader.open(directory, passages.length);
  for (const filter of FILTERS) {
    const bound = bindFilter(parseFilter(filter), schema);
    const first = milliseconds(() => evaluateFilter(bound, reader));
    const times = Array.from({ length: REPEATS }, () => milliseconds(() => evaluateFilter(bound, reader)));
    console.log(`  ${filter}: first ${first.toFixed(1)} ms, then ${quantile(times, 0.5).toFixed(2)} ms`);
  }
  reader.close();
}

async function words(): Promise<void> {
  const directory = place('words');
  const writer = new LexicalWriter(directory);
  const files = await timed('words: cut and write', async () => {
    for (const passage of passages) await writer.add(passage);
    return writer.finish();
  });
  console.log(`words: ${share(files)}`);
  const reader = LexicalReader.open(directory, passages.length);
  const view = new LexicalView([{ words: reader }]);
  console.log(`words: first query ${milliseconds(() => view.search(queries[0].text, DEPTH)).toFixed(1)} ms`);
  latencies('words: on disk, first time', view);
  latencies('words: on disk, again', view);
  const memory = await timed('memory: cut and index', () => Bm25Index.create(passages));
  latencies('memory', memory);
  let [most, moved] = [0, 0];
  for (const query of queries) {
    const found = view.search(query.text, DEPTH);
    memory.search(query.text, DEPTH).forEach(({ ordinal, score }, i) => {
      most = Math.max(most, Math.abs(score - found[i].score));
      if (ordinal !== found[i].ordinal) moved++;
    });
  }
  console.log(`largest difference of scores ${most}, places with another passage ${moved}`);
  const merged = new LexicalWriter(place('merged'));
  await timed('words: merge two segments', async () => {
    await merged.append(reader);
    await merged.append(reader);
    return merged.finish();
  });
  reader.close();
}

function latencies(name: string, index: LexicalIndex): void {
  const times = queries.map(({ text: words }) => milliseconds(() => index.search(words, DEPTH)));
  console.log(
    `${name}: p50 ${quantile(times, 0.5).toFixed(2)} ms, p95 ${quantile(times, 0.95).toFixed(2)} ms`,
  );
}

function share(files: FileEntries): string {
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  return `${(bytes / 1e6).toFixed(2)} MB, ${((100 * bytes) / text).toFixed(1)} % of the text`;
}

function place(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(2)} s`);
  return result;
}

function milliseconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function quantile(values: readonly number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];
}
