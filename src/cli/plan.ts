/** `refract plan`: what teaching, distilling or indexing will take, before it is begun. */
import { Option } from 'commander';
import { PRECISION_CHOICES, type PrecisionChoice } from '../index/manifest.ts';
import { PRECISIONS, type Precision } from '../model/precision.ts';
import { planDistill } from '../plan/plan-distill.ts';
import { planIndex } from '../plan/plan-index.ts';
import { planTeach } from '../plan/plan-teach.ts';
import type { WorkPlan } from '../plan/work-plan.ts';
import { clock } from '../progress.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption, fallbackOf } from './device.ts';
import { addDistillOptions, type DistillArguments, readDistillWork } from './distill.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { localModel } from './model-folder.ts';
import { example, progressOf, quietOption, threadsOption } from './options.ts';
import { addTeachOptions, checkTeachOptions, readTeachWork, type TeachArguments } from './teach.ts';
import { addTrainingOptions, controlOf } from './training.ts';

interface IndexArguments extends DeviceArguments {
  readonly teacher: string;
  readonly passages: string;
  readonly precision: PrecisionChoice;
  readonly encoderPrecision: Precision;
  readonly threads?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds `refract plan`. */
export const planCommand: CommandRegistration = (program, io) => {
  const command = program
    .command('plan')
    .description('predict time, memory, disk and cut texts of teach, distill or index, from a short probe')
    .addHelpText(
      'after',
      example(`
        refract plan teach --passages passages.jsonl --queries queries.jsonl --qrels qrels.txt
        refract plan distill --teacher models/teacher --bitext sw=en-sw.tsv
        refract plan index --teacher models/teacher --passages passages.jsonl`),
    );
  addTrainingOptions(addTeachOptions(command.command('teach').description('plan refract teach'))).action(
    async (given: TeachArguments) => {
      checkTeachOptions(given);
      const { settings, data } = await readTeachWork(given, io);
      tell(await planTeach(await data(), settings, await controlOf(given, io)), given, io);
    },
  );
  addTrainingOptions(
    addDistillOptions(command.command('distill').description('plan refract distill')),
  ).action(async (given: DistillArguments) => {
    const work = await readDistillWork(given, io);
    const control = { ...(await controlOf(given, io)), pack: given.pack };
    tell(await planDistill(work.teacher, await work.input(), work.settings, control), given, io);
  });
  command
    .command('index')
    .description('plan refract index')
    .requiredOption('--teacher <model>', 'the teacher, a folder or org/name on the hub')
    .requiredOption('--passages <file>', 'the collection')
    .addOption(
      new Option('--precision <type>', 'how vectors are stored').choices(PRECISION_CHOICES).default('auto'),
    )
    .addOption(
      new Option('--encoder-precision <type>', 'what the teacher computes in')
        .choices(PRECISIONS)
        .default('float32'),
    )
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .option('--json', 'print the result as JSON')
    .addOption(quietOption())
    .action(async (given: IndexArguments) => {
      const { teacher, passages, json, quiet, precision, encoderPrecision, threads } = given;
      const { folder } = await localModel(teacher, io, given);
      const device = await deviceOf(given, io);
      const control = {
        ...{ precision, encoderPrecision, threads, device, fallback: fallbackOf(given, io) },
        progress: progressOf(io, quiet),
        signal: io.signal,
      };
      tell(await planIndex(folder, passages, control), { json }, io, 'become several windows');
    });
};

function tell(plan: WorkPlan, { json }: { readonly json?: boolean }, io: CommandIo, long = 'are cut'): void {
  io.out(json === true ? `${JSON.stringify(plan, null, 2)}\n` : describe(plan, long));
}

/** `about 12:40, memory 900 MB, disk 43 MB`, then a line for each kind of text that is cut. */
function describe({ seconds, memory, disk, truncated }: WorkPlan, long: string): string {
  const size = (bytes: number) =>
    bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
  const lines = truncated.map(({ kind, limit, sample, cut }) => {
    const share = sample > 0 ? `${((100 * cut) / sample).toFixed(1)} %` : 'none';
    return `  ${share} of ${kind} are longer than ${limit} tokens and ${long} (${cut} of ${sample})`;
  });
  return [`about ${clock(seconds)}, memory ${size(memory)}, disk ${size(disk)}`, ...lines, ''].join('\n');
}
