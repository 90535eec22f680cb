/**
 * What a study measures: runs, answer accuracy, a reader's answers, and choices, under the names that the study gives
 * them.
 */
import type { Judgment, Passage, Query, RunEntry } from '../data/records.ts';
import { nearest, RefractError } from '../errors.ts';
import { answerDepth, answerMeasures } from '../eval/answers/answer-measure.ts';
import { type AskedMeasure, evaluate, mean } from '../eval/evaluate.ts';
import { MEASURE_FAMILIES, MEASURE_FORMS, parseMeasure } from '../eval/measure.ts';
import { choiceValues, isChoiceMeasure } from './choice-measure.ts';
import { type ReadFrom, readingMeasure, readingValues } from './reading-measures.ts';

/** Values of one measure: query -> value. */
export type QueryValues = Readonly<Record<string, number>>;

/**
 * Checks a measure's name: `answer@k`, `choice@gold`, one of `readingMeasure`, or one of `parseMeasure`.
 *
 * @throws RefractError `SETTING_UNKNOWN`, `SETTING_INVALID`
 */
export function checkMeasure(name: string): void {
  if (answerDepth(name) !== undefined || isOfAnswers(name)) return;
  try {
    parseMeasure(name);
  } catch (error) {
    if (!(error instanceof RefractError) || error.code !== 'SETTING_UNKNOWN') throw error;
    const families = MEASURE_FAMILIES.flatMap((family) => [family.name, ...family.aliases]);
    const near = nearest(name.trim().split(/[@(]/)[0], [...STUDY_FORMS.keys(), ...families]);
    throw new RefractError(error.code, error.what, {
      hint: `${near === undefined ? '' : `Did you mean ${STUDY_FORMS.get(near) ?? near}? `}Measures: ${[...MEASURE_FORMS, ...STUDY_FORMS.values()].join(', ')}, and those of trec_eval.`,
    });
  }
}

/** Measures that only a study has, by their first word. */
const STUDY_FORMS: ReadonlyMap<string, string> = new Map([
  ['answer', 'answer@k'],
  ['f1', 'f1@k or f1@gold'],
  ['em', 'em@k or em@gold'],
  ['choice', 'choice@gold'],
]);

/** Whether a measure looks at what was answered or chosen, and not at the run. */
function isOfAnswers(name: string): boolean {
  return readingMeasure(name) !== undefined || isChoiceMeasure(name);
}

/** How many passages of a run a measure looks at by its name; 0 for one that looks at all there are, or at none. */
export function ranksOf(name: string): number {
  if (isChoiceMeasure(name)) return 0;
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
  /** Question -> scores of its choices. Absent where the arm has none. */
  readonly choices?: ReadonlyMap<string, readonly number[]>;
  /** The collection and its language; read for answers only. */
  readonly passages: () => Promise<readonly Passage[]>;
  readonly language: string;
}

/**
 * Values of each measure for each judged query; those of `answer@k` and of a reader's answers for the judged queries
 * that have answers, those of `choice@gold` for those with choices, and these measures are left out where none has.
 *
 * @example (await measure(run, ['nDCG@10', 'accuracy@1', 'answer@20'])).get('answer@20') // { q1: 1, q2: 0 }
 */
export async function measure(run: Measured, names: readonly string[]): Promise<Map<string, QueryValues>> {
  const judged = new Set(run.judgments.map(({ query }) => query));
  const asked = run.queries.filter(({ id, answers }) => judged.has(id) && answers && answers.length > 0);
  const ofRun = await runValues(run, names, asked);
  const values = new Map<string, QueryValues>();
  for (const name of names) {
    const reading = readingMeasure(name);
    const found = reading && run.answers?.get(reading.from);
    const value =
      found && asked.length > 0 ? readingValues(asked, found, reading.score, run.language) : ofRun.get(name);
    if (value) values.set(name, value);
    if (run.choices?.size && isChoiceMeasure(name)) {
      const chosen = run.queries.filter(({ id }) => judged.has(id));
      values.set(name, choiceValues(chosen, run.choices));
    }
  }
  return values;
}

/** The mean over queries. */
export function meanOf(values: QueryValues): number {
  return mean(Object.values(values));
}

/** Values of the measures that look at the run, under the names given; `answer@k` only where something is `asked`. */
async function runValues(
  { judgments, entries, passages, language }: Measured,
  names: readonly string[],
  asked: readonly Query[],
): Promise<Map<string, QueryValues>> {
  const answering = new Map(
    names.flatMap((name) => {
      const depth = answerDepth(name);
      return depth === undefined ? [] : [[name, depth] as const];
    }),
  );
  const plain = names.filter((name) => !answering.has(name) && !isOfAnswers(name));
  const wanted = new Map<string, AskedMeasure>(plain.map((name) => [name, parseMeasure(name)]));
  if (asked.length > 0 && answering.size > 0) {
    const made = answerMeasures([...answering.values()], {
      answers: new Map(asked.map(({ id, answers = [] }) => [id, answers])),
      passages: new Map((await passages()).map((passage) => [passage.id, passage])),
      language,
    });
    [...answering.keys()].forEach((name, i) => {
      wanted.set(name, made[i]);
    });
  }
  if (wanted.size === 0) return new Map();
  // A system may find nothing at all, as BM25 does for another script; every value is then 0.
  const { measures, perQuery } = evaluate(judgments, entries, [...wanted.values()]);
  return new Map(
    [...wanted.keys()].map((name, i) => [name, Object.fromEntries(perQuery.get(measures[i]) ?? [])]),
  );
}
