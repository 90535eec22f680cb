/**
 * The whole way on the kit, as docs/lab.md reports it: a teacher, four language packs and all measures for
 * each seed. Every cell is a folder that is skipped when it is finished, so the run can be stopped and
 * continued. The test parts are read once, at the end of a seed, and nothing is tuned on them.
 *
 *     npx tsx bench/kit.ts [--kit ../shared/kit] [--out runs/kit] [--seeds 1,2,3] [--threads 2]
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../src/data/atomic.ts';
import { loadBitext } from '../src/data/bitext.ts';
import { readJudgments } from '../src/data/judgments.ts';
import { readLexicon } from '../src/data/lexicon.ts';
import { readPassages } from '../src/data/passages.ts';
import { readQueries } from '../src/data/queries.ts';
import { type Judgment, type Passage, passageText, type Query, type RunEntry } from '../src/data/records.ts';
import { writeRun } from '../src/data/runs.ts';
import { bootstrapInterval, evaluate, mean, randomisationTest } from '../src/eval/index.ts';
import { readCheckpoint } from '../src/model/checkpoint.ts';
import { Encoder, type TextVectors } from '../src/model/encoder.ts';
import { streamProgress } from '../src/progress.ts';
import { MaxSimScorer } from '../src/train/dev-measure.ts';
import { distill } from '../src/train/distill.ts';
import { distillDefaults } from '../src/train/distill-settings.ts';
import { runFolder } from '../src/train/run-folder.ts';
import { teach } from '../src/train/teach.ts';
import { teachDefaults } from '../src/train/teach-settings.ts';

const { values: options } = parseArgs({
  options: {
    kit: { type: 'string', default: '../shared/kit' },
    out: { type: 'string', default: 'runs/kit' },
    seeds: { type: 'string', default: '1,2,3' },
    threads: { type: 'string', default: '2' },
  },
});
const kit = options.kit;
const threads = Number(options.threads);
const seeds = options.seeds.split(',').map(Number);
const languages = ['sw', 'so', 'tl', 'mr'] as const;
const progress = streamProgress(process.stderr, 30);
const measure = 'nDCG@10';

/** What is searched with which queries; `field` names the text of an English original in other queries. */
const SEARCHES: readonly { set: string; queries: string; field?: string; who: 'teacher' | 'all' | string }[] =
  [
    { set: 'indomain-xquad', queries: 'en', who: 'all' },
    { set: 'indomain-xquad', queries: 'es', who: 'teacher' },
    { set: 'indomain-xquad', queries: 'hi', who: 'teacher' },
    { set: 'ood-mlqa', queries: 'en', who: 'all' },
    { set: 'ood-mlqa', queries: 'es', who: 'teacher' },
    { set: 'indomain-ntrex', queries: 'en', who: 'all' },
    ...languages.map((language) => ({ set: 'indomain-ntrex', queries: language, who: language })),
    { set: 'ood-afriqa', queries: 'swa', field: 'en', who: 'all' },
    { set: 'ood-afriqa', queries: 'swa', who: 'sw' },
  ];

interface Bitext {
  readonly train: Awaited<ReturnType<typeof loadBitext>>['pairs'];
  readonly dev: Awaited<ReturnType<typeof loadBitext>>['pairs'];
  readonly dictionary: Awaited<ReturnType<typeof readLexicon>>;
}

async function readBitext(language: string): Promise<Bitext> {
  const file = (part: string) => join(kit, `train/bitext/en-${language}.${part}.tsv`);
  return {
    train: (await loadBitext([file('train')], { language })).pairs,
    dev: (await loadBitext([file('dev')], { language })).pairs,
    dictionary: await readLexicon(join(kit, `train/dict/en-${language}.tsv`), language),
  };
}

const teacherData = {
  passages: await readPassages(join(kit, 'train/teacher/passages.jsonl')),
  queries: await readQueries(join(kit, 'train/teacher/queries.train.jsonl')),
  judgments: await readJudgments(join(kit, 'train/teacher/qrels.train.txt')),
  dev: {
    queries: await readQueries(join(kit, 'train/teacher/queries.dev.jsonl')),
    judgments: await readJudgments(join(kit, 'train/teacher/qrels.dev.txt')),
  },
};
const bitext = new Map<string, Bitext>();
for (const language of languages) bitext.set(language, await readBitext(language));
const extraText = [...bitext.values()].flatMap(({ train, dictionary }) =>
  [...train, ...dictionary].map((p) => p.target),
);

/** Minutes of each stage, kept beside the models so that a continued run still knows them. */
async function timed(name: string, work: () => Promise<unknown>): Promise<number> {
  const path = join(options.out, 'minutes', `${name}.txt`);
  if (existsSync(path)) return Number(readFileSync(path, 'utf8'));
  const start = performance.now();
  await work();
  const minutes = (performance.now() - start) / 60_000;
  writeFileAtomic(path, minutes.toFixed(2));
  return minutes;
}

const minutes: Record<string, number> = {};
for (const seed of seeds) {
  const teacherDir = join(options.out, `teacher-${seed}`);
  minutes[`teacher-${seed}`] = await timed(`teacher-${seed}`, () =>
    teach({ ...teacherData, extraText }, { ...teachDefaults('mini'), seed }, teacherDir, {
      threads,
      progress,
      resume: existsSync(runFolder(teacherDir)),
    }),
  );
}
for (const seed of seeds) {
  const teacher = readCheckpoint(join(options.out, `teacher-${seed}`));
  for (const language of languages) {
    const { train, dev, dictionary } = bitext.get(language)!;
    const pack = join(options.out, `pack-${language}-${seed}`);
    minutes[`pack-${language}-${seed}`] = await timed(`pack-${language}-${seed}`, () =>
      distill(
        teacher,
        {
          pairs: train,
          dev,
          dictionaries: new Map([[language, dictionary]]),
          anchors: teacherData.queries.map((query) => query.text),
        },
        { ...distillDefaults(), seed },
        pack,
        { threads, progress, resume: existsSync(runFolder(pack)) },
      ),
    );
  }
  await searchAll(seed);
}
await report();

/** Runs every search of a seed and writes the TREC runs. */
async function searchAll(seed: number): Promise<void> {
  const done = join(options.out, `runs-${seed}`, 'done');
  if (existsSync(done)) return;
  const encoders = new Map<string, Encoder>();
  for (const who of ['teacher', ...languages]) {
    const folder = join(options.out, who === 'teacher' ? `teacher-${seed}` : `pack-${who}-${seed}`);
    encoders.set(who, await Encoder.fromCheckpoint(readCheckpoint(folder), { threads }));
  }
  const scorer = await MaxSimScorer.create(encoders.get('teacher')!.dim, threads);
  for (const set of new Set(SEARCHES.map((search) => search.set))) {
    const passages = await readPassages(join(kit, 'test', set, 'corpus.en.jsonl'));
    const vectors = await encoders.get('teacher')!.passages(passages.map(passageText));
    for (const search of SEARCHES.filter((each) => each.set === set)) {
      const queries = await readQueries(
        join(kit, 'test', set, `queries.${search.queries}.jsonl`),
        search.field ? { textField: search.field } : {},
      );
      const whos = search.who === 'all' ? [...encoders.keys()] : [...new Set(['teacher', search.who])];
      for (const who of whos) {
        const entries = await run(encoders.get(who)!, scorer, queries, passages, vectors);
        writeRun(runPath(seed, search, who), entries, who);
      }
    }
  }
  await Promise.all([...encoders.values(), scorer].map((each) => each.close()));
  writeFileAtomic(done, '');
}

function runPath(seed: number, search: (typeof SEARCHES)[number], who: string): string {
  return join(options.out, `runs-${seed}`, `${search.set}.${search.field ?? search.queries}.${who}.run`);
}

async function run(
  encoder: Encoder,
  scorer: MaxSimScorer,
  queries: readonly Query[],
  passages: readonly Passage[],
  vectors: readonly TextVectors[],
): Promise<RunEntry[]> {
  const encoded = await encoder.queries(queries.map((query) => query.text));
  const scores = await scorer.score(encoded, vectors);
  return queries.flatMap((query, q) =>
    Array.from(scores.subarray(q * passages.length, (q + 1) * passages.length), (score, p) => ({
      query: query.id,
      passage: passages[p].id,
      score,
    }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 100),
  );
}

/** Per-query nDCG@10 of a search, averaged over the seeds, and each seed's mean. */
async function scores(search: (typeof SEARCHES)[number], who: string) {
  const { readRun } = await import('../src/data/runs.ts');
  const queries = await readQueries(join(kit, 'test', search.set, `queries.${search.queries}.jsonl`));
  const known = new Set(queries.map((query) => query.id));
  const all: Judgment[] = await readJudgments(join(kit, 'test', search.set, 'qrels.txt'));
  const judgments = all.filter((judgment) => known.has(judgment.query));
  const perSeed: number[] = [];
  const perQuery = new Map<string, number>();
  for (const seed of seeds) {
    const { perQuery: values } = evaluate(judgments, await readRun(runPath(seed, search, who)), [measure]);
    const found = values.get(measure)!;
    perSeed.push(mean(found.values()));
    for (const [query, value] of found)
      perQuery.set(query, (perQuery.get(query) ?? 0) + value / seeds.length);
  }
  return { perSeed, perQuery };
}

async function report(): Promise<void> {
  const lines: string[] = [];
  const show = (x: number) => x.toFixed(3);
  lines.push(
    `| set | queries | encoder | ${seeds.map((s) => `seed ${s}`).join(' | ')} | mean | against teacher | p |`,
  );
  lines.push(`|---|---|---|${seeds.map(() => '---').join('|')}|---|---|---|`);
  for (const search of SEARCHES) {
    const whos = search.who === 'all' ? ['teacher', ...languages] : [...new Set(['teacher', search.who])];
    const base = await scores(search, 'teacher');
    for (const who of whos) {
      const { perSeed, perQuery } = who === 'teacher' ? base : await scores(search, who);
      const average = mean(perSeed);
      let against = '';
      let p = '';
      if (who !== 'teacher') {
        const ids = [...base.perQuery.keys()];
        const a = Float64Array.from(ids, (id) => perQuery.get(id) ?? 0);
        const b = Float64Array.from(ids, (id) => base.perQuery.get(id) ?? 0);
        const difference = a.map((value, i) => value - b[i]);
        const interval = bootstrapInterval(difference, { seed: 1 });
        against = `${average - mean(base.perSeed) >= 0 ? '+' : ''}${show(average - mean(base.perSeed))} [${show(interval.low)}, ${show(interval.high)}]`;
        p = randomisationTest(a, b, { seed: 1 }).p.toFixed(4);
      }
      const name = who === 'teacher' ? 'teacher' : `pack ${who}`;
      const label = search.field ? `${search.queries} (field ${search.field})` : search.queries;
      lines.push(
        `| ${search.set} | ${label} | ${name} | ${perSeed.map(show).join(' | ')} | ${show(average)} | ${against} | ${p} |`,
      );
    }
  }
  lines.push(
    '',
    `Minutes (${threads} threads): ${Object.entries(minutes)
      .map(([name, m]) => `${name} ${m.toFixed(1)}`)
      .join(', ')}`,
  );
  const text = `${lines.join('\n')}\n`;
  writeFileAtomic(join(options.out, 'results.md'), text);
  process.stdout.write(text);
}
