/** `refract index`: makes a collection searchable, and changes, tidies and checks what was made. */
import { Option } from 'commander';
import { PRECISION_CHOICES, type PrecisionChoice } from '../index/manifest.ts';
import { indexStats } from '../index/stats.ts';
import { checkPlace } from '../index/writer/build-place.ts';
import { sourceOf } from '../model/hub/local-model.ts';
import { PRECISIONS, type Precision } from '../model/precision.ts';
import { indexPassages } from '../search/index-passages.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption, fallbackOf } from './device.ts';
import { addChangeCommands } from './index-changes.ts';
import { addInspectionCommands } from './index-inspection.ts';
import { describeTexts } from './index-text.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { localModel } from './model-folder.ts';
import { byteSize, example, notesOf, progressOf, quietOption, share, threadsOption } from './options.ts';

interface BuildArguments extends DeviceArguments {
  readonly teacher: string;
  readonly passages: string;
  readonly out: string;
  readonly precision: PrecisionChoice;
  readonly encoderPrecision: Precision;
  readonly windowOverlap: number;
  readonly truncate?: boolean;
  readonly skipEmpty?: boolean;
  readonly memory?: number;
  readonly threads?: number;
  readonly overwrite?: boolean;
  readonly copyTeacher?: boolean;
  readonly stem?: 'english';
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `refract index`. */
export const indexCommand: CommandRegistration = (program, io) => {
  const command = program
    .command('index')
    .description('encode a collection and write an index; add to it, delete from it, check it')
    .addHelpText(
      'after',
      example(`
        refract index --teacher models/teacher --passages passages.jsonl --out index
        refract index add --index index --passages new.jsonl --replace
        refract index delete --index index p17 p18
        refract index verify --index index`),
    );
  command
    .command('build', { isDefault: true })
    .description('encode a collection with a teacher and write an index; without a name this is meant')
    .requiredOption('--teacher <model>', 'the teacher, as refract teach wrote it, or org/name on the hub')
    .requiredOption(
      '--passages <file>',
      'JSON lines with id, text and optionally title; or TSV; plain or gzip',
    )
    .requiredOption('--out <folder>', 'where the index goes')
    .addOption(
      new Option('--precision <type>', 'how vectors are stored').choices(PRECISION_CHOICES).default('auto'),
    )
    .addOption(
      new Option('--encoder-precision <type>', 'what the teacher computes in; int8 is faster on CPUs')
        .choices(PRECISIONS)
        .default('float32'),
    )
    .option(
      '--window-overlap <share>',
      'what a window of a long passage shares with the one before',
      overlapShare,
      0.25,
    )
    .option('--truncate', 'leave out the end of long passages instead')
    .option('--skip-empty', 'leave out passages without words, and count them')
    .addOption(
      new Option('--stem <language>', 'stem the words of passages and queries for BM25').choices(['english']),
    )
    .option('--memory <size>', 'memory beside the encoder (default 1GiB)', byteSize('--memory'))
    .option('--overwrite', 'replace the index that is there')
    .option('--copy-teacher', 'put a copy of the teacher into the index (default: up to 200 MB)')
    .option('--no-copy-teacher', 'only remember where the teacher lies')
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .option('--json', 'print the result as JSON')
    .addOption(quietOption())
    .action((given: BuildArguments) => build(given, io));
  addChangeCommands(command, io);
  addInspectionCommands(command, io);
};

/** A share that leaves windows something of their own. */
function overlapShare(text: string): number {
  return Math.min(share('--window-overlap')(text), 0.9);
}

async function build(given: BuildArguments, io: CommandIo): Promise<void> {
  const { teacher, passages, out, json, quiet } = given;
  checkPlace(out, given.overwrite === true);
  const model = await localModel(teacher, io, given);
  const { manifest, teacherCopied, resumedFrom, seconds } = await indexPassages(model.folder, passages, out, {
    source: sourceOf(model),
    precision: given.precision,
    words: { stem: given.stem },
    encoderPrecision: given.encoderPrecision,
    long: { overlap: given.windowOverlap, truncate: given.truncate === true },
    skipEmpty: given.skipEmpty,
    memoryBytes: given.memory,
    threads: given.threads,
    overwrite: given.overwrite,
    copyTeacher: given.copyTeacher,
    device: await deviceOf(given, io),
    fallback: fallbackOf(given, io),
    progress: progressOf(io, quiet),
    notice: notesOf(io, quiet),
    signal: io.signal,
  });
  const { passages: count, tokens, dim, precision, fingerprint, texts, generation } = manifest;
  if (json === true) {
    const result = {
      ...{ out, passages: count, tokens, dim, precision, fingerprint, texts, generation },
      ...{ teacherCopied, resumedFrom, seconds },
    };
    io.out(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const encoded = fingerprint.encoding ? ` (encoded in ${fingerprint.encoding})` : '';
  const megabytes = (indexStats(out).bytes / 1e6).toFixed(1);
  io.out(
    `${out}: ${count} passages, ${tokens} vectors of ${dim} ${precision} numbers${encoded}, ${megabytes} MB\n${describeTexts(texts)}`,
  );
  if (!teacherCopied && quiet !== true)
    io.err(`The index holds no copy of its teacher: keep ${teacher}, or say --teacher when searching.\n`);
}
