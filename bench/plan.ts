/**
 * How near `refract plan` comes: teaching, distilling and indexing on samples of the kit are planned, done, and both
 * set side by side. Plan and work are processes of their own, so that neither finds what the other has loaded.
 *
 *     npx tsx bench/plan.ts [--kit ../shared/kit] [--out runs/plan] [--threads 1]
 *
 * A tiny teacher of 4,000 of the kit's training passages, a Swahili pack for it, an index of AfriQA's passages: some
 * minutes of processor time. Prints ratios of predicted to actual; exits with 1 when time (of the processors, which a
 * busy machine changes less), memory or disk of any is not within a factor 1.5.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readJudgments } from '../src/data/judgments.ts';
import { readPassages } from '../src/data/passages.ts';
import { readQueries } from '../src/data/queries.ts';
import { folderBytes, peakMemory } from '../src/plan/work-plan.ts';
import { RandomStream } from '../src/random.ts';
import { refract } from '../test/command-line.ts';

const { values: options } = parseArgs({
  options: {
    kit: { type: 'string', default: '../shared/kit' },
    out: { type: 'string', default: 'runs/plan' },
    threads: { type: 'string', default: '1' },
    /** Of a child: `plan` or `work`, and which. */
    stage: { type: 'string' },
    work: { type: 'string' },
  },
});
const { kit, out } = options;
const PASSAGES = 4000;
const WITHIN = 1.5;
const at = (name: string) => join(out, name);
const teacher = at('teacher');
const common = ['--threads', options.threads, '--quiet', '--json'];
/** Each command without the place of its result. */
const WORKS: Readonly<Record<string, readonly string[]>> = {
  teach: [
    ...['--passages', at('passages.jsonl'), '--queries', at('queries.jsonl'), '--qrels', at('qrels.txt')],
    ...['--bitext', `sw=${join(kit, 'train/bitext/en-sw.train.tsv')}`],
    ...['--size', 'tiny', '--set', 'train.steps=200'],
  ],
  distill: [
    ...['--teacher', teacher, '--bitext', `sw=${join(kit, 'train/bitext/en-sw.train.tsv')}`],
    ...['--dictionary', `sw=${join(kit, 'train/dict/en-sw.tsv')}`, '--anchor', at('queries.jsonl')],
  ],
  index: ['--teacher', teacher, '--passages', join(kit, 'test/ood-afriqa/corpus.en.jsonl')],
};

/** What a stage found: of a plan the prediction, of work what it took. */
interface Figures {
  readonly seconds: number;
  readonly processor: number;
  readonly memory: number;
  readonly disk: number;
}

if (options.stage !== undefined) await stage(options.stage, options.work!);
else await everything();

async function everything(): Promise<void> {
  await sampleKit();
  let near = true;
  console.log('predicted / actual    seconds  processor     memory       disk   plan took');
  for (const work of Object.keys(WORKS)) {
    const [plan, actual] = ['plan', 'work'].map((name) => child(name, work));
    const ratios = (['seconds', 'processor', 'memory', 'disk'] as const).map(
      (part) => plan[part] / actual[part],
    );
    near &&= ratios.slice(1).every((ratio) => ratio > 1 / WITHIN && ratio < WITHIN);
    const shown = ratios.map((ratio) => ratio.toFixed(2).padStart(11)).join('');
    console.log(`${work.padEnd(18)}${shown}   ${plan.took.toFixed(0)} s of ${actual.took.toFixed(0)} s`);
  }
  process.exitCode = near ? 0 : 1;
}

function child(name: string, work: string): Figures & { took: number } {
  const args = ['tsx', 'bench/plan.ts', '--stage', name, '--work', work];
  const rest = ['--kit', kit, '--out', out, '--threads', options.threads];
  const done = spawnSync('npx', [...args, ...rest], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (done.status !== 0) throw new Error(`${name} of ${work} failed`);
  return JSON.parse(readFileSync(at(`${name}-${work}.json`), 'utf8'));
}

/** Runs a command in this process and writes what it took, or what it predicts. */
async function stage(name: string, work: string): Promise<void> {
  const start = performance.now();
  const place = work === 'teach' ? teacher : at(work);
  const args =
    name === 'plan'
      ? ['plan', work, ...WORKS[work], ...common]
      : [work, ...WORKS[work], ...common, '--out', place, '--overwrite'];
  const result = await refract(args);
  if (result.code !== 0) throw new Error(result.err);
  const took = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage();
  const actual = () => ({
    seconds: took,
    processor: (user + system) / 1e6,
    memory: peakMemory(),
    disk: folderBytes(place),
  });
  const figures: Figures = name === 'plan' ? JSON.parse(result.out) : actual();
  writeFileSync(at(`${name}-${work}.json`), `${JSON.stringify({ ...figures, took })}\n`);
}

/** Some of the kit's training passages with the questions that they answer. */
async function sampleKit(): Promise<void> {
  if (existsSync(at('qrels.txt'))) return;
  mkdirSync(out, { recursive: true });
  const folder = join(kit, 'train/teacher');
  const all = await readPassages(join(folder, 'passages.jsonl'));
  const passages = new RandomStream(1, 'bench/plan').shuffle([...all]).slice(0, PASSAGES);
  const ids = new Set(passages.map(({ id }) => id));
  const judgments = (await readJudgments(join(folder, 'qrels.train.txt'))).filter(({ passage }) =>
    ids.has(passage),
  );
  const asked = new Set(judgments.map(({ query }) => query));
  const queries = (await readQueries(join(folder, 'queries.train.jsonl'))).filter(({ id }) => asked.has(id));
  const lines = (items: readonly unknown[]) => items.map((item) => `${JSON.stringify(item)}\n`).join('');
  writeFileSync(at('passages.jsonl'), lines(passages));
  writeFileSync(at('queries.jsonl'), lines(queries));
  const qrels = judgments.map(({ query, passage, grade }) => `${query} 0 ${passage} ${grade}\n`);
  writeFileSync(at('qrels.txt'), qrels.join(''));
}
