/** Searching an index with its teacher or a language pack: words in, passages out, by exact MaxSim. */
import type { Passage, Query, RunEntry } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { Device } from '../graph/index.ts';
import type { Hit, LateInteractionIndex } from '../index/late-interaction.ts';
import { openIndex } from '../index/open-index.ts';
import { type RetrieverCheckpoint, readCheckpoint } from '../model/checkpoint.ts';
import type { TeacherSource } from '../model/difference-folder.ts';
import { Encoder, type TextVectors } from '../model/encoder.ts';
import { checkPackFits } from '../model/fingerprint.ts';
import { tokenizerOf } from '../model/tokenizer-files.ts';
import { type ProgressFactory, silent } from '../progress.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import { tokenizerFingerprint } from '../text/tokenizer-json.ts';
import { type IndexedBy, readIndexTeacher } from './teacher-folder.ts';

/** What encodes the queries, and how. */
export interface SearcherOptions {
  /** The folder of a language pack; without it the index's teacher encodes the queries. */
  readonly pack?: string;
  /** Where the index's teacher lies, when the index holds no copy and it has moved. Also packs that are differences need it. */
  readonly teacher?: string;
  readonly device?: Device;
  /** Hears that the CPU takes over where the device's memory does not suffice; without it that is an error. */
  readonly fallback?: (sentence: string) => void;
  readonly threads?: number;
}

/** A hit with its passage. */
export interface FoundPassage {
  /** 1 is the best. */
  readonly rank: number;
  readonly score: number;
  readonly passage: Passage;
}

/** Choices for `searchAll`. */
export interface SearchAllOptions {
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** Queries that are encoded and searched together. */
const QUERIES_PER_BATCH = 32;

/**
 * Opens the index at `index` for searching. Throws `TEACHER_MISMATCH` (a pack for another teacher, an index of
 * another one), `TOKENIZER_MISMATCH`, `FILE_MISSING`, and what `openIndex` and `readCheckpoint` throw.
 *
 * @example
 * const searcher = await openSingleSearcher('index', { pack: 'packs/sw' });
 * for (const { rank, passage } of await searcher.search('maji safi', 10)) console.log(rank, passage.text);
 * await searcher.close();
 */
export async function openSingleSearcher(index: string, options: SearcherOptions = {}): Promise<Searcher> {
  const opened = openIndex(index, { threads: options.threads });
  try {
    return await searcherOver(opened, index, options);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/**
 * Opens a query encoder over an index, read from the folder `path`, that is open already; throws as `openSingleSearcher`.
 * The caller closes the index where this fails, and `Searcher.close` closes both.
 */
export async function searcherOver(
  opened: LateInteractionIndex,
  path: string,
  options: SearcherOptions,
): Promise<Searcher> {
  const made: IndexedBy = { path, fingerprint: opened.fingerprint, settings: opened.settings };
  const teacher = () => readIndexTeacher(made, options.teacher);
  const checkpoint =
    options.pack === undefined ? teacher() : readPack(options.pack, opened.fingerprint.teacher, teacher);
  const same = tokenizerFingerprint(checkpoint.tokenizerJson) === opened.fingerprint.tokenizer;
  const encoder = await Encoder.fromCheckpoint(checkpoint, options);
  return new Searcher(opened, encoder, () => (same ? encoder.maker.tokenizer : tokenizerOf(teacher())));
}

function readPack(folder: string, fingerprint: string, teacher: TeacherSource): RetrieverCheckpoint {
  const pack = readCheckpoint(folder, { teacher });
  if (pack.settings.kind !== 'pack')
    throw new RefractError('TEACHER_MISMATCH', 'this is a teacher, not a language pack', {
      at: folder,
      hint: 'Leave --pack out to search with the teacher of the index, or give the folder that refract distill wrote.',
    });
  checkPackFits(pack.settings, fingerprint, folder);
  return pack;
}

/** An open index with a query encoder; made by `openSearcher`. */
export class Searcher {
  readonly index: LateInteractionIndex;
  readonly encoder: Encoder;
  private readonly loadPassageTokenizer: () => TextTokenizer;

  /** @param loadPassageTokenizer loads the tokenizer that the index's token ids are of */
  constructor(index: LateInteractionIndex, encoder: Encoder, loadPassageTokenizer: () => TextTokenizer) {
    this.index = index;
    this.encoder = encoder;
    this.loadPassageTokenizer = loadPassageTokenizer;
  }

  /** The `k` best passages for `text`, best first. Throws `SETTING_INVALID` when there are no words. */
  async search(text: string, k: number): Promise<FoundPassage[]> {
    const query = await this.encodeQuery(text);
    const hits = await this.index.search(query.vectors, query.count, k);
    return hits.map(({ ordinal, score }, i) => ({
      rank: i + 1,
      score,
      passage: this.index.passage(ordinal),
    }));
  }

  /**
   * The `k` best passages for each query, as entries of a run. Throws `INTERRUPTED` when stopped.
   *
   * @example writeRun('sw.run', await searcher.searchAll(await readQueries('queries.sw.jsonl'), 1000), 'sw')
   */
  async searchAll(
    queries: readonly Query[],
    k: number,
    { progress = silent, signal }: SearchAllOptions = {},
  ): Promise<RunEntry[]> {
    const work = progress('searching', queries.length, 'queries');
    const entries: RunEntry[] = [];
    for (let done = 0; done < queries.length; done += QUERIES_PER_BATCH) {
      if (signal?.aborted)
        throw new RefractError('INTERRUPTED', `stopped after ${done} of ${queries.length} queries`, {
          hint: 'No run was written; run the same command again.',
        });
      const batch = queries.slice(done, done + QUERIES_PER_BATCH);
      const vectors = await this.encoder.queries(batch.map((query) => query.text));
      const found = await this.index.searchBatch(
        vectors.map((each) => ({ vectors: each.vectors, tokens: each.count })),
        k,
      );
      found.forEach((hits: Hit[], i) => {
        for (const { id, score } of hits) entries.push({ query: batch[i].id, passage: id, score });
      });
      work.update(done + batch.length);
    }
    work.end(`${queries.length} queries`);
    return entries;
  }

  /** The token vectors of a query. Throws `SETTING_INVALID` when there are no words. */
  async encodeQuery(text: string): Promise<TextVectors> {
    if (!/\S/u.test(text))
      throw new RefractError('SETTING_INVALID', 'the query has no words', {
        hint: 'Give the words to search for, in quotes.',
      });
    const [query] = await this.encoder.queries([text]);
    return query;
  }

  /** The tokenizer that the index's passages were read with; a pack may read queries with another. */
  passageTokenizer(): TextTokenizer {
    return this.loadPassageTokenizer();
  }

  async close(): Promise<void> {
    try {
      await this.index.close();
    } finally {
      await this.encoder.close();
    }
  }
}
