/** The stage that searches: every model's queries over the teacher's vectors, and BM25, as TREC runs. */
import { join } from 'node:path';
import type { Passage, Query, RunEntry } from '../../src/data/records.ts';
import { passageText } from '../../src/data/records.ts';
import { writeRun } from '../../src/data/runs.ts';
import { RefractError } from '../../src/errors.ts';
import { Bm25Index } from '../../src/lexical/index.ts';
import { readCheckpoint } from '../../src/model/checkpoint.ts';
import { Encoder, type TextVectors } from '../../src/model/encoder.ts';
import { MaxSimScorer } from '../../src/model/maxsim-scorer.ts';
import type { CellPlan, CellRecord } from './cells.ts';
import { SEARCH_FILES } from './files.ts';
import { modelCell, requirePack, requireTeacher, type Workplace } from './models.ts';
import {
  DEPTH,
  LANGUAGES,
  modelsOf,
  PACK_KINDS,
  SEARCHES,
  type Search,
  type System,
  searchName,
  slug,
  systemsOf,
} from './plan.ts';

const SETS = [...new Set(SEARCHES.map(({ set }) => set))];
const BM25_CELL = 'runs-bm25';
const runsCell = (seed: number) => `runs-${seed}`;

/** Searches with all models of a seed, unless that is done. Stale runs are made again: it takes minutes. */
export async function searchSeed(place: Workplace, seed: number): Promise<void> {
  const { cells, kit, threads } = place;
  const plan = runsPlan(place, seed);
  if (cells.finished(plan, { redo: true })) return;
  cells.start(plan);
  const progress = place.progress(`${plan.name}: searching`, 0, 'runs');
  let done = 0;
  const teacher = await encoderOf(place, 'teacher', seed);
  const scorer = await MaxSimScorer.create(teacher.dim, threads);
  try {
    for (const set of SETS) {
      const { passages, vectors } = await encodeShortestFirst(teacher, await kit.passages(set));
      const searches = SEARCHES.filter((search) => search.set === set);
      for (const system of new Set(searches.flatMap(modelsOf))) {
        if (place.signal.aborted) throw interrupted(plan.name);
        const encoder = system === 'teacher' ? teacher : await encoderOf(place, system, seed);
        try {
          for (const search of searches.filter((each) => modelsOf(each).includes(system))) {
            const queries = await kit.queries(search);
            const entries = await rank(encoder, scorer, queries, passages, vectors);
            writeRun(runPath(place, search, system, seed), entries, slug(system));
            progress.update(++done, `${set}, ${system}`);
          }
        } finally {
          if (encoder !== teacher) await encoder.close();
        }
      }
    }
  } finally {
    await Promise.all([teacher.close(), scorer.close()]);
  }
  cells.finish(plan, {});
  progress.end(`${done} runs`);
}

function interrupted(name: string): RefractError {
  return new RefractError('INTERRUPTED', `stopped while ${name} was made`, {
    hint: 'Run the same command again; the searches of this seed start anew.',
  });
}

/** English queries with BM25 over each set, unless that is done; no model, no seed. */
export async function searchBm25(place: Workplace): Promise<void> {
  const { cells, kit } = place;
  const plan = bm25Plan(place);
  if (cells.finished(plan, { redo: true })) return;
  cells.start(plan);
  for (const search of SEARCHES.filter((each) => systemsOf(each).includes('bm25'))) {
    const index = await Bm25Index.create(await kit.passages(search.set));
    const entries = (await kit.queries(search)).flatMap(({ id, text }) =>
      index
        .search(text, DEPTH)
        .map(({ ordinal, score }) => ({ query: id, passage: index.ids[ordinal], score })),
    );
    writeRun(runPath(place, search, 'bm25'), entries, 'bm25');
  }
  cells.finish(plan, {});
}

/** Where the run of a system lies. */
export function runPath({ cells }: Workplace, search: Search, system: System, seed = 0): string {
  const cell = system === 'bm25' ? BM25_CELL : runsCell(seed);
  return join(cells.folder(cell), `${searchName(search)}.${slug(system)}.run`);
}

/** The records of all cells that a report of `seeds` rests on, by name; all must be there. */
export function requireAll(place: Workplace, seeds: readonly number[]): Map<string, CellRecord> {
  const records = new Map<string, CellRecord>();
  for (const seed of seeds) {
    for (const [name, record] of modelRecords(place, seed)) records.set(name, record);
    records.set(runsCell(seed), place.cells.require(runsPlan(place, seed)));
  }
  return records.set(BM25_CELL, place.cells.require(bm25Plan(place)));
}

function* modelRecords(place: Workplace, seed: number): Generator<[string, CellRecord]> {
  yield [modelCell('teacher', seed), requireTeacher(place, seed)];
  for (const kind of PACK_KINDS)
    for (const language of LANGUAGES)
      yield [modelCell(`${kind} ${language}`, seed), requirePack(place, seed, kind, language)];
}

function runsPlan(place: Workplace, seed: number): CellPlan {
  const from: Record<string, string> = {};
  for (const [name, { fingerprint = '' }] of modelRecords(place, seed)) from[name] = fingerprint;
  const settings = { searches: searchesBySystem(modelsOf), depth: DEPTH };
  return { name: runsCell(seed), stage: 'search', settings, data: place.kit.hash(SEARCH_FILES), from };
}

function bm25Plan({ kit }: Workplace): CellPlan {
  const settings = {
    searches: searchesBySystem((search) => systemsOf(search).filter((system) => system === 'bm25')),
    depth: DEPTH,
  };
  return { name: BM25_CELL, stage: 'search', settings, data: kit.hash(SEARCH_FILES), from: {} };
}

function searchesBySystem(systems: (search: Search) => readonly System[]): Record<string, string[]> {
  return Object.fromEntries(SEARCHES.map((search) => [searchName(search), [...systems(search)]]));
}

async function encoderOf({ cells, threads }: Workplace, system: System, seed: number): Promise<Encoder> {
  const folder = cells.folder(modelCell(system, seed));
  return Encoder.fromCheckpoint(readCheckpoint(folder), { threads });
}

/** Passages with their vectors, the shortest first: those that are scored together need little padding. */
async function encodeShortestFirst(
  teacher: Encoder,
  read: readonly Passage[],
): Promise<{ passages: Passage[]; vectors: TextVectors[] }> {
  const encoded = await teacher.passages(read.map(passageText));
  const order = [...read.keys()].sort((a, b) => encoded[a].count - encoded[b].count);
  return { passages: order.map((i) => read[i]), vectors: order.map((i) => encoded[i]) };
}

/** The best passages of each query by exact MaxSim. */
async function rank(
  encoder: Encoder,
  scorer: MaxSimScorer,
  queries: readonly Query[],
  passages: readonly Passage[],
  vectors: readonly TextVectors[],
): Promise<RunEntry[]> {
  const encoded = await encoder.queries(queries.map(({ text }) => text));
  const scores = await scorer.score(encoded, vectors);
  return queries.flatMap(({ id }, q) =>
    Array.from(scores.subarray(q * passages.length, (q + 1) * passages.length), (score, p) => ({
      query: id,
      passage: passages[p].id,
      score,
    }))
      .sort((a, b) => b.score - a.score)
      .slice(0, DEPTH),
  );
}
