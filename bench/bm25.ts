/**
 * BM25 here and in bm25s, in turns: indexing the passages of the kit's teacher part and searching its dev questions,
 * the best 100 each, one thread.
 *
 *     npx tsx bench/bm25.ts --python PYTHON [--kit ../shared/kit] [--rounds 5]
 *
 * PYTHON is an interpreter with bm25s and numba. Both cut the same texts, held in memory, into words with their own
 * rules (no stop list, no stems), both use Lucene's formula with k1 = 1.2 and b = 0.75. Indexing and searching are
 * timed with the cutting. A first turn of each warms it up and is not counted. "same terms" is bm25s, once, on the
 * terms that Refract cuts: what is left of differences then is the search itself.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic, writePiecesAtomic } from '../src/data/atomic.ts';
import { readJudgments } from '../src/data/judgments.ts';
import { readPassages } from '../src/data/passages.ts';
import { readQueries } from '../src/data/queries.ts';
import { passageText } from '../src/data/records.ts';
import { evaluate } from '../src/eval/evaluate.ts';
import { Bm25Index } from '../src/lexical/index.ts';
import { range, type Seconds, System, takeTurns, timed } from './turns.ts';

const DEPTH = 100;
const TOP = 10;

interface Turn {
  readonly index: Seconds;
  readonly search: Seconds;
}

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    kit: { type: 'string', default: '../shared/kit' },
    rounds: { type: 'string', default: '5' },
    worker: { type: 'string' },
  },
});
const teacher = join(values.kit, 'train', 'teacher');
const passages = await readPassages(join(teacher, 'passages.jsonl'));
const queries = await readQueries(join(teacher, 'queries.dev.jsonl'));

if (values.worker !== undefined) await work(values.worker);
else await compare();

async function compare(): Promise<void> {
  if (!values.python) throw new Error('Give --python, an interpreter with bm25s and numba.');
  const python = values.python;
  const folder = mkdtempSync(join(tmpdir(), 'refract-bm25-'));
  const systems = new Map<string, System<Turn>>();
  try {
    const index = await Bm25Index.create(passages);
    const texts = passages.map(passageText);
    writeLists(join(folder, 'passages.texts'), texts);
    writeLists(
      join(folder, 'queries.texts'),
      queries.map(({ text }) => text),
    );
    writeLists(
      join(folder, 'passages.terms'),
      texts.map((text) => index.terms(text)),
    );
    writeLists(
      join(folder, 'queries.terms'),
      queries.map(({ text }) => index.terms(text)),
    );
    systems.set('refract', System.own(['bench/bm25.ts', '--kit', values.kit, '--worker', folder]));
    for (const name of ['bm25s numpy', 'bm25s numba', 'same terms'])
      systems.set(name, new System(python, ['bench/bm25_rivals.py', name, folder]));
    for (const system of systems.values()) await system.loaded();
    for (const system of systems.values()) await system.turn();
    systems.get('same terms')!.end();
    const turns = new Map<string, Turn[]>();
    for (let round = 0; round < Number(values.rounds); round++)
      for (const [name, system] of systems) {
        if (name === 'same terms') continue;
        const turn = await system.turn();
        turns.set(name, [...(turns.get(name) ?? []), turn]);
        const [a, b] = [turn.index, turn.search].map(
          ({ seconds, processor }) => `${seconds.toFixed(2)} s, processor ${processor.toFixed(2)} s`,
        );
        console.log(`round ${round + 1}: ${name}: index ${a}; search ${b}`);
      }
    await report(turns, new Map([...systems.keys()].map((name) => [name, readRanks(folder, name)])));
  } finally {
    for (const system of systems.values()) system.end();
    rmSync(folder, { recursive: true });
  }
}

async function report(
  turns: ReadonlyMap<string, readonly Turn[]>,
  found: ReadonlyMap<string, readonly (readonly number[])[]>,
): Promise<void> {
  const ours = turns.get('refract')!;
  const size = passages.length;
  console.log(`\n${size} passages, ${queries.length} questions, best ${DEPTH}; median (least to most)\n`);
  console.log(
    '| system | indexing, s of processor | passages/s | searching, s of processor | questions/s | refract / it, indexing | searching |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const [name, list] of turns) {
    const used = (part: keyof Turn) => range(list.map((turn) => turn[part].processor));
    const rate = (part: keyof Turn, count: number) => (count / Number(used(part).split(' ')[0])).toFixed(0);
    const ratio = (part: keyof Turn) =>
      range(list.map((turn, i) => ours[i][part].processor / turn[part].processor));
    const cells = [used('index'), rate('index', size), used('search'), rate('search', queries.length)];
    console.log(`| ${name} | ${cells.join(' | ')} | ${ratio('index')} | ${ratio('search')} |`);
  }
  const judgments = await readJudgments(join(teacher, 'qrels.dev.txt'));
  const reference = found.get('refract')!;
  console.log(`\n| system | RR@10 | R@100 | of its best ${TOP}, in Refract's | all ${TOP} the same set |`);
  console.log('|---|---|---|---|---|');
  for (const [name, ranks] of found) {
    const run = ranks.flatMap((list, q) =>
      list.map((ordinal, i) => ({ query: queries[q].id, passage: passages[ordinal].id, score: -i })),
    );
    const { means } = evaluate(judgments, run, ['RR@10', 'R@100']);
    const shares = ranks.map((list, q) => {
      const mine = new Set(reference[q].slice(0, TOP));
      const best = list.slice(0, TOP);
      return best.length === 0
        ? Number(mine.size === 0)
        : best.filter((id) => mine.has(id)).length / best.length;
    });
    const share = shares.reduce((sum, each) => sum + each, 0) / shares.length;
    const same = shares.filter((each) => each === 1).length / shares.length;
    const figures = [means.get('RR@10')!, means.get('R@100')!, share, same].map((each) => each.toFixed(4));
    console.log(`| ${name} | ${figures.join(' | ')} |`);
  }
}

/** Lists, or strings, one a line, as JSON. */
function writeLists(path: string, lists: readonly (string | readonly (string | number)[])[]): void {
  writePiecesAtomic(
    path,
    lists.map((list) => `${JSON.stringify(list)}\n`),
  );
}

/** Ordinals of the passages found, best first, for each question. */
function readRanks(folder: string, name: string): number[][] {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
}

/** Refract's side. */
async function work(folder: string): Promise<void> {
  await takeTurns('loaded', async () => {
    const index = await timed(() => Bm25Index.create(passages));
    const search = await timed(() => queries.map(({ text }) => index.result.search(text, DEPTH)));
    const ordinals = search.result.map((hits) => hits.map(({ ordinal }) => ordinal));
    writeFileAtomic(join(folder, 'refract.json'), JSON.stringify(ordinals));
    const taken = ({ seconds, processor }: Seconds): Seconds => ({ seconds, processor });
    return { index: taken(index), search: taken(search) };
  });
}
