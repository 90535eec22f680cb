/** `refract search`: asks an index, with words on the command line or with a file of queries. */
import { basename, resolve } from 'node:path';
import { readQueries } from '../data/queries.ts';
import { writeRun } from '../data/runs.ts';
import { RefractError } from '../errors.ts';
import { openSearcher } from '../search/open-searcher.ts';
import { holdsPacks, packFolders } from '../search/pack-set.ts';
import { LEAST_CONFIDENCE } from '../search/query-language.ts';
import type { Searcher, SearcherOptions } from '../search/searcher.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption, fallbackOf } from './device.ts';
import { flatHits, formatHits } from './hits.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { localFolders, localModel } from './model-folder.ts';
import { example, progressOf, quietOption, share, threadsOption, wholeNumber } from './options.ts';
import { searchFileByLanguage, searchWordsByLanguage } from './search-languages.ts';

interface SearchArguments extends Omit<SearcherOptions, 'device' | 'pack'>, DeviceArguments {
  readonly index: string;
  readonly pack?: readonly string[];
  readonly language?: string;
  readonly minConfidence?: number;
  readonly top?: number;
  readonly queries?: string;
  readonly textField?: string;
  readonly run?: string;
  readonly tag?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Passages printed for words, and passages of a query in a run. */
const TOP_PRINTED = 10;
const TOP_IN_RUN = 1000;

/** Adds `refract search`. */
export const searchCommand: CommandRegistration = (program, io) => {
  program
    .command('search')
    .description('search an index, exactly, by words or with a file of queries')
    .argument('[words...]', 'what to search for')
    .requiredOption('--index <folder>', 'the index, as refract index wrote it')
    .option(
      '--pack <model>',
      'language pack that encodes the query (default: the teacher of the index); several, or a folder of packs: each query goes to the pack of its language',
      (model: string, before: readonly string[] = []) => [...before, model],
    )
    .option('--language <code>', 'language of the queries (default: what they say themselves, else detected)')
    .option(
      '--min-confidence <share>',
      `least confidence with which a detected language is believed (default: ${LEAST_CONFIDENCE})`,
      share('--min-confidence'),
    )
    .option('--teacher <model>', 'where the teacher lies, when the index holds no copy and it has moved')
    .option(
      '-k, --top <count>',
      `passages for each query (default: ${TOP_PRINTED}, in a run ${TOP_IN_RUN})`,
      wholeNumber('-k'),
    )
    .option('--queries <file>', 'queries as JSON lines with id and text, or TSV; needs --run')
    .option('--text-field <name>', 'field of the queries file that holds the words (default: text)')
    .option('--run <file>', 'where the run goes, in the format of TREC')
    .option('--tag <name>', 'name of the system in the run (default: the name of the pack, or "teacher")')
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .option('--json', 'print the result as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract search --index index --pack packs/sw "dalili za malaria"
        refract search --index index --pack packs/sw --pack packs/so "biyo nadiif ah"
        refract search --index index --pack packs/sw --queries queries.sw.jsonl --run sw.run`),
    )
    .action(async (words: string[], given: SearchArguments) => {
      const { language, minConfidence, threads } = given;
      const run = checkUse(words, given);
      const queries = run && (await readQueries(run.queries, { textField: given.textField }));
      const { teacher } = await localFolders({ teacher: given.teacher }, io, given);
      const packs = await localPacks(given, io);
      const device = await deviceOf(given, io);
      const options = { teacher, device, threads, fallback: fallbackOf(given, io) };
      if (byLanguage(given)) {
        const searcher = await openSearcher(given.index, {
          ...options,
          packs: packFolders(packs),
          minConfidence,
        });
        return closing(searcher, () =>
          run && queries
            ? searchFileByLanguage(searcher, run, queries, { top: TOP_IN_RUN, ...given, language }, io)
            : searchWordsByLanguage(searcher, words.join(' '), { top: TOP_PRINTED, ...given }, io),
        );
      }
      const searcher = await openSearcher(given.index, { ...options, pack: packs[0] });
      return closing(searcher, () =>
        run && queries
          ? searchFile(searcher, run, queries, given, io)
          : searchWords(searcher, words.join(' '), given, io),
      );
    });
};

/** Folders of the packs; one that holds several stays as it is. */
async function localPacks(given: SearchArguments, io: CommandIo): Promise<string[]> {
  const folders: string[] = [];
  for (const pack of given.pack ?? [])
    folders.push(holdsPacks(pack) ? pack : (await localModel(pack, io, given)).folder);
  return folders;
}

/** Whether queries are sorted by language; refuses options that mean nothing otherwise. */
function byLanguage({ pack = [], language, minConfidence }: SearchArguments): boolean {
  const several = pack.length > 1 || pack.some(holdsPacks);
  if (pack.length > 0 && (several || language !== undefined)) {
    if (minConfidence === undefined || language === undefined) return true;
    throw new RefractError('SETTING_INVALID', '--min-confidence means nothing for a language that is named', {
      hint: 'Leave --language or --min-confidence out.',
    });
  }
  const idle = language !== undefined ? '--language' : minConfidence !== undefined ? '--min-confidence' : '';
  if (idle === '') return false;
  throw new RefractError('SETTING_INVALID', `${idle} chooses between packs, and there is no choice`, {
    hint: `Give several packs, --pack packs/sw --pack packs/so or a folder of them, or leave ${idle} out.`,
  });
}

async function closing(searcher: { close(): Promise<void> }, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await searcher.close();
  }
}

interface RunFiles {
  readonly queries: string;
  readonly run: string;
  readonly tag: string;
}

/** The files of a run, or undefined for a search by words; refuses anything in between. */
function checkUse(words: readonly string[], given: SearchArguments): RunFiles | undefined {
  const refuse = (what: string, hint: string) => new RefractError('SETTING_INVALID', what, { hint });
  const { queries, run } = given;
  if (words.length > 0 && queries !== undefined)
    throw refuse('words and --queries were both given', 'Give one of them.');
  if (words.length > 0) {
    const idle = (['run', 'tag', 'textField'] as const).find((name) => given[name] !== undefined);
    if (idle === undefined) return undefined;
    throw refuse(
      `--${idle === 'textField' ? 'text-field' : idle} means nothing for a search by words`,
      'Give a file of queries with --queries, or leave it out.',
    );
  }
  if (queries === undefined || run === undefined)
    throw refuse(
      queries === undefined ? 'nothing to search for' : 'no place for the run',
      'Give words in quotes, or --queries FILE together with --run FILE.',
    );
  const { pack: packs = [] } = given;
  const tag =
    given.tag ?? (packs.length > 1 ? 'packs' : packs.length === 1 ? basename(resolve(packs[0])) : 'teacher');
  if (tag === '' || /\s/u.test(tag))
    throw refuse(`the tag "${tag}" is empty or holds white space`, 'Give another name with --tag.');
  return { queries, run, tag };
}

async function searchWords(
  searcher: Searcher,
  text: string,
  { top, json }: SearchArguments,
  io: CommandIo,
): Promise<void> {
  const hits = await searcher.search(text, top ?? TOP_PRINTED);
  if (json !== true) {
    io.out(formatHits(hits, io.columns));
    return;
  }
  io.out(`${JSON.stringify({ query: text, hits: flatHits(hits) }, null, 2)}\n`);
}

async function searchFile(
  searcher: Searcher,
  { run, tag }: RunFiles,
  queries: Awaited<ReturnType<typeof readQueries>>,
  { top = TOP_IN_RUN, json, quiet }: SearchArguments,
  io: CommandIo,
): Promise<void> {
  const entries = await searcher.searchAll(queries, top, {
    progress: progressOf(io, quiet),
    signal: io.signal,
  });
  writeRun(run, entries, tag);
  io.out(
    json === true
      ? `${JSON.stringify({ run, tag, queries: queries.length, entries: entries.length }, null, 2)}\n`
      : `${run}: ${queries.length} queries, ${entries.length} lines\n`,
  );
}
