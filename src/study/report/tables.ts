/** The tables of a study's report. */
import { languagesOfStudy } from '../study-languages.ts';
import { type Change, LEVEL, type TestSettings, type Verdict } from './changes.ts';
import { conditionName } from './conditions.ts';
import {
  bracketed,
  figure,
  probability,
  type ReportCell,
  type ReportTable,
  signed,
  signedRange,
} from './document.ts';
import type { StudyFigures } from './figures.ts';
import { languageHead } from './language-tables.ts';
import { MEAN_GROUPS, mean } from './question-values.ts';

const VERDICTS: Readonly<Record<Verdict, string>> = {
  rises: 'rises',
  falls: 'falls',
  stays: 'within the margin',
  open: 'open',
};

/** The changes at a glance: test sets and groups of languages x arms and designs; significant ones are strong. */
export function answerTable({ changes, measure, unseen }: StudyFigures): ReportTable {
  const own = changes.filter((change) => change.measure === measure);
  const lineOf = ({ arm, design }: Change) => `${arm}${design === undefined ? '' : `, ${design}`}`;
  const lines = [...new Set(own.map(lineOf))];
  const places = new Map<string, Change[]>();
  for (const change of own) {
    const key = JSON.stringify([change.test, change.group]);
    places.set(key, [...(places.get(key) ?? []), change]);
  }
  return {
    caption: `Change of ${measure} from the lowest to the highest share, p after Holm, and what the tests say${unseen.size > 0 ? '; unseen: without training data' : ''}`,
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

/** Further measures in short: by group, the range of the changes, and how many the tests say what of. */
export function furtherTable({ changes, answerMeasures, settings }: StudyFigures): ReportTable {
  const groups = MEAN_GROUPS.filter((group) => changes.some((change) => change.group === group));
  const cell = (measure: string, group: (typeof groups)[number]): ReportCell => {
    const own = changes.filter((change) => change.measure === measure && change.group === group);
    if (own.length === 0) return '–';
    const of = (verdict: Change['verdict']) => own.filter((change) => change.verdict === verdict).length;
    return {
      text: signedRange(own.map(({ difference }) => difference)),
      strong: of('rises') + of('falls') > 0,
      below: `of ${own.length}: ${of('rises')} rise, ${of('falls')} fall, ${of('stays')} within ${settings.margin}`,
    };
  };
  return {
    caption:
      'Changes of further measures from the lowest to the highest share, over arms, designs and test sets; bold where one is significant',
    names: 1,
    columns: ['measure', ...groups],
    rows: answerMeasures
      .filter((measure) => changes.some((change) => change.measure === measure))
      .map((measure) => [measure, ...groups.map((group) => cell(measure, group))]),
  };
}

/** The table of changes from the lowest to the highest share. */
export function changesTable(
  changes: readonly Change[],
  measure: string,
  { margin }: Pick<TestSettings, 'margin'>,
): ReportTable {
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
export function trendsTable(changes: readonly Change[], measure: string): ReportTable {
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
  const { trained: codes, low } = languagesOfStudy(study);
  return {
    caption:
      'Shares of switched words (p), of these in low-resource languages (rho), and by language, over the questions that training drew; words that quotas lack, as no dictionary has them; means over runs',
    names: 2,
    columns: [
      ...['arm', 'design', 'rho asked', 'rho realised', 'p asked', 'p realised'],
      ...['runs', 'questions', 'words short of quota'],
      ...codes.map((code) => languageHead(code, low)),
    ],
    rows: conditions
      .filter(({ shares }) => shares.length > 0)
      .map(({ arm, design, shares }) => {
        const over = (of: (share: (typeof shares)[number]) => number) => figure(mean(shares.map(of)));
        return [
          ...[arm, design ?? '', over(({ askedRho }) => askedRho), over(({ rho }) => rho)],
          ...[over(({ askedP }) => askedP), over(({ p }) => p), String(shares.length)],
          round(mean(shares.map(({ questions }) => questions))),
          shares.some(({ short }) => short !== undefined)
            ? round(mean(shares.map(({ short = 0 }) => short)))
            : '–',
          ...codes.map((code) => over(({ languages }) => languages[code] ?? 0)),
        ];
      }),
  };
}

/** The part of training words that each language's dictionary has. */
export function coverageTable({ conditions, study }: StudyFigures): ReportTable | undefined {
  const shares = conditions.flatMap((condition) => condition.shares);
  if (shares.length === 0) return undefined;
  const { trained: codes, low } = languagesOfStudy(study);
  return {
    caption: 'Share of the words of the drawn training questions that the dictionary of a language has',
    names: 0,
    columns: codes.map((code) => languageHead(code, low)),
    rows: [codes.map((code) => figure(mean(shares.map(({ coverage }) => coverage[code] ?? 0))))],
  };
}

/** A mean of counts: one decimal where it is not whole. */
function round(count: number): string {
  return Number.isInteger(count) ? String(count) : count.toFixed(1);
}
