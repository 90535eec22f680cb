/** The tables of a study's report. */
import { languageName } from '../../data/language.ts';
import { summariseLanguages } from '../../eval/languages.ts';
import { type Change, LEVEL, type Verdict } from './changes.ts';
import { type Condition, conditionName } from './conditions.ts';
import { figure, probability, type ReportCell, type ReportTable, signed } from './document.ts';
import { isOracle, type StudyFigures } from './figures.ts';
import { LANGUAGE_GROUPS, type LanguageGroup, mean } from './question-values.ts';
import type { Interval } from './resampling.ts';

const VERDICTS: Readonly<Record<Verdict, string>> = {
  rises: 'rises',
  falls: 'falls',
  stays: 'within the margin',
  open: 'open',
};

/** The changes at a glance: test sets and groups of languages x arms and designs; significant ones are strong. */
export function answerTable({ changes, measure }: StudyFigures): ReportTable {
  const own = changes.filter((change) => change.measure === measure);
  const lineOf = ({ arm, design }: Change) => `${arm}${design === undefined ? '' : `, ${design}`}`;
  const lines = [...new Set(own.map(lineOf))];
  const places = new Map<string, Change[]>();
  for (const change of own) {
    const key = JSON.stringify([change.test, change.group]);
    places.set(key, [...(places.get(key) ?? []), change]);
  }
  return {
    caption: `Change of ${measure} from the lowest to the highest share, p after Holm, and what the tests say`,
    names: 2,
    columns: ['test set', 'languages', ...lines],
    rows: [...places.values()].map((part) => [
      ...[part[0].test, part[0].group],
      ...lines.map((line): ReportCell => {
        const change = part.find((each) => lineOf(each) === line);
        if (change === undefined) return '–';
        const p = probability(change.adjusted).replace(/^(?=\d)/, '= ');
        return {
          text: `${signed(change.difference)}, p ${p}: ${VERDICTS[change.verdict]}`,
          strong: change.adjusted < LEVEL,
        };
      }),
    ]),
  };
}

/** The table of changes from the lowest to the highest share. */
export function changesTable({ changes, settings: { margin } }: StudyFigures, measure: string): ReportTable {
  return {
    caption: `${measure}: from the lowest to the highest share. The equivalence test asks whether the change is smaller than ${margin}`,
    names: 4,
    columns: [
      ...[
        'test set',
        'languages',
        'arm',
        'design',
        'realised share',
        'from',
        'to',
        'change',
        '95 % interval',
      ],
      ...['p', 'p (Holm)', 'p (t)', 'p of equivalence (Holm)', 'reading', 'seeds', 'questions'],
    ],
    rows: changes
      .filter((change) => change.measure === measure)
      .map((change) => [
        ...[change.test, change.group, change.arm, change.design ?? ''],
        `${figure(change.realised[0])} to ${figure(change.realised[1])}`,
        ...[figure(change.from), figure(change.to), signed(change.difference)],
        bracketed(change.interval.low, change.interval.high),
        probability(change.p),
        { text: probability(change.adjusted), strong: change.adjusted < LEVEL },
        ...[probability(change.t), probability(change.equivalent), VERDICTS[change.verdict]],
        ...[String(change.seeds), String(change.questions)],
      ]),
  };
}

/** The table of trends over all shares. */
export function trendsTable({ changes }: StudyFigures, measure: string): ReportTable {
  return {
    caption: `${measure}: trend over all shares; slope from share 0 to 1, means over seeds`,
    names: 4,
    columns: [
      ...['test set', 'languages', 'arm', 'design', 'slope', 'slopes of seeds', 'Spearman', 'p', 'p (Holm)'],
      ...['seeds', 'shares'],
    ],
    rows: changes
      .filter((change) => change.measure === measure)
      .flatMap(({ test, group, arm, design = '', trend }): ReportCell[][] =>
        trend === undefined
          ? []
          : [
              [
                ...[test, group, arm, design, signed(trend.slope), bracketed(...trend.slopes)],
                ...[signed(trend.spearman), probability(trend.p)],
                { text: probability(trend.adjusted), strong: trend.adjusted < LEVEL },
                ...[String(trend.seeds), String(trend.shares)],
              ],
            ],
      ),
  };
}

/** Each compared condition against each baseline. */
export function comparisonsTable({ comparisons, measure }: StudyFigures): ReportTable {
  return {
    caption: `${measure}: arms against baselines`,
    names: 4,
    columns: [
      ...[
        'test set',
        'languages',
        'arm',
        'baseline',
        'difference',
        '95 % interval',
        'p',
        'p (Holm)',
        'p (t)',
      ],
      ...['seeds', 'questions'],
    ],
    rows: comparisons.map((row) => [
      ...[row.test, row.group, conditionName(row.condition), row.baseline.name],
      ...[signed(row.difference), bracketed(row.interval.low, row.interval.high), probability(row.p)],
      { text: probability(row.adjusted), strong: row.adjusted < LEVEL },
      ...[probability(row.t), String(row.seeds), String(row.questions)],
    ]),
  };
}

/** Conditions x languages of a test set, with macro average, worst language and gap; the best of a column is strong. */
export function languageTable(figures: StudyFigures, measure: string, test: string): ReportTable | undefined {
  const { languages, points, tests, low, conditions } = figures;
  const codes = tests.get(test) ?? [];
  const own = languages.filter((each) => each.measure === measure && each.test === test && !isOracle(each));
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
  const groupOf = (row: Row, group: LanguageGroup): Shown =>
    row.summary && row.points.find((point) => point.group === group);
  const columns: readonly (readonly [string, (row: Row) => Shown])[] = [
    ...codes.map((code) => [languageHead(code, low), (row: Row) => row.values.get(code)] as const),
    ['macro', ({ summary }) => summary && { mean: summary.macro }],
    ...LANGUAGE_GROUPS.map((group) => [group, (row: Row) => groupOf(row, group)] as const),
  ];
  const there = columns.filter(([, of]) => rows.some((row) => of(row) !== undefined));
  // A small gap is no merit of its own: an arm that finds nothing has none.
  const best = there.map(([name, of]) =>
    name === 'gap' ? Number.NaN : Math.max(...rows.map((row) => of(row)?.mean ?? Number.NEGATIVE_INFINITY)),
  );
  return {
    caption: `${measure} on ${test}, mean over seeds${measure === figures.measure ? ', 95 % intervals over questions' : ''}${low.size > 0 ? ' (* low-resource)' : ''}`,
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
          ...(interval && measure === figures.measure && { below: bracketed(interval.low, interval.high) }),
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
    .filter((each) => isOracle(each) && each.measure === measure)
    .map(
      ({ test, condition, mean, interval, queries }) =>
        `${condition.arm} on ${test}: ${figure(mean)}${interval ? ` ${bracketed(interval.low, interval.high)}` : ''} (${queries} English queries).`,
    );
}

/** The gap between language groups of each condition, with its interval. */
export function gapTable({ points, measure }: StudyFigures): ReportTable {
  const of = (group: string) => points.filter((point) => point.group === group && point.measure === measure);
  const [low, high] = [of('low'), of('high')];
  return {
    caption: `${measure}: high-resource less low-resource languages`,
    names: 2,
    columns: ['test set', 'arm', 'low', 'high', 'gap', '95 % interval', 'gap of seeds'],
    rows: of('gap').map(({ test, condition, mean, interval, bySeed }) => {
      const same = (point: (typeof points)[number]) => point.test === test && point.condition === condition;
      return [
        ...[test, conditionName(condition), figure(low.find(same)?.mean), figure(high.find(same)?.mean)],
        ...[signed(mean), bracketed(interval.low, interval.high)],
        bySeed.length > 1 ? bracketed(Math.min(...bySeed), Math.max(...bySeed)) : '–',
      ];
    }),
  };
}

/** Shares as asked and as realised, over seeds. */
export function sharesTable({ conditions, study }: StudyFigures): ReportTable {
  const codes = Object.keys(study.languages);
  const low = new Set(codes.filter((code) => study.languages[code].low));
  return {
    caption: 'Shares of switched words (p), of these in low-resource languages (rho), and by language',
    names: 2,
    columns: [
      ...['arm', 'design', 'rho asked', 'rho realised', 'p asked', 'p realised', 'runs'],
      ...codes.map((code) => languageHead(code, low)),
    ],
    rows: conditions
      .filter(({ shares }) => shares.length > 0)
      .map(({ arm, design, shares }) => {
        const over = (of: (share: (typeof shares)[number]) => number) => figure(mean(shares.map(of)));
        return [
          ...[arm, design ?? '', over(({ askedRho }) => askedRho), over(({ rho }) => rho)],
          ...[over(({ askedP }) => askedP), over(({ p }) => p), String(shares.length)],
          ...codes.map((code) => over(({ languages }) => languages[code] ?? 0)),
        ];
      }),
  };
}

/** The part of training words that each language's dictionary has. */
export function coverageTable({ conditions, study }: StudyFigures): ReportTable | undefined {
  const shares = conditions.flatMap((condition) => condition.shares);
  if (shares.length === 0) return undefined;
  const codes = Object.keys(study.languages);
  const low = new Set(codes.filter((code) => study.languages[code].low));
  return {
    caption: 'Share of the words of the training questions that the dictionary of a language has',
    names: 0,
    columns: codes.map((code) => languageHead(code, low)),
    rows: [codes.map((code) => figure(mean(shares.map(({ coverage }) => coverage[code] ?? 0))))],
  };
}

/** `Swahili (sw) *`. */
function languageHead(code: string, low: ReadonlySet<string>): string {
  return `${languageName(code)} (${code})${low.has(code) ? ' *' : ''}`;
}

/** `[−0.010, 0.031]`. */
export function bracketed(low: number, high: number): string {
  return `[${figure(low)}, ${figure(high)}]`;
}

/** How many training runs are behind a mean; none for an arm that draws nothing. */
function seedsOf({ tests }: Condition, test: string): string {
  const runs = (tests.get(test) ?? []).filter(({ seed }) => seed !== undefined);
  return runs.length === 0 ? '–' : String(runs.length);
}
