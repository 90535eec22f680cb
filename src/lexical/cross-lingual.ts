/** Lexical search across languages: queries in one language over a BM25 index of another, as a run. */
import type { Query, RunEntry } from '../data/records.ts';
import { Stage, type StageControl } from '../stage.ts';
import type { Bm25Index } from './bm25.ts';
import type { LexicalIndex } from './lexical-index.ts';
import type { TranslationProbabilities } from './psq.ts';
import {
  type QueryDictionary,
  type TranslatedQuery,
  type TranslationStructure,
  translateQuery,
} from './query-translation.ts';
import { type DocumentFrequency, StructuredSearch } from './structured.ts';

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

/** A query in the terms of an index, and how its document frequencies are meant. */
export interface LexicalQuery extends TranslatedQuery {
  readonly frequency: DocumentFrequency;
}

/**
 * A query in the terms of an index, translated or as it is.
 *
 * @example lexicalQuery('maji safi', index, { method: 'dictionary', dictionary, structure: 'synonyms' })
 */
export function lexicalQuery(text: string, index: LexicalIndex, translation: QueryTranslation): LexicalQuery {
  if (translation.method === 'psq')
    return { ...translation.probabilities.query(text, index), frequency: 'expected' };
  if (translation.method === 'dictionary')
    return {
      ...translateQuery(translation.dictionary, index, text, translation.structure),
      frequency: 'any',
    };
  const counts = new Map<string, number>();
  const terms = index.terms(text);
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  const single = Array.from(counts, ([term, weight]) => ({ weight, translations: new Map([[term, 1]]) }));
  return { terms: single, words: terms.length, known: 0, frequency: 'any' };
}

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
    const query = lexicalQuery(text, index, translation);
    return { hits: search.search(query.terms, k, query.frequency), ...query };
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
