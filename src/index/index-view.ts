/** One generation of an index, open for searching: what it shows does not change, whatever is committed meanwhile. */

import { countBits, hasBit, invertBits } from '../data/bitmap.ts';
import type { Passage } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import { FieldSchema } from './fields/schema.ts';
import { FieldsView } from './fields/view.ts';
import type {
  Hit,
  IndexFingerprint,
  LateInteractionIndex,
  QueryVectors,
  SearchOptions,
} from './late-interaction.ts';
import { LexicalView } from './lexical/view.ts';
import type { IndexManifest } from './manifest.ts';
import { fieldsPart } from './segments/fields-part.ts';
import { idsPart } from './segments/ids-part.ts';
import { lexicalPart } from './segments/lexical-part.ts';
import { LivePassages } from './segments/live-passages.ts';
import { tokenIdsPart } from './segments/token-ids-part.ts';
import type { SegmentScorer, VectorStorage, WindowHit, WindowPlace } from './vector-storage.ts';
import { type ViewSegment, ViewWindows } from './view-windows.ts';

/** An open index of `openIndex`. */
export class IndexView implements LateInteractionIndex {
  /** The folder of the index. */
  readonly path: string;
  /** What `manifest.json` said when it was opened. */
  readonly manifest: IndexManifest;
  readonly segments: readonly ViewSegment[];
  private readonly storage: VectorStorage;
  private readonly threads: number | undefined;
  private readonly live: LivePassages;
  private readonly windowsOf: ViewWindows;
  readonly lexical: LexicalView;
  readonly fields: FieldsView;
  private scorer: Promise<SegmentScorer> | undefined;
  /** Searches under way, which `close` waits for. */
  private readonly underWay = new Set<Promise<unknown>>();
  private closed = false;

  constructor(
    path: string,
    manifest: IndexManifest,
    storage: VectorStorage,
    segments: readonly ViewSegment[],
    options: { readonly threads?: number } = {},
  ) {
    this.path = path;
    this.manifest = manifest;
    this.storage = storage;
    this.segments = segments;
    this.threads = options.threads;
    this.live = new LivePassages(
      segments.map(({ reader, deleted }) => ({ passages: reader.entry.passages, deleted })),
    );
    this.windowsOf = new ViewWindows(segments, this.live);
    const parts = segments.map(({ reader, deleted }) => ({
      words: reader.part(lexicalPart),
      fields: reader.part(fieldsPart),
      ...(deleted && { live: invertBits(deleted.slice(), reader.entry.passages) }),
    }));
    this.lexical = new LexicalView(parts, { settings: manifest.words });
    this.fields = new FieldsView(new FieldSchema(manifest.fields), parts);
  }

  get dim(): number {
    return this.manifest.dim;
  }

  get size(): number {
    return this.live.size;
  }

  /** The commit that this view shows. */
  get generation(): number {
    return this.manifest.generation;
  }

  get fingerprint(): IndexFingerprint {
    return this.manifest.fingerprint;
  }

  get settings(): Readonly<Record<string, unknown>> {
    return this.manifest.settings;
  }

  /** @throws RefractError `GRAPH_SHAPE` a query of another size; `SETTING_INVALID` not finite, or k below 1 */
  async search(query: Float32Array, tokens: number, k: number, options?: SearchOptions): Promise<Hit[]> {
    const [hits] = await this.searchBatch([{ vectors: query, tokens }], k, options);
    return hits;
  }

  /** @throws RefractError as `search` */
  searchBatch(queries: readonly QueryVectors[], k: number, options: SearchOptions = {}): Promise<Hit[][]> {
    return this.during(() => this.searchAll(queries, k, options));
  }

  private async searchAll(
    queries: readonly QueryVectors[],
    k: number,
    options: SearchOptions,
  ): Promise<Hit[][]> {
    if (!Number.isInteger(k) || k < 1)
      throw new RefractError('SETTING_INVALID', `asked for ${k} passages`, {
        hint: 'Give a whole number of at least 1.',
      });
    const { effort } = options;
    if (effort !== undefined && !(effort >= 0 && effort <= 1))
      throw new RefractError('SETTING_INVALID', `an effort of ${effort}`, {
        hint: 'Give a number from 0 to 1.',
      });
    for (const query of queries) this.checkQuery(query);
    if (this.size === 0) return queries.map(() => []);
    return this.scoring((scorer) => this.found(scorer, queries, k, options));
  }

  private async found(
    scorer: SegmentScorer,
    queries: readonly QueryVectors[],
    k: number,
    options: SearchOptions,
  ): Promise<Hit[][]> {
    const { windowsOf } = this;
    const allowed = windowsOf.allowed(options.allowed);
    const search = async (asked: readonly QueryVectors[], depth: number): Promise<WindowHit[][]> => {
      if (scorer.searchBatch) return scorer.searchBatch(asked, depth, allowed, options);
      const found: WindowHit[][] = [];
      for (const { vectors, tokens } of asked)
        found.push(await scorer.search(vectors, tokens, depth, allowed, options));
      return found;
    };
    const results: Hit[][] = [];
    // Windows of one passage may crowd out others: then deeper, until there are k passages or no more windows.
    const passages = options.allowed ? countBits(options.allowed) : this.size;
    const first = windowsOf.firstDepth(k, passages);
    for (const [q, windows] of (await search(queries, first)).entries()) {
      let hits = windowsOf.passagesOf(windows, k);
      for (
        let [depth, found] = [first, windows.length];
        hits.length < Math.min(k, passages) && found === depth;
      ) {
        depth *= 4;
        const [deeper] = await search([queries[q]], depth);
        found = deeper.length;
        hits = windowsOf.passagesOf(deeper, k);
      }
      results.push(hits);
    }
    return results;
  }

  /** @throws RefractError as `search`; `UNKNOWN_ID` for an ordinal that does not exist */
  score(query: Float32Array, tokens: number, ordinals: readonly number[]): Promise<Float32Array> {
    return this.during(() => this.scoreAll(query, tokens, ordinals));
  }

  private async scoreAll(
    query: Float32Array,
    tokens: number,
    ordinals: readonly number[],
  ): Promise<Float32Array> {
    this.checkQuery({ vectors: query, tokens });
    const places: WindowPlace[] = [];
    const ends: number[] = [];
    for (const ordinal of ordinals) {
      places.push(...this.windowsOf.placesOf(this.place(ordinal)));
      ends.push(places.length);
    }
    if (places.length === 0) return new Float32Array(0);
    const scores = await this.scoring((scorer) => scorer.score(query, tokens, places));
    return Float32Array.from(ends, (end, i) => Math.max(...scores.subarray(i === 0 ? 0 : ends[i - 1], end)));
  }

  /** @throws RefractError `UNKNOWN_ID` */
  passage(ordinal: number): Passage {
    const { segment, passage } = this.place(ordinal);
    return this.segments[segment].reader.passage(passage);
  }

  /** @throws RefractError `UNKNOWN_ID` */
  id(ordinal: number): string {
    const { segment, passage } = this.place(ordinal);
    return this.segments[segment].reader.id(passage);
  }

  ordinal(id: string): number | undefined {
    this.checkOpen();
    for (const [segment, { reader, deleted }] of this.segments.entries()) {
      const passage = reader.part(idsPart).find(id, (p) => deleted === undefined || !hasBit(deleted, p));
      if (passage !== undefined) return this.live.ordinal(segment, passage);
    }
    return undefined;
  }

  /** @throws RefractError `UNKNOWN_ID` */
  vectors(ordinal: number): Float32Array {
    const { segment, passage } = this.place(ordinal);
    return this.segments[segment].reader.passageVectors(passage);
  }

  /** @throws RefractError `UNKNOWN_ID` */
  windows(ordinal: number): readonly number[] {
    const { segment, passage } = this.place(ordinal);
    return this.segments[segment].reader.windowTokens(passage);
  }

  /** @throws RefractError `UNKNOWN_ID` */
  tokenIds(ordinal: number): Int32Array {
    const { segment, passage } = this.place(ordinal);
    return this.segments[segment].reader.part(tokenIdsPart).ids(passage);
  }

  /**
   * The segment of a passage, and its place in it.
   *
   * @throws RefractError `UNKNOWN_ID`
   */
  place(ordinal: number): { readonly segment: number; readonly passage: number } {
    this.checkOpen();
    if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= this.size)
      throw new RefractError('UNKNOWN_ID', `passage number ${ordinal} of an index of ${this.size}`, {
        hint: this.size === 0 ? 'The index is empty.' : `Passages are numbered 0 to ${this.size - 1}.`,
      });
    return this.live.place(ordinal);
  }

  /** Waits for searches under way and lets go of the files; what is asked afterwards is refused. May be called twice. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled([...this.underWay]);
    const { scorer } = this;
    this.scorer = undefined;
    try {
      await (await scorer?.catch(() => undefined))?.close();
    } finally {
      for (const { reader } of this.segments) reader.close();
    }
  }

  private async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.checkOpen();
    const result = work();
    this.underWay.add(result);
    try {
      return await result;
    } finally {
      this.underWay.delete(result);
    }
  }

  private checkOpen(): void {
    if (!this.closed) return;
    throw new RefractError('SETTING_INVALID', 'this view of the index is closed', {
      at: this.path,
      hint: 'Open the index again.',
    });
  }

  /** Scores by the open scorer; one whose threads have failed is closed, so that the next search opens another. */
  private async scoring<Result>(work: (scorer: SegmentScorer) => Promise<Result>): Promise<Result> {
    const opened = this.opened();
    const scorer = await opened;
    try {
      return await work(scorer);
    } catch (error) {
      if (scorer.failed === true && this.scorer === opened) {
        this.scorer = undefined;
        await scorer.close();
      }
      throw error;
    }
  }

  private opened(): Promise<SegmentScorer> {
    if (this.scorer !== undefined) return this.scorer;
    const scorer = this.storage.scorer(
      this.segments.map(({ reader }) => reader.vectors),
      { threads: this.threads, live: this.windowsOf.live },
    );
    this.scorer = scorer;
    // What failed, for want of memory perhaps, is tried again at the next search.
    scorer.catch(() => {
      if (this.scorer === scorer) this.scorer = undefined;
    });
    return scorer;
  }

  private checkQuery({ vectors, tokens }: QueryVectors): void {
    if (!(tokens >= 1) || vectors.length !== tokens * this.dim)
      throw new RefractError(
        'GRAPH_SHAPE',
        `a query of ${vectors.length} numbers and ${tokens} tokens for an index of ${this.dim} dimensions`,
        {
          hint: 'Encode the query with the teacher (or a pack for the teacher) that the index was built with.',
        },
      );
    if (!vectors.every(Number.isFinite))
      throw new RefractError('SETTING_INVALID', 'a query vector is not finite', {
        hint: 'The query encoder is damaged; check its weights.',
      });
  }
}
