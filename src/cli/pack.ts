/** `refract pack`: language packs as differences from their teacher and back, and the cards of models. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Command, Option } from 'commander';
import { isFreePlace, writeFileAtomic } from '../data/atomic.ts';
import type { SentencePair } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import { CARD_FILE, SCORES_SECTION } from '../model/card.ts';
import { scoresSection } from '../model/card-scores.ts';
import { withFields, withSection } from '../model/card-sections.ts';
import { cardOfFolder } from '../model/folder-card.ts';
import type { Truncation } from '../model/low-rank.ts';
import type { Reduced } from '../model/settings.ts';
import { expandPack, type ShrinkReport, shrinkPack } from '../train/pack-forms.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption } from './device.ts';
import { readPairsByLanguage } from './distill-files.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { localFolders } from './model-folder.ts';
import { example, progressOf, quietOption, share, threadsOption, wholeNumber } from './options.ts';
import { collect, fileList } from './training.ts';

interface FormArguments {
  readonly teacher: string;
  readonly out: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

interface ShrinkArguments extends FormArguments, DeviceArguments {
  readonly precision: Reduced['precision'];
  readonly rank?: number;
  readonly energy?: number;
  readonly devBitext?: readonly string[];
  readonly language?: string;
  readonly threads?: number;
}

interface CardArguments {
  readonly scores?: readonly string[];
  readonly license?: string;
  readonly baseModel?: string;
  readonly dataset?: readonly string[];
  readonly json?: boolean;
}

/** Adds `refract pack`. */
export const packCommand: CommandRegistration = (program, io) => {
  const command = program
    .command('pack')
    .description(
      'language packs: save as a difference from the teacher, make whole again, write their cards',
    );
  addForms(
    command
      .command('shrink')
      .description('save a pack as its difference from the teacher')
      .argument('<pack>', 'the pack, as refract distill wrote it, or org/name on the hub'),
  )
    .addOption(
      new Option('--precision <type>', 'how what is added to the teacher is stored; float32 loses nothing')
        .choices(['float32', 'float16'])
        .default('float32'),
    )
    .option('--rank <count>', 'cut the difference of each linear weight to this rank', wholeNumber('--rank'))
    .option(
      '--energy <share>',
      'cut it to the lowest rank that holds this share of its squares',
      share('--energy'),
    )
    .option('--dev-bitext <lang=file,...>', 'held-out pairs to measure the loss by; may be repeated', collect)
    .option('--language <code>', 'language of the files without lang=')
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .addHelpText(
      'after',
      example(`
        refract pack shrink packs/sw --teacher teacher --out packs/sw-small
        refract pack shrink packs/sw --teacher teacher --precision float16 --rank 16 --dev-bitext sw=en-sw.dev.tsv --out packs/sw-tiny`),
    )
    .action((pack: string, given: ShrinkArguments) => shrink(pack, given, io));
  addForms(
    command
      .command('expand')
      .description('make a whole model of a pack that is a difference')
      .argument('<pack>', 'the pack, a folder or org/name on the hub'),
  )
    .addHelpText('after', example('refract pack expand packs/sw-small --teacher teacher --out packs/sw'))
    .action(async (pack: string, given: FormArguments) => {
      checkPlace(given);
      const models = await localFolders({ pack, teacher: given.teacher }, io, given);
      await expandPack(models.pack, models.teacher, given.out);
      io.out(
        given.json === true ? `${JSON.stringify({ out: given.out })}\n` : `${given.out}: a whole model\n`,
      );
    });
  command
    .command('card')
    .description('write or renew the card (README.md) of a pack or a teacher')
    .argument('<model>', 'the folder')
    .option('--scores <[name=]file>', 'what refract eval --format json printed; may be repeated', collect)
    .option('--license <id>', 'licence of the model, such as apache-2.0')
    .option('--base-model <id>', "the teacher's name on the hub")
    .option('--dataset <id,...>', 'names of data sets on the hub; may be repeated', collect)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      example('refract pack card packs/sw --scores afriqa=scores.json --license apache-2.0'),
    )
    .action((model: string, given: CardArguments) => card(model, given, io));
};

function addForms(command: Command): Command {
  return command
    .requiredOption(
      '--teacher <model>',
      'the teacher that the pack was made for, a folder or org/name on the hub',
    )
    .requiredOption('--out <folder>', 'where the pack goes')
    .option('--overwrite', 'replace the model that is at --out')
    .option('--json', 'print the result as JSON')
    .addOption(quietOption());
}

async function shrink(named: string, given: ShrinkArguments, io: CommandIo): Promise<void> {
  const { out, precision, deviceFallback, threads, json, quiet } = given;
  checkPlace(given);
  const truncation = truncationOf(given);
  const dev: SentencePair[] = [];
  if (given.devBitext !== undefined)
    dev.push(
      ...(await readPairsByLanguage(
        '--dev-bitext',
        given.devBitext,
        given,
        quiet === true ? () => {} : io.err,
      )),
    );
  const { pack, teacher } = await localFolders({ pack: named, teacher: given.teacher }, io, given);
  const progress = progressOf(io, quiet);
  const device = await deviceOf(given, io);
  const control = { device, deviceFallback, threads, progress, signal: io.signal };
  const report = await shrinkPack(pack, teacher, out, { precision, truncation, dev }, control);
  io.out(json === true ? `${JSON.stringify({ out, ...report }, null, 2)}\n` : describe(out, report));
}

function describe(out: string, { bytes, exact, dev }: ShrinkReport): string {
  const size = (n: number) => `${(n / 1e6).toFixed(1)} MB`;
  const same = exact ? 'with its teacher the same model, bit for bit' : 'not the same model';
  const loss = dev
    ? `\n  RR@10 of ${dev.pairs} held-out sentences among their translations: ${dev.before.toFixed(4)} before, ${dev.after.toFixed(4)} now`
    : '';
  return `${out}: ${size(bytes.after)} instead of ${size(bytes.before)}, ${same}${loss}\n`;
}

function truncationOf({ rank, energy }: ShrinkArguments): Truncation | undefined {
  if (rank !== undefined && energy !== undefined)
    throw new RefractError('SETTING_INVALID', '--rank and --energy exclude each other', {
      hint: 'Give one of them.',
    });
  if (energy === 0)
    throw new RefractError('SETTING_INVALID', '--energy 0 would keep nothing', {
      hint: 'Write for example --energy 0.9.',
    });
  return rank !== undefined ? { rank } : energy !== undefined ? { energy } : undefined;
}

function card(model: string, given: CardArguments, io: CommandIo): void {
  const at = join(model, CARD_FILE);
  const fresh = cardOfFolder(model);
  const made = !existsSync(at);
  let text = made ? fresh : readFileSync(at, 'utf8');
  const datasets = fileList(given.dataset);
  const fields = {
    ...(given.license !== undefined && { license: given.license }),
    ...(given.baseModel !== undefined && { base_model: given.baseModel }),
    ...(datasets.length > 0 && { datasets }),
  };
  text = withFields(text, fields, at);
  if (given.scores !== undefined)
    text = withSection(text, SCORES_SECTION, scoresSection(given.scores.map(readScores)));
  writeFileAtomic(at, text);
  const result = { card: at, made };
  io.out(given.json === true ? `${JSON.stringify(result)}\n` : `${at}: ${made ? 'written' : 'renewed'}\n`);
}

/** `afriqa=scores.json`, or a file whose name is the name. */
function readScores(given: string): { name: string; json: unknown } {
  const cut = given.indexOf('=');
  const path = given.slice(cut + 1);
  const name = cut > 0 ? given.slice(0, cut) : basename(path, '.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RefractError('FILE_MISSING', 'cannot be read as a file', {
      at: path,
      hint: 'Write it with refract eval ... --format json > scores.json.',
      cause,
    });
  }
  try {
    return { name, json: JSON.parse(text) };
  } catch (cause) {
    throw new RefractError('FILE_FORMAT', 'is not JSON', {
      at: path,
      hint: 'Write it with refract eval ... --format json > scores.json.',
      cause,
    });
  }
}

function checkPlace({ out, overwrite }: FormArguments): void {
  if (isFreePlace(out)) return;
  const isModel = existsSync(join(out, 'refract.json'));
  if (isModel && overwrite === true) return;
  throw new RefractError(
    'OUTPUT_EXISTS',
    isModel ? 'there is already a model here' : 'there is already something here that is no model',
    { at: out, hint: isModel ? 'Choose another place, or add --overwrite.' : 'Choose another place.' },
  );
}
