/** The section of a report on English as the students read it: a sentence, curves over the shares, tables. */
import { counted } from '../../counted.ts';
import { LEVEL } from './changes.ts';
import { englishFiguresOf } from './charts.ts';
import type { BaselineComparison } from './comparisons.ts';
import { type Condition, conditionName } from './conditions.ts';
import {
  bracketed,
  figure,
  probability,
  type ReportBlock,
  type ReportCell,
  type ReportTable,
  signed,
  text,
} from './document.ts';
import { isEnglish, type StudyFigures } from './figures.ts';
import { changesTable, trendsTable } from './tables.ts';

/** The blocks of the section; none where no student was scored on English queries. */
export function englishBlocks(figures: StudyFigures): ReportBlock[] {
  const { english, settings, measure } = figures;
  const sentence = englishSentence(figures);
  if (sentence === undefined) return [];
  const tables = [
    englishTable(figures),
    changesTable(english.changes, measure, settings),
    trendsTable(english.changes, measure),
    harmTable(figures),
  ];
  return [
    text(sentence),
    text(
      `English queries through the students of one model for all languages, against the teacher, which is what the oracle reads them with. They are in no average over languages and not in the gap, and their tests are families of their own. “No harm” comes from a one-sided t test with the margin of ${settings.margin}: worse by the margin or more is ruled out.`,
    ),
    ...englishFiguresOf(figures),
    ...tables.flatMap((table): ReportBlock[] => (table.rows.length === 0 ? [] : [{ kind: 'table', table }])),
  ];
}

/** How many students lose English, and how many are shown not to; undefined where none was scored on it. */
export function englishSentence(figures: StudyFigures): string | undefined {
  const { english, measure, settings } = figures;
  if (!conditionsOf(figures).some(({ kind }) => kind !== 'english-oracle')) return undefined;
  const { comparisons } = english;
  if (comparisons.length === 0)
    return 'Students read English queries too, but no oracle is finished to hold them against.';
  const of = (reading: string) => comparisons.filter((row) => readingOf(row) === reading).length;
  const safe = comparisons.filter(isHarmless).length;
  return `English through the students (arms with shares at both ends, over test sets): ${measure} is significantly below the teacher's in ${of('worse')} of ${counted(comparisons.length, 'comparison')} and above it in ${of('better')}; a loss of ${settings.margin} or more is ruled out in ${safe}.`;
}

/** Conditions with scores of English queries. */
function conditionsOf({ conditions, languages }: StudyFigures): Condition[] {
  const read = new Set(languages.filter(isEnglish).map(({ condition }) => condition));
  return conditions.filter((condition) => read.has(condition));
}

function englishTable(figures: StudyFigures): ReportTable {
  const { languages, measure } = figures;
  const own = languages.filter((each) => isEnglish(each) && each.measure === measure);
  const tests = [...new Set(own.map(({ test }) => test))];
  return {
    caption: `${measure} with English queries, mean over seeds, 95 % intervals over questions`,
    names: 1,
    columns: ['arm', ...tests],
    rows: conditionsOf(figures).map((condition) => [
      conditionName(condition),
      ...tests.map((test): ReportCell => {
        const found = own.find((each) => each.condition === condition && each.test === test);
        const { mean, interval } = found ?? {};
        const below = interval && bracketed(interval.low, interval.high);
        return { text: figure(mean), strong: false, ...(below && { below }) };
      }),
    ]),
  };
}

function harmTable({ english, measure }: StudyFigures): ReportTable {
  return {
    caption: `${measure} with English queries: students against the teacher`,
    names: 2,
    columns: [
      ...['test set', 'arm', 'difference', '95 % interval', 'p', 'p (Holm)', 'p (t)'],
      ...['p of no harm', 'p of no harm (Holm)', 'reading', 'seeds', 'questions'],
    ],
    rows: english.comparisons.map((row) => [
      ...[row.test, conditionName(row.condition), signed(row.difference)],
      ...[bracketed(row.interval.low, row.interval.high), probability(row.p)],
      { text: probability(row.adjusted), strong: row.adjusted < LEVEL },
      ...[probability(row.t), probability(row.notWorse ?? Number.NaN)],
      ...[probability(row.notWorseAdjusted ?? Number.NaN)],
      readingOf(row) === 'worse' && isHarmless(row) ? 'worse, by less than the margin' : readingOf(row),
      ...[String(row.seeds), String(row.questions)],
    ]),
  };
}

function isHarmless({ notWorseAdjusted = 1 }: BaselineComparison): boolean {
  return notWorseAdjusted < LEVEL;
}

function readingOf(row: BaselineComparison): 'better' | 'worse' | 'no harm' | 'open' {
  if (row.adjusted < LEVEL) return row.difference > 0 ? 'better' : 'worse';
  return isHarmless(row) ? 'no harm' : 'open';
}
