/** `refract teach`: trains a teacher on passages, queries and judgments. */
import { type Command, Option } from 'commander';
import { loadBitext } from '../data/bitext.ts';
import { checkJudgments, readJudgments } from '../data/judgments.ts';
import { checkLanguage } from '../data/language.ts';
import { readPassages } from '../data/passages.ts';
import { readQueries } from '../data/queries.ts';
import type { Judgment, Query } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import { describeSize, SIZES, type Size } from '../model/config.ts';
import { type TeachData, teach } from '../train/teach.ts';
import { teachBaseDefaults, teachBaseSchema, teachDefaults, teachSchema } from '../train/teach-settings.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { filesByLanguage } from './language-files.ts';
import { BASE_ARGUMENT, readBase } from './model-folder.ts';
import { example } from './options.ts';
import { readTexts } from './text-files.ts';
import {
  addTrainingOptions,
  checkModelPlace,
  collect,
  controlOf,
  describeReport,
  fileList,
  sizedSettings,
  type TrainingArguments,
  trainingSettings,
} from './training.ts';

/** The arguments of `refract teach`. */
export interface TeachArguments extends TrainingArguments {
  readonly license?: string;
  readonly passages: string;
  readonly queries: string;
  readonly qrels: string;
  readonly textField?: string;
  readonly devQueries?: string;
  readonly devQrels?: string;
  readonly text?: readonly string[];
  readonly bitext?: readonly string[];
  readonly base?: string;
  readonly size?: Size;
  readonly language?: readonly string[];
}

/** Adds what a teacher is made from. */
export function addTeachOptions(command: Command): Command {
  return command
    .requiredOption(
      '--passages <file>',
      'the collection: JSON lines with id, text and optionally title; or TSV',
    )
    .requiredOption('--queries <file>', 'training queries as JSON lines with id and text, or TSV')
    .requiredOption('--qrels <file>', 'judgments of the training queries')
    .option('--text-field <name>', 'field of the queries that holds the words (default: text)')
    .option(
      '--dev-queries <file>',
      'held-out queries for early stopping (default: a twentieth of the queries)',
    )
    .option('--dev-qrels <file>', 'their judgments')
    .option(
      '--text <file,...>',
      'text of other languages that the tokenizer should know, one a line',
      collect,
    )
    .option(
      '--bitext <lang=file,...>',
      'sentence pairs whose other side the tokenizer should know, as for distill',
      collect,
    )
    .option('--language <code,...>', 'language of passages and queries (default: en)', collect)
    .option('--license <id>', 'licence of the teacher, for its card')
    .option(BASE_ARGUMENT, 'start from this encoder, a folder or org/name on the hub, with its tokenizer')
    .addOption(
      new Option('--size <name>', 'size of the encoder (default: mini)').choices(Object.keys(SIZES)),
    );
}

/** What the options of a teacher name: settings, and the data. */
export async function readTeachWork(given: TeachArguments, io: CommandIo) {
  const base = given.base === undefined ? undefined : await readBase(given.base, io, given);
  const settings = base
    ? await trainingSettings(teachBaseSchema, { ...teachBaseDefaults(base) }, given)
    : await sizedSettings(teachSchema, teachDefaults, 'mini', given);
  const data = async (): Promise<TeachData> => ({
    ...(await readTeachData(given, io)),
    base,
    licence: given.license,
  });
  return { settings, data, base };
}

/** Adds `refract teach`. */
export const teachCommand: CommandRegistration = (program, io) => {
  const command = program
    .command('teach')
    .description('train a teacher: a ColBERT encoder of the language that has training data')
    .requiredOption('--out <folder>', 'where the teacher goes');
  addTeachOptions(command);
  addTrainingOptions(command)
    .addHelpText(
      'after',
      example(
        'refract teach --passages passages.jsonl --queries queries.jsonl --qrels qrels.txt --bitext sw=en-sw.tsv --out models/teacher',
      ),
    )
    .action(async (given: TeachArguments) => {
      checkTeachOptions(given);
      checkModelPlace(given.out, given, io);
      const { settings, data: read, base } = await readTeachWork(given, io);
      const data = await read();
      const { checkpoint, report } = await teach(data, settings, given.out, await controlOf(given, io));
      const { out, json, quiet, passages } = given;
      const { vocabSize, numHiddenLayers, hiddenSize } = checkpoint.config;
      const { dim } = checkpoint.settings.retrieval;
      if (json === true) {
        const result = {
          ...{ out, vocabSize, numHiddenLayers, hiddenSize, dim, base: base?.source, report, settings },
        };
        io.out(`${JSON.stringify(result, null, 2)}\n`);
        return;
      }
      io.out(
        `${out}: a teacher of ${describeSize(checkpoint.config)}, ${vocabSize} tokens, vectors of ${dim}\n  ${describeReport(report, 'RR@10')}\n`,
      );
      if (quiet !== true)
        io.err(
          `Next: refract index --teacher ${out} --passages ${passages} --out index, and refract distill --teacher ${out} ...\n`,
        );
    });
};

/** Refuses options that do not go together. */
export function checkTeachOptions({ devQueries, devQrels, base, size, text, bitext }: TeachArguments): void {
  if ((devQueries === undefined) !== (devQrels === undefined))
    throw new RefractError('SETTING_INVALID', '--dev-queries and --dev-qrels belong together', {
      hint: 'Give both, or neither.',
    });
  const idle = size ? '--size' : text ? '--text' : bitext && '--bitext';
  if (base !== undefined && idle !== undefined)
    throw new RefractError('SETTING_INVALID', `${idle} and --base exclude each other`, {
      hint: `A base model brings its size and its tokenizer: leave out ${idle}, or --base to train from scratch.`,
    });
}

async function readTeachData(given: TeachArguments, io: CommandIo): Promise<TeachData> {
  const { textField, devQueries, devQrels } = given;
  const languages = (given.language ?? ['en']).flatMap((codes) => codes.split(',').map(checkLanguage));
  const passages = await readPassages(given.passages);
  const ids = new Set(passages.map(({ id }) => id));
  const judged = async (queriesFile: string, qrelsFile: string) => {
    const queries = await readQueries(queriesFile, { textField });
    const judgments = await readJudgments(qrelsFile);
    checkJudgments(judgments, new Set(queries.map(({ id }) => id)), ids, qrelsFile);
    noteUnjudged(queriesFile, queries, judgments, given, io);
    return { queries, judgments };
  };
  const training = await judged(given.queries, given.qrels);
  const dev =
    devQueries !== undefined && devQrels !== undefined ? await judged(devQueries, devQrels) : undefined;
  const extraText = given.text ? await readTexts(fileList(given.text)) : [];
  for (const [language, files] of filesByLanguage('--bitext', given.bitext)) {
    const { pairs } = await loadBitext(files, { language, pivotLanguage: languages[0] });
    extraText.push(...pairs.map(({ target }) => target));
  }
  return { passages, ...training, dev, extraText, languages };
}

function noteUnjudged(
  file: string,
  queries: readonly Query[],
  judgments: readonly Judgment[],
  { quiet }: TeachArguments,
  io: CommandIo,
): void {
  const answered = new Set(judgments.filter(({ grade }) => grade > 0).map(({ query }) => query));
  const without = queries.filter(({ id }) => !answered.has(id)).length;
  if (without > 0 && quiet !== true)
    io.err(`${file}: ${without} of ${queries.length} queries have no relevant passage; they are left out\n`);
}
