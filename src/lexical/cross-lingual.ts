/** Lexical search across languages: queries in one language over a BM25 index of another, as a run. */
import type { Query, RunEntry } from '../data/records.ts';
import { Stage, type StageControl } from '../stage.ts';
import type { Bm25Index } from './bm25.ts';
import type { TranslationProbabilities } from './psq.ts';
import { type QueryDictionary, type TranslationStructure, translateQuery } from './query-translation.ts';
import { StructuredSearch } from './structured.ts';

/** How queries are brought into the language of the index. */
export type QueryTranslation =
  /** Not at all: names and numbers match. */
  | { readonly method: 'none' }
  | {
      readonly method: 'dictionary';
      readonly dictionary: QueryDictionary;
      readonly structure: TranslationStructure;
    }
  | { readonly method: 'psq'; readonly probabilities: TranslationProbabilities };

/** A run, and the share of the queries' words that were translated. */
export interface LexicalRun {
  readonly entries: readonly RunEntry[];
  /** Words of all queries, and how many of them had a translation (0 for `none`). */
  readonly words: number;
  readonly known: number;
}

/**
 * The best `k` passages of every query, in turns. Queries that no passage shares a term with have no entries.
 *
 * @throws RefractError `INTERRUPTED` when `control.signal` is aborted
 * @example
 * const dictionary = new QueryDictionary(await readLexicon('en-sw.tsv', 'sw'), 'sw');
 * const run = await lexicalRun(index, queries, 1000, { method: 'dictionary', dictionary, structure: 'synonyms' });
 */
export async function lexicalRun(
  index: Bm25Index,
  queries: readonly Query[],
  k: number,
  translation: QueryTranslation = { method: 'none' },
  control: StageControl = {},
): Promise<LexicalRun> {
  const search = new StructuredSearch(index);
  const find = (text: string) => {
    if (translation.method === 'none')
      return { hits: index.search(text, k), words: index.terms(text).length, known: 0 };
    const psq = translation.method === 'psq';
    const translated = psq
      ? translation.probabilities.query(text, index)
      : translateQuery(translation.dictionary, index, text, translation.structure);
    return { hits: search.search(translated.terms, k, psq ? 'expected' : 'any'), ...translated };
  };
  const entries: RunEntry[] = [];
  const count = { words: 0, known: 0 };
  const stage = new Stage('searching', queries.length, 'queries', control);
  for (const [done, { id, text }] of queries.entries()) {
    const { hits, words, known } = find(text);
    for (const { ordinal, score } of hits) entries.push({ query: id, passage: index.ids[ordinal], score });
    count.words += words;
    count.known += known;
    if (stage.due()) await stage.turn(done + 1);
  }
  stage.end();
  return { entries, ...count };
}
