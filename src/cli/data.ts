/** `refract data`: the catalogue of data sets; getting, checking and converting them. */
import { Argument } from 'commander';
import { DATA_SETS, findDataSet } from '../data/sets/catalogue.ts';
import { agrees, checkDataSet, type PartCount } from '../data/sets/check.ts';
import { convertDataSet } from '../data/sets/convert.ts';
import type { DataSet } from '../data/sets/data-set.ts';
import { downloadFile, type Transfer } from '../data/sets/transfer.ts';
import { CHECKSUM_NAMES } from '../data/transfer/checksum.ts';
import { RefractError } from '../errors.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { example, progressOf, quietOption } from './options.ts';

interface DataArguments {
  readonly out?: string;
  readonly only?: string;
  readonly language?: string;
  readonly reverse?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

type Action = 'list' | 'info' | 'get' | 'check' | 'convert';

/** Adds `refract data`. */
export const dataCommand: CommandRegistration = (program, io) => {
  const actions: Action[] = ['list', 'info', 'get', 'check', 'convert'];
  program
    .command('data')
    .description('published data sets: list, info, get, check, convert')
    .addArgument(new Argument('<action>', 'what to do').choices(actions))
    .argument('[name]', 'the data set; refract data list has the names')
    .argument('[folder]', 'check, convert: the folder with the published files')
    .option('--out <folder>', 'get, convert: where the files go')
    .option('--only <text>', 'get, convert: only files, or parts, whose name contains this')
    .option('--language <code>', 'the language of a dictionary whose files do not say it')
    .option('--reverse', 'the first words of a dictionary are in that language, the second in English')
    .option('--json', 'print the result as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract data list
        refract data get miracl --only v1.0-sw --out downloads/miracl
        refract data check miracl downloads/miracl
        refract data convert miracl downloads/miracl --out data/miracl`),
    )
    .action(
      async (action: Action, name: string | undefined, folder: string | undefined, given: DataArguments) => {
        if (action === 'list') return list(io, given);
        const set = findDataSet(needed(name, '<name>', action));
        if (action === 'info') return info(io, set, given);
        if (action === 'get') return get(io, set, needed(given.out, '--out <folder>', action), given);
        const place = needed(folder, '<folder>', action);
        return action === 'check'
          ? check(io, set, place, given)
          : convert(io, set, place, needed(given.out, '--out <folder>', action), given);
      },
    );
};

function needed(value: string | undefined, what: string, action: Action): string {
  if (value !== undefined) return value;
  const more = { list: '', info: ' mlqa', get: ' mlqa --out downloads', check: ' mlqa downloads' };
  throw new RefractError('SETTING_INVALID', `data ${action} needs ${what}`, {
    hint: `For example: refract data ${action}${action === 'convert' ? ' mlqa downloads --out data' : more[action]}`,
  });
}

function list(io: CommandIo, { json }: DataArguments): void {
  if (json === true) {
    io.out(`${JSON.stringify(DATA_SETS.map(facts), null, 2)}\n`);
    return;
  }
  const width = Math.max(...DATA_SETS.map((set) => set.name.length));
  for (const { name, title, size, files, licence } of DATA_SETS)
    io.out(`${name.padEnd(width)}  ${title}: ${size}; ${licence}; ${files.length > 0 ? 'get' : 'by hand'}\n`);
}

/** What the catalogue says of a data set, without its reader. */
function facts({ open: _, ...rest }: DataSet): Omit<DataSet, 'open'> {
  return rest;
}

function info(io: CommandIo, set: DataSet, { json }: DataArguments): void {
  if (json === true) {
    io.out(`${JSON.stringify(facts(set), null, 2)}\n`);
    return;
  }
  const lines: [string, string][] = [
    ['home', set.home],
    ['licence', set.licence],
    ['languages', set.languages],
    ['size', set.size],
    ['layout', set.layout],
    ['source', set.source],
    ['get', describeFiles(set)],
    ...(set.byHand === undefined ? [] : [['by hand', set.byHand] as [string, string]]),
  ];
  io.out(
    `${set.name}: ${set.title}\n${lines.map(([label, text]) => `  ${label.padEnd(10)}${text}\n`).join('')}`,
  );
  const sizes = Object.entries(set.published);
  if (sizes.length > 0)
    io.out(`  published ${sizes.map(([part, count]) => `${part} ${count}`).join(', ')}\n`);
}

function describeFiles({ name, files }: DataSet): string {
  if (files.length === 0) return 'no direct download';
  const bytes = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  const sized = files.filter((file) => file.bytes !== undefined).length;
  const sums = (['sha256', 'md5'] as const).flatMap((kind) => {
    const count = files.filter((file) => file[kind] !== undefined).length;
    return count > 0 ? [`${CHECKSUM_NAMES[kind]} of ${count}`] : [];
  });
  return [
    `refract data get ${name} --out ${name}: ${files.length} file${files.length === 1 ? '' : 's'}`,
    sized === 0
      ? 'sizes not published'
      : `${bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`} in ${sized} of them`,
    ...(sums.length === 0 ? ['no checksum published'] : sums),
  ].join('; ');
}

async function get(io: CommandIo, set: DataSet, out: string, given: DataArguments): Promise<void> {
  const files = set.files.filter((file) => file.path.includes(given.only ?? ''));
  if (files.length === 0) throw nothingToGet(set, given.only);
  const transfers: Transfer[] = [];
  for (const file of files)
    transfers.push(
      await downloadFile(file, out, { progress: progressOf(io, given.quiet), signal: io.signal }),
    );
  if (given.json === true) io.out(`${JSON.stringify(transfers, null, 2)}\n`);
  else
    for (const { path, bytes, wasThere, resumedFrom, verified } of transfers) {
      const how = wasThere ? 'was there' : resumedFrom > 0 ? `resumed from ${resumedFrom}` : 'downloaded';
      const checked =
        verified === 'nothing'
          ? 'nothing published to check it against'
          : `${{ ...CHECKSUM_NAMES, size: 'size' }[verified]} is right`;
      io.out(`${path}: ${bytes} bytes, ${how}, ${checked}\n`);
    }
  if (given.quiet !== true)
    io.err(`Licence: ${set.licence}.${set.byHand === undefined ? '' : ` Next: ${set.byHand}`}\n`);
}

function nothingToGet(set: DataSet, only: string | undefined): RefractError {
  if (set.files.length === 0)
    return new RefractError('DOWNLOAD_FAILED', `${set.title} has no direct download`, {
      at: set.home,
      hint: set.byHand ?? `See ${set.home}.`,
    });
  const some = set.files.slice(0, 4).map((file) => file.path);
  return new RefractError('SETTING_UNKNOWN', `no file of ${set.name} contains "${only}"`, {
    hint: `There are ${set.files.length}: ${some.join(', ')}${set.files.length > some.length ? ', ...' : ''}.`,
  });
}

async function check(io: CommandIo, set: DataSet, folder: string, given: DataArguments): Promise<void> {
  const report = await checkDataSet(set.name, folder, {
    ...readOptions(given),
    progress: progressOf(io, given.quiet),
    signal: io.signal,
  });
  if (given.json === true) io.out(`${JSON.stringify(report, null, 2)}\n`);
  else {
    const width = Math.max(...report.parts.map((each) => each.part.length));
    for (const each of report.parts) io.out(`${each.part.padEnd(width)}  ${describeCount(each)}\n`);
    if (report.missing.length > 0 && given.quiet !== true)
      io.err(`Not in the folder: ${shorten(report.missing)}.\n`);
  }
  const wrong = report.parts.filter((each) => !agrees(each));
  if (wrong.length > 0)
    throw new RefractError(
      'COUNT_MISMATCH',
      `${wrong.length} of ${report.parts.length} parts differ from what was published: ${shorten(wrong.map((each) => each.part))}`,
      {
        at: folder,
        hint: `Published at ${set.source}. Get the files again, or see whether they are of another version.`,
      },
    );
}

function describeCount(count: PartCount): string {
  const { records, published, notes } = count;
  const against =
    published === undefined
      ? 'no number published'
      : agrees(count)
        ? 'as published'
        : `published ${published}`;
  return [`${records} records`, against, ...notes].join('; ');
}

function shorten(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(', ');
  return names.length > 6 ? `${shown} and ${names.length - 6} more` : shown;
}

async function convert(
  io: CommandIo,
  set: DataSet,
  folder: string,
  out: string,
  given: DataArguments,
): Promise<void> {
  const files = await convertDataSet(set.name, folder, out, {
    ...readOptions(given),
    only: given.only,
    progress: progressOf(io, given.quiet),
    signal: io.signal,
  });
  if (given.json === true) {
    io.out(`${JSON.stringify({ out, files }, null, 2)}\n`);
    return;
  }
  for (const { file, records, notes } of files)
    io.out(`${out}/${file}: ${[`${records} records`, ...notes].join('; ')}\n`);
}

function readOptions({ language, reverse }: DataArguments): { language?: string; reverse?: boolean } {
  return { language, reverse };
}
