/**
 * Rankings: a run grouped by query and put in the order that trec_eval gives it, then joined with the
 * judgments of each query. Every measure reads a {@link JudgedRanking} and nothing else.
 *
 * The order is trec_eval's, so that figures agree with published ones: score descending, equal scores by
 * passage id descending in UTF-8 byte order. trec_eval keeps scores in single precision, so scores that
 * differ only beyond float32 are equal here too. The rank column of a run file plays no part.
 */
import type { Judgment, RunEntry } from '../data/records.ts';
import { RefractError } from '../errors.ts';

/** The passages returned for one query, best first. */
export interface Ranking {
  readonly query: string;
  readonly passages: readonly string[];
}

/** What a measure sees of one query. */
export interface JudgedRanking {
  /** Grade of the passage at each rank (index 0 is rank 1); NaN where the passage is unjudged. */
  readonly grades: Float64Array;
  /** Grades of all judged passages of the query, retrieved or not, descending. */
  readonly judged: Float64Array;
}

/** Judgments by query, then by passage, in the order of the file. */
export type JudgmentTable = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Compares two ids as trec_eval's `strcmp` does: by UTF-8 bytes, which is the order of code points.
 * JavaScript's `<` compares UTF-16 units and puts U+10000 and above before U+E000.
 *
 * @returns negative, zero or positive
 */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    // A surrogate stands for a code point above every other unit.
    if (x >= 0xd800 && y >= 0xd800) {
      if (x < 0xe000) x += 0x10000;
      if (y < 0xe000) y += 0x10000;
    }
    return x - y;
  }
  return a.length - b.length;
}

/**
 * Groups a run by query and orders each group.
 *
 * @returns one ranking a query, in the order in which the queries first occur in `run`
 * @throws RefractError `RUN_FORMAT` when a score is NaN or a passage occurs twice for a query
 * @example rankings([{ query: 'q', passage: 'a', score: 1 }, { query: 'q', passage: 'b', score: 2 }])
 *   // Map { 'q' => { query: 'q', passages: ['b', 'a'] } }
 */
export function rankings(run: Iterable<RunEntry>): Map<string, Ranking> {
  // Two passes, so that each group is made in its size: a run of millions of entries leaves little garbage then.
  const entries = Array.isArray(run) ? (run as readonly RunEntry[]) : [...run];
  const groups = new Map<string, Group>();
  const groupOf = (query: string): Group => {
    let group = groups.get(query);
    if (group === undefined) {
      group = { size: 0, filled: 0, passages: [], scores: new Float32Array(0) };
      groups.set(query, group);
    }
    return group;
  };
  let last: string | undefined;
  let group = groupOf('');
  groups.clear();
  for (const { query, passage, score } of entries) {
    if (Number.isNaN(score)) {
      throw new RefractError('RUN_FORMAT', `query ${query}, passage ${passage}: the score is not a number`, {
        hint: 'Remove the line or give it a score; NaN cannot be ranked.',
      });
    }
    if (query !== last) {
      last = query;
      group = groupOf(query);
    }
    group.size++;
  }
  last = undefined;
  for (const { query, passage, score } of entries) {
    if (query !== last) {
      last = query;
      group = groupOf(query);
      if (group.filled === 0) {
        group.passages = new Array<string>(group.size);
        group.scores = new Float32Array(group.size);
      }
    }
    group.passages[group.filled] = passage;
    group.scores[group.filled++] = score;
  }
  const result = new Map<string, Ranking>();
  for (const [query, { passages, scores }] of groups) {
    if (new Set(passages).size < passages.length) throw duplicatePassage(query, passages);
    result.set(query, { query, passages: byScore(passages, scores) });
  }
  return result;
}

/** What a run has for one query, in the order of its lines; scores in single precision. */
interface Group {
  size: number;
  filled: number;
  passages: string[];
  scores: Float32Array;
}

function duplicatePassage(query: string, passages: readonly string[]): RefractError {
  const distinct = new Set<string>();
  const passage = passages.find((id) => distinct.size === distinct.add(id).size);
  return new RefractError('RUN_FORMAT', `query ${query}: passage ${passage} occurs twice`, {
    hint: 'A run may hold a passage only once a query; keep the line with the higher score.',
  });
}

/** The passages best first; most runs have them so already, but for the order of equal scores. */
function byScore(passages: string[], scores: Float32Array): string[] {
  let ordered = true;
  for (let i = 1; i < scores.length && ordered; i++)
    ordered =
      scores[i] < scores[i - 1] ||
      (scores[i] === scores[i - 1] && compareBytes(passages[i], passages[i - 1]) <= 0);
  if (ordered) return passages;
  // A plain array's sort, unlike a typed one's, goes fast over stretches that are in order.
  const order = passages.map((_, i) => i);
  order.sort((i, j) =>
    scores[i] === scores[j] ? compareBytes(passages[j], passages[i]) : scores[i] < scores[j] ? 1 : -1,
  );
  return order.map((i) => passages[i]);
}

/**
 * Groups judgments by query.
 *
 * @throws RefractError `RUN_FORMAT` when a passage is judged twice for a query or a grade is not finite
 */
export function judgmentTable(judgments: Iterable<Judgment>): Map<string, Map<string, number>> {
  const table = new Map<string, Map<string, number>>();
  for (const { query, passage, grade } of judgments) {
    if (!Number.isFinite(grade)) {
      throw new RefractError('RUN_FORMAT', `query ${query}, passage ${passage}: the grade is not a number`, {
        hint: 'Grades are whole numbers: 0 for not relevant, 1 and more for relevant.',
      });
    }
    let grades = table.get(query);
    if (grades === undefined) {
      grades = new Map();
      table.set(query, grades);
    }
    if (grades.has(passage)) {
      throw new RefractError('RUN_FORMAT', `query ${query}: passage ${passage} is judged twice`, {
        hint: 'Keep one judgment for each query and passage.',
      });
    }
    grades.set(passage, grade);
  }
  return table;
}

/** A run ready to be judged query by query, whether it came from memory or from a file. */
export interface RankedRun {
  /** The queries that have results, in the order of their first line. */
  readonly queries: readonly string[];
  readonly has: (query: string) => boolean;
  /** The ranking of `query` (empty where it has no results) joined with its judgments. */
  readonly judged: (query: string, grades: ReadonlyMap<string, number>) => JudgedRanking;
  /** Ids of the first `depth` passages of `query`, best first; Infinity for all. */
  readonly passages: (query: string, depth: number) => readonly string[];
  /** The name of the system; empty where the run carries none. */
  readonly tag: string;
}

/**
 * A run in memory, ranked.
 *
 * @throws RefractError `RUN_FORMAT` as {@link rankings} does
 * @example rankedRun([{ query: 'q', passage: 'a', score: 1 }]).queries // ['q']
 */
export function rankedRun(entries: Iterable<RunEntry>, tag = ''): RankedRun {
  const ranked = rankings(entries);
  return {
    queries: [...ranked.keys()],
    has: (query) => ranked.has(query),
    judged: (query, grades) => judgeRanking(ranked.get(query), grades),
    passages: (query, depth) => ranked.get(query)?.passages.slice(0, depth) ?? [],
    tag,
  };
}

/** Joins a ranking (or none, for a query without results) with the judgments of its query. */
export function judgeRanking(
  ranking: Ranking | undefined,
  grades: ReadonlyMap<string, number>,
): JudgedRanking {
  const passages = ranking?.passages ?? [];
  const byRank = new Float64Array(passages.length);
  for (let i = 0; i < passages.length; i++) byRank[i] = grades.get(passages[i]) ?? Number.NaN;
  return { grades: byRank, judged: Float64Array.from(grades.values()).sort().reverse() };
}

/** Number of judged passages whose grade is at least `relevance`. */
export function relevantCount(judged: Float64Array, relevance: number): number {
  let count = 0;
  while (count < judged.length && judged[count] >= relevance) count++;
  return count;
}
