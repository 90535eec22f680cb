/** All figures of a study's report, from its finished cells. Equal studies give equal figures. */
import type { Matrix, MatrixRow } from '../matrix.ts';
import { languagesOfStudy } from '../study-languages.ts';
import { type Change, shareChanges, type TestSettings } from './changes.ts';
import { type BaselineComparison, baselineComparisons, baselinesOf } from './comparisons.ts';
import { type Condition, type ReportedStudy, readConditions } from './conditions.ts';
import { type Point, pointsOf } from './curves.ts';
import { type EnglishFigures, englishFigures } from './english.ts';
import { type GoalComparison, goalComparisons } from './goals.ts';
import { type LanguageFigure, languageFigures } from './language-figures.ts';
import { ENGLISH, englishGroups, testGroups, testLanguages } from './test-groups.ts';

/** Choices of {@link studyFigures}; the margin is the study's, fixed with everything else before it is run. */
export type ReportSettings = Partial<Omit<TestSettings, 'margin'>>;

/** B = 10,000, seed 1. */
export const REPORT_DEFAULTS: Omit<TestSettings, 'margin'> = { permutations: 10_000, seed: 1 };

/** What a report is written from. */
export interface StudyFigures {
  readonly study: ReportedStudy;
  /** Codes of the low-resource languages. */
  readonly low: ReadonlySet<string>;
  /** Codes of the languages without training data. */
  readonly unseen: ReadonlySet<string>;
  readonly settings: TestSettings;
  readonly conditions: readonly Condition[];
  readonly missing: readonly MatrixRow[];
  /** Test set -> languages but English. */
  readonly tests: ReadonlyMap<string, readonly string[]>;
  /** The study's first measure. */
  readonly measure: string;
  /** Those of accuracy, exact match and F1 that the scores have, but the first. */
  readonly answerMeasures: readonly string[];
  /** Of the first measure and the answer measures. */
  readonly points: readonly Point[];
  readonly languages: readonly LanguageFigure[];
  readonly changes: readonly Change[];
  readonly comparisons: readonly BaselineComparison[];
  /** Sign assignments of each comparison with a baseline. */
  readonly comparisonPermutations: number;
  /** What authors are asked for, a family of tests of its own, and the sign assignments of each. */
  readonly goals: readonly GoalComparison[];
  readonly goalPermutations: number;
  /** English as the students read it. */
  readonly english: EnglishFigures;
}

/**
 * Names of measures that count right answers: accuracy (also `Success@k`: a right passage among the first k), exact
 * match and F1; `answer@k`, `accuracy@k` and `choice@gold` are those that studies know.
 *
 * @example ['nDCG@10', 'answer@20', 'accuracy@1', 'F1'].filter(isAnswerMeasure) // all but the first
 */
export function isAnswerMeasure(name: string): boolean {
  return /(?<![a-z])(answer|choice|accuracy|acc|success|exact[ _-]?match|em|f1)(?![a-z])/i.test(name);
}

/**
 * Reads the finished cells of a study and computes everything its report says.
 *
 * @throws RefractError `RESUME_MISMATCH` for a stale cell
 * @example const figures = studyFigures(studyMatrix(files), study, 'runs/study'); figures.changes[0].adjusted
 */
export function studyFigures(
  matrix: Matrix,
  study: ReportedStudy,
  out: string,
  over: ReportSettings = {},
): StudyFigures {
  const settings = { ...REPORT_DEFAULTS, ...over, margin: study.margin };
  const { conditions, missing } = readConditions(matrix, study, out);
  const languages = languagesOfStudy(study);
  const { low } = languages;
  const unseen = new Set(languages.unseen);
  const groups = testGroups(conditions, low, unseen);
  const [measure] = study.measures;
  const answerMeasures = measuresIn(conditions).filter((name) => name !== measure && isAnswerMeasure(name));
  const shown = [measure, ...answerMeasures];
  const { comparisons, permutations } = baselineComparisons(
    conditions,
    baselinesOf(study),
    groups.filter(({ group }) => group !== 'gap'),
    measure,
    settings,
  );
  const tests = testLanguages(conditions);
  const asked = goalComparisons(conditions, study, { tests, low, unseen }, measure, settings);
  return {
    ...{ study, low, unseen, settings, conditions, missing, measure, answerMeasures },
    tests,
    points: shown.flatMap((each) =>
      pointsOf(conditions, [...groups, ...englishGroups(conditions)], each, settings),
    ),
    languages: languageFigures(conditions, shown, settings),
    changes: shareChanges(conditions, groups, shown, settings),
    comparisons,
    comparisonPermutations: permutations,
    goals: asked.goals,
    goalPermutations: asked.permutations,
    english: englishFigures(conditions, study, measure, settings),
  };
}

/** Names of all measures in the scores, in the order in which they are met. */
function measuresIn(conditions: readonly Condition[]): string[] {
  const names = new Set<string>();
  for (const { tests } of conditions)
    for (const runs of tests.values())
      for (const { scores } of runs)
        for (const { means } of Object.values(scores)) for (const name of Object.keys(means)) names.add(name);
  return [...names];
}

/** Whether a figure is of English queries, which are in no average over languages. */
export function isEnglish({ language }: Pick<LanguageFigure, 'language'>): boolean {
  return language === ENGLISH;
}
