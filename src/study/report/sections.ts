/** The sections of a study's report, in the order in which people need them. */

import { RefractError } from '../../errors.ts';
import { isChoiceMeasure } from '../choice-measure.ts';
import type { Matrix } from '../matrix.ts';
import { checkPlan } from '../plan-record.ts';
import { readingMeasure } from '../reading-measures.ts';
import { answerOf, STUDY_QUESTION } from './answer.ts';
import { robustnessFigures } from './charts.ts';
import { type ArmCost, costTable, predictionTable } from './cost.ts';
import {
  listed,
  type ReportBlock,
  type ReportDocument,
  type ReportSection,
  type ReportTable,
  text,
} from './document.ts';
import { englishBlocks } from './english-section.ts';
import type { StudyFigures } from './figures.ts';
import { goalBlocks } from './goal-section.ts';
import { languageTables, oracleSentences } from './language-tables.ts';
import { limitsOf } from './limits.ts';
import { cellWarnings, missingRows, translatedTable } from './missing.ts';
import { modelSize } from './model-size.ts';
import {
  answerTable,
  changesTable,
  comparisonsTable,
  coverageTable,
  furtherTable,
  gapTable,
  sharesTable,
  trendsTable,
} from './tables.ts';

/** The heading id of the one section in which two runs of the same study differ. */
export const COST_SECTION = 'cost';

/** The whole report. */
export function reportDocument(
  figures: StudyFigures,
  matrix: Matrix,
  out: string,
  costs: readonly ArmCost[],
): ReportDocument {
  const { measure } = figures;
  const size = modelSize(matrix, out);
  const sections: ReportSection[] = [
    { id: 'answer', title: 'Answer', blocks: answerBlocks(figures) },
    { id: 'robustness', title: `Robustness: ${measure}`, blocks: curveBlocks(figures, measure) },
    { id: 'goals', title: 'Goals', blocks: goalBlocks(figures) },
    { id: 'answers', title: 'Accuracy and F1', blocks: answerMeasureBlocks(figures, size) },
    { id: 'languages', title: 'Languages', blocks: languageBlocks(figures) },
    { id: 'gap', title: 'Gap between high- and low-resource languages', blocks: tables(gapTable(figures)) },
    { id: 'english', title: 'English through the students', blocks: englishBlocks(figures) },
    { id: 'significance', title: 'Arms against baselines', blocks: comparisonBlocks(figures) },
    { id: 'shares', title: 'Shares as asked and as realised', blocks: shareBlocks(figures, matrix, out) },
    { id: 'missing', title: 'What is missing', blocks: missingBlocks(figures, matrix, out) },
    {
      id: 'limits',
      title: 'What this can and cannot tell',
      blocks: limitsOf(figures, size).map(text),
    },
    { id: COST_SECTION, title: 'Cost', blocks: costBlocks(costs, matrix, out) },
  ];
  return {
    title: 'The share of low-resource languages in code-switched training data',
    question: STUDY_QUESTION,
    sections: sections.map((section) =>
      section.blocks.length > 0 ? section : { ...section, blocks: [text('Nothing to show.')] },
    ),
  };
}

function answerBlocks(figures: StudyFigures): ReportBlock[] {
  const { lead, more } = answerOf(figures);
  return [
    { kind: 'text', text: lead, lead: true },
    ...tables(answerTable(figures)),
    ...more.map(text),
    ...tables(furtherTable(figures)),
  ];
}

function curveBlocks(figures: StudyFigures, measure: string): ReportBlock[] {
  return [
    ...robustnessFigures(figures, measure),
    ...tables(changesTable(figures.changes, measure, figures.settings)),
    ...tables(trendsTable(figures.changes, measure)),
  ];
}

function answerMeasureBlocks(figures: StudyFigures, size: string | undefined): ReportBlock[] {
  const { answerMeasures, tests } = figures;
  if (answerMeasures.length === 0)
    return [
      text(
        'The scores of this study hold neither answer accuracy nor exact match nor F1, so nothing is said about them. Add answer@k, accuracy@k or, with a reader, f1@1 to the measures of the study, and questions with answers.',
      ),
    ];
  const f1 = answerMeasures.some((name) => /f1/i.test(name));
  return [
    text(
      `Measures of answers in the scores: ${answerMeasures.join(', ')}.${f1 ? '' : ' There is no F1 among them: it needs a reader that picks answers from passages.'}`,
    ),
    ...(answerMeasures.some((name) => readingMeasure(name))
      ? [
          text(
            `f1@k and em@k are F1 and exact match of what a reader finds in the first k retrieved passages, f1@gold and em@gold in the judged ones, by MLQA's rules, from 0 to 1; means over all questions with answers, unanswered ones 0. The reader is an encoder like the retriever${size === undefined ? '' : ` (${size})`}, trained on the English training questions; for arms with a student it has the student's word table. At the same seed its other weights are the same for all arms.${readerLimits(figures)}`,
          ),
        ]
      : []),
    ...(answerMeasures.some(isChoiceMeasure)
      ? [
          text(
            'choice@gold is accuracy of multiple choice with the judged passage given: the choice taken is that which, joined to the question, is best met in the passage by MaxSim, the mean over tokens; level choices share the credit. One choice in four is right by chance on Belebele (.25). A retriever does not read, so little above chance is to be expected. Arms that encode nothing (BM25, fusions, translations) have no value.',
          ),
        ]
      : []),
    ...answerMeasures.flatMap((measure) => {
      const without = [...tests.keys()].filter(
        (test) => !figures.languages.some((each) => each.test === test && each.measure === measure),
      );
      return [
        ...(without.length > 0
          ? [text(`${measure} is absent on ${without.join(', ')}: ${whyAbsent(measure)}.`)]
          : []),
        ...curveBlocks(figures, measure),
        ...[...tests.keys()].flatMap((test) => languageTables(figures, measure, test)).flatMap(tables),
      ];
    }),
  ];
}

/** What the reader was not to read. */
function readerLimits({ study: { reader = {} } }: StudyFigures): string {
  const { tests, languages, arms } = reader;
  const limits = [
    ...(tests ? [`on ${listed(tests)}`] : []),
    ...(languages ? [`in ${listed(languages)} (and English for the oracle)`] : []),
    ...(arms ? [`what ${listed(arms)} found`] : []),
  ];
  return limits.length === 0
    ? ''
    : ` It was to read only ${limits.join(', ')}; other rows have no such measure.`;
}

function whyAbsent(measure: string): string {
  if (isChoiceMeasure(measure)) return 'the questions there have no choices, or no arm encodes them';
  return `the questions there have no answers${readingMeasure(measure) ? ', or the reader was not to read them' : ''}`;
}

function languageBlocks(figures: StudyFigures): ReportBlock[] {
  const { tests, measure, unseen } = figures;
  const oracle = oracleSentences(figures, measure);
  return [
    text(
      'Means over questions and seeds, with 95 % bootstrap intervals over questions, each averaged over seeds; the best of a column is bold. A small gap is no merit by itself, so none is bold.',
    ),
    ...(unseen.size === 0
      ? []
      : [
          text(
            `Languages without training data (${[...unseen].join(', ')}) are in no bitext, dictionary, switched question, pack or text of the tokenizer. They have tables, averages and groups (unseen-low, unseen-high) of their own, and only arms that need no data of them are there.`,
          ),
        ]),
    ...[...tests.keys()].flatMap((test) => languageTables(figures, measure, test)).flatMap(tables),
    ...(oracle.length > 0 ? [text('With English queries, by the teacher:'), list(oracle)] : []),
  ];
}

function comparisonBlocks(figures: StudyFigures): ReportBlock[] {
  const { comparisons, comparisonPermutations, changes } = figures;
  if (comparisons.length === 0)
    return [text('No arm can be compared with zero-shot, dictionary BM25 or OPTICAL.')];
  return [
    text(
      `Paired randomisation tests with B = ${comparisonPermutations} over questions, averaged over the seeds that both sides have; Holm over all ${comparisons.length} rows. ${changes.length > 0 ? 'Arms with shares stand at their lowest and highest share, not at their best. ' : ''}The oracle reads English and is not tested.`,
    ),
    ...tables(comparisonsTable(figures)),
  ];
}

function shareBlocks(figures: StudyFigures, matrix: Matrix, out: string): ReportBlock[] {
  const shares = sharesTable(figures);
  const more = [coverageTable(figures), translatedTable(matrix, out)];
  return [
    ...(shares.rows.length > 0 ? tables(shares) : []),
    ...more.flatMap((table) => (table ? tables(table) : [])),
  ];
}

function missingBlocks(figures: StudyFigures, matrix: Matrix, out: string): ReportBlock[] {
  const rows = missingRows(figures);
  const warnings = cellWarnings(matrix, out);
  return [
    ...(rows.length === 0
      ? [text(`All ${matrix.rows.length} rows of the study are finished.`)]
      : [
          text(`${figures.missing.length} of ${matrix.rows.length} rows of the study are not finished:`),
          list(rows),
        ]),
    ...(warnings.length > 0 ? [text('Warnings of finished cells:'), list(warnings)] : []),
  ];
}

function costBlocks(costs: readonly ArmCost[], matrix: Matrix, out: string): ReportBlock[] {
  return [...tables(costTable(costs)), ...predictionBlocks(matrix, out)];
}

/** Predicted beside actual. A prediction that cannot be read is no reason to be without a report. */
function predictionBlocks(matrix: Matrix, out: string): ReportBlock[] {
  try {
    const check = checkPlan(matrix, out);
    return check ? tables(predictionTable(check)) : [];
  } catch (error) {
    if (!(error instanceof RefractError)) throw error;
    return [text(`Left out, what was predicted: ${error.what}. ${error.hint}`)];
  }
}

function list(items: readonly string[]): ReportBlock {
  return { kind: 'list', items };
}

function tables(table: ReportTable): ReportBlock[] {
  return table.rows.length === 0 ? [] : [{ kind: 'table', table }];
}
