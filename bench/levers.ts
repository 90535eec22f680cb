/**
 * What each lever of the distillation recipe does, on dev data only: one language, one teacher, one source
 * of the bitext kept out of training as an out-of-domain dev set.
 *
 *     npx tsx bench/levers.ts --teacher runs/kit/teacher-1 [--language sw] [--held-out stories-asp]
 *       [--levers "name;name"] [--steps N] [--seed 1] [--threads 2] [--kit ../shared/kit] [--out runs/levers]
 *
 * Columns, all RR@10: `dev`, held-out sentences of the trained sources among their translations; `other`,
 * the same for the source kept out; `questions`, English dev questions translated word by word with the
 * dictionary (unknown words dropped, names kept) over passages; `english`, the same questions in English.
 * `questions` shares its dictionary with the levers that train on one: compare it among the others only.
 * `kept` is the mean cosine of the pack's token vectors of English sentences (the pivot side of `dev` and
 * `other`) with the teacher's. "start" levers take no gradient step; "last step" ones keep the last weights, the
 * others those of the best dev measure, as `refract distill` does.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadBitext } from '../src/data/bitext.ts';
import { switchWords } from '../src/data/code-switch.ts';
import { readJudgments } from '../src/data/judgments.ts';
import { readLexicon } from '../src/data/lexicon.ts';
import { readPassages } from '../src/data/passages.ts';
import { readQueries } from '../src/data/queries.ts';
import { passageText, type SentencePair } from '../src/data/records.ts';
import { relevantPassages } from '../src/data/relevant.ts';
import { readCheckpoint } from '../src/model/checkpoint.ts';
import { Encoder, type TextVectors } from '../src/model/encoder.ts';
import { modelFingerprint } from '../src/model/fingerprint.ts';
import { MaxSimScorer } from '../src/model/maxsim-scorer.ts';
import { streamProgress } from '../src/progress.ts';
import { RandomStream } from '../src/random.ts';
import { reciprocalRank } from '../src/train/dev-measure.ts';
import { distill } from '../src/train/distill.ts';
import { type DistillSettings, distillDefaults } from '../src/train/distill-settings.ts';
import { questionPool } from './question-pool.ts';

const { values: options } = parseArgs({
  options: {
    teacher: { type: 'string' },
    kit: { type: 'string', default: '../shared/kit' },
    language: { type: 'string', default: 'sw' },
    'held-out': { type: 'string', default: 'stories-asp' },
    levers: { type: 'string' },
    steps: { type: 'string', default: String(distillDefaults().train.steps) },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    out: { type: 'string', default: 'runs/levers' },
  },
});
if (!options.teacher) throw new Error('Give --teacher, a folder that bench/kit.ts or refract teach wrote.');
const { kit, language } = options;
const threads = Number(options.threads);
const base: DistillSettings = {
  ...distillDefaults(),
  seed: Number(options.seed),
  train: { ...distillDefaults().train, steps: Number(options.steps) },
};

interface Lever {
  readonly settings: DistillSettings;
  readonly dictionary?: boolean;
  readonly sources?: readonly string[];
  readonly languages?: readonly string[];
}

const align = (change: Partial<DistillSettings['align']>) => ({
  ...base,
  align: { ...base.align, ...change },
});
const trained = (change: Partial<DistillSettings['train']>) => ({
  ...base,
  train: { ...base.train, ...change },
});
const startAlone = (settings: DistillSettings) => ({ ...settings, train: { ...settings.train, steps: 0 } });
/** The weights of the last step, whatever the dev measure says of them. */
const last = (settings: DistillSettings) => ({ ...settings, train: { ...settings.train, evaluateEvery: 0 } });
const noHeadStart = align({ iterations: 0, rounds: 0 });
const plain = { ...base.batch, switched: 0 };
const naive = {
  ...noHeadStart,
  marginals: 'uniform' as const,
  batch: { ...plain, anchors: 0 },
  train: { ...base.train, freeze: ['position_embeddings'], rate: 5e-4, evaluateEvery: 0 },
};

/** Each lever by name; `default` is the recipe, the others change one thing of it, or build up from `naive`. */
const LEVERS: Readonly<Record<string, Lever>> = {
  default: { settings: base, dictionary: true },
  naive: { settings: naive },
  'naive, anchor': { settings: { ...naive, batch: plain } },
  'start: Model 1': { settings: startAlone(align({ rounds: 0 })), dictionary: true },
  'start: plans': { settings: startAlone(align({ iterations: 0 })), dictionary: true },
  'start: Model 1, then plans': { settings: startAlone(base), dictionary: true },
  'start: two rounds of plans': { settings: startAlone(align({ rounds: 2 })), dictionary: true },
  'start: Model 1, then all of plans': {
    settings: startAlone(align({ transportShare: 1 })),
    dictionary: true,
  },
  'start: one reading': { settings: startAlone(align({ twoReadings: false })), dictionary: true },
  'start: no protection': { settings: startAlone(align({ protection: 0 })), dictionary: true },
  'start: uniform masses': { settings: startAlone({ ...base, marginals: 'uniform' }), dictionary: true },
  'start: unbalanced': {
    settings: startAlone({ ...base, transport: { ...base.transport, solver: 'unbalanced', tau: 0.3 } }),
    dictionary: true,
  },
  'start: epsilon 0.02': {
    settings: startAlone({ ...base, transport: { ...base.transport, epsilon: 0.02 } }),
    dictionary: true,
  },
  'start: no dictionary': { settings: startAlone(base) },
  'no head start, last step': { settings: last(noHeadStart), dictionary: true },
  'last step': { settings: last(base), dictionary: true },
  'last step, no anchor': {
    settings: last({ ...base, batch: { ...base.batch, anchors: 0 } }),
    dictionary: true,
  },
  'last step, no switching': { settings: last({ ...base, batch: plain }), dictionary: true },
  'last step, entries': {
    settings: last({ ...base, batch: { ...base.batch, entries: 24 } }),
    dictionary: true,
  },
  'last step, rate 5e-5': { settings: last(trained({ rate: 5e-5 })), dictionary: true },
  'last step, rate 1e-3': { settings: last(trained({ rate: 1e-3 })), dictionary: true },
  'last step, word vectors too': {
    settings: last(trained({ freeze: ['position_embeddings'] })),
    dictionary: true,
  },
  'last step, word vectors only': {
    settings: last(
      trained({ freeze: ['position_embeddings', 'token_type', 'encoder', 'linear', 'LayerNorm'] }),
    ),
    dictionary: true,
  },
  'one source': { settings: base, dictionary: true, sources: ['tico19'] },
  'four languages': { settings: base, dictionary: true, languages: ['sw', 'so', 'tl', 'mr'] },
};

const teacher = readCheckpoint(options.teacher);
const teacherEncoder = await Encoder.fromCheckpoint(teacher, { threads });
const scorer = await MaxSimScorer.create(teacherEncoder.dim, threads);
const heldOut = options['held-out'];
const file = (code: string, part: string) => join(kit, `train/bitext/en-${code}.${part}.tsv`);
const pairsOf = async (code: string, part: string) =>
  (await loadBitext([file(code, part)], { language: code })).pairs;
const dictionaryOf = (code: string) => readLexicon(join(kit, `train/dict/en-${code}.tsv`), code);
const own = await pairsOf(language, 'train');
const dev = (await pairsOf(language, 'dev')).filter((pair) => pair.source !== heldOut);
const other = own.filter((pair) => pair.source === heldOut).slice(0, 300);
const anchors = (await readQueries(join(kit, 'train/teacher/queries.train.jsonl'))).map(
  (query) => query.text,
);
const questions = await devQuestions();
const sentences = {
  dev: await teacherEncoder.passages(dev.map((pair) => pair.pivot)),
  other: await teacherEncoder.passages(other.map((pair) => pair.pivot)),
};

const englishSides = [...new Set([...dev, ...other].map((pair) => pair.pivot))];
const englishVectors = await teacherEncoder.queries(englishSides);

console.log('| lever | dev | other | questions | english | kept |\n|---|---|---|---|---|---|');
await show('teacher (zero-shot)', teacherEncoder);
const names = options.levers?.split(';') ?? Object.keys(LEVERS);
for (const name of names) {
  const lever = LEVERS[name];
  if (!lever) throw new Error(`No lever ${name}; there are: ${Object.keys(LEVERS).join(', ')}.`);
  const place = [language, heldOut, name, options.steps, options.seed, modelFingerprint(teacher)].join(' ');
  const out = join(options.out, place.replace(/[^\w.-]+/g, '-'));
  if (!existsSync(out)) await make(lever, out);
  const encoder = await Encoder.fromCheckpoint(readCheckpoint(out), { threads });
  await show(name, encoder);
  await encoder.close();
}

async function make(
  { settings, dictionary, sources, languages = [language] }: Lever,
  out: string,
): Promise<void> {
  const pairs: SentencePair[] = [];
  const dictionaries = new Map<string, readonly SentencePair[]>();
  for (const code of languages) {
    const all = code === language ? own : await pairsOf(code, 'train');
    pairs.push(...all.filter((p) => p.source !== heldOut && (!sources || sources.includes(p.source ?? ''))));
    if (dictionary) dictionaries.set(code, await dictionaryOf(code));
  }
  await distill(teacher, { pairs, dev, dictionaries, anchors }, settings, out, {
    threads,
    progress: streamProgress(process.stderr, 30),
  });
}

/** A sample of the dev questions, their word-by-word translations, and a pool of passages. */
async function devQuestions() {
  const queries = await readQueries(join(kit, 'train/teacher/queries.dev.jsonl'));
  const judgments = await readJudgments(join(kit, 'train/teacher/qrels.dev.txt'));
  const passages = await readPassages(join(kit, 'train/teacher/passages.jsonl'));
  const stream = new RandomStream(1, 'levers/dev');
  const chosen = stream.shuffle([...queries]).slice(0, 300);
  const pool = questionPool(chosen, relevantPassages(judgments), passages, (rest) =>
    stream.shuffle([...rest]).slice(0, 500),
  );
  const table = new Map<string, string[]>();
  for (const { pivot, target } of await dictionaryOf(language)) {
    const key = pivot.toLowerCase();
    table.set(key, [...(table.get(key) ?? []), target]);
  }
  const translate = (text: string) =>
    [...text.matchAll(/[\p{L}\p{M}\p{N}'’-]+/gu)]
      .flatMap(([word], i) => {
        if (table.has(word.toLowerCase())) return [switchWords(word, table, 1, stream)];
        return i > 0 && /^[\p{Lu}\p{N}]/u.test(word) ? [word] : [];
      })
      .join(' ');
  return {
    english: chosen.map(({ text }) => text),
    translated: chosen.map(({ text }) => translate(text)),
    passages: await teacherEncoder.passages(pool.passages.map(passageText)),
    relevant: pool.relevant,
  };
}

async function show(name: string, encoder: Encoder): Promise<void> {
  const rank = async (
    texts: readonly string[],
    passages: readonly TextVectors[],
    relevant: readonly ReadonlySet<number>[],
  ) => (await reciprocalRank(scorer, await encoder.queries(texts), passages, relevant)).toFixed(3);
  const self = (pairs: readonly SentencePair[]) => pairs.map((_, i) => new Set([i]));
  const targets = (pairs: readonly SentencePair[]) => pairs.map((pair) => pair.target);
  const figures = [
    await rank(targets(dev), sentences.dev, self(dev)),
    await rank(targets(other), sentences.other, self(other)),
    await rank(questions.translated, questions.passages, questions.relevant),
    await rank(questions.english, questions.passages, questions.relevant),
  ];
  console.log(`| ${name} | ${figures.join(' | ')} | ${(await kept(encoder)).toFixed(4)} |`);
}

/** The mean cosine of English token vectors with the teacher's. */
async function kept(encoder: Encoder): Promise<number> {
  const found = await encoder.queries(englishSides);
  let [cosines, tokens] = [0, 0];
  found.forEach(({ vectors, count }, i) => {
    for (let k = 0; k < vectors.length; k++) cosines += vectors[k] * englishVectors[i].vectors[k];
    tokens += count;
  });
  return cosines / tokens;
}
