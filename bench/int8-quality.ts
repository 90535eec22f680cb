/**
 * What int8 encoding of a collection costs in quality: cosines of its token vectors to those of float32, and measures
 * of the same float32 queries on an index of either. Prints one JSON line.
 *
 *     npx tsx bench/int8-quality.ts --teacher TEACHER --passages passages.jsonl --queries queries.dev.jsonl \
 *       --qrels qrels.dev.txt [--every 10] [--distractors 1000] [--threads 1]
 *
 * Every tenth query is asked, over the passages judged for these and as many others, evenly spaced.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readJudgments } from '../src/data/judgments.ts';
import { readPassages } from '../src/data/passages.ts';
import { readQueries } from '../src/data/queries.ts';
import { evaluate, pairedValues } from '../src/eval/evaluate.ts';
import { openIndex } from '../src/index/open-index.ts';
import { indexPassages } from '../src/search/index-passages.ts';
import { openSearcher } from '../src/search/open-searcher.ts';

const { values } = parseArgs({
  options: {
    teacher: { type: 'string' },
    passages: { type: 'string' },
    queries: { type: 'string' },
    qrels: { type: 'string' },
    every: { type: 'string', default: '10' },
    distractors: { type: 'string', default: '1000' },
    threads: { type: 'string', default: '1' },
  },
});
const { teacher, passages: passageFile, queries: queryFile, qrels } = values;
if (!teacher || !passageFile || !queryFile || !qrels)
  throw new Error('give --teacher, --passages, --queries, --qrels');
const threads = Number(values.threads);
const folder = mkdtempSync(join(tmpdir(), 'refract-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const queries = (await readQueries(queryFile)).filter((_, i) => i % Number(values.every) === 0);
const asked = new Set(queries.map(({ id }) => id));
const judgments = (await readJudgments(qrels)).filter(({ query }) => asked.has(query));
const judged = new Set(judgments.map(({ passage }) => passage));
const all = await readPassages(passageFile);
const step = Math.max(1, Math.floor(all.length / Number(values.distractors)));
const passages = all.filter(({ id }, i) => judged.has(id) || i % step === 0);
writeFileSync(join(folder, 'p.jsonl'), passages.map((each) => `${JSON.stringify(each)}\n`).join(''));

const MEASURES = ['nDCG@10', 'RR@10', 'R@1'];
const made = [];
for (const encoderPrecision of ['float32', 'int8'] as const) {
  const out = join(folder, encoderPrecision);
  const options = { threads, encoderPrecision, precision: 'float32' as const };
  const { seconds } = await indexPassages(teacher, join(folder, 'p.jsonl'), out, options);
  const searcher = await openSearcher(out, { threads });
  const evaluation = evaluate(judgments, await searcher.searchAll(queries, 10), MEASURES);
  await searcher.close();
  made.push({ encoderPrecision, seconds, evaluation });
}
const [float, integer] = made.map(({ encoderPrecision }) => openIndex(join(folder, encoderPrecision)));
const cosines: number[] = [];
for (let ordinal = 0; ordinal < float.size; ordinal++) {
  const [a, b] = [float.vectors(ordinal), integer.vectors(ordinal)];
  for (let at = 0; at < a.length; at += float.dim) {
    let product = 0;
    for (let k = at; k < at + float.dim; k++) product += a[k] * b[k];
    cosines.push(product);
  }
}
cosines.sort((a, b) => a - b);
const [left, right] = pairedValues(made[1].evaluation, made[0].evaluation, 'nDCG@10');
console.log(
  JSON.stringify({
    passages: passages.length,
    queries: queries.length,
    tokens: cosines.length,
    cosine: {
      least: cosines[0],
      'lowest 1%': cosines[Math.floor(cosines.length / 100)],
      mean: cosines.reduce((sum, value) => sum + value, 0) / cosines.length,
    },
    ...Object.fromEntries(
      made.map(({ encoderPrecision, seconds, evaluation }) => [
        encoderPrecision,
        { seconds, ...Object.fromEntries(evaluation.means) },
      ]),
    ),
    queriesWithAnotherNdcg: left.filter((value, i) => value !== right[i]).length,
  }),
);
