/** `refract export`: writes a model in the layout of another tool. */
import { Option } from 'commander';
import { isFreePlace } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { exportOnnx } from '../model/export/onnx.ts';
import { EXPORT_LAYOUTS, type ExportLayout, exportModel } from '../model/export.ts';
import * as encoder from '../model/precision.ts';
import { PRECISIONS, type Precision } from '../model/weight-files.ts';
import type { CommandRegistration } from './io.ts';
import { localFolders } from './model-folder.ts';
import { byteSize, example, notesOf, quietOption } from './options.ts';

/** Layouts of weights, and ONNX models. */
const LAYOUTS = [...EXPORT_LAYOUTS, 'onnx'] as const;
/** Of all layouts together. */
const ALL_PRECISIONS = [...new Set([...PRECISIONS, ...encoder.PRECISIONS])];

interface ExportArguments {
  readonly to: (typeof LAYOUTS)[number];
  readonly out: string;
  readonly teacher?: string;
  readonly precision: readonly (Precision | encoder.Precision)[];
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
    .argument('<model>', 'a teacher, a pack or an encoder: its folder, or org/name on the hub')
    .addOption(new Option('--to <layout>', 'whose layout').choices(LAYOUTS).makeOptionMandatory())
    .requiredOption('--out <folder>', 'where it goes; an empty folder or none')
    .option('--teacher <model>', 'the teacher of a pack that is saved as a difference from it')
    .addOption(
      new Option(
        '--precision <types...>',
        'of the weights; of ONNX models several, a file each; write it after <model>',
      )
        .choices(ALL_PRECISIONS)
        .default(['float32']),
    )
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
        refract export packs/sw --to safetensors --one-reading --precision float16 --out sw-half
        refract export models/teacher --to onnx --precision float32 int8 --out teacher-onnx`),
    )
    .action(async (named: string, given: ExportArguments) => {
      const { to, out, precision: precisions, maxShard: maxShardBytes, oneReading, lossy, json } = given;
      checkFree(out);
      const { model, place } = await localFolders({ model: named, place: given.teacher }, io, given);
      const teacher = place === undefined ? undefined : () => readCheckpoint(place);
      if (to === 'onnx') {
        const { models, lost } = await exportOnnx(model, out, {
          teacher,
          oneReading,
          precisions: known(precisions, encoder.PRECISIONS, to),
        });
        for (const each of lost) notesOf(io, given.quiet)(`Lost: ${each}`);
        if (json === true) io.out(`${JSON.stringify({ out, models, lost }, null, 2)}\n`);
        else
          for (const { file, precision, bytes } of models)
            io.out(`${out}/${file}: ${precision}, ${(bytes / 1e6).toFixed(1)} MB\n`);
        return;
      }
      const layout: ExportLayout = to;
      const [precision, ...others] = known(precisions, PRECISIONS, to);
      if (others.length > 0)
        throw new RefractError(
          'SETTING_INVALID',
          `--to ${to} writes one precision, not ${precisions.join(', ')}`,
          {
            hint: 'Export once for each.',
          },
        );
      const checkpoint = readCheckpoint(model, { allowBase: true, teacher });
      const report = await exportModel(checkpoint, out, {
        layout,
        precision,
        maxShardBytes,
        oneReading,
        lossy,
      });
      for (const lost of report.lost) notesOf(io, given.quiet)(`Lost: ${lost}`);
      if (json === true) {
        io.out(`${JSON.stringify({ layout, precision, out, ...report }, null, 2)}\n`);
        return;
      }
      const bytes = report.files.reduce((sum, file) => sum + file.bytes, 0);
      io.out(
        `${out}: ${report.files.length} files, ${(bytes / 1e6).toFixed(1)} MB, ${precision}, for ${layout}\n`,
      );
    });
};

function checkFree(out: string): void {
  if (isFreePlace(out)) return;
  throw new RefractError('OUTPUT_EXISTS', 'something is there already', {
    at: out,
    hint: 'Choose another place with --out, or empty this one.',
  });
}

/** The precisions asked for, which must all be among those of the layout. */
function known<Kind extends string>(
  asked: readonly string[],
  offered: readonly Kind[],
  layout: string,
): readonly Kind[] {
  return asked.map((each) => {
    const found = offered.find((kind) => kind === each);
    if (found !== undefined) return found;
    throw new RefractError('SETTING_INVALID', `--to ${layout} knows no ${each}`, {
      hint: `Choose of ${offered.join(', ')}.`,
    });
  });
}
