/** Searching an index with text in any mode: opens the index and, where vectors are needed, what encodes queries. */
import type { Passage, Query, RunEntry } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import { openIndex } from '../index/exact-index.ts';
import type { QueryTranslation } from '../lexical/cross-lingual.ts';
import type { Encoder } from '../model/encoder.ts';
import { Stage, type StageControl } from '../stage.ts';
import type { HybridHit } from './fuse-sides.ts';
import { type ExplainedHit, type HybridOptions, type HybridQuery, HybridSearch } from './hybrid.ts';
import { openSearcher, type SearcherOptions } from './searcher.ts';

/** How an index is searched, and what with. */
export interface TextSearchOptions extends SearcherOptions, HybridOptions {
  /** How words of queries are brought into the language of the passages, for all modes but `dense`. */
  readonly translation?: QueryTranslation;
}

/** A hit with its passage; `words` and `shares` where it was explained. */
export interface TextHit extends Omit<ExplainedHit, 'ordinal' | 'id'> {
  /** 1 is the best. */
  readonly rank: number;
  readonly passage: Passage;
}

/** Queries that are encoded and searched together. */
const QUERIES_PER_BATCH = 32;

/**
 * Opens the index at `index` for searching with text. The mode `lexical` needs no teacher and no pack.
 *
 * @throws RefractError as `openSearcher` and `openIndex`
 * @example
 * const search = await openTextSearch('index', { mode: 'hybrid', pack: 'packs/sw', filter: parseFilter('year>=2020') });
 * for (const { rank, passage } of await search.search('maji safi', 10)) console.log(rank, passage.text);
 * await search.close();
 */
export async function openTextSearch(
  index: string,
  { translation, mode, weights, candidates, filter, ...searcher }: TextSearchOptions = {},
): Promise<TextSearch> {
  const options = { mode, weights, candidates, filter };
  if (mode === 'lexical') return new TextSearch(new HybridSearch(openIndex(index), translation), options);
  const opened = await openSearcher(index, searcher);
  return new TextSearch(new HybridSearch(opened.index, translation), options, opened.encoder);
}

/** An open index with what its mode needs; made by `openTextSearch`. */
export class TextSearch {
  readonly hybrid: HybridSearch;
  private readonly options: HybridOptions;
  private readonly encoder: Encoder | undefined;

  constructor(hybrid: HybridSearch, options: HybridOptions, encoder?: Encoder) {
    this.hybrid = hybrid;
    this.options = options;
    this.encoder = encoder;
  }

  /** The `k` best passages, best first. Errors: `SETTING_INVALID` for a query without words; those of `HybridSearch`. */
  async search(text: string, k: number): Promise<TextHit[]> {
    const query = await this.query(text);
    return this.shown(await this.hybrid.search(query, k, this.options));
  }

  /** The same with every part of each score. */
  async explain(text: string, k: number): Promise<TextHit[]> {
    const query = await this.query(text);
    return this.shown(await this.hybrid.explain(query, k, this.options));
  }

  /**
   * The `k` best passages for each query, as entries of a run, in turns.
   *
   * @throws RefractError as `search`, and `INTERRUPTED`
   */
  async searchAll(queries: readonly Query[], k: number, control: StageControl = {}): Promise<RunEntry[]> {
    const stage = new Stage('searching', queries.length, 'queries', control);
    const entries: RunEntry[] = [];
    for (let done = 0; done < queries.length; done += QUERIES_PER_BATCH) {
      const batch = queries.slice(done, done + QUERIES_PER_BATCH);
      const encoded = await this.queries(batch.map(({ text }) => text));
      const found = await this.hybrid.searchBatch(encoded, k, this.options);
      found.forEach((hits, i) => {
        for (const { id, score } of hits) entries.push({ query: batch[i].id, passage: id, score });
      });
      await stage.turn(done + batch.length);
    }
    stage.end(`${queries.length} queries`);
    return entries;
  }

  async close(): Promise<void> {
    try {
      this.hybrid.index.close();
    } finally {
      await this.encoder?.close();
    }
  }

  private async query(text: string): Promise<HybridQuery> {
    if (!/\S/u.test(text))
      throw new RefractError('SETTING_INVALID', 'the query has no words', {
        hint: 'Give the words to search for, in quotes.',
      });
    const [query] = await this.queries([text]);
    return query;
  }

  private async queries(texts: readonly string[]): Promise<HybridQuery[]> {
    if (this.encoder === undefined) return texts.map((text) => ({ text }));
    const encoded = await this.encoder.queries(texts);
    return texts.map((text, i) => ({
      text,
      vectors: { vectors: encoded[i].vectors, tokens: encoded[i].count },
    }));
  }

  private shown(hits: readonly (HybridHit | ExplainedHit)[]): TextHit[] {
    return hits.map(({ ordinal, id: _, ...hit }, i) => ({
      ...hit,
      rank: i + 1,
      passage: this.hybrid.index.passage(ordinal),
    }));
  }
}
