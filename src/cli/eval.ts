/** `refract eval`: measures runs against judgments, and compares them. */
import { basename } from 'node:path';
import { Option } from 'commander';
import { readJudgments } from '../data/judgments.ts';
import { readRun } from '../data/runs.ts';
import { compareRuns, type RunComparison } from '../eval/compare.ts';
import { DEFAULT_MEASURES, MEASURE_FORMS, parseMeasure } from '../eval/measure.ts';
import { TABLE_FORMATS, type TableFormat } from '../eval/table.ts';
import { formatComparison } from './eval-format.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { example, quietOption, wholeNumber } from './options.ts';

interface EvalArguments {
  readonly qrels: string;
  readonly run: readonly string[];
  readonly measure?: readonly string[];
  readonly baseline?: string;
  readonly perQuery?: boolean;
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
    .requiredOption('--run <file...>', 'runs: "query Q0 passage rank score tag"')
    .option(
      '-m, --measure <name...>',
      `measures: ${MEASURE_FORMS.join(', ')} (default: ${DEFAULT_MEASURES.join(' ')})`,
    )
    .option('--baseline <file>', 'the run that the others are compared with (default: the first)')
    .option('--per-query', 'also print the values of every query')
    .option('--permutations <count>', 'random sign flips of a test', wholeNumber('--permutations'), 10_000)
    .option('--seed <number>', 'seed of the sign flips', wholeNumber('--seed', 0), 1)
    .addOption(new Option('--format <name>', 'how to print').choices(TABLE_FORMATS).default('text'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract eval --qrels qrels.txt --run sw.run -m nDCG@10 R@1
        refract eval --qrels qrels.txt --run zero-shot.run --run optical.run --format markdown`),
    )
    .action(async (given: EvalArguments) => {
      const measures = [
        ...new Set((given.measure ?? DEFAULT_MEASURES).map((name) => parseMeasure(name).name)),
      ];
      const judgments = await readJudgments(given.qrels);
      const names = runNames(given.run);
      const runs = [];
      for (const [i, file] of given.run.entries())
        runs.push({ name: names[i], entries: await readRun(file) });
      const at = given.baseline === undefined ? -1 : given.run.indexOf(given.baseline);
      const comparison = compareRuns(judgments, runs, measures, {
        baseline: at >= 0 ? names[at] : given.baseline,
        permutations: given.permutations,
        seed: given.seed,
      });
      io.out(formatComparison(comparison, given.format, given.perQuery === true));
      if (given.quiet !== true) note(comparison, io);
    });
};

/** File names without folder and ending where that tells the runs apart, else the paths. */
function runNames(files: readonly string[]): string[] {
  const short = files.map((file) => basename(file).replace(/\.(run|txt|trec)?(\.gz)?$/u, '') || file);
  return short.map((name, i) => (short.indexOf(name) === short.lastIndexOf(name) ? name : files[i]));
}

/** Says on standard error where run and judgments do not cover the same ids. */
function note({ systems }: RunComparison, io: CommandIo): void {
  for (const { name, evaluation } of systems) {
    const { missing, unjudged, judgedReturned } = evaluation;
    if (missing.length > 0)
      io.err(
        `${name}: ${missing.length} judged ${count(missing, 'query', 'queries')} without results, counted 0 (${some(missing)})\n`,
      );
    if (unjudged.length > 0)
      io.err(
        `${name}: ${unjudged.length} ${count(unjudged, 'query', 'queries')} without judgments, left out (${some(unjudged)})\n`,
      );
    if (judgedReturned === 0)
      io.err(`${name}: no passage of the run is judged; do its passage ids belong to these judgments?\n`);
  }
}

function count(items: readonly unknown[], one: string, more: string): string {
  return items.length === 1 ? one : more;
}

function some(ids: readonly string[]): string {
  return `${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ', ...' : ''}`;
}
