/**
 * Searching an index with text in any mode: opens the index and, where vectors are needed, what encodes queries: the
 * teacher, one pack, or for each query the pack of its language. The dictionary for BM25 is that of the language too.
 */
import type { Passage, Query, RunEntry } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { LateInteractionIndex } from '../index/late-interaction.ts';
import { openIndex } from '../index/open-index.ts';
import type { QueryTranslation } from '../lexical/cross-lingual.ts';
import type { Encoder } from '../model/encoder.ts';
import { Stage, type StageControl } from '../stage.ts';
import type { HybridHit } from './fuse-sides.ts';
import { type ExplainedHit, type HybridOptions, type HybridQuery, HybridSearch } from './hybrid.ts';
import { languageKey } from './language-detection.ts';
import { type LanguageSearcher, openLanguageSearcher } from './language-searcher.ts';
import {
  type AnsweredBy,
  checkConfidence,
  chooseEncoders,
  type LanguageChoice,
  LEAST_CONFIDENCE,
} from './query-language.ts';
import { openSingleSearcher, type SearcherOptions } from './searcher.ts';
import { teacherLanguages, USUAL_LANGUAGES } from './teacher-folder.ts';

/** How an index is searched, and what with. */
export interface TextSearchOptions extends SearcherOptions, HybridOptions, LanguageChoice {
  /** Folders of packs: each query is encoded by the pack of its language. In the place of `pack`. */
  readonly packs?: readonly string[];
  /** Encoders in memory at a time, where there are several packs (default 4). */
  readonly maxOpen?: number;
  /**
   * How words of queries are brought into the language of the passages, for all modes but `dense`: one way for all
   * queries, or one for each language (BCP 47), by the language of the query.
   */
  readonly translation?: QueryTranslation | ReadonlyMap<string, QueryTranslation>;
}

/** A hit with its passage; `words` and `shares` where it was explained. */
export interface TextHit extends Omit<ExplainedHit, 'ordinal' | 'id'> {
  /** 1 is the best. */
  readonly rank: number;
  readonly passage: Passage;
}

/** What was found. */
export interface TextAnswer {
  readonly hits: TextHit[];
  /** Who read the query and in what language; absent where that makes no difference. */
  readonly answered?: AnsweredBy;
  /** `lexical` side: words of the query, and those that have a translation; absent without dictionaries. */
  readonly translated?: { readonly words: number; readonly known: number };
}

/** A run, and who read each query, in the order of the queries; nothing where that makes no difference. */
export interface TextRun {
  readonly entries: RunEntry[];
  readonly answered: AnsweredBy[];
}

/** Queries that are encoded and searched together. */
const QUERIES_PER_BATCH = 32;

/**
 * Opens the index at `index` for searching with text. The mode `lexical` needs no teacher and no pack.
 *
 * @throws RefractError as `openSearcher` and `openIndex`
 * @example
 * const search = await openTextSearch('index', { mode: 'hybrid', pack: 'packs/sw', filter: parseFilter('year>=2020') });
 * const { hits } = await search.search('maji safi', 10);
 * for (const { rank, passage } of hits) console.log(rank, passage.text);
 * await search.close();
 */
export async function openTextSearch(index: string, options: TextSearchOptions = {}): Promise<TextSearch> {
  const { packs, ...single } = options;
  checkConfidence(options.minConfidence);
  if (options.mode === 'lexical') return new TextSearch(openIndex(index, options), { path: index }, options);
  if (packs !== undefined) {
    const { pack: _, ...rest } = single;
    const languages = await openLanguageSearcher(index, {
      ...rest,
      packs,
      dictionaries: dictionariesOf(options),
    });
    return new TextSearch(languages.index, { path: index, languages }, options);
  }
  const { index: opened, encoder } = await openSingleSearcher(index, single);
  return new TextSearch(opened, { path: index, encoder }, options);
}

/** What encodes queries: one encoder, one for each language, or none. */
interface QueryEncoders {
  /** The folder of the index. */
  readonly path: string;
  readonly encoder?: Encoder;
  readonly languages?: LanguageSearcher;
}

/** An open index with what its mode needs; made by `openTextSearch`. */
export class TextSearch {
  readonly hybrid: HybridSearch;
  private readonly options: TextSearchOptions;
  private readonly encoders: QueryEncoders;

  constructor(index: LateInteractionIndex, encoders: QueryEncoders, options: TextSearchOptions) {
    const { translation } = options;
    this.hybrid = new HybridSearch(index, isOne(translation) ? translation : undefined);
    this.encoders = encoders;
    this.options = options;
  }

  /**
   * The `k` best passages, best first.
   *
   * @param options.explain every part of each score
   * @throws RefractError `SETTING_INVALID` for a query without words; `LANGUAGE_UNKNOWN`; those of `HybridSearch`
   */
  async search(text: string, k: number, options: { readonly explain?: boolean } = {}): Promise<TextAnswer> {
    if (!/\S/u.test(text))
      throw new RefractError('SETTING_INVALID', 'the query has no words', {
        hint: 'Give the words to search for, in quotes.',
      });
    const [answered] = await this.choose([{ id: '', text }]);
    const [query] = await this.encoded([text], answered);
    const hits =
      options.explain === true
        ? await this.hybrid.explain(query, k, this.options)
        : await this.hybrid.search(query, k, this.options);
    const { mode, translation } = this.options;
    return {
      hits: this.shown(hits),
      ...(answered && { answered }),
      ...(mode !== undefined &&
        mode !== 'dense' &&
        translation !== undefined && { translated: this.hybrid.words(query) }),
    };
  }

  /**
   * The `k` best passages for each query, as entries of a run, in turns. Queries of one encoder are encoded together, so
   * that each encoder is opened once.
   *
   * @throws RefractError as `search` (names the query), and `INTERRUPTED`
   */
  async searchAll(queries: readonly Query[], k: number, control: StageControl = {}): Promise<TextRun> {
    const answered = await this.choose(queries, control.signal);
    const groups = new Map<string | undefined, number[]>();
    for (const i of queries.keys()) {
      const { pack } = answered[i] ?? {};
      const group = groups.get(pack);
      if (group === undefined) groups.set(pack, [i]);
      else group.push(i);
    }
    const stage = new Stage('searching', queries.length, 'queries', control);
    const found: HybridHit[][] = [];
    let done = 0;
    for (const group of groups.values()) {
      for (let start = 0; start < group.length; start += QUERIES_PER_BATCH) {
        const batch = group.slice(start, start + QUERIES_PER_BATCH);
        const texts = batch.map((i) => queries[i].text);
        const encoded = await this.encoded(texts, ...batch.map((i) => answered[i]));
        const hits = await this.hybrid.searchBatch(encoded, k, this.options);
        for (const [n, i] of batch.entries()) found[i] = hits[n];
        done += batch.length;
        await stage.turn(done);
      }
    }
    stage.end(`${queries.length} queries`);
    const entries = queries.flatMap(({ id: query }, i) =>
      found[i].map(({ id, score }): RunEntry => ({ query, passage: id, score })),
    );
    return { entries, answered: answered.flatMap((each) => each ?? []) };
  }

  async close(): Promise<void> {
    const { languages, encoder } = this.encoders;
    if (languages !== undefined) return languages.close();
    try {
      await this.hybrid.index.close();
    } finally {
      await encoder?.close();
    }
  }

  /** Who reads each query; undefined where that makes no difference. */
  private async choose(queries: readonly Query[], signal?: AbortSignal): Promise<(AnsweredBy | undefined)[]> {
    const { language, translation, minConfidence } = this.options;
    const { languages } = this.encoders;
    if (languages !== undefined) return languages.chooseAll(queries, { language, signal });
    if (translation === undefined || isOne(translation)) return queries.map(() => undefined);
    // Words in the language of the passages need no dictionary.
    const reads = {
      packs: dictionariesOf(this.options).map((each) => ({ folder: each, languages: [each] })),
      teacher: this.ownLanguages(),
    };
    const chosen = await chooseEncoders(queries, reads, { language, minConfidence, signal });
    return chosen.map(({ pack: _, notice, ...rest }) => ({
      ...rest,
      ...(notice && { notice: 'no dictionary is for the query: its words stay as they are' }),
    }));
  }

  /** Languages of the teacher of the index; the usual where it lies elsewhere, for words do not need it. */
  private ownLanguages(): readonly string[] {
    const { fingerprint, settings } = this.hybrid.index;
    try {
      return teacherLanguages({ path: this.encoders.path, fingerprint, settings }, this.options.teacher);
    } catch (error) {
      if (!(error instanceof RefractError)) throw error;
      return USUAL_LANGUAGES;
    }
  }

  /** Queries that one encoder reads, with the translation of their languages. */
  private async encoded(
    texts: readonly string[],
    ...answered: readonly (AnsweredBy | undefined)[]
  ): Promise<HybridQuery[]> {
    const { languages, encoder } = this.encoders;
    const vectors =
      languages !== undefined
        ? await languages.withEncoder(answered[0]?.pack, (each) => each.queries(texts))
        : await encoder?.queries(texts);
    return texts.map((text, i) => ({
      text,
      ...(vectors && { vectors: { vectors: vectors[i].vectors, tokens: vectors[i].count } }),
      ...this.translationOf(answered[i]),
    }));
  }

  private translationOf(answered: AnsweredBy | undefined): Pick<HybridQuery, 'translation'> {
    const { translation, minConfidence = LEAST_CONFIDENCE } = this.options;
    if (translation === undefined || isOne(translation)) return {};
    const { language, confidence = 1 } = answered ?? {};
    const sure = language !== undefined && confidence >= minConfidence;
    const key = sure ? (languageKey(language) ?? language) : undefined;
    const own = [...translation].find(([each]) => (languageKey(each) ?? each) === key);
    return { translation: own?.[1] ?? { method: 'none' } };
  }

  private shown(hits: readonly (HybridHit | ExplainedHit)[]): TextHit[] {
    return hits.map(({ ordinal, id: _, ...hit }, i) => ({
      ...hit,
      rank: i + 1,
      passage: this.hybrid.index.passage(ordinal),
    }));
  }
}

function dictionariesOf({ translation }: TextSearchOptions): string[] {
  return translation === undefined || isOne(translation) ? [] : [...translation.keys()];
}

function isOne(translation: TextSearchOptions['translation']): translation is QueryTranslation {
  return translation !== undefined && 'method' in translation;
}
