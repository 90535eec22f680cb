/** Options of `refract search` that say how it searches, and among what. */
import { type Command, Option } from 'commander';
import { RefractError } from '../errors.ts';
import { bothFilters, type Filter } from '../index/fields/filter.ts';
import { parseFilter } from '../index/fields/filter-text.ts';
import type { QueryTranslation } from '../lexical/cross-lingual.ts';
import { QueryDictionary } from '../lexical/query-translation.ts';
import { type SideWeights, USUAL_WEIGHTS } from '../search/fuse-sides.ts';
import { type HybridOptions, SEARCH_MODES, type SearchMode } from '../search/hybrid.ts';
import { readLexicons } from './lexicon-files.ts';
import { share, wholeNumber } from './options.ts';
import { collect } from './training.ts';

/** What these options give. */
export interface ModeArguments {
  readonly mode: SearchMode;
  readonly weights?: SideWeights;
  readonly candidates?: number;
  readonly effort?: number;
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
      `hybrid: weights of the scores, scaled to 0..1, or rrf: reciprocal ranks (default: ${USUAL_WEIGHTS})`,
      weights,
    )
    .option(
      '--candidates <count>',
      'hybrid, rerank: passages that each side proposes (default: 200, or -k)',
      wholeNumber('--candidates'),
    )
    .option(
      '--effort <share>',
      'dense, hybrid: how many candidates compressed vectors are scored for, 0 (fast) to 1 (all)',
      share('--effort'),
    )
    .option(
      '--lexicon <language=file,...>',
      'dictionaries that bring the words of queries into the language of the passages, for BM25, by language',
      collect,
    );
}

/** The choices for `HybridSearch`. */
export function hybridOptions({
  mode,
  weights,
  candidates,
  effort,
  filter = [],
}: ModeArguments): HybridOptions {
  return { mode, weights, candidates, effort, filter: bothFilters(filter) };
}

/**
 * The dictionaries of `--lexicon` as translations of queries by their language, the translations of a word counting as
 * one term.
 *
 * @param tell hears of rows that were left out, and of files that look the wrong way round
 * @throws RefractError those of `readLexicons`
 */
export async function translationsOf(
  { lexicon }: ModeArguments,
  tell: (note: string) => void,
): Promise<Map<string, QueryTranslation> | undefined> {
  if (lexicon === undefined) return undefined;
  const lexicons = await readLexicons(lexicon, [], tell);
  return new Map(
    [...lexicons].map(([language, entries]) => [
      language,
      { method: 'dictionary', dictionary: new QueryDictionary(entries, language), structure: 'synonyms' },
    ]),
  );
}

function weights(text: string): SideWeights {
  if (text.trim() === 'rrf') return 'rrf';
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
    `--weights "${text}" are not two numbers of at least 0, one above, nor rrf`,
    {
      hint: 'Write for example --weights 0.7,0.3: that of MaxSim, then that of BM25; or --weights rrf.',
    },
  );
}
