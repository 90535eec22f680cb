/** `refract eval`: measures runs against judgments, and compares them. */
import { Option } from 'commander';
import { checkLanguage } from '../data/language.ts';
import type { Judgment } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import { type CompareOptions, compareRuns } from '../eval/compare.ts';
import { compareLanguages } from '../eval/compare-languages.ts';
import type { AskedMeasure, Evaluation } from '../eval/evaluate.ts';
import { DEFAULT_MEASURES } from '../eval/measure.ts';
import { TABLE_FORMATS, type TableFormat } from '../eval/table.ts';
import { formatComparison } from './eval-format.ts';
import {
  commas,
  judgedQueries,
  namesLanguages,
  passageFiles,
  readClusters,
  readLanguageRuns,
  readNotedJudgments,
  readRuns,
  runNames,
} from './eval-inputs.ts';
import { formatLanguages } from './eval-languages-format.ts';
import { askedMeasures, checkMaterial, EVAL_FORMS, type EvalMeasure, measuresFor } from './eval-measures.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { filesByLanguage } from './language-files.ts';
import { example, quietOption, wholeNumber } from './options.ts';

interface EvalArguments {
  readonly qrels: string;
  readonly run: readonly string[];
  readonly queries?: readonly string[];
  readonly passages?: readonly string[];
  readonly measure?: readonly string[];
  readonly baseline?: string;
  readonly perQuery?: boolean;
  readonly intervals?: boolean;
  readonly margin?: number;
  readonly clusters?: string;
  readonly low?: string;
  readonly permutations: number;
  readonly seed: number;
  readonly format: TableFormat;
  readonly quiet?: boolean;
}

/** Adds `refract eval`. */
export const evalCommand: CommandRegistration = (program, io) => {
  program
    .command('eval')
    .description('measure runs against judgments; several runs are compared with the first')
    .requiredOption('--qrels <file>', 'judgments: "query 0 passage grade", or a TSV with BEIR\'s header')
    .requiredOption(
      '--run <file...>',
      'runs: "query Q0 passage rank score tag"; or a system in several languages: NAME:sw=a.run,so=b.run',
    )
    .option(
      '--queries <[lang=]file,...>',
      'evaluate only the queries of this file; by language for runs by language',
      collect,
    )
    .option(
      '--passages <[lang=]file,...>',
      'the collection: texts for answer@k (answers are in --queries), languages ("lang") for PEER',
      collect,
    )
    .option(
      '-m, --measure <name...>',
      `measures: ${EVAL_FORMS.join(', ')}, or trec_eval's names (default: ${DEFAULT_MEASURES.join(' ')})`,
    )
    .option(
      '--baseline <name>',
      'the run (its file) or system that the others are compared with (default: the first)',
    )
    .option('--per-query', 'also print the values of every query')
    .option('--intervals', 'bootstrap intervals of the means, 95 %')
    .option(
      '--margin <difference>',
      'also test that a run is not worse than the baseline by this much',
      positive,
    )
    .option('--clusters <file>', '"query<TAB>question": versions of one question count as one observation')
    .option('--low <lang,...>', 'the low-resource languages, for the gap; with runs by language')
    .option('--permutations <count>', 'random sign flips of a test', wholeNumber('--permutations'), 10_000)
    .option('--seed <number>', 'seed of the sign flips', wholeNumber('--seed', 0), 1)
    .addOption(new Option('--format <name>', 'how to print').choices(TABLE_FORMATS).default('text'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract eval --qrels qrels.txt --run sw.run -m nDCG@10 R@1
        refract eval --qrels qrels.txt --run zero-shot.run --run optical.run --format markdown
        refract eval --qrels qrels.txt --run sw.run --queries queries.sw.jsonl --passages corpus.jsonl -m answer@5
        refract eval --qrels qrels.txt --run A:sw=a.sw.run,de=a.de.run --run B:sw=b.sw.run,de=b.de.run --low sw`),
    )
    .action(async (given: EvalArguments) => {
      const note: CommandIo['err'] = given.quiet === true ? () => {} : io.err;
      const measures = askedMeasures(given.measure ?? DEFAULT_MEASURES);
      checkMaterial(measures, given);
      const judgments = await readNotedJudgments(given.qrels, note);
      const options: CompareOptions = {
        permutations: given.permutations,
        seed: given.seed,
        margin: given.margin,
        intervals: given.intervals,
        clusters: given.clusters === undefined ? undefined : await readClusters(given.clusters),
      };
      io.out(
        namesLanguages(given.run)
          ? await byLanguage(given, judgments, measures, options, note)
          : await byRun(given, judgments, measures, options, note),
      );
    });
};

/** Plain runs: a row a run. */
async function byRun(
  { run, queries, passages, baseline, format, perQuery, low }: EvalArguments,
  judgments: readonly Judgment[],
  measures: readonly EvalMeasure[],
  options: CompareOptions,
  note: CommandIo['err'],
): Promise<string> {
  if (low !== undefined)
    throw new RefractError('SETTING_INVALID', '--low needs runs by language', {
      hint: 'Give runs as NAME:sw=a.run,so=b.run, or leave --low out.',
    });
  const runs = await readRuns(run, note);
  const at = baseline === undefined ? -1 : run.indexOf(baseline);
  const judged = await judgedQueries(judgments, queries?.flatMap(commas));
  const entries = runs.map((each) => each.entries);
  const part = { ...judged, runs: entries, passages: passageFiles(passages) };
  const comparison = compareRuns(judged.judgments, runs, await measuresFor(measures, part, note), {
    ...options,
    baseline: at >= 0 ? runNames(run)[at] : baseline,
  });
  for (const { name, evaluation } of comparison.systems) noteGaps(name, evaluation, note);
  return formatComparison(comparison, format, perQuery === true);
}

/** Systems in several languages: a row a system, a column a language. */
async function byLanguage(
  { run, queries, passages, baseline, format, perQuery, low }: EvalArguments,
  judgments: readonly Judgment[],
  measures: readonly EvalMeasure[],
  options: CompareOptions,
  note: CommandIo['err'],
): Promise<string> {
  const systems = await readLanguageRuns(run, note);
  const languages = [...new Set(systems.flatMap(({ runs }) => [...runs.keys()]))];
  const files = queries === undefined ? undefined : filesByLanguage('--queries', queries);
  const judged = new Map<string, readonly Judgment[]>();
  const made = new Map<string, readonly AskedMeasure[]>();
  for (const language of languages) {
    const own = await judgedQueries(judgments, files?.get(language));
    judged.set(language, own.judgments);
    const part = {
      ...own,
      language,
      runs: systems.flatMap(({ runs }) => runs.get(language) ?? []),
      passages: passages === undefined ? [] : passageFiles(passages, language),
    };
    made.set(language, await measuresFor(measures, part, note));
  }
  const comparison = compareLanguages(judged, systems, (language) => made.get(language) ?? [], {
    ...options,
    baseline,
    low: new Set(commas(low ?? '').map(checkLanguage)),
  });
  for (const { name, evaluations } of comparison.systems)
    for (const [language, evaluation] of evaluations) noteGaps(`${name}, ${language}`, evaluation, note);
  return formatLanguages(comparison, format, perQuery === true);
}

/** Says where run and judgments do not cover the same ids. */
function noteGaps(
  name: string,
  { missing, unjudged, judgedReturned }: Evaluation,
  note: CommandIo['err'],
): void {
  if (missing.length > 0)
    note(
      `${name}: ${missing.length} judged ${count(missing, 'query', 'queries')} without results, counted 0 (${some(missing)})\n`,
    );
  if (unjudged.length > 0)
    note(
      `${name}: ${unjudged.length} ${count(unjudged, 'query', 'queries')} without judgments, left out (${some(unjudged)})\n`,
    );
  if (judgedReturned === 0)
    note(`${name}: no passage of the run is judged; do its passage ids belong to these judgments?\n`);
}

function count(items: readonly unknown[], one: string, more: string): string {
  return items.length === 1 ? one : more;
}

function some(ids: readonly string[]): string {
  return `${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ', ...' : ''}`;
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new RefractError('SETTING_INVALID', `--margin "${text}" is not a positive number`, {
    hint: 'Fix the margin before looking at the results, e.g. --margin 0.02.',
  });
}
