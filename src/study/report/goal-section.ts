/** The section on what an author is asked for: sentences, tables, and all of its comparisons as CSV. */
import { counted } from '../../counted.ts';
import { formatTable } from '../../eval/table.ts';
import { LEVEL } from './changes.ts';
import { baselinesOf } from './comparisons.ts';
import { conditionName } from './conditions.ts';
import {
  bracketed,
  figure,
  listed,
  probability,
  type ReportBlock,
  type ReportTable,
  signed,
  text,
} from './document.ts';
import type { StudyFigures } from './figures.ts';
import { GOALS, type Goal, type GoalComparison } from './goals.ts';

/** What a goal is called in captions. */
const CAPTIONS: Readonly<Record<Goal, string>> = {
  'best arm': 'the best arm against dictionary BM25 in low-resource languages',
  OPTICAL: 'OPTICAL against mean shift, sentence-MSE and contrastive training on the same bitext',
  fusion: 'each fusion against each of its parts, macro average over the languages of a test set',
};

/** What a goal needs. */
const NEEDS: Readonly<Record<Goal, string>> = {
  'best arm': 'scores of dictionary BM25 and of another arm in a low-resource language',
  OPTICAL: 'scores of an optical arm and of one of the kinds mean-shift, sentence-mse and contrastive',
  fusion: 'scores of a fusion and of its parts',
};

/** Sentences and a table for each goal. */
export function goalBlocks(figures: StudyFigures): ReportBlock[] {
  const { goals, goalPermutations, changes, unseen } = figures;
  if (goals.length === 0) return [];
  const shares = changes.length > 0 ? ' Arms with shares stand at their lowest and highest share.' : '';
  const trained =
    unseen.size > 0
      ? ' All of it is in languages with training data; those without are not counted here.'
      : '';
  return [
    text(
      `Paired randomisation tests with B = ${goalPermutations} over questions, averaged over the seeds that both sides have; Holm over all ${counted(goals.length, 'comparison')} of this section, so p may differ from that of the same comparison in another table. Higher and lower are significant at ${String(LEVEL).replace('0.', '.')} after Holm; not distinguishable is no proof that two arms are equal.${shares}${trained}`,
    ),
    ...GOALS.flatMap((goal) => blocksOf(goal, figures)),
  ];
}

function blocksOf(goal: Goal, figures: StudyFigures): ReportBlock[] {
  const own = figures.goals.filter((row) => row.goal === goal);
  if (own.length === 0) return [text(`Nothing can be said of ${CAPTIONS[goal]}: it needs ${NEEDS[goal]}.`)];
  const shown = goal === 'best arm' ? bestByTest(own) : own;
  return [text(`${sentence(goal, shown, figures)}${caution(goal, own)}`), goalTable(goal, shown, figures)];
}

/** The best arm of each test set, and after it the best that fuses nothing where that is another. */
function bestByTest(rows: readonly GoalComparison[]): GoalComparison[] {
  const tests = [...new Set(rows.map(({ test }) => test))];
  return tests.flatMap((test) =>
    (['of all', 'but fusions'] as const).flatMap((best) =>
      rows.filter((row) => row.test === test && row.best === best),
    ),
  );
}

/** How often the tests say what; of best arms, those of all arms count. */
function sentence(goal: Goal, shown: readonly GoalComparison[], { study }: StudyFigures): string {
  const rows = shown.filter(({ best }) => best !== 'but fusions');
  const counts = (['higher', 'not distinguishable', 'lower'] as const).flatMap((verdict) => {
    const found = rows.filter((row) => row.verdict === verdict).length;
    return found > 0 ? [`${verdict} in ${found}`] : [];
  });
  const dictionary = baselinesOf(study).find(({ name }) => name === 'dictionary BM25')?.arm;
  const which = {
    'best arm': ` (dictionary BM25: ${dictionary})`,
    OPTICAL: ` (OPTICAL: ${listed([...new Set(rows.map(({ condition }) => condition.arm))])})`,
    fusion: '',
  }[goal];
  const caption = CAPTIONS[goal];
  return `${caption[0].toUpperCase()}${caption.slice(1)}${which}: of ${counted(rows.length, 'comparison')}, ${counts.join(', ')}.`;
}

/** What a best arm that was chosen by its scores can say. */
function caution(goal: Goal, own: readonly GoalComparison[]): string {
  if (goal !== 'best arm') return '';
  const fusions = own.some(({ best }) => best === 'but fusions')
    ? ' Where a fusion is best, the best of the other arms stands beside it.'
    : '';
  return ` The best arm of a test set is chosen by these same scores among all that were tested (${own.length} comparisons): Holm covers the choice, but difference and interval of the chosen one are optimistic.${fusions}`;
}

function goalTable(goal: Goal, rows: readonly GoalComparison[], { measure }: StudyFigures): ReportBlock {
  const table: ReportTable = {
    caption: `${measure}: ${CAPTIONS[goal]}`,
    names: 4,
    columns: [
      ...['test set', 'languages', 'arm', 'against', 'mean', 'mean of the other', 'difference'],
      ...['95 % interval', 'p', 'p (Holm)', 'reading', 'seeds', 'questions'],
    ],
    rows: rows.map((row) => [
      ...[row.test, row.group, `${conditionName(row.condition)}${chosen(row)}`, conditionName(row.other)],
      ...[figure(row.ours), figure(row.theirs), signed(row.difference)],
      ...[bracketed(row.interval.low, row.interval.high), probability(row.p)],
      { text: probability(row.adjusted), strong: row.adjusted < LEVEL },
      ...[row.verdict, String(row.seeds), String(row.questions)],
    ]),
  };
  return { kind: 'table', table };
}

function chosen({ best }: GoalComparison): string {
  return best === undefined ? '' : ` (best ${best})`;
}

/**
 * Every comparison of the section, also those of arms that are not the best; every digit kept.
 *
 * @example writeFileAtomic('goals.csv', goalsCsv(figures))
 */
export function goalsCsv({ goals, measure }: StudyFigures): string {
  return formatTable(
    {
      columns: [
        ...['goal', 'measure', 'test', 'group', 'arm', 'design', 'rho', 'against', 'best', 'mean'],
        ...['mean of the other', 'difference', 'low', 'high', 'p', 'p (Holm)', 'p (t)', 'reading'],
        ...['seeds', 'questions'],
      ],
      rows: goals.map(({ condition, other, interval, ...row }) => [
        ...[row.goal, measure, row.test, row.group, condition.arm, condition.design, condition.rho],
        ...[conditionName(other), row.best, row.ours, row.theirs, row.difference],
        ...[interval.low, interval.high, row.p, row.adjusted, row.t],
        ...[row.verdict, row.seeds, row.questions],
      ]),
    },
    'csv',
  );
}
