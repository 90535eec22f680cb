/** `refract doctor`: what a tokenizer and model make of a language, before compute is spent. */
import { join } from 'node:path';
import { languageName } from '../data/language.ts';
import { SAMPLE } from '../demo.ts';
import { type DoctorReport, examine } from '../doctor/examine.ts';
import { RefractError } from '../errors.ts';
import { doctorText } from './doctor-text.ts';
import type { CommandRegistration } from './io.ts';
import { filesByLanguage } from './language-files.ts';
import { localModel } from './model-folder.ts';
import { example, progressOf, quietOption, wholeNumber } from './options.ts';
import { collect, fileList } from './training.ts';

interface DoctorArguments {
  readonly language: string;
  readonly pivotLanguage?: string;
  readonly text?: readonly string[];
  readonly queries?: readonly string[];
  readonly textField?: string;
  readonly passages?: readonly string[];
  readonly pivotText?: readonly string[];
  readonly bitext?: readonly string[];
  readonly columns?: string;
  readonly dictionary?: readonly string[];
  readonly sample: number;
  readonly seed: number;
  readonly strict?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds `refract doctor`. */
export const doctorCommand: CommandRegistration = (program, io) => {
  program
    .command('doctor')
    .description('tell what a tokenizer and model make of a language, before compute is spent')
    .argument('<model>', 'a teacher, pack or base: its folder, or org/name on the hub; or a tokenizer.json')
    .requiredOption('--language <code>', 'the language, such as so')
    .option('--text <file,...>', 'text in the language: a sentence a line, or JSON lines with text', collect)
    .option('--queries <file,...>', 'queries in the language, as JSON lines', collect)
    .option('--text-field <name>', 'field of the queries that holds the words (default: text)')
    .option('--passages <file,...>', 'the collection, as JSON lines: are its passages too long?', collect)
    .option('--bitext <file,...>', 'sentence pairs, as for distill', collect)
    .option('--columns <names>', 'pivot, target and optionally source column of the bitext')
    .option('--dictionary <file,...>', 'dictionaries, as for distill', collect)
    .option(
      '--pivot-language <code>',
      'language of the collection (default: the first of the teacher, else en)',
    )
    .option(
      '--pivot-text <file,...>',
      'text in that language to compare with (default: that of the bitext, else the sample, which is English)',
      collect,
    )
    .option(
      '--sample <count>',
      'texts and pairs that are looked at closely; characters are counted in all',
      wholeNumber('--sample'),
      20_000,
    )
    .option('--seed <number>', 'seed of the sample', wholeNumber('--seed', 0), 1)
    .option('--strict', 'end with exit code 1 when something will not work')
    .option('--json', 'print the report as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract doctor models/teacher --language so --text somali.txt
        refract doctor models/mbert --language yo --bitext en-yo.tsv --dictionary en-yo.dict.tsv --passages passages.jsonl`),
    )
    .action(async (model: string, given: DoctorArguments) => {
      const { folder } = await localModel(model, io, given);
      const control = { progress: progressOf(io, given.quiet), signal: io.signal };
      const report = { ...(await examine(folder, optionsOf(given), control)), model };
      io.out(given.json === true ? `${JSON.stringify(report, null, 2)}\n` : doctorText(report, io.columns));
      if (given.strict === true) refuseUnfit(report);
    });
};

function optionsOf(given: DoctorArguments) {
  const { language, pivotLanguage, textField, sample, seed, columns } = given;
  const bitext = ofLanguage('--bitext', given.bitext, language);
  const pivotTexts = fileList(given.pivotText);
  return {
    language,
    pivotLanguage,
    textField,
    sample,
    seed,
    texts: fileList(given.text),
    queries: fileList(given.queries),
    passages: fileList(given.passages),
    pivotTexts,
    englishTexts: [join(SAMPLE, 'passages.jsonl')],
    bitext,
    dictionaries: ofLanguage('--dictionary', given.dictionary, language),
    ...(columns !== undefined && { columns: columns.split(',') }),
  };
}

/** Files of the one language; `lang=` before them is allowed, as in `distill`. */
function ofLanguage(option: string, values: readonly string[] | undefined, language: string): string[] {
  const files = filesByLanguage(option, values, language);
  const others = [...files.keys()].filter((code) => code !== language);
  if (others.length > 0)
    throw new RefractError('SETTING_INVALID', `${option} names files of ${others.join(', ')}`, {
      hint: `Look at one language at a time; --language is ${language}.`,
    });
  return files.get(language) ?? [];
}

function refuseUnfit({ verdict, aspects, model, language }: DoctorReport): void {
  if (verdict !== 'unfit') return;
  const names = aspects.filter((each) => each.verdict === 'unfit').map(({ name }) => name);
  throw new RefractError(
    'UNFIT_FOR_LANGUAGE',
    `will not work for ${languageName(language)}: ${names.join(', ')}`,
    {
      at: model,
      hint: 'The report says what to do for each finding.',
    },
  );
}
