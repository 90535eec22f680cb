/** `refract lexicon`: dictionaries merged, learned from bitext, and held against a text. */
import { Argument, Option } from 'commander';
import { writePiecesAtomic } from '../data/atomic.ts';
import { loadBitext } from '../data/bitext.ts';
import { sourceFromName } from '../data/bitext-pair.ts';
import { formatBitextReport } from '../data/bitext-report.ts';
import { checkLanguage, languageName } from '../data/language.ts';
import { readLexiconReport } from '../data/lexicon.ts';
import { formatMerged, mergeLexicons } from '../data/lexicon-merge.ts';
import { DIRECTION_SAMPLE } from '../data/lexicon-notes.ts';
import { readQueries } from '../data/queries.ts';
import { lexiconCoverage } from '../data/switching/coverage.ts';
import { SwitchLexicon } from '../data/switching/switch-lexicon.ts';
import { RefractError } from '../errors.ts';
import { formatInduced, type InduceOptions, induceLexicon } from '../lexical/induce-lexicon.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { filesByLanguage } from './language-files.ts';
import { readLexicons, tellOfLexicon } from './lexicon-files.ts';
import { example, progressOf, quietOption, share, wholeNumber } from './options.ts';
import { coverageTable } from './switch-table.ts';
import { readTexts } from './text-files.ts';
import { collect, fileList } from './training.ts';

interface LexiconArguments extends InduceOptions {
  readonly lexicon?: readonly string[];
  readonly bitext?: readonly string[];
  readonly language?: string;
  readonly queries?: string;
  readonly textField?: string;
  readonly text?: readonly string[];
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

type Action = 'merge' | 'induce' | 'coverage';

/** Adds `refract lexicon`. */
export const lexiconCommand: CommandRegistration = (program, io) => {
  const actions: Action[] = ['merge', 'induce', 'coverage'];
  program
    .command('lexicon')
    .description('dictionaries: merge several, induce one from bitext, or tell the coverage of a text')
    .addArgument(new Argument('<action>', 'what to do').choices(actions))
    .option(
      '--lexicon <lang=file,...>',
      'merge, coverage: dictionaries as TSV, or as MUSE has them; may be repeated',
      collect,
    )
    .option('--bitext <lang=file,...>', 'induce: sentence pairs; may be repeated', collect)
    .option('--language <code>', 'merge, induce: the language of files without lang=')
    .option('--queries <file>', 'coverage: English queries, as JSON lines or TSV')
    .option('--text-field <name>', 'coverage: field of the queries that holds the words (default: text)')
    .option('--text <file,...>', 'merge, coverage: English text, a sentence or paragraph a line', collect)
    .option(
      '--iterations <count>',
      'induce: rounds of IBM Model 1 in each direction',
      wholeNumber('--iterations'),
      5,
    )
    .option(
      '--threshold <share>',
      'induce: least geometric mean of both probabilities',
      share('--threshold'),
      0.1,
    )
    .option(
      '--least-pairs <count>',
      'induce: least number of pairs with a word',
      wholeNumber('--least-pairs'),
      2,
    )
    .addOption(
      new Option('--symmetry <name>', 'induce: all pairs above the threshold, or only mutual best ones')
        .choices(['geometric', 'intersection'])
        .default('geometric'),
    )
    .option('--out <file>', 'merge, induce: where the dictionary goes, as TSV')
    .option('--json', 'print the result as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract lexicon merge --lexicon sw=wiktionary.tsv,muse.txt --out en-sw.tsv
        refract lexicon induce --bitext sw=en-sw.bitext.tsv --threshold 0.2 --out induced.tsv
        refract lexicon coverage --lexicon sw=en-sw.tsv,so=en-so.tsv --queries queries.jsonl`),
    )
    .action((action: Action, given: LexiconArguments) => {
      if (action === 'merge') return merge(io, given);
      return action === 'induce' ? induce(io, given) : coverage(io, given);
    });
};

function needed<Value>(value: Value | undefined, action: Action, option: string): Value {
  if (value !== undefined) return value;
  throw new RefractError('SETTING_INVALID', `lexicon ${action} needs ${option}`, {
    hint: 'refract lexicon --help has an example of each.',
  });
}

/** The one language of some files. */
function oneLanguage(
  action: Action,
  option: string,
  values: readonly string[],
  language?: string,
): [string, string[]] {
  const files = filesByLanguage(option, values, language && checkLanguage(language));
  const [first, second] = files;
  if (first !== undefined && second === undefined) return first;
  throw new RefractError('SETTING_INVALID', `lexicon ${action} was given ${files.size} languages`, {
    at: option,
    hint: 'Make one dictionary at a time.',
  });
}

async function merge(io: CommandIo, given: LexiconArguments): Promise<void> {
  const tell = given.quiet === true ? () => {} : io.err;
  const out = needed(given.out, 'merge', '--out <file>');
  const values = needed(given.lexicon, 'merge', '--lexicon <lang=file,...>');
  const [language, files] = oneLanguage('merge', '--lexicon', values, given.language);
  const text = given.text === undefined ? [] : await readTexts(fileList(given.text));
  const read = [];
  for (const file of files) {
    const lexicon = await readLexiconReport(file, language);
    tellOfLexicon(file, language, lexicon, text, tell);
    const { entries, skipped } = lexicon;
    read.push({
      file,
      name: sourceFromName(file),
      entries,
      empty: skipped.empty.length,
      columns: skipped.columns.length,
    });
  }
  const merged = mergeLexicons(read);
  writePiecesAtomic(out, formatMerged(merged, language));
  const headwords = new Set(merged.map(({ pivot }) => pivot.toLowerCase())).size;
  const shared = merged.filter(({ sources }) => sources.length > 1).length;
  const rows = read.reduce((sum, { entries }) => sum + entries.length, 0);
  const result = { out, language, rows, entries: merged.length, headwords, inSeveralSources: shared };
  if (given.json === true) {
    const each = read.map(({ entries, ...rest }) => ({ ...rest, entries: entries.length }));
    io.out(`${JSON.stringify({ ...result, files: each }, null, 2)}\n`);
  } else
    io.out(
      `${out}: ${merged.length} entries of ${headwords} headwords from ${rows} rows; ${shared} in several sources\n`,
    );
}

async function induce(io: CommandIo, given: LexiconArguments): Promise<void> {
  const out = needed(given.out, 'induce', '--out <file>');
  const values = needed(given.bitext, 'induce', '--bitext <lang=file,...>');
  const [language, files] = oneLanguage('induce', '--bitext', values, given.language);
  const { pairs, report } = await loadBitext(files, { language });
  if (given.quiet !== true) io.err(`${languageName(language)}: ${formatBitextReport(report)}\n`);
  const { iterations, threshold, leastPairs, symmetry } = given;
  const entries = await induceLexicon(
    pairs,
    { iterations, threshold, leastPairs, symmetry },
    { progress: progressOf(io, given.quiet), signal: io.signal },
  );
  writePiecesAtomic(out, formatInduced(entries, language));
  const headwords = new Set(entries.map(({ pivot }) => pivot)).size;
  if (given.json === true)
    io.out(
      `${JSON.stringify({ out, language, pairs: pairs.length, entries: entries.length, headwords }, null, 2)}\n`,
    );
  else io.out(`${out}: ${entries.length} entries of ${headwords} headwords from ${pairs.length} pairs\n`);
}

async function coverage(io: CommandIo, given: LexiconArguments): Promise<void> {
  const values = needed(given.lexicon, 'coverage', '--lexicon <lang=file,...>');
  if (given.queries === undefined && given.text === undefined)
    needed(undefined, 'coverage', '--queries <file> or --text <file,...>');
  const queries =
    given.queries === undefined ? [] : await readQueries(given.queries, { textField: given.textField });
  const texts = [
    ...queries.map(({ text }) => text),
    ...(given.text === undefined ? [] : await readTexts(fileList(given.text))),
  ];
  const lexicons = await readLexicons(
    values,
    texts.slice(0, DIRECTION_SAMPLE),
    given.quiet === true ? () => {} : io.err,
  );
  const report = await lexiconCoverage(new SwitchLexicon(lexicons), texts);
  io.out(given.json === true ? `${JSON.stringify(report, null, 2)}\n` : coverageTable(report));
}
