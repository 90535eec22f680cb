/** `refract distill`: makes language packs from sentence pairs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { mixSources } from '../data/sampler.ts';
import { RandomStream } from '../random.ts';
import { type DistillInput, type DistillResult, distill } from '../train/distill.ts';
import { type DistillSettings, distillDefaults, distillSchema } from '../train/distill-settings.ts';
import { type DistillFiles, readDistillFiles } from './distill-files.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { readTeacher } from './model-folder.ts';
import { example, wholeNumber } from './options.ts';
import {
  addTrainingOptions,
  checkModelPlace,
  collect,
  controlOf,
  describeReport,
  type TrainingArguments,
  trainingSettings,
} from './training.ts';

/** The arguments of `refract distill`. */
export interface DistillArguments extends TrainingArguments, DistillFiles {
  readonly teacher: string;
  readonly each?: boolean;
  readonly pack?: 'whole' | 'difference';
}

/** Adds what a pack is made from, and how it is written. */
export function addDistillOptions(command: Command): Command {
  return command
    .requiredOption('--teacher <model>', 'the teacher, as refract teach wrote it, or org/name on the hub')
    .requiredOption(
      '--bitext <lang=file,...>',
      'sentence pairs: TSV, Moses prefix.{en,sw}, TMX or JSON lines, plain or gzip; may be repeated',
      collect,
    )
    .option('--language <code>', 'language of the files without lang=')
    .addOption(
      new Option(
        '--pack <form>',
        'write a whole model, or its difference from the teacher (default: whole; difference with train.adapters)',
      ).choices(['whole', 'difference']),
    )
    .option(
      '--license <[source=]id>',
      'licence of the pack, or of a source of its data, for its card; may be repeated',
      collect,
    )
    .option(
      '--anchor <file>',
      'queries in the language of the teacher, to hold on to; may be repeated',
      collect,
    )
    .option('--dictionary <lang=file,...>', 'word<TAB>translation; may be repeated', collect)
    .option(
      '--dev-bitext <lang=file,...>',
      'held-out pairs for the dev measure (default: a few pairs)',
      collect,
    )
    .option('--columns <names>', 'pivot, target and optionally source column, by name or number')
    .option('--strict', 'stop at a row that lacks a side instead of counting it')
    .option(
      '--max-characters <count>',
      'longest side in characters (default: 1000)',
      wholeNumber('--max-characters'),
    )
    .option('--max-words <count>', 'longest side in words (default: 200)', wholeNumber('--max-words'))
    .option(
      '--max-ratio <count>',
      'most times a side may be longer than the other (default: 4)',
      wholeNumber('--max-ratio'),
    );
}

/** What the options of a pack name: settings, the teacher, the data. */
export async function readDistillWork(given: DistillArguments, io: CommandIo) {
  const settings = await trainingSettings(distillSchema, { ...distillDefaults() }, given);
  const tell = given.quiet === true ? () => {} : io.err;
  const teacher = await readTeacher(given.teacher, io, given);
  // distill refuses a pack, whose languages are not those of the pivot.
  const pivotLanguage = teacher.settings.kind === 'teacher' ? teacher.settings.languages[0] : undefined;
  return { settings, teacher, input: () => readDistillFiles({ ...given, pivotLanguage }, tell) };
}

/** Adds `refract distill`. */
export const distillCommand: CommandRegistration = (program, io) => {
  const command = program
    .command('distill')
    .description('make a language pack from sentence pairs, for the index of a teacher')
    .requiredOption('--out <folder>', 'where the pack goes');
  addDistillOptions(command).option(
    '--each',
    'make one pack for each language, in OUT/<lang>, instead of a shared one',
  );
  addTrainingOptions(command)
    .addHelpText(
      'after',
      example(`
        refract distill --teacher models/teacher --bitext en-sw.tsv --language sw --anchor queries.jsonl --out packs/sw
        refract distill --teacher models/teacher --bitext sw=en-sw.tsv,so=en-so.tsv --each --out packs`),
    )
    .action(async (given: DistillArguments) => {
      const { out, each, quiet } = given;
      if (each !== true) checkModelPlace(out, given, io);
      const work = await readDistillWork(given, io);
      const { settings, teacher } = work;
      const input = await work.input();
      const packs = each === true ? packsByLanguage(out, input) : [{ out, input }];
      const finished = (place: string) => each && given.resume && existsSync(join(place, 'refract.json'));
      if (each === true)
        for (const pack of packs) if (!finished(pack.out)) checkModelPlace(pack.out, given, io);
      const results: PackResult[] = [];
      for (const pack of packs) {
        if (finished(pack.out)) {
          if (quiet !== true) io.err(`${pack.out} is finished\n`);
          continue;
        }
        if (quiet !== true) io.err(describeMix(pack.input, settings));
        const control = { ...(await controlOf(given, io)), pack: given.pack };
        const result = await distill(teacher, pack.input, settings, pack.out, control);
        for (const warning of result.warnings) io.err(`Warning: ${warning}\n`);
        const { dev, report, warnings, checkpoint } = result;
        const { languages } = checkpoint.settings;
        results.push({ out: pack.out, languages, dev, report, warnings });
        if (given.json !== true) io.out(describePack(results[results.length - 1]));
      }
      if (given.json === true) io.out(`${JSON.stringify({ packs: results, settings }, null, 2)}\n`);
      else if (quiet !== true) io.err(`Next: refract search --index INDEX --pack ${packs[0].out} "..."\n`);
    });
};

/** One pack for each language of the data. */
function packsByLanguage(out: string, input: DistillInput): { out: string; input: DistillInput }[] {
  const languages = [...new Set(input.pairs.map(({ language }) => language))];
  return languages.map((language) => ({ out: join(out, language), input: ofLanguage(input, language) }));
}

/** The part of the data that belongs to one language. */
function ofLanguage(input: DistillInput, language: string): DistillInput {
  const own = <T extends { language: string }>(list: readonly T[]) =>
    list.filter((each) => each.language === language);
  return {
    pairs: own(input.pairs),
    dictionaries: new Map([...input.dictionaries].filter(([each]) => each === language)),
    anchors: input.anchors,
    licence: input.licence,
    licences: input.licences,
    dev: input.dev && own(input.dev).length > 0 ? own(input.dev) : undefined,
  };
}

/** How often each language and source comes, a line each, as the batches will draw them. */
function describeMix({ pairs, anchors, dictionaries }: DistillInput, { batch }: DistillSettings): string {
  const { groups } = mixSources(pairs, new RandomStream(0, 'mix'), { temperature: batch.temperature });
  const shown = groups.toSorted((a, b) => b.probability - a.probability).slice(0, MOST_GROUPS);
  const lines = shown.map(
    ({ name, size, probability }) =>
      `  ${(100 * probability).toFixed(1).padStart(5)} %  ${name}, ${size} pairs`,
  );
  if (groups.length > shown.length) lines.push(`  and ${groups.length - shown.length} more sources`);
  const entries = [...dictionaries.values()].flat().length;
  return `A batch: ${batch.pairs} pairs${entries > 0 ? `, ${batch.entries} of ${entries} dictionary entries` : ''}${
    anchors.length > 0
      ? `, ${batch.anchors} of ${anchors.length} anchors${entries > 0 ? ` and ${batch.switched} with switched words` : ''}`
      : '; no anchor: questions in the language of the teacher may suffer'
  }. Pairs are drawn from\n${lines.join('\n')}\n`;
}

/** Sources shown of a mix. */
const MOST_GROUPS = 12;

/** What became of one pack. */
interface PackResult extends Pick<DistillResult, 'dev' | 'report' | 'warnings'> {
  readonly out: string;
  readonly languages: readonly string[];
}

function describePack({ out, languages, dev, report }: PackResult): string {
  const measured = dev
    ? `\n  RR@10 of ${dev.pairs} held-out sentences among their translations: teacher ${dev.before.toFixed(3)}, pack ${dev.after.toFixed(3)}`
    : '';
  return `${out}: a pack for ${languages.join(', ')}\n  ${describeReport({ ...report, best: undefined }, '')}${measured}\n`;
}
