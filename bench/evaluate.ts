/**
 * Evaluating a large run here, by trec_eval's C code (through pytrec_eval) and by ranx, in turns: 7,000 topics
 * with 1,000 passages each, seven everyday measures a topic. Each system is a process of its own that has the data
 * loaded and waits for its turn, so that the machine's changing speed meets all of them alike.
 *
 *     npx tsx bench/evaluate.ts --python PYTHON [--rounds 5] [--topics 7000] [--depth 1000] [--judged 20]
 *
 * PYTHON is an interpreter with pytrec-eval-terrier and ranx. What the timed part of each system is:
 *
 * | system | loaded before | timed |
 * |---|---|---|
 * | columns | the run as `readRunTable` gives it, the judgments as `readJudgments` does | `evaluate`: grouping, ranking, join, measures, means |
 * | records | the run as an array of records, the same judgments | the same |
 * | files | nothing | reading and parsing both files, and the same |
 * | trec_eval | run and judgments as dicts, the `RelevanceEvaluator` made | its `evaluate(run)` |
 * | trec_eval files | nothing | `parse_qrel`, `parse_run`, the evaluator, `evaluate` |
 * | ranx | `Run` and `Qrels` made and sorted, everything compiled by a first call | its `evaluate`, one thread |
 *
 * Seconds are printed by the clock and by the processor (all threads of the process, collection of garbage too).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writePiecesAtomic } from '../src/data/atomic.ts';
import { readJudgments } from '../src/data/judgments.ts';
import { readRunTable } from '../src/data/run-table.ts';
import { readRun } from '../src/data/runs.ts';
import { evaluate } from '../src/eval/evaluate.ts';
import { rankTable } from '../src/eval/ranking-table.ts';
import { RandomStream } from '../src/random.ts';
import { range, type Seconds, System, takeTurns, timed } from './turns.ts';

const MEASURES = ['AP', 'nDCG@10', 'nDCG', 'R@100', 'RR', 'P@10', 'Rprec'];
const PASSAGES = 8_841_823;

interface Turn extends Seconds {
  /** In the order of `MEASURES`. */
  readonly means: readonly number[];
}

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    topics: { type: 'string', default: '7000' },
    depth: { type: 'string', default: '1000' },
    judged: { type: 'string', default: '20' },
    only: { type: 'string', default: 'columns,records,files,trec_eval,trec_eval files,ranx' },
    worker: { type: 'string' },
    folder: { type: 'string' },
  },
});

async function compare(): Promise<void> {
  if (!values.python) throw new Error('Give --python, an interpreter with pytrec-eval-terrier and ranx.');
  const folder = mkdtempSync(join(tmpdir(), 'refract-evaluate-'));
  const systems = new Map<string, System<Turn>>();
  try {
    generate(folder);
    for (const name of values.only.split(',')) {
      const rival = name.startsWith('trec_eval') || name === 'ranx';
      const system = rival
        ? new System<Turn>(values.python, ['bench/evaluate_rivals.py', name, folder])
        : System.own<Turn>(['bench/evaluate.ts', '--worker', name, '--folder', folder]);
      systems.set(name, system);
      console.log(`${name} is loaded: ${await system.loaded()}`);
    }
    const turns = new Map([...systems.keys()].map((name) => [name, [] as Turn[]]));
    for (let round = 0; round < Number(values.rounds); round++)
      for (const [name, system] of systems) {
        const turn = await system.turn();
        turns.get(name)!.push(turn);
        console.log(
          `round ${round + 1}: ${name} ${turn.seconds.toFixed(2)} s, processor ${turn.processor.toFixed(2)} s`,
        );
      }
    report(turns);
  } finally {
    for (const system of systems.values()) system.end();
    rmSync(folder, { recursive: true });
  }
}

function report(turns: ReadonlyMap<string, readonly Turn[]>): void {
  const reference = turns.get('trec_eval')?.[0].means ?? [];
  console.log('\n| system | clock, s (least to most) | processor, s | largest difference of a mean |');
  console.log('|---|---|---|---|');
  for (const [name, list] of turns) {
    const off = list[0].means.map((value, i) => Math.abs(value - reference[i]));
    const cells = [range(list.map(({ seconds }) => seconds)), range(list.map(({ processor }) => processor))];
    console.log(`| ${name} | ${cells.join(' | ')} | ${Math.max(...off).toExponential(1)} |`);
  }
  console.log('\n| Refract / rival, within each round | clock | processor |');
  console.log('|---|---|---|');
  for (const [ours, theirs] of [
    ['columns', 'trec_eval'],
    ['columns', 'ranx'],
    ['records', 'trec_eval'],
    ['records', 'ranx'],
    ['files', 'trec_eval files'],
  ]) {
    const [a, b] = [turns.get(ours), turns.get(theirs)];
    if (a === undefined || b === undefined) continue;
    const ratio = (key: 'seconds' | 'processor') => range(a.map((turn, i) => turn[key] / b[i][key]));
    console.log(`| ${ours} / ${theirs} | ${ratio('seconds')} | ${ratio('processor')} |`);
  }
}

/**
 * `run.txt` and `qrels.txt`. Ids are numbers as MS MARCO has them; scores fall from rank to rank, one in a hundred
 * is level with the one above; half of the judged passages are in the run, grades are 0 to 3.
 */
function generate(folder: string): void {
  const random = new RandomStream(1, 'evaluate');
  const [topics, depth, judged] = [values.topics, values.depth, values.judged].map(Number);
  const qrels: string[] = [];
  writePiecesAtomic(
    join(folder, 'run.txt'),
    (function* () {
      for (let topic = 1; topic <= topics; topic++) {
        const ids = new Set<number>();
        while (ids.size < depth) ids.add(random.below(PASSAGES));
        const ranked = [...ids];
        let score = 20 + 20 * random.uniform();
        const lines = ranked.map((id, rank) => {
          if (random.below(100) > 0) score -= (0.2 * random.uniform()) / Math.sqrt(rank + 1);
          return `${topic} Q0 ${id} ${rank + 1} ${score.toFixed(6)} generated\n`;
        });
        const pool = new Set(random.shuffle(ranked).slice(0, judged >> 1));
        while (pool.size < judged) pool.add(random.below(PASSAGES));
        for (const id of pool) qrels.push(`${topic} 0 ${id} ${random.below(4)}\n`);
        yield lines.join('');
      }
    })(),
  );
  writePiecesAtomic(join(folder, 'qrels.txt'), qrels);
}

/** Refract's side. */
async function work(name: string, folder: string): Promise<void> {
  const [run, qrels] = [join(folder, 'run.txt'), join(folder, 'qrels.txt')];
  const prepared = {
    columns: async () => {
      const [judgments, table] = [await readJudgments(qrels), await readRunTable(run)];
      return async () => evaluate(judgments, rankTable(table), MEASURES);
    },
    records: async () => {
      const [judgments, entries] = [await readJudgments(qrels), await readRun(run)];
      return async () => evaluate(judgments, entries, MEASURES);
    },
    files: async () => async () =>
      evaluate(await readJudgments(qrels), rankTable(await readRunTable(run)), MEASURES),
  };
  const loading = performance.now();
  const turn = await prepared[name as keyof typeof prepared]();
  await takeTurns(`${((performance.now() - loading) / 1000).toFixed(1)} s`, async () => {
    const { result, ...taken } = await timed(turn);
    return { ...taken, means: [...result.means.values()] };
  });
}

if (values.worker !== undefined) await work(values.worker, values.folder!);
else await compare();
