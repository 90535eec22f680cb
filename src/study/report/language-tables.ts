/** The tables of conditions x languages: languages with training data, and, apart from them, those without. */
import { languageName } from '../../data/language.ts';
import { summariseLanguages } from '../../eval/languages.ts';
import { type Condition, conditionName } from './conditions.ts';
import { figure, type ReportCell, type ReportTable, signed } from './document.ts';
import { isEnglish, type StudyFigures } from './figures.ts';

/**
 * Tables of a test set, with macro average, worst language and gap; the best of a column is strong. Languages without
 * training data have a table of their own, with averages of their own and without a gap.
 */
export function languageTables(figures: StudyFigures, measure: string, test: string): ReportTable[] {
  const { tests, unseen, low } = figures;
  const codes = tests.get(test) ?? [];
  const marked = low.size > 0 ? ' (* low-resource)' : '';
  const tableOf = (part: readonly string[], what: string, gap: boolean) => {
    const caption = `${measure} on ${test}${what}, mean over seeds${marked}`;
    return part.length === 0 ? [] : languageTable(figures, measure, test, { codes: part, caption, gap });
  };
  return [
    ...tableOf(
      codes.filter((code) => !unseen.has(code)),
      '',
      true,
    ),
    ...tableOf(
      codes.filter((code) => unseen.has(code)),
      ' in languages without training data',
      false,
    ),
  ];
}

function languageTable(
  { languages, low, conditions }: StudyFigures,
  measure: string,
  test: string,
  {
    codes,
    caption,
    gap,
  }: { readonly codes: readonly string[]; readonly caption: string; readonly gap: boolean },
): ReportTable[] {
  const own = languages.filter(
    (each) => each.measure === measure && each.test === test && codes.includes(each.language),
  );
  const rows = conditions.flatMap((condition) => {
    const values = new Map(
      own.filter((each) => each.condition === condition).map(({ language, mean }) => [language, mean]),
    );
    if (values.size === 0) return [];
    const whole = codes.every((code) => values.has(code)) ? summariseLanguages(values, low) : undefined;
    return [{ condition, values, summary: whole }];
  });
  if (rows.length === 0) return [];
  type Row = (typeof rows)[number];
  const columns: readonly (readonly [string, (row: Row) => number | undefined])[] = [
    ...codes.map((code) => [languageHead(code, low), (row: Row) => row.values.get(code)] as const),
    ['macro', ({ summary }) => summary?.macro],
    ['low', ({ summary }) => summary?.low],
    ['high', ({ summary }) => summary?.high],
    ['gap', ({ summary }) => (gap ? summary?.gap : undefined)],
  ];
  const there = columns.filter(([, of]) => rows.some((row) => of(row) !== undefined));
  // A small gap is no merit of its own: an arm that finds nothing has none.
  const best = there.map(([name, of]) =>
    name === 'gap' ? Number.NaN : Math.max(...rows.map((row) => of(row) ?? Number.NEGATIVE_INFINITY)),
  );
  return [
    {
      caption,
      names: 1,
      columns: ['arm', ...there.map(([name]) => name), 'worst', 'seeds'],
      rows: rows.map((row) => [
        conditionName(row.condition),
        ...there.map(([name, of], c): ReportCell => {
          const value = of(row);
          const text = name === 'gap' && value !== undefined ? signed(value) : figure(value);
          return { text, strong: value !== undefined && value === best[c] };
        }),
        row.summary === undefined ? '–' : `${row.summary.worst.language} ${figure(row.summary.worst.value)}`,
        seedsOf(row.condition, test),
      ]),
    },
  ];
}

/** What the oracle reaches with English queries, by test set. */
export function oracleSentences({ languages }: StudyFigures, measure: string): string[] {
  return languages
    .filter((each) => isEnglish(each) && each.measure === measure && each.condition.kind === 'english-oracle')
    .map(
      ({ test, condition, mean, queries }) =>
        `${condition.arm} on ${test}: ${figure(mean)} (${queries} English queries).`,
    );
}

/** `Swahili (sw) *`. */
export function languageHead(code: string, low: ReadonlySet<string>): string {
  return `${languageName(code)} (${code})${low.has(code) ? ' *' : ''}`;
}

/** How many training runs are behind a mean; none for an arm that draws nothing. */
export function seedsOf({ tests }: Condition, test: string): string {
  const runs = (tests.get(test) ?? []).filter(({ seed }) => seed !== undefined);
  return runs.length === 0 ? '–' : String(runs.length);
}
