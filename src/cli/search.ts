/** `refract search`: asks an index, with words on the command line or with a file of queries. */
import { readQueries } from '../data/queries.ts';
import { holdsPacks, packFolders } from '../search/pack-set.ts';
import { LEAST_CONFIDENCE } from '../search/query-language.ts';
import { openTextSearch } from '../search/text-search.ts';
import { deviceFallbackOption, deviceOf, deviceOption, fallbackOf } from './device.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { localFolders, localModel } from './model-folder.ts';
import { example, notesOf, quietOption, share, threadsOption, wholeNumber } from './options.ts';
import { searchFile, searchWords, TOP_IN_RUN, TOP_PRINTED } from './search-answers.ts';
import { addModeOptions, hybridOptions, translationsOf } from './search-mode.ts';
import { byLanguage, checkMode, runFiles, type SearchArguments } from './search-use.ts';

/** Adds `refract search`. */
export const searchCommand: CommandRegistration = (program, io) => {
  const command = program
    .command('search')
    .description('search an index by vectors, by words or by both, with words or a file of queries')
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
        refract search --index index --pack packs/sw --pack packs/so "biyo nadiif ah"
        refract search --index index --pack packs/sw --mode hybrid --filter 'year>=2020' --explain "dalili za malaria"
        refract search --index index --pack packs/sw --queries queries.sw.jsonl --run sw.run`),
    )
    .action((words: string[], given: SearchArguments) => search(words, given, io));
};

async function search(words: readonly string[], given: SearchArguments, io: CommandIo): Promise<void> {
  checkMode(given);
  const run = runFiles(words, given);
  const queries = run && (await readQueries(run.queries, { textField: given.textField }));
  const translations = await translationsOf(given, notesOf(io, given.quiet));
  const several = byLanguage(given, translations?.size ?? 0);
  const { teacher } = await localFolders({ teacher: given.teacher }, io, given);
  const packs = await localPacks(given, io);
  const { language, minConfidence, threads, mode } = given;
  const search = await openTextSearch(given.index, {
    ...hybridOptions(given),
    ...(mode === 'lexical'
      ? {}
      : several && packs.length > 0
        ? { packs: packFolders(packs) }
        : { pack: packs[0] }),
    ...{ teacher, threads, language, minConfidence, fallback: fallbackOf(given, io) },
    // The one dictionary of a single encoder is for all queries, that of several for its language.
    translation: several || translations === undefined ? translations : [...translations.values()][0],
    device: mode === 'lexical' ? undefined : await deviceOf(given, io),
  });
  try {
    if (run && queries) await searchFile(search, run, queries, given, io);
    else await searchWords(search, words.join(' '), given, io);
  } finally {
    await search.close();
  }
}

/** Folders of the packs; one that holds several stays as it is. */
async function localPacks(given: SearchArguments, io: CommandIo): Promise<string[]> {
  const folders: string[] = [];
  for (const pack of given.pack ?? [])
    folders.push(holdsPacks(pack) ? pack : (await localModel(pack, io, given)).folder);
  return folders;
}
