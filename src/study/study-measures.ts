/** What a study measures: runs, answer accuracy, and a reader's answers, under the names that the study gives them. */
import type { Judgment, Passage, Query, RunEntry } from '../data/records.ts';
import { AnswerFinder } from '../eval/answers/retrieval.ts';
import { evaluate, mean } from '../eval/evaluate.ts';
import { parseMeasure } from '../eval/measure.ts';
import { type ReadFrom, readingMeasure, readingValues } from './reading-measures.ts';

/** Values of one measure: query -> value. */
export type QueryValues = Readonly<Record<string, number>>;

/** The k of `answer@k`; undefined for any other measure. */
export function answerDepth(name: string): number | undefined {
  const match = /^answer@([1-9]\d*)$/i.exec(name.trim());
  return match ? Number(match[1]) : undefined;
}

/**
 * Checks a measure's name: `answer@k`, one of `readingMeasure`, or one of `parseMeasure`.
 *
 * @throws RefractError `SETTING_UNKNOWN`, `SETTING_INVALID`
 */
export function checkMeasure(name: string): void {
  if (answerDepth(name) === undefined && readingMeasure(name) === undefined) parseMeasure(name);
}

/** How many passages of a run a measure looks at by its name; 0 for one that looks at all there are, or at none. */
export function ranksOf(name: string): number {
  const reading = readingMeasure(name);
  if (reading) return reading.from === 'gold' ? 0 : reading.from;
  const depth = answerDepth(name) ?? parseMeasure(name).cutoff;
  return Number.isFinite(depth) ? depth : 0;
}

/** What is measured: a run in one language of a test set. */
export interface Measured {
  readonly queries: readonly Query[];
  /** Judgments of these queries. */
  readonly judgments: readonly Judgment[];
  readonly entries: readonly RunEntry[];
  /** What a reader found, by what it read: question -> answer. Absent where it read nothing. */
  readonly answers?: ReadonlyMap<ReadFrom, ReadonlyMap<string, string>>;
  /** The collection and its language; read for answers only. */
  readonly passages: () => Promise<readonly Passage[]>;
  readonly language: string;
}

/**
 * Values of each measure for each judged query; those of `answer@k` and of a reader's answers for the judged queries
 * that have answers, and these measures are left out where none has.
 *
 * @example (await measure(run, ['nDCG@10', 'accuracy@1', 'answer@20'])).get('answer@20') // { q1: 1, q2: 0 }
 */
export async function measure(run: Measured, names: readonly string[]): Promise<Map<string, QueryValues>> {
  const judged = new Set(run.judgments.map(({ query }) => query));
  const asked = run.queries.filter(({ id, answers }) => judged.has(id) && answers && answers.length > 0);
  const values = new Map<string, QueryValues>();
  const depths = names.flatMap((name) => answerDepth(name) ?? []);
  const ranks = depths.length > 0 ? await answerRanks(run, asked, Math.max(...depths)) : new Map();
  for (const name of names) {
    const depth = answerDepth(name);
    const reading = readingMeasure(name);
    if (depth === undefined && reading === undefined) values.set(name, judgedValues(run, name, [...judged]));
    if (asked.length === 0) continue;
    if (depth !== undefined)
      values.set(name, Object.fromEntries([...ranks].map(([query, rank]) => [query, rank <= depth ? 1 : 0])));
    const found = reading && run.answers?.get(reading.from);
    if (found) values.set(name, readingValues(asked, found, reading.score, run.language));
  }
  return values;
}

/** The mean over queries. */
export function meanOf(values: QueryValues): number {
  return mean(Object.values(values));
}

function judgedValues(
  { judgments, entries }: Measured,
  name: string,
  judged: readonly string[],
): QueryValues {
  // A system may find nothing at all, as BM25 does for another script.
  if (entries.length === 0) return Object.fromEntries(judged.map((query) => [query, 0]));
  const [values] = evaluate(judgments, entries, [name]).perQuery.values();
  return Object.fromEntries(values);
}

/** For each of some queries with answers, the rank of the first passage that holds one, at most `depth`, or infinity. */
async function answerRanks(
  { entries, passages, language }: Measured,
  asked: readonly Query[],
  depth: number,
): Promise<Map<string, number>> {
  if (asked.length === 0) return new Map();
  const texts = new Map((await passages()).map(({ id, text }) => [id, text]));
  const found = new Map<string, string[]>();
  for (const { query, passage } of entries) {
    const list = found.get(query) ?? [];
    if (list.length < depth) list.push(texts.get(passage) ?? '');
    found.set(query, list);
  }
  const finder = new AnswerFinder(language);
  return new Map(
    asked.map(({ id, answers = [] }) => [
      id,
      finder.firstRank({ answers, passages: found.get(id) ?? [] }) ?? Number.POSITIVE_INFINITY,
    ]),
  );
}
