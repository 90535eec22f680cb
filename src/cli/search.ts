/** `refract search`: asks an index, with words on the command line or with a file of queries, in any mode. */
import { basename, resolve } from 'node:path';
import { readQueries } from '../data/queries.ts';
import { writeRun } from '../data/runs.ts';
import { RefractError } from '../errors.ts';
import type { SearcherOptions } from '../search/searcher.ts';
import { openTextSearch, type TextSearch } from '../search/text-search.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption } from './device.ts';
import { formatHits } from './hits.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { example, progressOf, quietOption, threadsOption, wholeNumber } from './options.ts';
import { hitJson, scoreLines } from './score-lines.ts';
import {
  addModeOptions,
  checkMode,
  hybridOptions,
  type ModeArguments,
  translationOf,
} from './search-mode.ts';

interface SearchArguments extends Omit<SearcherOptions, 'device'>, DeviceArguments, ModeArguments {
  readonly index: string;
  readonly top?: number;
  readonly queries?: string;
  readonly textField?: string;
  readonly run?: string;
  readonly tag?: string;
  readonly explain?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Passages printed for words, and passages of a query in a run. */
const TOP_PRINTED = 10;
const TOP_IN_RUN = 1000;

/** Adds `refract search`. */
export const searchCommand: CommandRegistration = (program, io) => {
  const command = program
    .command('search')
    .description('search an index by vectors, by words or by both, with words or a file of queries')
    .argument('[words...]', 'what to search for')
    .requiredOption('--index <folder>', 'the index, as refract index wrote it')
    .option('--pack <folder>', 'language pack that encodes the query (default: the teacher of the index)')
    .option('--teacher <folder>', 'where the teacher lies, when the index holds no copy and it has moved')
    .option(
      '-k, --top <count>',
      `passages for each query (default: ${TOP_PRINTED}, in a run ${TOP_IN_RUN})`,
      wholeNumber('-k'),
    );
  addModeOptions(command)
    .option('--explain', 'show the parts of each score')
    .option('--queries <file>', 'queries as JSON lines with id and text, or TSV; needs --run')
    .option('--text-field <name>', 'field of the queries file that holds the words (default: text)')
    .option('--run <file>', 'where the run goes, in the format of TREC')
    .option('--tag <name>', 'name of the system in the run (default: by pack and mode)')
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .option('--json', 'print the result as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract search --index index --pack packs/sw "dalili za malaria"
        refract search --index index --pack packs/sw --mode hybrid --filter 'year>=2020' --explain "dalili za malaria"
        refract search --index index --pack packs/sw --queries queries.sw.jsonl --run sw.run`),
    )
    .action(async (words: string[], given: SearchArguments) => {
      const { pack, teacher, threads } = given;
      checkMode(given);
      const run = checkUse(words, given);
      const queries = run && (await readQueries(run.queries, { textField: given.textField }));
      const translation = await translationOf(given, given.quiet === true ? () => {} : io.err);
      const device = given.mode === 'lexical' ? undefined : await deviceOf(given, io);
      const options = { ...hybridOptions(given), pack, teacher, device, threads, translation };
      const search = await openTextSearch(given.index, options);
      try {
        if (run && queries) await searchFile(search, run, queries, given, io);
        else await searchWords(search, words.join(' '), given, io);
      } finally {
        await search.close();
      }
    });
};

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
  if (given.explain === true)
    throw refuse(
      '--explain means nothing for a file of queries',
      'Search by words to see the parts of scores.',
    );
  const tag = given.tag ?? usualTag(given);
  if (tag === '' || /\s/u.test(tag))
    throw refuse(`the tag "${tag}" is empty or holds white space`, 'Give another name with --tag.');
  return { queries, run, tag };
}

/** The pack, or the teacher, and the mode where it is not the usual one. */
function usualTag({ pack, mode }: SearchArguments): string {
  if (mode === 'lexical') return 'bm25';
  const encoder = pack === undefined ? 'teacher' : basename(resolve(pack));
  return mode === 'dense' ? encoder : `${encoder}-${mode}`;
}

async function searchWords(
  search: TextSearch,
  text: string,
  { top = TOP_PRINTED, explain = false, lexicon, quiet, json }: SearchArguments,
  io: CommandIo,
): Promise<void> {
  const hits = await (explain ? search.explain(text, top) : search.search(text, top));
  if (lexicon !== undefined && quiet !== true) {
    const { words, known } = search.hybrid.words(text);
    io.err(`${known} of ${words} words have a translation; BM25 takes the others as they are.\n`);
  }
  if (json !== true) {
    io.out(formatHits(hits, io.columns, explain ? scoreLines : undefined));
    return;
  }
  io.out(`${JSON.stringify({ query: text, hits: hits.map((hit) => hitJson(hit, explain)) }, null, 2)}\n`);
}

async function searchFile(
  search: TextSearch,
  { run, tag }: RunFiles,
  queries: Awaited<ReturnType<typeof readQueries>>,
  { top = TOP_IN_RUN, json, quiet }: SearchArguments,
  io: CommandIo,
): Promise<void> {
  const entries = await search.searchAll(queries, top, {
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
