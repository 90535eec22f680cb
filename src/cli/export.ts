/** `refract export`: writes a model in the layout of another tool. */
import { Option } from 'commander';
import { isFreePlace } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { EXPORT_LAYOUTS, type ExportLayout, exportModel } from '../model/export.ts';
import { PRECISIONS, type Precision } from '../model/weight-files.ts';
import type { CommandRegistration } from './io.ts';
import { byteSize, example, notesOf, quietOption } from './options.ts';

interface ExportArguments {
  readonly to: ExportLayout;
  readonly out: string;
  readonly precision: Precision;
  readonly maxShard: number;
  readonly oneReading?: boolean;
  readonly lossy?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds `refract export`. */
export const exportCommand: CommandRegistration = (program, io) => {
  program
    .command('export')
    .description('write a model in the layout of another tool')
    .argument('<model>', 'a teacher, a pack or an encoder')
    .addOption(new Option('--to <layout>', 'whose layout').choices(EXPORT_LAYOUTS).makeOptionMandatory())
    .requiredOption('--out <folder>', 'where it goes; an empty folder or none')
    .addOption(new Option('--precision <type>', 'of the weights').choices(PRECISIONS).default('float32'))
    .addOption(
      new Option('--max-shard <size>', 'the most bytes of one file of weights')
        .argParser(byteSize('--max-shard'))
        .default(5e9, '5GB'),
    )
    .option('--one-reading', 'give each token of a pack one word vector, as other tools know')
    .option('--lossy', 'export also where the layout cannot say all rules of retrieval')
    .option('--json', 'print files, bytes and what is lost as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract export models/teacher --to pylate --out teacher-pylate
        refract export packs/sw --to safetensors --one-reading --precision float16 --out sw-half`),
    )
    .action(async (model: string, given: ExportArguments) => {
      const { to: layout, out, precision, maxShard: maxShardBytes, oneReading, lossy } = given;
      if (!isFreePlace(out))
        throw new RefractError('OUTPUT_EXISTS', 'something is there already', {
          at: out,
          hint: 'Choose another place with --out, or empty this one.',
        });
      const checkpoint = readCheckpoint(model, { allowBase: true });
      const report = await exportModel(checkpoint, out, {
        layout,
        precision,
        maxShardBytes,
        oneReading,
        lossy,
      });
      for (const lost of report.lost) notesOf(io, given.quiet)(`Lost: ${lost}`);
      if (given.json === true) {
        io.out(`${JSON.stringify({ layout, precision, out, ...report }, null, 2)}\n`);
        return;
      }
      const bytes = report.files.reduce((sum, file) => sum + file.bytes, 0);
      io.out(
        `${out}: ${report.files.length} files, ${(bytes / 1e6).toFixed(1)} MB, ${precision}, for ${layout}\n`,
      );
    });
};
