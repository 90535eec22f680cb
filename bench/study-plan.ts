/**
 * How near `refract study plan` comes: a small study of the kit is planned, run, and both are set side by side, by
 * kind of cell: time by the clock, processor time (which a busy machine changes less), disk, and the peak of memory.
 * Plan and run are processes of their own, so that neither finds what the other has loaded or compiled.
 *
 *     npx tsx bench/study-plan.ts [--kit ../shared/kit] [--out runs/study-plan] [--threads 1]
 *       [--stage plan|run|compare]
 *
 * With --stage one part alone is done again, in the folder that the whole has left.
 *
 * The study: a tiny teacher, two low-resource languages and a high-resource one, two test sets, three shares, two
 * seeds; a sample of the training and of AfriQA's passages. About eight minutes of processor time. Exits with 1 when
 * the total of time, memory or disk is not within a factor 1.5.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readJudgments } from '../src/data/judgments.ts';
import { readPassages } from '../src/data/passages.ts';
import { readQueries } from '../src/data/queries.ts';
import { RandomStream } from '../src/random.ts';
import { cellBytes, peakMemory } from '../src/study/cell-record.ts';
import { studySchema } from '../src/study/checked-study.ts';
import { studyMatrix } from '../src/study/matrix.ts';
import { planStudy, type StudyCost } from '../src/study/plan.ts';
import { watchCell } from '../src/study/probe.ts';
import { runCells } from '../src/study/run-cells.ts';
import { StudyFiles } from '../src/study/study-files.ts';
import type { Study } from '../src/study/study-schema.ts';

const { values: options } = parseArgs({
  options: {
    kit: { type: 'string', default: '../shared/kit' },
    out: { type: 'string', default: 'runs/study-plan' },
    threads: { type: 'string', default: '1' },
    stage: { type: 'string' },
  },
});
const { kit, out } = options;
const control = { out: join(out, 'study'), threads: Number(options.threads) };
/** Training passages, and passages of AfriQA, that are kept. */
const PASSAGES = 2000;
const AFRIQA = 1500;
const WITHIN = 1.5;
const study = studySchema.parse(studyOf());

if (options.stage === 'plan') await plan();
else if (options.stage === 'run') await run();
else if (options.stage === 'compare') compare();
else await everything();

/** What a run took, by kind of cell. */
interface Actual {
  readonly kinds: Record<string, { seconds: number; processor: number; bytes: number }>;
  readonly seconds: number;
  readonly processor: number;
  readonly memoryBytes: number;
}

async function plan(): Promise<void> {
  const files = await StudyFiles.open(study, out);
  // Not where the run's finished cells are: they cost nothing.
  const nowhere = { ...control, out: join(out, 'planned') };
  save('plan.json', await planStudy(files, studyMatrix(files), nowhere));
}

async function run(): Promise<void> {
  const { cells } = studyMatrix(await StudyFiles.open(study, out));
  const kinds: Actual['kinds'] = {};
  const start = performance.now();
  const used = process.cpuUsage();
  await runCells(
    cells.map((cell) =>
      watchCell(cell, (time) => {
        const { seconds, processor, bytes } = kinds[cell.kind] ?? { seconds: 0, processor: 0, bytes: 0 };
        kinds[cell.kind] = {
          seconds: seconds + time.seconds,
          processor: processor + time.processor,
          bytes: bytes + cellBytes(control.out, cell),
        };
      }),
    ),
    { ...control, tell: (message) => console.error(message) },
  );
  const { user, system } = process.cpuUsage(used);
  save('run.json', {
    ...{ kinds, seconds: (performance.now() - start) / 1000, processor: (user + system) / 1e6 },
    memoryBytes: peakMemory(),
  });
}

async function everything(): Promise<void> {
  rmSync(control.out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await writeTraining();
  await writeAfriqa();
  for (const stage of ['plan', 'run']) {
    const own = ['--import', 'tsx', import.meta.filename, ...process.argv.slice(2), '--stage', stage];
    const { status } = spawnSync(process.execPath, own, { stdio: 'inherit' });
    if (status !== 0) throw new Error(`${stage} failed`);
  }
  compare();
}

function compare(): void {
  const predicted: StudyCost = load('plan.json');
  const actual: Actual = load('run.json');
  const row = (name: string, parts: readonly [number, number, string, number?][]) =>
    console.log(
      [
        name.padEnd(14),
        ...parts.map(([was, is, unit, scale = 1]) =>
          `${(was / scale).toFixed(1)} / ${(is / scale).toFixed(1)} ${unit} = ${(was / is).toFixed(2)}`.padEnd(
            32,
          ),
        ),
      ].join(''),
    );
  console.log('predicted / actual = ratio; by kind, of cells made alone');
  let bytes = 0;
  for (const [kind, is] of Object.entries(actual.kinds)) {
    const cells = predicted.cells.filter((cell) => cell.kind === kind);
    const sum = (of: 'seconds' | 'processor' | 'bytes') => cells.reduce((total, cell) => total + cell[of], 0);
    bytes += is.bytes;
    row(`${cells.length} ${kind}`, [
      [sum('seconds'), is.seconds, 's'],
      [sum('processor'), is.processor, 's cpu'],
      [sum('bytes'), is.bytes, 'MB', 1e6],
    ]);
  }
  const totals: [number, number, string, number?][] = [
    [predicted.seconds, actual.seconds, 's'],
    [predicted.processor, actual.processor, 's cpu'],
    [predicted.bytes, bytes, 'MB', 1e6],
  ];
  const memory: [number, number, string, number?] = [predicted.memoryBytes, actual.memoryBytes, 'MB', 1e6];
  row('all', totals);
  row('memory', [memory]);
  console.log(`probe ${predicted.probeSeconds.toFixed(0)} s`);
  if ([...totals, memory].some(([was, is]) => was / is > WITHIN || is / was > WITHIN)) process.exitCode = 1;
}

/** A seeded sample of the kit's training passages, with the questions on them. */
async function writeTraining(): Promise<void> {
  const at = (name: string) => join(kit, 'train/teacher', name);
  const passages = new RandomStream(1, 'bench/study-plan')
    .shuffle(await readPassages(at('passages.jsonl')))
    .slice(0, PASSAGES);
  const ids = new Set(passages.map(({ id }) => id));
  const judgments = (await readJudgments(at('qrels.train.txt'))).filter(({ passage }) => ids.has(passage));
  const asked = new Set(judgments.map(({ query }) => query));
  const queries = (await readQueries(at('queries.train.jsonl'))).filter(({ id }) => asked.has(id));
  writeFileSync(join(out, 'passages.jsonl'), jsonLines(passages));
  writeFileSync(join(out, 'queries.jsonl'), jsonLines(queries));
  const judged = judgments.map(({ query, passage, grade }) => `${query} 0 ${passage} ${grade}\n`);
  writeFileSync(join(out, 'qrels.txt'), judged.join(''));
}

/** AfriQA's judged passages, and others. */
async function writeAfriqa(): Promise<void> {
  const judged = new Set(
    (await readJudgments(join(kit, 'test/ood-afriqa/qrels.txt'))).map(({ passage }) => passage),
  );
  const passages = await readPassages(join(kit, 'test/ood-afriqa/corpus.en.jsonl'));
  const kept = [
    ...passages.filter(({ id }) => judged.has(id)),
    ...passages.filter(({ id }) => !judged.has(id)),
  ].slice(0, AFRIQA);
  writeFileSync(join(out, 'afriqa.jsonl'), jsonLines(kept));
}

function jsonLines(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

function studyOf(): unknown {
  const at = (name: string) => relative(resolve(out), resolve(kit, name));
  const language = (code: string) => ({
    bitext: [at(`train/bitext/en-${code}.train.tsv`)],
    devBitext: [at(`train/bitext/en-${code}.dev.tsv`)],
    dictionary: [at(`train/dict/en-${code}.tsv`)],
  });
  const ntrex = (code: string) => at(`test/indomain-ntrex/queries.${code}.jsonl`);
  const train = (steps: number) => ({ train: { steps, evaluateEvery: steps / 2 } });
  return {
    train: { passages: 'passages.jsonl', queries: 'queries.jsonl', judgments: 'qrels.txt' },
    languages: {
      sw: { low: true, ...language('sw') },
      so: { low: true, ...language('so') },
      es: language('es'),
    },
    tests: {
      ntrex: {
        passages: at('test/indomain-ntrex/corpus.en.jsonl'),
        judgments: at('test/indomain-ntrex/qrels.txt'),
        queries: { sw: ntrex('sw'), so: ntrex('so'), es: ntrex('es') },
      },
      afriqa: {
        passages: 'afriqa.jsonl',
        judgments: at('test/ood-afriqa/qrels.txt'),
        queries: { sw: at('test/ood-afriqa/queries.swa.jsonl') },
      },
    },
    teacher: { size: 'tiny', settings: train(60) },
    seeds: [1, 2],
    rho: [0, 0.5, 1],
    designs: ['matched'],
    measures: ['nDCG@10', 'R@100'],
    arms: {
      'zero-shot': { kind: 'zero-shot' },
      'bm25-dictionary': { kind: 'lexical', translate: 'dictionary', stem: true },
      'bm25-psq': { kind: 'lexical', translate: 'psq', stem: true },
      optical: { kind: 'optical', settings: { align: { rounds: 0 }, ...train(100) } },
      'code-switched': { kind: 'code-switched', settings: { train: { steps: 60 } } },
    },
  } satisfies Record<keyof Pick<Study, 'train' | 'languages' | 'tests' | 'teacher' | 'arms'>, unknown> &
    Record<string, unknown>;
}

function save(name: string, content: object): void {
  const path = join(out, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(content, null, 1));
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(join(out, name), 'utf8')) as T;
}
