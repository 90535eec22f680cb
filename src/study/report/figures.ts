/** All figures of a study's report, from its finished cells. Equal studies give equal figures. */
import type { Matrix, MatrixRow } from '../matrix.ts';
import { languagesOfStudy } from '../study-languages.ts';
import { type Change, shareChanges, type TestSettings } from './changes.ts';
import { type BaselineComparison, baselineComparisons, baselinesOf } from './comparisons.ts';
import { type Condition, type ReportedStudy, readConditions } from './conditions.ts';
import { type Point, pointsOf } from './curves.ts';
import { type EnglishFigures, englishFigures } from './english.ts';
import { ENGLISH, englishGroups, testGroups, testLanguages } from './test-groups.ts';

/** Choices of {@link studyFigures}. */
export type ReportSettings = Partial<TestSettings>;

/** B = 10,000, seed 1, and a margin of 0.02, which was fixed before any study was run. */
export const REPORT_DEFAULTS: TestSettings = { permutations: 10_000, seed: 1, margin: 0.02 };

/** The mean of a condition in one language of a test set, over questions and seeds. */
export interface LanguageFigure {
  readonly condition: Condition;
  readonly test: string;
  readonly language: string;
  readonly measure: string;
  readonly mean: number;
  readonly bySeed: readonly number[];
  readonly queries: number;
}

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
  const settings = { ...REPORT_DEFAULTS, ...over };
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
  return {
    ...{ study, low, unseen, settings, conditions, missing, measure, answerMeasures },
    tests: testLanguages(conditions),
    points: shown.flatMap((each) =>
      pointsOf(conditions, [...groups, ...englishGroups(conditions)], each, settings),
    ),
    languages: conditions.flatMap((condition) => languageFigures(condition, shown)),
    changes: shareChanges(conditions, groups, shown, settings),
    comparisons,
    comparisonPermutations: permutations,
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

function languageFigures(condition: Condition, measures: readonly string[]): LanguageFigure[] {
  return [...condition.tests].flatMap(([test, runs]) => {
    const codes = new Set(runs.flatMap(({ scores }) => Object.keys(scores)));
    return [...codes].flatMap((language) =>
      measures.flatMap((measure): LanguageFigure[] => {
        const there = runs.filter(({ scores }) => scores[language]?.means[measure] !== undefined);
        if (there.length === 0) return [];
        const bySeed = there.map(({ scores }) => scores[language].means[measure]);
        const mean = bySeed.reduce((sum, value) => sum + value, 0) / bySeed.length;
        const { queries } = there[0].scores[language];
        return [{ condition, test, language, measure, mean, bySeed, queries }];
      }),
    );
  });
}

/** Whether a figure is of English queries, which are in no average over languages. */
export function isEnglish({ language }: Pick<LanguageFigure, 'language'>): boolean {
  return language === ENGLISH;
}
