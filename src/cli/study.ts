/** `refract study`: runs a matrix of arms, shares, seeds and languages, and tables what came out. */
import { dirname } from 'node:path';
import { Argument } from 'commander';
import { clock } from '../progress.ts';
import { CellWorkers } from '../study/cell-workers.ts';
import { studySchema } from '../study/checked-study.ts';
import { type Matrix, studyMatrix } from '../study/matrix.ts';
import { planStudy } from '../study/plan.ts';
import { checkPlan, writePlan } from '../study/plan-record.ts';
import type { BaselineComparison } from '../study/report/comparisons.ts';
import { predictionTable } from '../study/report/cost.ts';
import { cellText } from '../study/report/document.ts';
import { writeStudyReport } from '../study/report/write-report.ts';
import { studyScores, writeResults } from '../study/results.ts';
import { runCells } from '../study/run-cells.ts';
import { StudyFiles } from '../study/study-files.ts';
import type { Study } from '../study/study-schema.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption } from './device.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { example, progressOf, quietOption, threadsOption, wholeNumber } from './options.ts';
import { resolveSettings } from './settings.ts';
import { collect } from './training.ts';

interface StudyArguments extends DeviceArguments {
  readonly out: string;
  readonly set?: readonly string[];
  readonly jobs: number;
  readonly redo?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds `refract study`. */
export const studyCommand: CommandRegistration = (program, io) => {
  program
    .command('study')
    .description('compare arms over shares of low-resource languages, seeds and test sets')
    .addArgument(new Argument('<action>', 'what to do').choices(['plan', 'run', 'report']))
    .argument('<file>', 'the study as YAML')
    .requiredOption('--out <folder>', 'where cells and tables go')
    .option('--set <name=value>', 'one setting, such as seeds=[1]; may be repeated', collect)
    .option('--jobs <count>', 'plan, run: cells that are made at a time', wholeNumber('--jobs'), 1)
    .option('--redo', 'plan, run: make stale cells again instead of refusing them')
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .option('--json', 'print the result as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract study plan studies/proportion.yaml --out runs/proportion
        refract study run studies/proportion.yaml --out runs/proportion
        refract study report studies/proportion.yaml --out runs/proportion`),
    )
    .action(async (action: 'plan' | 'run' | 'report', file: string, given: StudyArguments) => {
      const open = await readStudy(file, given);
      if (action !== 'report' && given.quiet !== true) await tellOfDictionaries(open, io);
      if (action === 'plan') return plan(open, given, io);
      if (action === 'run') await make(open, given, io);
      report(open.matrix, open.study, given, io);
    });
};

interface OpenStudy {
  readonly study: Study;
  readonly files: StudyFiles;
  readonly matrix: Matrix;
}

async function readStudy(file: string, { set }: StudyArguments): Promise<OpenStudy> {
  const study = await resolveSettings(studySchema, {}, { configFile: file, sets: set });
  const files = await StudyFiles.open(study, dirname(file));
  return { study, files, matrix: studyMatrix(files) };
}

/** Says what is odd about the dictionaries before hours are spent on them. */
async function tellOfDictionaries({ study, files }: OpenStudy, io: CommandIo): Promise<void> {
  for (const note of await files.dictionaryNotes(Object.keys(study.languages))) io.err(`Warning: ${note}\n`);
}

async function workOf(given: StudyArguments, io: CommandIo) {
  const { threads, jobs, redo, quiet } = given;
  const device = await deviceOf(given, io);
  const tell = quiet === true ? () => {} : (message: string) => io.err(`${message}\n`);
  return { device, threads, jobs, redo, tell, progress: progressOf(io, quiet), signal: io.signal };
}

/** Makes the cells: in this process, or in one for each of several jobs. */
async function make({ files, matrix }: OpenStudy, given: StudyArguments, io: CommandIo): Promise<void> {
  const { out, jobs, threads } = given;
  const work = { out, ...(await workOf(given, io)) };
  const { device } = work;
  if (jobs === 1) {
    await runCells(matrix.cells, work);
    return;
  }
  const maker = await CellWorkers.start(files, { out, jobs, device, threads });
  try {
    await runCells(matrix.cells, { ...work, maker });
  } finally {
    maker.close();
  }
}

async function plan({ study, files, matrix }: OpenStudy, given: StudyArguments, io: CommandIo) {
  const { out } = given;
  const prediction = await planStudy(files, matrix, { out, ...(await workOf(given, io)) });
  writePlan(out, matrix, prediction);
  const check = checkPlan(matrix, out, given.redo);
  if (given.json === true) {
    io.out(`${JSON.stringify({ ...prediction, check }, null, 2)}\n`);
    return;
  }
  for (const { name, finished, seconds, bytes } of prediction.cells)
    io.out(`${name}\t${finished ? 'finished' : `${clock(seconds)}\t${(bytes / 1e6).toFixed(1)} MB`}\n`);
  const { seconds, bytes, memoryBytes, jobs, probeSeconds } = prediction;
  io.out(
    `${matrix.cells.length} cells for ${Object.keys(study.arms).length} arms: ${clock(seconds)}${jobs > 1 ? ` with ${jobs} jobs` : ''}, ${(memoryBytes / 1e6).toFixed(0)} MB of memory, ${(bytes / 1e6).toFixed(1)} MB on disk\n`,
  );
  if (probeSeconds > 0)
    io.out(
      `from a probe of ${clock(probeSeconds)}: a cell of each group on samples of the data and with a few steps of each training, carried on to all data and steps; reports are not counted\n`,
    );
  if (check === undefined) return;
  const { caption, columns, rows } = predictionTable(check);
  io.out(`${caption}:\n${[columns, ...rows].map((row) => `${row.map(cellText).join('\t')}\n`).join('')}`);
}

function report(matrix: Matrix, study: Study, { out, json, quiet }: StudyArguments, io: CommandIo) {
  const { scores, missing } = studyScores(matrix, out);
  writeResults(scores, study.measures, out);
  const { answer, files, figures } = writeStudyReport(matrix, study, out);
  if (missing > 0 && quiet !== true) io.err(`${missing} rows are not finished and left out\n`);
  if (json === true) {
    const { changes } = figures;
    const goals = figures.goals.map(({ condition: { arm, design, rho }, other, ...rest }) => ({
      ...{ arm, design, rho, against: { arm: other.arm, design: other.design, rho: other.rho } },
      ...rest,
    }));
    const comparisons = comparisonRows(figures.comparisons);
    const english = {
      changes: figures.english.changes,
      comparisons: comparisonRows(figures.english.comparisons),
    };
    const result = { answer, scores, missing, goals, changes, comparisons, english, files };
    io.out(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  io.out([answer.lead, ...answer.more, files.join('\n')].map((part) => `${part}\n`).join('\n'));
}

function comparisonRows(comparisons: readonly BaselineComparison[]) {
  return comparisons.map(({ condition: { arm, design, rho }, baseline, ...rest }) => ({
    ...{ arm, design, rho, baseline: baseline.arm },
    ...rest,
  }));
}
