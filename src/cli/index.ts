/** `refract index`: makes a collection searchable. */
import { Option } from 'commander';
import type { IndexPrecision } from '../index/manifest.ts';
import { PRECISIONS, type Precision } from '../model/precision.ts';
import { indexPassages } from '../search/index-passages.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption } from './device.ts';
import type { CommandRegistration } from './io.ts';
import { example, progressOf, quietOption, threadsOption } from './options.ts';

interface IndexArguments extends DeviceArguments {
  readonly teacher: string;
  readonly passages: string;
  readonly out: string;
  readonly precision: IndexPrecision;
  readonly encoderPrecision: Precision;
  readonly threads?: number;
  readonly overwrite?: boolean;
  readonly copyTeacher?: boolean;
  readonly stem?: 'english';
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Adds `refract index`. */
export const indexCommand: CommandRegistration = (program, io) => {
  const precisions: IndexPrecision[] = ['float16', 'float32'];
  program
    .command('index')
    .description('encode a collection with a teacher and write an index')
    .requiredOption('--teacher <folder>', 'the teacher, as refract teach wrote it')
    .requiredOption(
      '--passages <file>',
      'JSON lines with id, text and optionally title; or TSV; plain or gzip',
    )
    .requiredOption('--out <folder>', 'where the index goes')
    .addOption(
      new Option('--precision <type>', 'how vectors are stored').choices(precisions).default('float16'),
    )
    .addOption(
      new Option('--encoder-precision <type>', 'what the teacher computes in; int8 is faster on CPUs')
        .choices(PRECISIONS)
        .default('float32'),
    )
    .addOption(
      new Option('--stem <language>', 'stem the words of passages and queries for BM25').choices(['english']),
    )
    .option('--overwrite', 'replace the index that is there')
    .option('--copy-teacher', 'put a copy of the teacher into the index (default: up to 200 MB)')
    .option('--no-copy-teacher', 'only remember where the teacher lies')
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .option('--json', 'print the result as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example('refract index --teacher models/teacher --passages passages.jsonl --out index'),
    )
    .action(async (given: IndexArguments) => {
      const { teacher, passages, out, json, quiet, stem, deviceFallback: _, ...options } = given;
      const report = await indexPassages(teacher, passages, out, {
        ...options,
        words: { stem },
        device: await deviceOf(given, io),
        progress: progressOf(io, quiet),
        signal: io.signal,
      });
      const { manifest, teacherCopied, seconds } = report;
      if (json === true) {
        const { passages: count, tokens, dim, precision, fingerprint } = manifest;
        const result = { out, passages: count, tokens, dim, precision, fingerprint, teacherCopied, seconds };
        io.out(`${JSON.stringify(result, null, 2)}\n`);
        return;
      }
      const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
      io.out(
        `${out}: ${manifest.passages} passages, ${manifest.tokens} vectors of ${manifest.dim} ${manifest.precision} numbers${manifest.fingerprint.encoding ? ` (encoded in ${manifest.fingerprint.encoding})` : ''}, ${(bytes / 1e6).toFixed(1)} MB\n`,
      );
      if (!teacherCopied && quiet !== true)
        io.err(`The index holds no copy of its teacher: keep ${teacher}, or say --teacher when searching.\n`);
    });
};
