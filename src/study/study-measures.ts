/** What a study measures: the measures of runs, and answer accuracy, under the names that the study gives them. */
import type { Judgment, Passage, Query, RunEntry } from '../data/records.ts';
import { AnswerFinder } from '../eval/answers/retrieval.ts';
import { evaluate, mean } from '../eval/evaluate.ts';
import { parseMeasure } from '../eval/measure.ts';

/** Values of one measure: query -> value. */
export type QueryValues = Readonly<Record<string, number>>;

/** The k of `answer@k`; undefined for any other measure. */
export function answerDepth(name: string): number | undefined {
  const match = /^answer@([1-9]\d*)$/i.exec(name.trim());
  return match ? Number(match[1]) : undefined;
}

/**
 * Checks a measure's name: `answer@k`, or one of `parseMeasure`.
 *
 * @throws RefractError `SETTING_UNKNOWN`, `SETTING_INVALID`
 */
export function checkMeasure(name: string): void {
  if (answerDepth(name) === undefined) parseMeasure(name);
}

/** What is measured: a run in one language of a test set. */
export interface Measured {
  readonly queries: readonly Query[];
  /** Judgments of these queries. */
  readonly judgments: readonly Judgment[];
  readonly entries: readonly RunEntry[];
  /** The collection and its language; read for answers only. */
  readonly passages: () => Promise<readonly Passage[]>;
  readonly language: string;
}

/**
 * Values of each measure for each judged query; those of `answer@k` for the judged queries that have answers, and
 * the measure is left out where none has.
 *
 * @example (await measure(run, ['nDCG@10', 'accuracy@1', 'answer@20'])).get('answer@20') // { q1: 1, q2: 0 }
 */
export async function measure(run: Measured, names: readonly string[]): Promise<Map<string, QueryValues>> {
  const judged = [...new Set(run.judgments.map(({ query }) => query))];
  const values = new Map<string, QueryValues>();
  const depths = names.flatMap((name) => answerDepth(name) ?? []);
  const ranks = depths.length > 0 ? await answerRanks(run, new Set(judged), Math.max(...depths)) : new Map();
  for (const name of names) {
    const depth = answerDepth(name);
    if (depth === undefined) values.set(name, judgedValues(run, name, judged));
    else if (ranks.size > 0)
      values.set(name, Object.fromEntries([...ranks].map(([query, rank]) => [query, rank <= depth ? 1 : 0])));
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

/** For each judged query with answers, the rank of the first passage that holds one, at most `depth`, or infinity. */
async function answerRanks(
  { queries, entries, passages, language }: Measured,
  judged: ReadonlySet<string>,
  depth: number,
): Promise<Map<string, number>> {
  const asked = queries.filter(({ id, answers }) => judged.has(id) && answers && answers.length > 0);
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
