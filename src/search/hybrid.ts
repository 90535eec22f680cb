/**
 * Searching one index by vectors, by words, or by both.
 *
 * - `dense`: MaxSim over all passages;
 * - `lexical`: BM25 over the words of the query, or over their translations;
 * - `hybrid`: the best candidates of both, fused by weighted scores, or by reciprocal ranks (fuse-sides.ts);
 * - `rerank`: BM25's best candidates, scored by MaxSim.
 *
 * A filter is applied before anything is scored. It says what may be found, and changes no score.
 */
import { RefractError } from '../errors.ts';
import type { Filter } from '../index/fields/filter.ts';
import type { LateInteractionIndex, QueryVectors } from '../index/late-interaction.ts';
import { type LexicalQuery, lexicalQuery, type QueryTranslation } from '../lexical/cross-lingual.ts';
import { StructuredSearch, type WordPart } from '../lexical/structured.ts';
import {
  type Candidate,
  type FusedSides,
  fuseSides,
  type HybridHit,
  ofSide,
  type Shares,
  type SideWeights,
} from './fuse-sides.ts';

/** How an index is searched. */
export type SearchMode = 'dense' | 'lexical' | 'hybrid' | 'rerank';

/** Every mode, in the order of the documents. */
export const SEARCH_MODES: readonly SearchMode[] = ['dense', 'lexical', 'hybrid', 'rerank'];

/** Choices for `HybridSearch`. */
export interface HybridOptions {
  /** Default `dense`. */
  readonly mode?: SearchMode;
  /** `hybrid`: weights of MaxSim and BM25, their scores scaled to 0..1, or `rrf`: reciprocal ranks; default .4, .6. */
  readonly weights?: SideWeights;
  /** `hybrid` and `rerank`: passages that each side proposes; default 200, or k where that is more. */
  readonly candidates?: number;
  /** Passages that may be found; default all. */
  readonly filter?: Filter;
  /** The dial of MaxSim over compressed vectors between speed and recall, 0 to 1. */
  readonly effort?: number;
}

/** A query as both sides need it. */
export interface HybridQuery {
  readonly text: string;
  /** Token vectors; every mode but `lexical` needs them. */
  readonly vectors?: QueryVectors;
  /** How its words are brought into the language of the passages; by default as for all queries. */
  readonly translation?: QueryTranslation;
}

/** A hit with every part of its score. */
export interface ExplainedHit extends HybridHit {
  /** What each word adds to BM25; the parts add up to it. */
  readonly words?: readonly WordPart[];
  /** `hybrid`: what each side adds to the fused score; they add up to it. */
  readonly shares?: Shares;
}

/** Default of `candidates`. */
const USUAL_CANDIDATES = 200;

/**
 * Searches an open index.
 *
 * @example
 * const search = new HybridSearch(index);
 * const [best] = await search.search({ text: 'safe water', vectors }, 10, { mode: 'hybrid', filter: { field: 'year', from: 2020 } });
 * best.dense?.rank; // 3
 */
export class HybridSearch {
  readonly index: LateInteractionIndex;
  private readonly translation: QueryTranslation;
  private structured: StructuredSearch | undefined;

  /** @param translation how words of queries are brought into the language of the passages; default not at all */
  constructor(index: LateInteractionIndex, translation: QueryTranslation = { method: 'none' }) {
    this.index = index;
    this.translation = translation;
  }

  /** The `k` best passages for one query, best first; errors as `searchBatch`. */
  async search(query: HybridQuery, k: number, options: HybridOptions = {}): Promise<HybridHit[]> {
    const [hits] = await this.searchBatch([query], k, options);
    return hits;
  }

  /**
   * The `k` best passages for each query, best first. `lexical` and `rerank` find no passage that shares no word with
   * the query.
   *
   * @throws RefractError `FIELD_UNKNOWN`, `FIELD_TYPE` (filter);
   *   `SETTING_INVALID` weights, candidates or k out of range, no vectors where they are needed
   */
  async searchBatch(
    queries: readonly HybridQuery[],
    k: number,
    options: HybridOptions = {},
  ): Promise<HybridHit[][]> {
    const { mode = 'dense', filter, effort } = options;
    const candidates = this.candidates(k, options);
    if (mode === 'hybrid') return (await this.fused(queries, k, options)).map(({ hits }) => hits);
    const allowed = filter && this.index.fields.allowed(filter);
    if (mode === 'lexical') return queries.map((query) => ofSide(this.byWords(query, k, allowed), 'lexical'));
    const vectors = queries.map(needVectors);
    if (mode === 'dense')
      return (await this.index.searchBatch(vectors, k, { allowed, effort })).map((hits) =>
        ofSide(hits, 'dense'),
      );
    const found: HybridHit[][] = [];
    for (const [i, query] of queries.entries())
      found.push(await this.rescored(this.byWords(query, candidates, allowed), vectors[i], k));
    return found;
  }

  /**
   * The `k` best passages for one query with every part of their scores: where one side did not propose a passage, its
   * score is computed all the same. Errors as `searchBatch`.
   */
  async explain(query: HybridQuery, k: number, options: HybridOptions = {}): Promise<ExplainedHit[]> {
    const { mode = 'dense' } = options;
    const [fused] = mode === 'hybrid' ? await this.fused([query], k, options) : [];
    const hits = fused?.hits ?? (await this.search(query, k, options));
    const { vectors } = query;
    const maxSims =
      mode === 'lexical' || vectors === undefined
        ? undefined
        : await this.index.score(
            vectors.vectors,
            vectors.tokens,
            hits.map(({ ordinal }) => ordinal),
          );
    const words = mode === 'dense' ? undefined : this.words(query);
    return hits.map((hit, i) => {
      const parts = words && this.structure().parts(words.terms, words.frequency, hit.ordinal);
      const bm25 = parts?.reduce((sum, { score }) => sum + score, 0);
      return {
        ...hit,
        ...(maxSims && { dense: hit.dense ?? { score: maxSims[i] } }),
        ...(bm25 === undefined ? {} : { lexical: hit.lexical ?? { score: bm25 }, words: parts }),
        ...(fused && { shares: fused.shares(hit) }),
      };
    });
  }

  /** The words of a query as the lexical side has them, and how many were translated. */
  words({ text, translation = this.translation }: HybridQuery): LexicalQuery {
    return lexicalQuery(text, this.index.lexical, translation);
  }

  private structure(): StructuredSearch {
    this.structured ??= new StructuredSearch(this.index.lexical);
    return this.structured;
  }

  private byWords(query: HybridQuery, k: number, allowed: Uint8Array | undefined): Candidate[] {
    const { text, translation = this.translation } = query;
    const find = () => {
      // Untranslated words need no structure, and are pruned.
      if (translation.method === 'none') return this.index.lexical.search(text, k, allowed);
      const { terms, frequency } = this.words(query);
      return this.structure().search(terms, k, frequency, allowed);
    };
    return find().map(({ ordinal, score }) => ({ ordinal, id: this.index.id(ordinal), score }));
  }

  private async rescored(
    candidates: readonly Candidate[],
    { vectors, tokens }: QueryVectors,
    k: number,
  ): Promise<HybridHit[]> {
    const ordinals = candidates.map(({ ordinal }) => ordinal);
    const scores = await this.index.score(vectors, tokens, ordinals);
    return ofSide(candidates, 'lexical')
      .map((hit, i) => ({ ...hit, score: scores[i] }))
      .sort((a, b) => b.score - a.score || a.ordinal - b.ordinal)
      .slice(0, k)
      .map((hit, i) => ({ ...hit, dense: { score: hit.score, rank: i + 1 } }));
  }

  private async fused(
    queries: readonly HybridQuery[],
    k: number,
    { filter, weights, effort, ...options }: HybridOptions,
  ): Promise<FusedSides[]> {
    const depth = this.candidates(k, options);
    const allowed = filter && this.index.fields.allowed(filter);
    const dense = await this.index.searchBatch(queries.map(needVectors), depth, { allowed, effort });
    return queries.map((query, i) => {
      const lexical = this.byWords(query, depth, allowed);
      return fuseSides(dense[i], lexical, k, { weights, all: lexical.length < depth });
    });
  }

  private candidates(k: number, { candidates = Math.max(USUAL_CANDIDATES, k) }: HybridOptions): number {
    if (Number.isSafeInteger(k) && k >= 1 && Number.isSafeInteger(candidates) && candidates >= 1)
      return candidates;
    throw invalid(
      `asked for ${k} passages among ${candidates} candidates`,
      'Give whole numbers of at least 1.',
    );
  }
}

function needVectors({ vectors }: HybridQuery): QueryVectors {
  if (vectors !== undefined) return vectors;
  throw invalid('a query without vectors', 'Encode the query, or search with the mode lexical.');
}

function invalid(what: string, hint: string): RefractError {
  return new RefractError('SETTING_INVALID', what, { hint });
}
