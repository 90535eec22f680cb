/**
 * What steps, rate and trained weights do to students of code-switched questions, on dev data only: one teacher,
 * eight languages.
 *
 *     npx tsx bench/switched-levers.ts --teacher DIR --levers "100:1e-3:24;300:1e-2:24:body" [--negatives DIR]
 *       [--languages sw,so,tl,mr,es,de,fr,hi] [--low sw,so,tl,mr] [--rho 0.5] [--design matched] [--seed 1]
 *       [--start PACK] [--kit ../shared/kit] [--out runs/switched-levers] [--threads 2]
 *
 * A lever is steps:rate:questions of a batch, and `body` where word vectors alone are trained, everything else frozen.
 * Columns, RR@10: of each language, held-out sentences of the bitext among the teacher's vectors of their
 * translations (`sw` among those of `sw`); their mean; and `english`, dev questions over passages. The first row is
 * the teacher's, or the start's.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadBitext } from '../src/data/bitext.ts';
import { readJudgments } from '../src/data/judgments.ts';
import { readLexicon } from '../src/data/lexicon.ts';
import { readPassages } from '../src/data/passages.ts';
import { readQueries } from '../src/data/queries.ts';
import { passageText } from '../src/data/records.ts';
import { relevantPassages } from '../src/data/relevant.ts';
import { SwitchLexicon } from '../src/data/switching/switch-lexicon.ts';
import { readCheckpoint } from '../src/model/checkpoint.ts';
import { Encoder, type TextVectors } from '../src/model/encoder.ts';
import { MaxSimScorer } from '../src/model/maxsim-scorer.ts';
import { streamProgress } from '../src/progress.ts';
import { readNegatives } from '../src/study/negatives.ts';
import { reciprocalRank } from '../src/train/dev-measure.ts';
import { teachSwitched } from '../src/train/switched.ts';
import { switchedDefaults } from '../src/train/switched-settings.ts';
import { TranslationMeasure } from '../src/train/translation-measure.ts';
import { questionPool } from './question-pool.ts';

const { values: options } = parseArgs({
  options: {
    teacher: { type: 'string' },
    start: { type: 'string' },
    negatives: { type: 'string' },
    levers: { type: 'string' },
    languages: { type: 'string', default: 'sw,so,tl,mr,es,de,fr,hi' },
    low: { type: 'string', default: 'sw,so,tl,mr' },
    rho: { type: 'string', default: '0.5' },
    design: { type: 'string', default: 'matched' },
    seed: { type: 'string', default: '1' },
    kit: { type: 'string', default: '../shared/kit' },
    out: { type: 'string', default: 'runs/switched-levers' },
    threads: { type: 'string', default: '2' },
  },
});
if (!options.teacher || !options.levers) throw new Error('Give --teacher and --levers.');
const train = join(options.kit, 'train');
const threads = Number(options.threads);
const languages = options.languages.split(',');
const { design } = options;
if (design !== 'natural' && design !== 'matched') throw new Error('--design is natural or matched.');
/** English dev questions, and passages that they are looked for among. */
const QUESTIONS = 300;
const PASSAGES = 1000;
/** Frozen where word vectors alone are trained. */
const BODY = ['position_embeddings', 'token_type_embeddings', 'LayerNorm', 'encoder', 'linear.weight'];

const teacher = readCheckpoint(options.teacher);
const start = options.start ? readCheckpoint(options.start) : undefined;
const passages = await readPassages(join(train, 'teacher/passages.jsonl'));
const dictionaries = new Map(
  await Promise.all(
    languages.map(
      async (code) => [code, await readLexicon(join(train, `dict/en-${code}.tsv`), code)] as const,
    ),
  ),
);
const input = {
  passages,
  queries: await readQueries(join(train, 'teacher/queries.train.jsonl')),
  judgments: await readJudgments(join(train, 'teacher/qrels.train.txt')),
  lexicon: new SwitchLexicon(dictionaries),
  low: options.low.split(','),
  negatives: options.negatives ? await readNegatives(options.negatives) : undefined,
  passageVectors: new Map<string, TextVectors>(),
  start,
};

const reader = await Encoder.fromCheckpoint(teacher, { threads });
const measures = new Map<string, TranslationMeasure>();
for (const code of languages) {
  const { pairs } = await loadBitext([join(train, `bitext/en-${code}.dev.tsv`)], { language: code });
  measures.set(code, await TranslationMeasure.create(reader, pairs, { threads }));
}
const questions = (await readQueries(join(train, 'teacher/queries.dev.jsonl'))).slice(0, QUESTIONS);
const judged = relevantPassages(await readJudgments(join(train, 'teacher/qrels.dev.txt')));
const pool = questionPool(questions, judged, passages, (rest) => rest.slice(0, PASSAGES));
const vectors = await reader.passages(pool.passages.map(passageText));
const scorer = await MaxSimScorer.create(reader.dim, threads);

async function row(name: string, encoder: Encoder, seconds?: number): Promise<void> {
  const values: number[] = [];
  for (const measure of measures.values()) values.push(await measure.of(encoder));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const asked = await encoder.queries(questions.map(({ text }) => text));
  const english = await reciprocalRank(scorer, asked, vectors, pool.relevant);
  const cells = [...values, mean, english].map((value) => value.toFixed(3));
  console.log(`| ${[name, ...cells, seconds === undefined ? '' : seconds.toFixed(0)].join(' | ')} |`);
}

console.log(`| lever | ${[...languages, 'mean', 'english', 'seconds'].join(' | ')} |`);
console.log(`|${' --- |'.repeat(languages.length + 4)}`);
await row(start ? 'start' : 'teacher', start ? await Encoder.fromCheckpoint(start, { threads }) : reader);
for (const lever of options.levers.split(';')) {
  const [steps, rate, batch, trained] = lever.split(':');
  if (trained !== undefined && trained !== 'body')
    throw new Error(`${lever}: after the questions, only body.`);
  const base = switchedDefaults();
  const settings = {
    ...base,
    seed: Number(options.seed),
    switching: { ...base.switching, rho: Number(options.rho), design },
    batch: { ...base.batch, queries: Number(batch ?? base.batch.queries) },
    train: {
      ...base.train,
      steps: Number(steps),
      rate: Number(rate),
      freeze: trained === 'body' ? BODY : base.train.freeze,
    },
  } as const;
  const begun = performance.now();
  const { checkpoint } = await teachSwitched(teacher, input, settings, join(options.out, lever), {
    threads,
    progress: streamProgress(),
  });
  const seconds = (performance.now() - begun) / 1000;
  const encoder = await Encoder.fromCheckpoint(checkpoint, { threads });
  await row(lever, encoder, seconds);
  await encoder.close();
}
