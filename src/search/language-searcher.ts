/**
 * Searching one index in several languages: each query is encoded by the pack of its language, named or detected, or
 * by the teacher. Encoders are opened when first used; the index is opened once.
 */
import type { Query, RunEntry } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { LateInteractionIndex } from '../index/late-interaction.ts';
import { openIndex } from '../index/open-index.ts';
import type { Encoder } from '../model/encoder.ts';
import { type ProgressFactory, silent } from '../progress.ts';
import { combineModels } from './character-evidence.ts';
import { EncoderPool } from './encoder-pool.ts';
import { languageKey } from './language-detection.ts';
import { readPackSet } from './pack-set.ts';
import {
  type AnsweredBy,
  checkConfidence,
  chooseEncoder,
  chooseEncoders,
  type LanguageChoice,
  type ReadLanguages,
} from './query-language.ts';
import {
  type FoundPassage,
  type SearchAllOptions,
  type Searcher,
  type SearcherOptions,
  searcherOver,
} from './searcher.ts';
import { teacherLanguages } from './teacher-folder.ts';

/** The packs that are open over an index, and how. */
export interface LanguageSearcherOptions extends Omit<SearcherOptions, 'pack'> {
  /** Folders of language packs; each language at most once. */
  readonly packs: readonly string[];
  /** Encoders in memory at a time, the teacher's among them (default 4); docs/decisions/029-language-detection.md. */
  readonly maxOpen?: number;
  /** The least confidence with which a detected language is believed, 0 to 1. */
  readonly minConfidence?: number;
  /** Languages that have a dictionary: queries in these are expected, with or without a pack. */
  readonly dictionaries?: readonly string[];
}

/** What was found, and who read the query. */
export interface LanguageAnswer extends AnsweredBy {
  readonly hits: FoundPassage[];
}

/** A run over queries of several languages. */
export interface LanguageRun {
  /** In the order of the queries, best first. */
  readonly entries: RunEntry[];
  /** Who read each query, in their order. */
  readonly answered: AnsweredBy[];
}

/** The key of the teacher's encoder among those of packs, which are folders. */
const TEACHER = Symbol('teacher');
type EncoderKey = string | typeof TEACHER;

/** A query encoder over the shared index: closing it leaves the index open. */
class OpenEncoder {
  readonly searcher: Searcher;

  constructor(searcher: Searcher) {
    this.searcher = searcher;
  }

  close(): Promise<void> {
    return this.searcher.encoder.close();
  }
}

/**
 * Opens the index at `path` with several packs. Of packs only `refract.json` and their character models are read here.
 *
 * @throws RefractError `SETTING_INVALID` (`maxOpen`, `minConfidence`), those of `openIndex` and `readPackSet`
 * @example
 * const searcher = await openLanguageSearcher('index', { packs: ['packs/sw', 'packs/so'] });
 * const { hits, language, confidence } = await searcher.search('dalili za malaria', 10);
 */
export async function openLanguageSearcher(
  path: string,
  options: LanguageSearcherOptions,
): Promise<LanguageSearcher> {
  const { packs, maxOpen = 4, minConfidence, dictionaries, ...encoder } = options;
  if (!Number.isInteger(maxOpen) || maxOpen < 1)
    throw invalid(`maxOpen ${maxOpen} is not a whole number of at least 1`, 'Give for example 4.');
  checkConfidence(minConfidence);
  const index = openIndex(path, { threads: options.threads });
  try {
    const { fingerprint, settings } = index;
    const set = readPackSet(packs, fingerprint.teacher);
    const teacher = teacherLanguages({ path, fingerprint, settings }, options.teacher);
    const models = combineModels(
      set.flatMap(({ characterModels }) => characterModels ?? []),
      (code) => languageKey(code) ?? code,
    );
    const reads = { packs: set, teacher, dictionaries, ...(models.size > 0 && { models }) };
    const pool = new EncoderPool<EncoderKey, OpenEncoder>(maxOpen, async (key) => {
      const pack = key === TEACHER ? undefined : key;
      return new OpenEncoder(await searcherOver(index, path, { ...encoder, pack }));
    });
    return new LanguageSearcher(index, pool, reads, minConfidence);
  } catch (error) {
    await index.close();
    throw error;
  }
}

function invalid(what: string, hint: string): RefractError {
  return new RefractError('SETTING_INVALID', what, { hint });
}

/** An open index with the encoders of several languages; made by `openSearcher` with `packs`. */
export class LanguageSearcher {
  readonly index: LateInteractionIndex;
  /** The packs with their languages, and the teacher's languages. */
  readonly reads: ReadLanguages;
  private readonly pool: EncoderPool<EncoderKey, OpenEncoder>;
  private readonly minConfidence: number | undefined;

  /** @param pool opens query encoders over `index`, by the folder of their pack */
  constructor(
    index: LateInteractionIndex,
    pool: EncoderPool<EncoderKey, OpenEncoder>,
    reads: ReadLanguages,
    minConfidence?: number,
  ) {
    this.index = index;
    this.pool = pool;
    this.reads = reads;
    this.minConfidence = minConfidence;
  }

  /** Folders of the packs whose encoders are in memory now, the least recently used first; `teacher` for the teacher's. */
  get openEncoders(): string[] {
    return this.pool.keys().map((key) => (key === TEACHER ? 'teacher' : key));
  }

  /**
   * The `k` best passages for `text`, best first, found with the encoder of its language.
   *
   * @param options.language the language of `text`; detected where absent
   * @throws RefractError `SETTING_INVALID` (no words), `LANGUAGE_UNKNOWN`, and what opening the encoder throws
   * @example (await searcher.search('biyo nadiif ah', 10, { language: 'so' })).pack // 'packs/so'
   */
  async search(
    text: string,
    k: number,
    options: Pick<LanguageChoice, 'language'> = {},
  ): Promise<LanguageAnswer> {
    const answered = await this.choose(text, options.language);
    const hits = await this.using(answered, (searcher) => searcher.search(text, k));
    return { ...answered, hits };
  }

  /**
   * The `k` best passages for each query, as entries of a run. A query's own `language` is taken where it has one, else
   * it is detected. Queries of one encoder are encoded together, so that each encoder is opened once.
   *
   * @param options.language the language of all queries, whatever they say themselves
   * @throws RefractError `INTERRUPTED`, `LANGUAGE_UNKNOWN` (names the query)
   * @example
   * const { entries, answered } = await searcher.searchAll(await readQueries('queries.jsonl'), 1000);
   * writeRun('all.run', entries, 'packs');
   */
  async searchAll(
    queries: readonly Query[],
    k: number,
    options: SearchAllOptions & Pick<LanguageChoice, 'language'> = {},
  ): Promise<LanguageRun> {
    const { progress = silent, signal, language } = options;
    const work = progress('searching', queries.length, 'queries');
    const answered = await this.chooseAll(queries, { language, signal });
    const groups = new Map<string | undefined, Query[]>();
    for (const [i, query] of queries.entries()) {
      const group = groups.get(answered[i].pack);
      if (group === undefined) groups.set(answered[i].pack, [query]);
      else group.push(query);
    }
    const found = new Map<string, RunEntry[]>(queries.map(({ id }) => [id, []]));
    let done = 0;
    for (const [pack, group] of groups) {
      const before = done;
      const inner: ProgressFactory = () => ({ update: (n) => work.update(before + n), end() {} });
      const entries = await this.using({ pack }, (searcher) =>
        searcher.searchAll(group, k, { progress: inner, signal }),
      );
      for (const entry of entries) found.get(entry.query)?.push(entry);
      done += group.length;
    }
    work.end(`${queries.length} queries`);
    return { entries: queries.flatMap(({ id }) => found.get(id) ?? []), answered };
  }

  /**
   * Who reads each query, in their order; no encoder is opened.
   *
   * @throws RefractError `INTERRUPTED`, `LANGUAGE_UNKNOWN` (names the query)
   */
  chooseAll(
    queries: readonly Query[],
    { language, signal }: { readonly language?: string; readonly signal?: AbortSignal } = {},
  ): Promise<AnsweredBy[]> {
    return chooseEncoders(queries, this.reads, { language, minConfidence: this.minConfidence, signal });
  }

  /** Works with the encoder of a pack, or of the teacher; it must not be closed. */
  withEncoder<Result>(
    pack: string | undefined,
    work: (encoder: Encoder) => Promise<Result>,
  ): Promise<Result> {
    return this.using({ pack }, ({ encoder }) => work(encoder));
  }

  /** Works with the encoder that `search` would take: for `explainPassage` and the like. It must not be closed. */
  async withSearcher<Result>(
    text: string,
    options: Pick<LanguageChoice, 'language'>,
    work: (searcher: Searcher, answered: AnsweredBy) => Promise<Result>,
  ): Promise<Result> {
    const answered = await this.choose(text, options.language);
    return this.using(answered, (searcher) => work(searcher, answered));
  }

  /** Closes the index and all encoders, after the work that goes on. */
  async close(): Promise<void> {
    try {
      await this.pool.close();
    } finally {
      await this.index.close();
    }
  }

  private choose(text: string, language: string | undefined): Promise<AnsweredBy> {
    return chooseEncoder(text, this.reads, { language, minConfidence: this.minConfidence });
  }

  private using<Result>(
    { pack }: Pick<AnsweredBy, 'pack'>,
    work: (searcher: Searcher) => Promise<Result>,
  ): Promise<Result> {
    return this.pool.use(pack ?? TEACHER, ({ searcher }) => work(searcher));
  }
}
