/**
 * The whole way on the embedded sample (`sample/`): a tiny English teacher, a language pack for each of two
 * languages, an index, searches, and the figures. Small enough for a few minutes on two cores; the same calls,
 * with other files and larger settings, make a collection of one's own searchable.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFreePlace, writeFileAtomic } from './data/atomic.ts';
import { loadBitext } from './data/bitext.ts';
import { checkJudgments, readJudgments } from './data/judgments.ts';
import { languageName } from './data/language.ts';
import { readPassages } from './data/passages.ts';
import { readQueries } from './data/queries.ts';
import type { Judgment, Passage, Query, SentencePair } from './data/records.ts';
import { writeRun } from './data/runs.ts';
import { RefractError } from './errors.ts';
import { evaluate } from './eval/evaluate.ts';
import { indexPassages } from './search/index-passages.ts';
import { openSearcher } from './search/open-searcher.ts';
import type { FoundPassage } from './search/searcher.ts';
import { distill } from './train/distill.ts';
import { type DistillSettings, distillDefaults } from './train/distill-settings.ts';
import { teach } from './train/teach.ts';
import { type TeachSettings, teachDefaults } from './train/teach-settings.ts';
import type { WorkControl } from './train/work.ts';

/** The languages of the sample that get a pack. */
export const DEMO_LANGUAGES = ['sw', 'so'] as const;

/** What is measured. */
export const DEMO_MEASURES = ['nDCG@10', 'R@1'] as const;

/** The sample that comes with the package. */
export const SAMPLE = fileURLToPath(new URL('../sample/', import.meta.url));

/** Questions that are searched and shown: the first of the test set, not chosen. */
const SHOWN_QUESTIONS = 3;
const SHOWN_PASSAGES = 3;

/** The settings of the demo: the defaults with other steps, rates and vocabulary, found on the sample's dev questions. */
export interface DemoSettings {
  readonly teach: TeachSettings;
  readonly distill: DistillSettings;
}

/** A search that is shown. */
export interface DemoSearch {
  readonly language: string;
  readonly question: string;
  /** The same question in English. */
  readonly english: string;
  readonly found: readonly FoundPassage[];
  /** Ids of the passages that answer it. */
  readonly relevant: readonly string[];
}

/** The figures of one way of searching in one language. */
export interface DemoFigures {
  readonly language: string;
  readonly system: 'zero-shot' | 'OPTICAL' | 'English oracle';
  /** Values by the names of `DEMO_MEASURES`. */
  readonly values: Readonly<Record<string, number>>;
  readonly questions: number;
}

/** What the demo did. */
export interface DemoReport {
  readonly searches: readonly DemoSearch[];
  readonly figures: readonly DemoFigures[];
  /** Seconds of each stage. */
  readonly stages: Readonly<Record<string, number>>;
}

/** How the demo runs; `tell` hears of each stage when it begins. */
export interface DemoOptions extends Omit<WorkControl, 'resume'> {
  readonly seed?: number;
  /** Another folder with the files of `sample/`. */
  readonly sample?: string;
  readonly settings?: DemoSettings;
  readonly tell?: (stage: string) => void;
}

/** Settings by seed. */
export function demoSettings(seed = 1): DemoSettings {
  const teacher = teachDefaults('tiny');
  const student = distillDefaults();
  return {
    teach: {
      ...teacher,
      seed,
      tokenizer: { ...teacher.tokenizer, vocabSize: 8000 },
      train: { ...teacher.train, steps: 160, warmupSteps: 16, evaluateEvery: 80 },
    },
    distill: {
      ...student,
      seed,
      train: { ...student.train, steps: 400, rate: 5e-4, warmupSteps: 40, evaluateEvery: 200 },
    },
  };
}

/**
 * Runs the demo and leaves teacher, packs, index, runs and `demo.json` in `out`. What an earlier demo left there
 * is replaced; a folder with anything else is refused with `OUTPUT_EXISTS`. Errors: those of `teach`, `distill`,
 * `indexPassages` and the readers.
 *
 * @example const { figures } = await runDemo('demo-output', { progress: streamProgress() })
 */
export async function runDemo(out: string, options: DemoOptions = {}): Promise<DemoReport> {
  const settings = options.settings ?? demoSettings(options.seed);
  const { device, threads, progress, signal, tell = () => {} } = options;
  const control: WorkControl = { device, threads, progress, signal };
  clearPlace(out);
  const stages: Record<string, number> = {};
  const stage = async <T>(name: string, description: string, work: () => Promise<T>): Promise<T> => {
    tell(description);
    const start = performance.now();
    const result = await work();
    stages[name] = (performance.now() - start) / 1000;
    return result;
  };
  const place = (...parts: string[]) => join(out, ...parts);
  const sample = options.sample ?? SAMPLE;
  const data = await readSample(sample);

  const { checkpoint: teacher } = await stage(
    'teacher',
    `Training an English teacher on ${data.train.queries.length} questions about ${data.passages.length} passages`,
    () =>
      teach(
        {
          passages: data.passages,
          ...data.train,
          dev: { queries: data.dev.queries.en, judgments: data.dev.judgments },
          // The tokenizer must know the words of the languages to come.
          extraText: DEMO_LANGUAGES.flatMap((language) => data.bitext[language].map(({ target }) => target)),
        },
        settings.teach,
        place('teacher'),
        control,
      ),
  );
  for (const language of DEMO_LANGUAGES) {
    const pairs = data.bitext[language];
    const input = { pairs, dictionaries: new Map(), anchors: data.train.queries.map(({ text }) => text) };
    await stage(
      `pack ${language}`,
      `Distilling a pack for ${languageName(language)} from ${pairs.length} sentence pairs`,
      () => distill(teacher, input, settings.distill, place('packs', language), control),
    );
  }
  await stage('index', 'Indexing the English passages with the teacher', () =>
    indexPassages(place('teacher'), join(sample, 'passages.jsonl'), place('index'), {
      ...control,
      overwrite: true,
    }),
  );
  const { searches, figures } = await stage('search', 'Searching with all test questions', () =>
    measure(place('index'), (language) => place('packs', language), place('runs'), data.test, control),
  );
  const report: DemoReport = { searches, figures, stages };
  writeFileAtomic(
    place(MARKER),
    `${JSON.stringify({ kind: 'refract-demo', figures, stages, settings }, null, 2)}\n`,
  );
  return report;
}

/** Questions in every language under the same ids, with judgments. */
export interface Questions {
  readonly queries: Readonly<Record<'en' | (typeof DEMO_LANGUAGES)[number], readonly Query[]>>;
  readonly judgments: readonly Judgment[];
}

/** Searches with teacher and packs, and measures; the runs go to the folder `runs`. */
export async function measure(
  index: string,
  pack: (language: string) => string,
  runs: string,
  { queries, judgments }: Questions,
  { device, threads, progress, signal }: WorkControl,
): Promise<Pick<DemoReport, 'searches' | 'figures'>> {
  const searches: DemoSearch[] = [];
  const figures: DemoFigures[] = [];
  const run = async (
    system: DemoFigures['system'],
    language: (typeof DEMO_LANGUAGES)[number],
    asked: readonly Query[],
  ) => {
    const folder = system === 'OPTICAL' ? pack(language) : undefined;
    const searcher = await openSearcher(index, { pack: folder, device, threads });
    try {
      const entries = await searcher.searchAll(asked, 100, { progress, signal });
      writeRun(
        join(runs, `${system.replaceAll(' ', '-')}.${language}.run`),
        entries,
        system.replaceAll(' ', '-'),
      );
      const { means } = evaluate(judgments, entries, DEMO_MEASURES);
      figures.push({ system, language, values: Object.fromEntries(means), questions: asked.length });
      if (system !== 'OPTICAL') return;
      for (const { id, text } of asked.slice(0, SHOWN_QUESTIONS)) {
        const found = await searcher.search(text, SHOWN_PASSAGES);
        const english = queries.en.find((query) => query.id === id)?.text ?? '';
        const relevant = judgments.filter((j) => j.query === id && j.grade > 0).map((j) => j.passage);
        searches.push({ language, question: text, english, found, relevant });
      }
    } finally {
      await searcher.close();
    }
  };
  for (const language of DEMO_LANGUAGES) {
    await run('zero-shot', language, queries[language]);
    await run('OPTICAL', language, queries[language]);
    await run('English oracle', language, queries.en);
  }
  return { searches, figures };
}

/** Everything in a folder with the files of `sample/`. */
export async function readSample(folder: string): Promise<{
  passages: Passage[];
  train: { queries: Query[]; judgments: Judgment[] };
  dev: Questions;
  test: Questions;
  bitext: Record<(typeof DEMO_LANGUAGES)[number], SentencePair[]>;
}> {
  const file = (name: string) => join(folder, name);
  const passages = await readPassages(file('passages.jsonl'));
  const known = new Set(passages.map(({ id }) => id));
  const judged = async (name: string, queries: readonly Query[]) => {
    const judgments = await readJudgments(file(`${name}.qrels.txt`));
    checkJudgments(judgments, new Set(queries.map(({ id }) => id)), known, file(`${name}.qrels.txt`));
    return judgments;
  };
  const questions = async (name: string): Promise<Questions> => {
    const [en, sw, so] = await Promise.all(
      ['en', ...DEMO_LANGUAGES].map((language) => readQueries(file(`${name}.queries.${language}.jsonl`))),
    );
    return { queries: { en, sw, so }, judgments: await judged(name, en) };
  };
  const bitext = async (language: string) =>
    (await loadBitext([file(`bitext.en-${language}.tsv`)], { language })).pairs;
  const queries = await readQueries(file('train.queries.en.jsonl'));
  return {
    passages,
    train: { queries, judgments: await judged('train', queries) },
    dev: await questions('dev'),
    test: await questions('test'),
    bitext: { sw: await bitext('sw'), so: await bitext('so') },
  };
}

/** Tells a folder of the demo from others, and holds the figures. */
const MARKER = 'demo.json';

/** Empties a folder that a demo made; refuses others that are not empty. */
function clearPlace(out: string): void {
  if (!isFreePlace(out) && !isDemoFolder(out))
    throw new RefractError('OUTPUT_EXISTS', 'there is already something here that is no demo', {
      at: out,
      hint: 'Choose another place with --out.',
    });
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  writeFileAtomic(join(out, MARKER), `${JSON.stringify({ kind: 'refract-demo', unfinished: true })}\n`);
}

function isDemoFolder(path: string): boolean {
  try {
    return JSON.parse(readFileSync(join(path, MARKER), 'utf8')).kind === 'refract-demo';
  } catch {
    return false; // no marker, or another program's file of that name
  }
}
