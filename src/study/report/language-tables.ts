/** The tables of conditions x languages: languages with training data, and, apart from them, those without. */
import { languageName } from '../../data/language.ts';
import { summariseLanguages } from '../../eval/languages.ts';
import { type Condition, conditionName } from './conditions.ts';
import { bracketed, figure, type ReportCell, type ReportTable, signed } from './document.ts';
import { isEnglish, type StudyFigures } from './figures.ts';
import type { LanguageGroup } from './question-values.ts';
import type { Interval } from './resampling.ts';

/** The languages of one table, and their groups: heads and what they show. */
interface TablePart {
  readonly codes: readonly string[];
  /** Of the caption, after the test set. */
  readonly what: string;
  readonly groups: readonly (readonly [string, LanguageGroup])[];
}

/**
 * Tables of a test set, with macro average, worst language and gap; the best of a column is strong. Languages without
 * training data have a table of their own, with averages of their own and without a gap. Figures of the study's first
 * measure have intervals below them.
 */
export function languageTables(figures: StudyFigures, measure: string, test: string): ReportTable[] {
  const { tests, unseen } = figures;
  const codes = tests.get(test) ?? [];
  const trained: TablePart = {
    codes: codes.filter((code) => !unseen.has(code)),
    what: '',
    groups: [
      ['low', 'low'],
      ['high', 'high'],
      ['gap', 'gap'],
    ],
  };
  const apart: TablePart = {
    codes: codes.filter((code) => unseen.has(code)),
    what: ' in languages without training data',
    groups: [
      ['low', 'unseen-low'],
      ['high', 'unseen-high'],
    ],
  };
  return [trained, apart].flatMap((part) => languageTable(figures, measure, test, part) ?? []);
}

function languageTable(
  { languages, points, low, conditions, measure: first }: StudyFigures,
  measure: string,
  test: string,
  { codes, what, groups }: TablePart,
): ReportTable | undefined {
  const own = languages.filter(
    (each) => each.measure === measure && each.test === test && codes.includes(each.language),
  );
  const grouped = points.filter((point) => point.measure === measure && point.test === test);
  const rows = conditions.flatMap((condition) => {
    const is = (each: { readonly condition: Condition }) => each.condition === condition;
    const values = new Map(own.filter(is).map((each) => [each.language, each]));
    if (values.size === 0) return [];
    const means = new Map([...values].map(([code, { mean }]) => [code, mean]));
    const whole = codes.every((code) => values.has(code)) ? summariseLanguages(means, low) : undefined;
    return [{ condition, values, summary: whole, points: grouped.filter(is) }];
  });
  if (rows.length === 0) return undefined;
  type Row = (typeof rows)[number];
  type Shown = { readonly mean: number; readonly interval?: Interval } | undefined;
  const columns: readonly (readonly [string, (row: Row) => Shown])[] = [
    ...codes.map((code) => [languageHead(code, low), (row: Row) => row.values.get(code)] as const),
    ['macro', ({ summary }) => summary && { mean: summary.macro }],
    ...groups.map(([name, group]) => {
      const of = (row: Row) => row.summary && row.points.find((point) => point.group === group);
      return [name, of] as const;
    }),
  ];
  const there = columns.filter(([, of]) => rows.some((row) => of(row) !== undefined));
  // A small gap is no merit of its own: an arm that finds nothing has none.
  const best = there.map(([name, of]) =>
    name === 'gap' ? Number.NaN : Math.max(...rows.map((row) => of(row)?.mean ?? Number.NEGATIVE_INFINITY)),
  );
  return {
    caption: `${measure} on ${test}${what}, mean over seeds${measure === first ? ', 95 % intervals over questions' : ''}${low.size > 0 ? ' (* low-resource)' : ''}`,
    names: 1,
    columns: ['arm', ...there.map(([name]) => name), 'worst', 'seeds'],
    rows: rows.map((row) => [
      conditionName(row.condition),
      ...there.map(([name, of], c): ReportCell => {
        const { mean: value, interval } = of(row) ?? {};
        const text = name === 'gap' && value !== undefined ? signed(value) : figure(value);
        return {
          text,
          strong: value !== undefined && value === best[c],
          ...(interval && measure === first && { below: bracketed(interval.low, interval.high) }),
        };
      }),
      row.summary === undefined ? '–' : `${row.summary.worst.language} ${figure(row.summary.worst.value)}`,
      seedsOf(row.condition, test),
    ]),
  };
}

/** What the oracle reaches with English queries, by test set. */
export function oracleSentences({ languages }: StudyFigures, measure: string): string[] {
  return languages
    .filter((each) => isEnglish(each) && each.measure === measure && each.condition.kind === 'english-oracle')
    .map(
      ({ test, condition, mean, interval, queries }) =>
        `${condition.arm} on ${test}: ${figure(mean)}${interval ? ` ${bracketed(interval.low, interval.high)}` : ''} (${queries} English queries).`,
    );
}

/** `Swahili (sw) *`. */
export function languageHead(code: string, low: ReadonlySet<string>): string {
  return `${languageName(code)} (${code})${low.has(code) ? ' *' : ''}`;
}

/** How many training runs are behind a mean; none for an arm that draws nothing. */
function seedsOf({ tests }: Condition, test: string): string {
  const runs = (tests.get(test) ?? []).filter(({ seed }) => seed !== undefined);
  return runs.length === 0 ? '–' : String(runs.length);
}
