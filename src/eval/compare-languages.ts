/**
 * Systems that were run on the same questions in several languages: figures for each language, macro average, worst
 * language and gap, and tests in which a question in all its languages is one observation.
 */
import type { Judgment } from '../data/records.ts';
import { nearest, RefractError } from '../errors.ts';
import {
  adjustTests,
  type CompareOptions,
  type Comparison,
  type NamedRun,
  queriesWith,
  testDifferences,
} from './compare.ts';
import { type AskedMeasure, type Evaluation, evaluate, pairedValues } from './evaluate.ts';
import { type LanguageSummary, summariseLanguages } from './languages.ts';
import { type BootstrapInterval, bootstrapInterval } from './significance/bootstrap.ts';
import { byCluster, differences } from './significance/paired.ts';

/** One system with a run for each language. */
export interface LanguageRuns {
  readonly name: string;
  readonly runs: ReadonlyMap<string, NamedRun['entries']>;
}

/** The figures of one system. */
export interface LanguageResult {
  readonly name: string;
  /** Language -> figures. */
  readonly evaluations: ReadonlyMap<string, Evaluation>;
  /** Measure -> summary over languages. */
  readonly summaries: ReadonlyMap<string, LanguageSummary>;
  /** Measure -> interval of the macro average; only where intervals were asked for. */
  readonly intervals?: ReadonlyMap<string, BootstrapInterval>;
}

/** A test of one language, or of the macro average (`language` is `macro`). */
export interface LanguageTest extends Comparison {
  readonly language: string;
}

/** What `compareLanguages` finds. */
export interface LanguageComparison {
  readonly languages: readonly string[];
  readonly measures: readonly string[];
  readonly systems: readonly LanguageResult[];
  /** The name of the system that the others are compared with; absent for a single one. */
  readonly baseline?: string;
  readonly comparisons: readonly LanguageTest[];
}

/** The measures, or those of each language where they have to know its collection or questions; names must agree. */
export type LanguageMeasures = readonly AskedMeasure[] | ((language: string) => readonly AskedMeasure[]);

/** Choices for `compareLanguages`; `clusters` says which queries are versions of one question. */
export interface LanguageOptions extends CompareOptions {
  /** Codes of the low-resource languages. */
  readonly low?: ReadonlySet<string>;
}

/**
 * Evaluates systems in every language and compares each with the baseline: one test a language, measure and system,
 * and one of the macro average; Holm's adjustment runs over all of them. In the macro tests and intervals queries
 * with the same id (or cluster) in several languages are one observation.
 *
 * @param judgments language -> judgments of the queries in that language
 * @throws RefractError `SETTING_INVALID` (no system, or systems that were not run in the same languages, or a
 *   language without judgments), `SETTING_UNKNOWN` (baseline), and what `evaluate` throws
 * @example
 * compareLanguages(new Map([['sw', sw], ['de', de]]), [{ name: 'OPTICAL', runs }], ['nDCG@10'], { low: new Set(['sw']) })
 */
export function compareLanguages(
  judgments: ReadonlyMap<string, readonly Judgment[]>,
  systems: readonly LanguageRuns[],
  measures: LanguageMeasures,
  options: LanguageOptions = {},
): LanguageComparison {
  const languages = checkLanguages(judgments, systems);
  const results = systems.map(({ name, runs }) =>
    resultOf(name, runs, languages, judgments, measures, options),
  );
  const names = results.map(({ name }) => name);
  const base = results.find(({ name }) => name === (options.baseline ?? names[0]));
  if (base === undefined) {
    const near = nearest(options.baseline ?? '', names);
    throw new RefractError('SETTING_UNKNOWN', `no system "${options.baseline}" to compare with`, {
      hint: `${near === undefined ? '' : `Did you mean ${near}? `}The systems are ${names.join(', ')}.`,
    });
  }
  const canonical = [...base.summaries.keys()];
  const shared = { languages, measures: canonical, systems: results };
  if (results.length === 1) return { ...shared, comparisons: [] };
  const tests = results
    .filter((system) => system !== base)
    .flatMap((system) => canonical.flatMap((measure) => testsOf(system, base, measure, languages, options)));
  return { ...shared, baseline: base.name, comparisons: adjustTests(tests) };
}

/** The languages of the first system, once all systems are known to have them. */
function checkLanguages(
  judgments: ReadonlyMap<string, readonly Judgment[]>,
  systems: readonly LanguageRuns[],
): readonly string[] {
  const languages = [...(systems[0]?.runs.keys() ?? [])];
  const odd = systems.find(
    ({ runs }) => runs.size !== languages.length || !languages.every((language) => runs.has(language)),
  );
  const names = systems.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  const unjudged = languages.find((language) => !judgments.has(language));
  if (languages.length > 0 && odd === undefined && twice === undefined && unjudged === undefined)
    return languages;
  let what = 'no run was given';
  if (odd)
    what = `${odd.name} has runs in ${[...odd.runs.keys()].join(', ')}, ${names[0]} in ${languages.join(', ')}`;
  else if (twice !== undefined) what = `two systems "${twice}"`;
  else if (unjudged !== undefined) what = `no judgments in ${unjudged}`;
  throw new RefractError('SETTING_INVALID', what, {
    hint: 'Give every system a name of its own and one run for each of the same languages.',
  });
}

function resultOf(
  name: string,
  runs: LanguageRuns['runs'],
  languages: readonly string[],
  judgments: ReadonlyMap<string, readonly Judgment[]>,
  measures: LanguageMeasures,
  { low, intervals = false, clusters, permutations, seed }: LanguageOptions,
): LanguageResult {
  const evaluations = new Map(
    languages.map((language) => [
      language,
      evaluate(
        judgments.get(language) ?? [],
        runs.get(language) ?? [],
        typeof measures === 'function' ? measures(language) : measures,
      ),
    ]),
  );
  const canonical = [...evaluations.values()][0].measures;
  const summaries = new Map(
    canonical.map((measure) => [
      measure,
      summariseLanguages(
        new Map([...evaluations].map(([language, { means }]) => [language, means.get(measure) ?? 0])),
        low,
      ),
    ]),
  );
  if (!intervals) return { name, evaluations, summaries };
  const interval = (measure: string) => {
    const parts = [...evaluations.values()].map((evaluation) => ({
      values: Float64Array.from(evaluation.perQuery.get(measure)?.values() ?? []),
      queries: queriesWith(evaluation, measure),
    }));
    const { values, questions } = pooled(parts, clusters);
    return bootstrapInterval(values, { clusters: questions, resamples: permutations, seed });
  };
  return {
    name,
    evaluations,
    summaries,
    intervals: new Map(canonical.map((measure) => [measure, interval(measure)])),
  };
}

function testsOf(
  system: LanguageResult,
  base: LanguageResult,
  measure: string,
  languages: readonly string[],
  options: LanguageOptions,
): Omit<LanguageTest, 'adjusted'>[] {
  const parts = languages.map((language) => {
    const [ours, theirs] = [system.evaluations.get(language), base.evaluations.get(language)];
    if (ours === undefined || theirs === undefined) throw new TypeError(`no evaluation in ${language}`);
    const values = differences(...pairedValues(ours, theirs, measure));
    return { language, queries: queriesWith(ours, measure), values };
  });
  const row = { system: system.name, measure };
  const { values, questions } = pooled(parts, options.clusters);
  return [
    ...parts.map((part) => ({ ...row, language: part.language, ...testDifferences(part.values, options) })),
    { ...row, language: 'macro', ...testDifferences(byCluster(values, questions), options) },
  ];
}

/** Values of all languages, weighted so that their mean is the macro average, and the question of each. */
function pooled(
  parts: readonly { readonly values: Float64Array; readonly queries: readonly string[] }[],
  clusters: ReadonlyMap<string, string> | undefined,
): { values: Float64Array; questions: string[] } {
  const total = parts.reduce((sum, { values }) => sum + values.length, 0);
  return {
    values: Float64Array.from(
      parts.flatMap(({ values }) =>
        Array.from(values, (value) => (value * total) / (parts.length * values.length)),
      ),
    ),
    questions: parts.flatMap(({ queries }) => queries.map((query) => clusters?.get(query) ?? query)),
  };
}
