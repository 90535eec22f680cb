/** Options of `refract search` that say how it searches, and among what. */
import { type Command, Option } from 'commander';
import { RefractError } from '../errors.ts';
import { bothFilters, type Filter } from '../index/fields/filter.ts';
import { parseFilter } from '../index/fields/filter-text.ts';
import type { QueryTranslation } from '../lexical/cross-lingual.ts';
import { QueryDictionary } from '../lexical/query-translation.ts';
import { type HybridOptions, SEARCH_MODES, type SearchMode } from '../search/hybrid.ts';
import { readLexicons } from './lexicon-files.ts';
import { wholeNumber } from './options.ts';
import { collect } from './training.ts';

/** What these options give. */
export interface ModeArguments {
  readonly mode: SearchMode;
  readonly weights?: readonly [number, number];
  readonly candidates?: number;
  readonly lexicon?: readonly string[];
  readonly filter?: readonly Filter[];
}

/** Adds the options. */
export function addModeOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--mode <name>', 'dense: MaxSim; lexical: BM25; hybrid: both; rerank: BM25, then MaxSim')
        .choices(SEARCH_MODES)
        .default('dense'),
    )
    .option(
      '--filter <test>',
      "only passages whose fields pass, such as 'year>=2020' or 'source=who,bbc'; may be repeated",
      (text: string, earlier: readonly Filter[] = []) => [...earlier, parseFilter(text)],
    )
    .option(
      '--weights <dense,lexical>',
      'hybrid: weights of the scores, scaled to 0..1 (default: reciprocal ranks)',
      weights,
    )
    .option(
      '--candidates <count>',
      'hybrid, rerank: passages that each side proposes (default: 200, or -k)',
      wholeNumber('--candidates'),
    )
    .option(
      '--lexicon <language=file,...>',
      'dictionary that brings the words of queries into the language of the passages, for BM25',
      collect,
    );
}

/** Options that a mode uses; the others have no meaning for it. */
const USED: Readonly<Record<SearchMode, readonly string[]>> = {
  dense: ['pack', 'teacher'],
  lexical: ['lexicon'],
  hybrid: ['pack', 'teacher', 'weights', 'candidates', 'lexicon'],
  rerank: ['pack', 'teacher', 'candidates', 'lexicon'],
};

/** Refuses, with `SETTING_INVALID`, an option that the mode does not use. */
export function checkMode(
  given: ModeArguments & { readonly pack?: string; readonly teacher?: string },
): void {
  const idle = (['pack', 'teacher', 'weights', 'candidates', 'lexicon'] as const).find(
    (name) => given[name] !== undefined && !USED[given.mode].includes(name),
  );
  if (idle === undefined) return;
  const modes = SEARCH_MODES.filter((mode) => USED[mode].includes(idle)).join(' or ');
  throw new RefractError('SETTING_INVALID', `--${idle} means nothing for --mode ${given.mode}`, {
    hint: `Leave it out, or search with --mode ${modes}.`,
  });
}

/** The choices for `HybridSearch`. */
export function hybridOptions({ mode, weights, candidates, filter = [] }: ModeArguments): HybridOptions {
  return { mode, weights, candidates, filter: bothFilters(filter) };
}

/**
 * The dictionary of `--lexicon` as a translation of queries, its translations of a word counting as one term.
 *
 * @param tell hears of rows that were left out, and of files that look the wrong way round
 * @throws RefractError those of `readLexicons`; `SETTING_INVALID` for dictionaries of several languages
 */
export async function translationOf(
  { lexicon }: ModeArguments,
  tell: (note: string) => void,
): Promise<QueryTranslation | undefined> {
  if (lexicon === undefined) return undefined;
  const lexicons = await readLexicons(lexicon, [], tell);
  const [[language, entries], ...others] = lexicons;
  if (others.length > 0)
    throw new RefractError('SETTING_INVALID', `dictionaries of ${lexicons.size} languages were given`, {
      at: '--lexicon',
      hint: 'Give those of the language of the queries.',
    });
  return { method: 'dictionary', dictionary: new QueryDictionary(entries, language), structure: 'synonyms' };
}

function weights(text: string): [number, number] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [dense, lexical] = values;
  if (
    values.length === 2 &&
    dense >= 0 &&
    lexical >= 0 &&
    dense + lexical > 0 &&
    Number.isFinite(dense + lexical)
  )
    return [dense, lexical];
  throw new RefractError(
    'SETTING_INVALID',
    `--weights "${text}" are not two numbers of at least 0, one above`,
    {
      hint: 'Write for example --weights 0.7,0.3: that of MaxSim, then that of BM25.',
    },
  );
}
