/** `refract export`: a model in the layouts of other tools. */
import { Option } from 'commander';
import { exportOnnx } from '../model/export/onnx.ts';
import { PRECISIONS, type Precision } from '../model/precision.ts';
import type { CommandRegistration } from './io.ts';
import { example } from './options.ts';

const LAYOUTS = ['onnx'] as const;

interface ExportArguments {
  readonly to: (typeof LAYOUTS)[number];
  readonly out: string;
  readonly precision: readonly Precision[];
  readonly json?: boolean;
}

/** Adds `refract export`. */
export const exportCommand: CommandRegistration = (program, io) => {
  program
    .command('export')
    .description('write a teacher or language pack for use in other tools')
    .argument('<model>', 'the folder of a teacher or pack')
    .addOption(new Option('--to <layout>', 'for which tools').choices(LAYOUTS).makeOptionMandatory())
    .requiredOption('--out <folder>', 'where it goes')
    .addOption(
      new Option('--precision <types...>', 'of ONNX models, one file each')
        .choices(PRECISIONS)
        .default(['float32']),
    )
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      example('refract export models/teacher --to onnx --out teacher-onnx --precision float32 int8'),
    )
    .action(async (model: string, { out, precision, json }: ExportArguments) => {
      const models = await exportOnnx(model, out, { precisions: precision });
      if (json === true) io.out(`${JSON.stringify({ out, models }, null, 2)}\n`);
      else
        for (const { file, precision: type, bytes } of models)
          io.out(`${out}/${file}: ${type}, ${(bytes / 1e6).toFixed(1)} MB\n`);
    });
};
