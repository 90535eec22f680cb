/**
 * How well each mode of searching one index finds, on dev data only: held-out sentences of the bitext look for their
 * translations, and English dev questions for the passages that answer them, all in one index of the English dev
 * sentences and of passages of the teacher's training (evenly spaced), as they are and compressed.
 *
 *     npx tsx bench/index-modes.ts --teacher DIR --packs DIR [--out runs/index-modes] [--passages 1500]
 *       [--languages sw,so,tl,mr,es,de,fr,hi] [--precisions float16,4bit]
 *       [--translate dictionary|none] [--kit ../shared/kit] [--threads 1]
 *
 * The packs' folder may have {language} in its name, where each language has a pack of its own. A mode of BM25 reads
 * the words of a language by its dictionary, those of English as they are. Hits of both sides are fused in further ways
 * by the function that `--mode hybrid` fuses with: weights are those of MaxSim and BM25,
 * `rrf` is reciprocal ranks. Prints nDCG@10 of each language, and the mean over all but English, which are not asked
 * with --passages 0. Indexes that are in --out are used again.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writePiecesAtomic } from '../src/data/atomic.ts';
import { loadBitext } from '../src/data/bitext.ts';
import { readJudgments } from '../src/data/judgments.ts';
import { readLexicon } from '../src/data/lexicon.ts';
import { readPassages } from '../src/data/passages.ts';
import { readQueries } from '../src/data/queries.ts';
import type { Judgment, Passage, Query } from '../src/data/records.ts';
import { evaluate } from '../src/eval/evaluate.ts';
import { PRECISION_CHOICES } from '../src/index/manifest.ts';
import type { QueryTranslation } from '../src/lexical/cross-lingual.ts';
import { QueryDictionary } from '../src/lexical/query-translation.ts';
import { streamProgress } from '../src/progress.ts';
import { type Candidate, fuseSides, type SideWeights } from '../src/search/fuse-sides.ts';
import { type HybridQuery, HybridSearch } from '../src/search/hybrid.ts';
import { indexPassages } from '../src/search/index-passages.ts';
import { openSingleSearcher } from '../src/search/searcher.ts';

const { values: options } = parseArgs({
  options: {
    teacher: { type: 'string' },
    packs: { type: 'string' },
    out: { type: 'string', default: 'runs/index-modes' },
    passages: { type: 'string', default: '1500' },
    languages: { type: 'string', default: 'sw,so,tl,mr,es,de,fr,hi' },
    precisions: { type: 'string', default: 'float16,4bit' },
    translate: { type: 'string', default: 'dictionary' },
    kit: { type: 'string', default: '../shared/kit' },
    threads: { type: 'string', default: '1' },
  },
});
const { teacher, packs, out } = options;
if (teacher === undefined || packs === undefined) throw new Error('Give --teacher and --packs.');
const languages = options.languages.split(',');
const threads = Number(options.threads);
const train = join(options.kit, 'train');
const MEASURE = 'nDCG@10';
const DEPTH = 10;
/** English dev questions, evenly spaced. */
const QUESTIONS = 200;
const WEIGHTS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const CANDIDATES = [20, 50];
const USUAL_CANDIDATES = 200;
/** Ways of `hybrid`, the default first. */
const FUSIONS: Readonly<Record<string, { weights?: SideWeights; candidates: number }>> = {
  'hybrid (default)': { candidates: USUAL_CANDIDATES },
  'hybrid, rrf': { weights: 'rrf', candidates: USUAL_CANDIDATES },
  ...each(CANDIDATES, (candidates) => [`hybrid, rrf of ${candidates}`, { weights: 'rrf', candidates }]),
  ...each(WEIGHTS, (dense) => {
    const lexical = (10 - 10 * dense) / 10;
    return [`hybrid, ${dense},${lexical}`, { weights: [dense, lexical], candidates: USUAL_CANDIDATES }];
  }),
};

function each<T, Way>(values: readonly T[], way: (value: T) => [string, Way]): Record<string, Way> {
  return Object.fromEntries(values.map(way));
}

/** Questions of a language, and what answers them. */
interface Asked {
  readonly questions: readonly Query[];
  readonly judgments: readonly Judgment[];
}

const asked = new Map<string, Asked>();
const sentences = new Map<string, string>();
for (const code of languages) {
  const { pairs } = await loadBitext([join(train, `bitext/en-${code}.dev.tsv`)], { language: code });
  for (const { pivot } of pairs)
    if (!sentences.has(pivot)) sentences.set(pivot, `sentence-${sentences.size}`);
  asked.set(code, {
    questions: pairs.map(({ target }, n) => ({ id: `${n}`, text: target })),
    judgments: pairs.map(({ pivot }, n) => ({ query: `${n}`, passage: sentences.get(pivot)!, grade: 1 })),
  });
}
const others = await readPassages(join(train, 'teacher/passages.jsonl'));
const collection: Passage[] = [
  ...Array.from(sentences, ([text, id]) => ({ id, text })),
  ...spaced(others, Number(options.passages)),
];
const english = await englishQuestions();
if (english.questions.length > 0) asked.set('en', english);

function spaced<T>(items: readonly T[], most: number): T[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, n) => items[Math.floor((n * items.length) / count)]);
}

/** English questions of which a passage is in the collection. */
async function englishQuestions(): Promise<Asked> {
  const there = new Set(collection.map(({ id }) => id));
  const judgments = (await readJudgments(join(train, 'teacher/qrels.dev.txt'))).filter(({ passage }) =>
    there.has(passage),
  );
  const judged = new Set(judgments.map(({ query }) => query));
  const all = (await readQueries(join(train, 'teacher/queries.dev.jsonl'))).filter(({ id }) =>
    judged.has(id),
  );
  const questions = spaced(all, QUESTIONS);
  const chosen = new Set(questions.map(({ id }) => id));
  return { questions, judgments: judgments.filter(({ query }) => chosen.has(query)) };
}

async function translationOf(code: string): Promise<QueryTranslation> {
  if (code === 'en' || options.translate !== 'dictionary') return { method: 'none' };
  const entries = await readLexicon(join(train, `dict/en-${code}.tsv`), code);
  return { method: 'dictionary', dictionary: new QueryDictionary(entries, code), structure: 'synonyms' };
}

/** The index of the collection at a precision. */
async function indexOf(given: string): Promise<string> {
  const precision = PRECISION_CHOICES.find((choice) => choice === given);
  if (precision === undefined) throw new Error(`Precisions are ${PRECISION_CHOICES.join(', ')}.`);
  // Sentences of other languages have other ids.
  const folder = join(out, `${precision}-${options.passages}-${languages.join('-')}`);
  if (existsSync(join(folder, 'manifest.json'))) return folder;
  const file = join(out, 'passages.jsonl');
  writePiecesAtomic(
    file,
    collection.map((passage) => `${JSON.stringify(passage)}\n`),
  );
  const progress = streamProgress(process.stderr);
  await indexPassages(teacher!, file, folder, { precision, words: { stem: 'english' }, threads, progress });
  return folder;
}

/** The measure of each way for one language. */
async function valuesOf(index: string, code: string): Promise<Map<string, number>> {
  const { questions, judgments } = asked.get(code)!;
  const pack = code === 'en' ? undefined : packs!.replace('{language}', code);
  const searcher = await openSingleSearcher(index, { pack, teacher, threads });
  const search = new HybridSearch(searcher.index, await translationOf(code));
  const vectors = await searcher.encoder.queries(questions.map(({ text }) => text));
  const queries = questions.map(
    ({ text }, n): HybridQuery => ({
      text,
      vectors: { vectors: vectors[n].vectors, tokens: vectors[n].count },
    }),
  );
  const values = new Map<string, number>();
  const measure = (name: string, found: readonly (readonly Candidate[])[]) => {
    const run = found.flatMap((hits, n) =>
      hits.map(({ id: passage, score }) => ({ query: questions[n].id, passage, score })),
    );
    values.set(name, evaluate(judgments, run, [MEASURE]).means.get(MEASURE)!);
  };
  // Exact search takes long: both sides are searched once, to the depth that hybrid has.
  const dense = await search.searchBatch(queries, USUAL_CANDIDATES, { mode: 'dense' });
  const lexical = await search.searchBatch(queries, USUAL_CANDIDATES, { mode: 'lexical' });
  const best = (hits: readonly Candidate[]) => hits.slice(0, DEPTH);
  measure('dense', dense.map(best));
  measure('lexical', lexical.map(best));
  measure('rerank', await search.searchBatch(queries, DEPTH, { mode: 'rerank' }));
  for (const [name, { weights, candidates }] of Object.entries(FUSIONS)) {
    const fused = queries.map((_, n) => {
      const [ofDense, ofWords] = [dense[n].slice(0, candidates), lexical[n].slice(0, candidates)];
      return fuseSides(ofDense, ofWords, DEPTH, { weights, all: ofWords.length < candidates }).hits;
    });
    measure(name, fused);
  }
  await searcher.close();
  return values;
}

mkdirSync(out, { recursive: true });
const counts = [...asked].map(([code, { questions }]) => `${code} ${questions.length}`);
console.log(`${MEASURE}; ${collection.length} passages; questions: ${counts.join(', ')}`);
console.log(`| mode | ${[...asked.keys()].join(' | ')} | mean |\n|${' --- |'.repeat(asked.size + 2)}`);
for (const precision of options.precisions.split(',')) {
  const index = await indexOf(precision);
  const byLanguage = new Map<string, Map<string, number>>();
  for (const code of asked.keys()) byLanguage.set(code, await valuesOf(index, code));
  for (const name of byLanguage.get(languages[0])!.keys()) {
    const values = [...asked.keys()].map((code) => byLanguage.get(code)!.get(name)!);
    const mean = languages.reduce((sum, _, n) => sum + values[n], 0) / languages.length;
    const cells = [...values, mean].map((value) => value.toFixed(3));
    console.log(`| ${[`${precision} ${name}`, ...cells].join(' | ')} |`);
  }
}
