/**
 * How translating BM25 and a pack are best fused, on dev data only: held-out sentences of the bitext look for their
 * translations among all English dev sentences, by each part alone and by both, over ways and weights.
 *
 *     npx tsx bench/fusion-weights.ts --teachers DIR,DIR --packs DIR,DIR [--translate dictionary|psq]
 *       [--languages sw,so,tl,mr,es,de,fr,hi] [--kit ../shared/kit] [--threads 1]
 *
 * A pack's folder may have {language} in its name, where each language has a pack of its own.
 * Columns: RR@10 of each language, the mean over packs, and their mean. A weight is that of the pack; BM25 has the rest.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadBitext } from '../src/data/bitext.ts';
import { readLexicon } from '../src/data/lexicon.ts';
import type { Query, RunEntry, SentencePair } from '../src/data/records.ts';
import { lexicalRun } from '../src/lexical/cross-lingual.ts';
import { englishStem } from '../src/lexical/english-stem.ts';
import { Bm25Index } from '../src/lexical/index.ts';
import { learnTranslations } from '../src/lexical/psq.ts';
import { QueryDictionary } from '../src/lexical/query-translation.ts';
import { readCheckpoint } from '../src/model/checkpoint.ts';
import { Encoder } from '../src/model/encoder.ts';
import { MaxSimScorer } from '../src/model/maxsim-scorer.ts';
import { reciprocalRankFusion, weightedFusion } from '../src/search/fusion.ts';

const { values: options } = parseArgs({
  options: {
    teachers: { type: 'string' },
    packs: { type: 'string' },
    translate: { type: 'string', default: 'dictionary' },
    languages: { type: 'string', default: 'sw,so,tl,mr,es,de,fr,hi' },
    kit: { type: 'string', default: '../shared/kit' },
    threads: { type: 'string', default: '1' },
  },
});
const [teachers, packs] = [options.teachers, options.packs].map((list) => list?.split(',') ?? []);
if (teachers.length === 0 || teachers.length !== packs.length)
  throw new Error('Give --teachers and --packs, as many of each.');
const { translate } = options;
if (translate !== 'dictionary' && translate !== 'psq') throw new Error('--translate is dictionary or psq.');
const languages = options.languages.split(',');
const threads = Number(options.threads);
const train = join(options.kit, 'train');
/** Passages that a run keeps for a query, as studies do. */
const DEPTH = 100;
const WEIGHTS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

const dev = new Map<string, readonly SentencePair[]>();
for (const code of languages)
  dev.set(code, (await loadBitext([join(train, `bitext/en-${code}.dev.tsv`)], { language: code })).pairs);
const texts = [...new Set([...dev.values()].flat().map(({ pivot }) => pivot))];
const passages = texts.map((text, n) => ({ id: `p${n}`, text }));
const idOf = new Map<string, string>(passages.map(({ id, text }) => [text, id]));
const questions = (code: string): Query[] =>
  dev.get(code)!.map(({ target }, n) => ({ id: `${code}${n}`, text: target }));
const answer = new Map<string, string>(
  languages.flatMap((code) =>
    dev.get(code)!.map(({ pivot }, n) => [`${code}${n}`, idOf.get(pivot)!] as const),
  ),
);

const index = await Bm25Index.create(passages, { language: 'en', stem: englishStem });
const lexical = new Map<string, readonly RunEntry[]>();
for (const code of languages) {
  const entries = await readLexicon(join(train, `dict/en-${code}.tsv`), code);
  const way =
    translate === 'dictionary'
      ? ({
          method: 'dictionary',
          dictionary: new QueryDictionary(entries, code),
          structure: 'synonyms',
        } as const)
      : ({
          method: 'psq',
          probabilities: await learnTranslations([...(await trainingPairs(code)), ...entries], code, index),
        } as const);
  lexical.set(code, (await lexicalRun(index, questions(code), DEPTH, way)).entries);
}
const dense: Map<string, readonly RunEntry[]>[] = [];
for (const [n, folder] of packs.entries()) dense.push(await denseRuns(teachers[n], folder));

async function trainingPairs(code: string): Promise<readonly SentencePair[]> {
  const { pairs } = await loadBitext([join(train, `bitext/en-${code}.train.tsv`)], { language: code });
  return pairs;
}

/** Runs of a pack over its teacher's vectors of the passages, by language. */
async function denseRuns(teacher: string, pack: string): Promise<Map<string, readonly RunEntry[]>> {
  const reader = await Encoder.fromCheckpoint(readCheckpoint(teacher), { threads });
  const vectors = await reader.passages(texts);
  const scorer = await MaxSimScorer.create(reader.dim, threads);
  const runs = new Map<string, readonly RunEntry[]>();
  for (const code of languages) {
    const folder = pack.replace('{language}', code);
    const encoder = await Encoder.fromCheckpoint(readCheckpoint(folder), { threads });
    const asked = questions(code);
    const scores = await scorer.score(await encoder.queries(asked.map(({ text }) => text)), vectors);
    runs.set(
      code,
      asked.flatMap(({ id: query }, q) =>
        passages
          .map(({ id: passage }, p) => ({ query, passage, score: scores[q * passages.length + p] }))
          .sort((a, b) => b.score - a.score)
          .slice(0, DEPTH),
      ),
    );
    await encoder.close();
  }
  await Promise.all([reader, scorer].map((each) => each.close()));
  return runs;
}

/** Mean reciprocal rank of a language's translations in a run. */
function reciprocalRank(run: readonly RunEntry[], code: string): number {
  const ranks = new Map<string, number>();
  let total = 0;
  for (const { query, passage } of run) {
    const rank = (ranks.get(query) ?? 0) + 1;
    ranks.set(query, rank);
    if (rank <= 10 && passage === answer.get(query)) total += 1 / rank;
  }
  return total / dev.get(code)!.length;
}

const row = (name: string, runOf: (code: string, pack: number) => readonly RunEntry[]) => {
  const values = languages.map(
    (code) => packs.reduce((sum, _, n) => sum + reciprocalRank(runOf(code, n), code), 0) / packs.length,
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  console.log(`| ${[name, ...[...values, mean].map((value) => value.toFixed(3))].join(' | ')} |`);
};
console.log(`| way | ${languages.join(' | ')} | mean |\n|${' --- |'.repeat(languages.length + 2)}`);
row(`BM25, ${translate}`, (code) => lexical.get(code)!);
row('pack', (code, n) => dense[n].get(code)!);
const ways = {
  rrf: (runs: RunEntry[][], weights: number[]) => reciprocalRankFusion(runs, { weights, depth: DEPTH }),
  'rrf, k 10': (runs: RunEntry[][], weights: number[]) =>
    reciprocalRankFusion(runs, { weights, depth: DEPTH, k: 10 }),
  'min-max': (runs: RunEntry[][], weights: number[]) => weightedFusion(runs, { weights, depth: DEPTH }),
  'z-score': (runs: RunEntry[][], weights: number[]) =>
    weightedFusion(runs, { weights, depth: DEPTH, normalisation: 'z-score' }),
};
for (const [way, fuse] of Object.entries(ways))
  for (const weight of WEIGHTS.slice(1, -1))
    row(`${way}, ${weight}`, (code, n) =>
      fuse([[...lexical.get(code)!], [...dense[n].get(code)!]], [1 - weight, weight]),
    );
