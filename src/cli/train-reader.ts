/** `refract train-reader`: an extractive reader on an encoder. */
import { checkLanguage } from '../data/language.ts';
import { trainReader } from '../train/read.ts';
import { readDefaults, readSchema } from '../train/read-settings.ts';
import type { CommandRegistration } from './io.ts';
import { BASE_ARGUMENT, readBase } from './model-folder.ts';
import { example } from './options.ts';
import { type ExampleFiles, examplesFrom } from './reader-examples.ts';
import {
  addTrainingOptions,
  checkModelPlace,
  controlOf,
  describeReport,
  fileList,
  type TrainingArguments,
  trainingSettings,
} from './training.ts';

interface TrainReaderArguments extends TrainingArguments, ExampleFiles {
  readonly base: string;
  readonly devExamples?: string;
  readonly language: string;
}

/** Adds `refract train-reader`. */
export const trainReaderCommand: CommandRegistration = (program, io) => {
  const command = program
    .command('train-reader')
    .description('train an encoder to find answers in passages')
    .requiredOption(
      BASE_ARGUMENT,
      'the encoder: a teacher, a pack, or another of a known family, a folder or org/name on the hub',
    )
    .requiredOption('--out <folder>', 'where the reader goes')
    .option('--examples <file>', "examples: SQuAD's layout, or JSON lines of refract data convert")
    .option('--passages <file>', 'instead: the collection, ...')
    .option('--queries <file>', '... questions with answers, ...')
    .option('--qrels <file>', '... and judgments')
    .option('--dev-examples <file>', 'held-out examples (default: a twentieth of the contexts)')
    .option('--language <code,...>', 'language of questions and passages', 'en');
  addTrainingOptions(command)
    .addHelpText(
      'after',
      example(`
        refract train-reader --base models/teacher --examples train-v1.1.json --out models/reader
        refract answer --reader models/reader --examples test-context-en-question-en.json --out predictions.json`),
    )
    .action(async (given: TrainReaderArguments) => {
      const { out } = given;
      const languages = fileList([given.language]).map(checkLanguage);
      const base = await readBase(given.base, io, given);
      const settings = await trainingSettings(readSchema, readDefaults(base.config), given);
      checkModelPlace(out, given, io);
      const dev =
        given.devExamples === undefined ? undefined : await examplesFrom({ examples: given.devExamples });
      const data = { base, examples: await examplesFrom(given), dev, languages };
      const { report, windows, unusable } = await trainReader(
        data,
        settings,
        out,
        await controlOf(given, io),
      );
      if (given.quiet !== true && unusable > 0)
        io.err(`${unusable} examples left out: no answer of theirs stands in the context\n`);
      if (given.json === true) {
        io.out(
          `${JSON.stringify({ out, windows, unusable, base: base.source, report, settings }, null, 2)}\n`,
        );
        return;
      }
      io.out(
        `${out}: a reader, from ${windows.all} windows, ${windows.answered} with an answer\n  ${describeReport(report, 'character F1')}\n`,
      );
    });
};
