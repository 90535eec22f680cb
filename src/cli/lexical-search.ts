/** `refract lexical-search`: BM25 over a collection, with queries in its language or translated by words. */
import { Option } from 'commander';
import { loadBitext } from '../data/bitext.ts';
import { formatBitextReport } from '../data/bitext-report.ts';
import { checkLanguage } from '../data/language.ts';
import { readLexiconReport } from '../data/lexicon.ts';
import { DIRECTION_SAMPLE, directionWarning, leftOutNote } from '../data/lexicon-notes.ts';
import { streamPassages } from '../data/passages.ts';
import { readQueries } from '../data/queries.ts';
import type { LexiconEntry, Passage, SentencePair } from '../data/records.ts';
import { writeRun } from '../data/runs.ts';
import { RefractError } from '../errors.ts';
import { Bm25Index } from '../lexical/bm25.ts';
import { lexicalRun, type QueryTranslation } from '../lexical/cross-lingual.ts';
import { englishStem } from '../lexical/english-stem.ts';
import { learnTranslations, type PsqDirections } from '../lexical/psq.ts';
import {
  QueryDictionary,
  TRANSLATION_STRUCTURES,
  type TranslationStructure,
} from '../lexical/query-translation.ts';
import type { StageControl } from '../stage.ts';
import type { CommandIo, CommandRegistration } from './io.ts';
import { filesByLanguage } from './language-files.ts';
import { example, progressOf, quietOption, share, wholeNumber } from './options.ts';
import { collect } from './training.ts';

interface LexicalSearchArguments {
  readonly passages: string;
  readonly queries: string;
  readonly run: string;
  readonly textField?: string;
  readonly top: number;
  readonly tag?: string;
  readonly passageLanguage: string;
  readonly stem?: 'english';
  readonly k1: number;
  readonly b: number;
  readonly translate: QueryTranslation['method'];
  readonly language?: string;
  readonly dictionary?: readonly string[];
  readonly bitext?: readonly string[];
  readonly columns?: string;
  readonly structure?: TranslationStructure;
  readonly directions?: PsqDirections;
  readonly threshold?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Options that a way of translating uses; the others have no meaning for it. */
const USED = {
  none: [],
  dictionary: ['language', 'dictionary', 'structure'],
  psq: ['language', 'dictionary', 'bitext', 'columns', 'directions', 'threshold'],
} as const;
const TRANSLATING = [
  'language',
  'dictionary',
  'bitext',
  'columns',
  'structure',
  'directions',
  'threshold',
] as const;

/** Adds `refract lexical-search`. */
export const lexicalSearchCommand: CommandRegistration = (program, io) => {
  const methods: QueryTranslation['method'][] = ['none', 'dictionary', 'psq'];
  const directions: PsqDirections[] = ['both', 'forward'];
  program
    .command('lexical-search')
    .description('search passages with BM25, with queries as they are or translated word by word')
    .requiredOption(
      '--passages <file>',
      'JSON lines with id, text and optionally title; or TSV; plain or gzip',
    )
    .requiredOption('--queries <file>', 'queries as JSON lines with id and text, or TSV')
    .requiredOption('--run <file>', 'where the run goes, in the format of TREC')
    .option('--text-field <name>', 'field of the queries file that holds the words (default: text)')
    .option('-k, --top <count>', 'passages for each query', wholeNumber('-k'), 1000)
    .option('--tag <name>', 'name of the system in the run (default: bm25, bm25-dictionary or bm25-psq)')
    .option('--passage-language <code>', 'language of the passages', 'en')
    .addOption(
      new Option('--stem <language>', 'stem the words of passages and translations').choices(['english']),
    )
    .option('--k1 <number>', 'saturation of term counts', atLeastZero('--k1'), 1.2)
    .option('--b <share>', 'strength of length normalisation', share('--b'), 0.75)
    .addOption(
      new Option('--translate <method>', 'by a dictionary, or by probabilistic structured queries')
        .choices(methods)
        .default('none'),
    )
    .option('--language <code>', 'language of the queries, where they are translated')
    .option(
      '--dictionary <file,...>',
      'dictionaries as TSV: word of the passages, word of the queries',
      collect,
    )
    .option('--bitext <file,...>', 'psq: sentence pairs to learn translations from', collect)
    .option('--columns <names>', 'psq: columns of the bitext: pivot, target and optionally source')
    .addOption(
      new Option(
        '--structure <name>',
        'dictionary: how several translations are used (default: synonyms)',
      ).choices(TRANSLATION_STRUCTURES),
    )
    .addOption(
      new Option('--directions <name>', 'psq: tables that make the probabilities (default: both)').choices(
        directions,
      ),
    )
    .option(
      '--threshold <share>',
      'psq: where the cumulative probability of translations is cut (default: 0.97)',
      share('--threshold'),
    )
    .option('--json', 'print what was written as JSON')
    .addOption(quietOption())
    .addHelpText(
      'after',
      example(`
        refract lexical-search --passages passages.jsonl --queries queries.en.jsonl --run bm25.run
        refract lexical-search --passages passages.jsonl --queries queries.sw.jsonl --run dictionary.run --translate dictionary --language sw --dictionary en-sw.tsv
        refract lexical-search --passages passages.jsonl --queries queries.sw.jsonl --run psq.run --translate psq --language sw --bitext en-sw.tsv --dictionary en-sw.dict.tsv`),
    )
    .action(async (given: LexicalSearchArguments) => {
      checkUse(given);
      const { run, top, quiet, k1, b } = given;
      const control = { progress: progressOf(io, quiet), signal: io.signal };
      const language = checkLanguage(given.passageLanguage);
      const queries = await readQueries(given.queries, { textField: given.textField });
      const note = quiet === true ? () => {} : io.err;
      const material = await readMaterial(given, note);
      const stem = given.stem === undefined ? undefined : englishStem;
      const texts: string[] = [];
      const index = await Bm25Index.create(
        sampled(streamPassages(given.passages), texts),
        { k1, b, language, stem },
        control,
      );
      for (const [file, entries] of material.lexicons) {
        const warning = directionWarning(file, given.language ?? '', entries, texts, language);
        if (warning !== undefined) note(`Warning: ${warning}\n`);
      }
      const translation = await translationOf(given, material, index, control);
      const { entries, words, known } = await lexicalRun(index, queries, top, translation, control);
      const tag = given.tag ?? (given.translate === 'none' ? 'bm25' : `bm25-${given.translate}`);
      writeRun(run, entries, tag);
      tell(given, { tag, queries: queries.length, entries: entries.length, words, known }, io);
    });
};

interface Material {
  /** Entries of each dictionary by its file. */
  readonly lexicons: ReadonlyMap<string, readonly LexiconEntry[]>;
  readonly entries: readonly LexiconEntry[];
  readonly pairs: readonly SentencePair[];
}

/** Refuses options that the way of translating does not use, and asks for those that it needs. */
function checkUse(given: LexicalSearchArguments): void {
  const refuse = (what: string, hint: string) => new RefractError('SETTING_INVALID', what, { hint });
  const { translate } = given;
  const used: readonly string[] = USED[translate];
  const idle = TRANSLATING.find((name) => given[name] !== undefined && !used.includes(name));
  if (idle !== undefined)
    throw refuse(
      `--${idle} means nothing for --translate ${translate}`,
      'Leave it out, or translate another way.',
    );
  if (given.stem !== undefined && !/^en\b/i.test(given.passageLanguage))
    throw refuse('passages that are not English cannot be stemmed as English', 'Leave --stem out.');
  if (given.tag !== undefined && (given.tag === '' || /\s/u.test(given.tag)))
    throw refuse(`the tag "${given.tag}" is empty or holds white space`, 'Give another name with --tag.');
  if (translate === 'none') return;
  if (given.language === undefined)
    throw refuse('the language of the queries is not said', 'Add --language with its code, such as sw.');
  if (given.dictionary === undefined && given.bitext === undefined)
    throw refuse(
      'there is nothing to translate with',
      translate === 'psq' ? 'Add --bitext, --dictionary or both.' : 'Add --dictionary.',
    );
}

/** Dictionaries and sentence pairs, read before the collection is indexed, so that errors come at once. */
async function readMaterial(given: LexicalSearchArguments, note: (text: string) => void): Promise<Material> {
  const { language = '', bitext, columns } = given;
  const entries: LexiconEntry[] = [];
  const lexicons = new Map<string, LexiconEntry[]>();
  for (const file of filesOf('--dictionary', given.dictionary, language)) {
    const lexicon = await readLexiconReport(file, language);
    const leftOut = leftOutNote(file, lexicon);
    if (leftOut !== undefined) note(`${leftOut}\n`);
    lexicons.set(file, lexicon.entries);
    for (const entry of lexicon.entries) entries.push(entry);
  }
  if (bitext === undefined) return { lexicons, entries, pairs: [] };
  const { pairs, report } = await loadBitext(filesOf('--bitext', bitext, language), {
    language,
    pivotLanguage: given.passageLanguage,
    columns: columns?.split(','),
  });
  note(`${formatBitextReport(report)}\n`);
  return { lexicons, entries, pairs };
}

/** Passages as they come; the texts of the first go into `texts`, to tell a dictionary's direction by their words. */
async function* sampled(passages: AsyncIterable<Passage>, texts: string[]): AsyncGenerator<Passage> {
  for await (const passage of passages) {
    if (texts.length < DIRECTION_SAMPLE) texts.push(passage.text);
    yield passage;
  }
}

function filesOf(option: string, given: readonly string[] | undefined, language: string): string[] {
  return given === undefined ? [] : [...filesByLanguage(option, given, language).values()].flat();
}

async function translationOf(
  { translate, language = '', structure = 'synonyms', directions, threshold }: LexicalSearchArguments,
  { entries, pairs }: Material,
  index: Bm25Index,
  control: StageControl,
): Promise<QueryTranslation> {
  if (translate === 'none') return { method: 'none' };
  if (translate === 'dictionary')
    return { method: 'dictionary', dictionary: new QueryDictionary(entries, language), structure };
  const settings = { directions, threshold };
  const probabilities = await learnTranslations([...pairs, ...entries], language, index, settings, control);
  return { method: 'psq', probabilities };
}

interface Outcome {
  readonly tag: string;
  readonly queries: number;
  readonly entries: number;
  readonly words: number;
  readonly known: number;
}

function tell({ run, translate, json }: LexicalSearchArguments, outcome: Outcome, io: CommandIo): void {
  const { queries, entries, words, known } = outcome;
  if (json === true) {
    io.out(`${JSON.stringify({ run, translate, ...outcome }, null, 2)}\n`);
    return;
  }
  const share = words === 0 ? 0 : (100 * known) / words;
  const translated =
    translate === 'none' ? '' : `; ${share.toFixed(1)} % of ${words} words had a translation`;
  io.out(`${run}: ${queries} queries, ${entries} lines${translated}\n`);
}

function atLeastZero(name: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= 0 && Number.isFinite(value)) return value;
    throw new RefractError('SETTING_INVALID', `${name} "${text}" is not a number of at least 0`, {
      hint: `Write for example ${name} 1.2.`,
    });
  };
}
