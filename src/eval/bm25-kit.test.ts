/** BM25 on the experiment kit, where it lies beside the checkout: at about the figures its README gives. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Bm25Index } from '../lexical/bm25.ts';
import { evaluate } from './evaluate.ts';

const kit = new URL('../../../shared/kit/', import.meta.url);
const present = existsSync(new URL('README.md', kit));
const lines = (path: string) => readFileSync(new URL(path, kit), 'utf8').trimEnd().split('\n');
const records = (path: string) => lines(path).map((line): Record<string, string> => JSON.parse(line));

/** Set, queries, the field that holds the English question, MAP in the kit's README. */
const CASES = [
  ['indomain-xquad', 'en', 'text', 0.87],
  ['indomain-ntrex', 'en', 'text', 0.697],
  ['ood-mlqa', 'en', 'text', 0.81],
  ['ood-afriqa', 'swa', 'en', 0.643],
] as const;

// Stemming and tokenisation differ between BM25s; .03 is what such choices move here.
test.skipIf(!present).each(CASES)('%s, %s queries', async (set, language, field, reference) => {
  const passages = records(`test/${set}/corpus.en.jsonl`).map(({ id, title, text }) => ({ id, title, text }));
  const queries = records(`test/${set}/queries.${language}.jsonl`);
  const known = new Set(queries.map((query) => query.id));
  const judgments = lines(`test/${set}/qrels.txt`)
    .map((line) => line.split(/\s+/))
    .map(([query, , passage, grade]) => ({ query, passage, grade: Number(grade) }))
    .filter(({ query }) => known.has(query));
  const index = await Bm25Index.create(passages);
  const run = queries.flatMap((query) =>
    index
      .search(query[field], 1000)
      .map(({ ordinal, score }) => ({ query: query.id, passage: index.ids[ordinal], score })),
  );
  expect(evaluate(judgments, run, ['AP']).means.get('AP')).toBeGreaterThan(reference - 0.03);
});

test.runIf(!present)(
  'the experiment kit is absent: BM25 was not checked against its reference points',
  () => {},
);
