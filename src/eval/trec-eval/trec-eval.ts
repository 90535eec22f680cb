/**
 * trec_eval: judgments and a run in, its printed lines out, to the byte.
 *
 * What differs from `evaluate` is what trec_eval prints, not what it computes: both use the kernels of
 * `../measures` on the same rankings.
 */
import { RefractError } from '../../errors.ts';
import { compareBytes, type JudgedRanking, type JudgmentTable, type RankedRun } from '../ranking.ts';
import { printsQueries, type TrecValue } from './measure.ts';
import { fourDecimals, trecLine } from './print.ts';
import { type SelectedMeasure, selectMeasures } from './registry.ts';
import { type ZScores, zScore } from './z-scores.ts';

/** Settings of {@link trecEval}, with the letter of trec_eval's option. */
export interface TrecEvalSettings {
  /** `-m`: measures or sets of them, with parameters after a dot; default `official`. */
  readonly measures?: readonly string[];
  /** `-q`: also print the values of each query. */
  readonly perQuery?: boolean;
  /** `-c`: average over all judged queries; one without results counts 0. */
  readonly complete?: boolean;
  /** `-n`: no line `all`. */
  readonly noSummary?: boolean;
  /** `-l`: the lowest grade that counts as relevant; default 1. */
  readonly relevance?: number;
  /** `-M`: passages of a query that are looked at; default all. */
  readonly depth?: number;
  /** `-N`: passages in the collection, for `utility`; default 2^63 - 1. */
  readonly collection?: number;
  /** `-J`: passages without judgment are taken out of the ranking first. */
  readonly judgedOnly?: boolean;
  /** `-Z`: print z-scores against these. */
  readonly zScores?: ZScores;
}

/** The least value that a geometric mean takes into account. */
const GEOMETRIC_FLOOR = 1e-5;

/**
 * Evaluates a run and prints what trec_eval 10.0 prints.
 *
 * Errors: `SETTING_UNKNOWN`, `SETTING_INVALID` (measures), `UNKNOWN_ID` (a judged query without results, unless
 * `complete`; no judged query at all), `RUN_FORMAT` (a passage twice).
 *
 * @example trecEval(judgmentTable(judgments), rankedRun(entries), { measures: ['map'] }) // 'map   ...\tall\t0.5000\n'
 */
export function trecEval(judgments: JudgmentTable, run: RankedRun, settings: TrecEvalSettings = {}): string {
  const { relevance = 1, collection = 2 ** 63, zScores } = settings;
  const selected = selectMeasures(settings.measures ?? ['official']);
  const queries = evaluatedQueries(judgments, run, settings.complete === true);
  const totals = selected.map(({ columns }) => columns.labels.map(() => 0));
  const lines: string[] = [];
  for (const query of queries) {
    const ranking = cut(run.judged(query, judgments.get(query) ?? new Map()), settings);
    const absent = !run.has(query);
    selected.forEach(({ measure, columns }, m) => {
      const values = columns.values(ranking, { relevance, collection });
      values.forEach((given, v) => {
        // A query without results counts 0 in everything but the number of its relevant passages.
        const raw =
          absent && measure.name !== 'num_rel' && typeof given === 'number' && measure.summary !== 'count'
            ? 0
            : given;
        const label = columns.labels[v];
        const value =
          zScores && printsQueries(measure) && typeof raw === 'number'
            ? zScore(zScores, query, label, raw)
            : raw;
        if (typeof value === 'number')
          totals[m][v] +=
            measure.summary === 'geometric'
              ? Math.log(Math.max(zScores ? 0 : value, GEOMETRIC_FLOOR))
              : value;
        if (settings.perQuery === true && printsQueries(measure))
          lines.push(line(selected[m], v, query, value, zScores !== undefined));
      });
    });
  }
  if (settings.noSummary !== true)
    selected.forEach(({ measure, columns }, m) => {
      columns.labels.forEach((_, v) => {
        if (measure.summary === 'none') return;
        const value =
          measure.summary === 'tag' ? run.tag : summary(measure.summary, totals[m][v], queries.length);
        lines.push(line(selected[m], v, 'all', value, zScores !== undefined));
      });
    });
  return lines.join('');
}

/** The queries to evaluate, by id in the order of bytes. */
function evaluatedQueries(judgments: JudgmentTable, run: RankedRun, complete: boolean): string[] {
  const missing = [...judgments.keys()].filter((query) => !run.has(query));
  if (missing.length === judgments.size)
    throw new RefractError('UNKNOWN_ID', 'no query of the run is judged', {
      hint: 'Check that run and judgments are of the same queries; judgments come first.',
    });
  if (missing.length > 0 && !complete)
    throw new RefractError(
      'UNKNOWN_ID',
      `${missing.length} judged ${missing.length === 1 ? 'query has' : 'queries have'} no results, ${missing[0]} for one`,
      { hint: 'Add -c to count them 0, or leave their judgments out.' },
    );
  return [...judgments.keys()].sort(compareBytes);
}

/** The ranking without unjudged passages (`-J`) or without those below a depth (`-M`). */
function cut({ grades, judged }: JudgedRanking, { judgedOnly, depth }: TrecEvalSettings): JudgedRanking {
  const first = depth === undefined ? grades : grades.subarray(0, depth);
  return { grades: judgedOnly === true ? first.filter((grade) => grade >= 0) : first, judged };
}

function summary(kind: 'mean' | 'sum' | 'geometric' | 'count', total: number, queries: number): number {
  if (kind === 'mean') return total / queries;
  return kind === 'geometric' ? Math.exp(total / queries) : total;
}

function line(
  { measure, columns }: SelectedMeasure,
  column: number,
  query: string,
  value: TrecValue,
  standardised: boolean,
): string {
  const label = columns.labels[column];
  if (typeof value === 'string') return trecLine(label, query, value);
  const whole = measure.summary === 'sum' || measure.summary === 'count';
  const text = trecLine(label, query, whole && !standardised ? String(value) : fourDecimals(value));
  return standardised ? `Z${text}` : text;
}
