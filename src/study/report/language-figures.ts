/** The figures behind the tables by language: means over questions and seeds with intervals over questions. */
import { formatTable } from '../../eval/table.ts';
import type { TestSettings } from './changes.ts';
import type { Condition } from './conditions.ts';
import { averageOverSeeds } from './question-values.ts';
import { bootstrapIntervals, type Interval } from './resampling.ts';

/** The mean of a condition in one language of a test set, over questions and seeds. */
export interface LanguageFigure {
  readonly condition: Condition;
  readonly test: string;
  readonly language: string;
  readonly measure: string;
  readonly mean: number;
  readonly bySeed: readonly number[];
  /** Of 95 %, over questions, each averaged over seeds; of the study's first measure alone. */
  readonly interval?: Interval;
  /** Judged ones; a measure of answers may be over fewer. */
  readonly queries: number;
}

/**
 * Every condition in every language, in their order. All conditions in a language of a test set see the same draws
 * of questions.
 *
 * @param measures the first has intervals: for ten measures of answers more they would take a report twice the time
 */
export function languageFigures(
  conditions: readonly Condition[],
  measures: readonly string[],
  { permutations, seed }: Pick<TestSettings, 'permutations' | 'seed'>,
): LanguageFigure[] {
  const found = conditions.flatMap((condition) =>
    measures.flatMap((measure) => figuresOf(condition, measure)),
  );
  const places = new Map<string, Averaged[]>();
  for (const each of found.filter(({ measure }) => measure === measures[0])) {
    const key = JSON.stringify([each.test, each.language]);
    const list = places.get(key) ?? [];
    list.push(each);
    places.set(key, list);
  }
  const intervals = new Map<Averaged, Interval>();
  for (const list of places.values()) {
    const series = list.map(({ values }) => values);
    for (const [i, interval] of bootstrapIntervals(series, permutations, seed).entries())
      intervals.set(list[i], interval);
  }
  return found.map((each) => {
    const interval = intervals.get(each);
    const { values: _, ...figure } = each;
    return { ...figure, ...(interval && { interval }) };
  });
}

/** A figure before its interval: with the value of each question. */
interface Averaged extends Omit<LanguageFigure, 'interval'> {
  readonly values: readonly number[];
}

function figuresOf(condition: Condition, measure: string): Averaged[] {
  return [...condition.tests].flatMap(([test, runs]) => {
    const codes = new Set(runs.flatMap(({ scores }) => Object.keys(scores)));
    return [...codes].flatMap((language): Averaged[] => {
      const average = averageOverSeeds(runs, measure, new Map([[language, 1]]));
      const scored = runs.find(({ scores }) => scores[language] !== undefined);
      if (average === undefined || scored === undefined) return [];
      const { mean, bySeed, values } = average;
      const { queries } = scored.scores[language];
      return [{ condition, test, language, measure, mean, bySeed, queries, values: [...values.values()] }];
    });
  });
}

/**
 * A row for each measure, test set, language and condition; every digit kept.
 *
 * @example writeFileAtomic('languages.csv', languagesCsv(figures))
 */
export function languagesCsv({ languages }: { readonly languages: readonly LanguageFigure[] }): string {
  return formatTable(
    {
      columns: [
        ...['measure', 'test', 'language', 'arm', 'design', 'rho', 'mean', 'low', 'high', 'seeds'],
        ...['lowest seed', 'highest seed', 'queries'],
      ],
      rows: languages.map(({ condition, interval, bySeed, ...each }) => [
        ...[each.measure, each.test, each.language, condition.arm, condition.design, condition.rho],
        ...[each.mean, interval?.low, interval?.high, bySeed.length],
        ...[Math.min(...bySeed), Math.max(...bySeed), each.queries],
      ]),
    },
    'csv',
  );
}
