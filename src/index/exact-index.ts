/** Opening and searching an exact late-interaction index: every passage is scored for every query. */
import type { Passage } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { LexicalIndex } from '../lexical/lexical-index.ts';
import { FieldsReader } from './fields/reader.ts';
import { FieldSchema } from './fields/schema.ts';
import { FieldsView } from './fields/view.ts';
import type {
  Hit,
  IndexFingerprint,
  LateInteractionIndex,
  QueryVectors,
  SearchRestriction,
} from './late-interaction.ts';
import { LexicalReader } from './lexical/reader.ts';
import { LexicalView } from './lexical/view.ts';
import { type IndexManifest, readManifest } from './manifest.ts';
import { type PackedQuery, packQuery, paddedDim, SHARD_BYTES, Shard } from './shard.ts';
import { topK } from './top-k.ts';
import { VectorStore } from './vector-store.ts';

/** Queries scored in one pass over the vectors. */
const BATCH = 32;

/**
 * Opens the index at `path`. Vectors are read into memory (float32) at the first search; showing passages and
 * explaining needs no more than the passage's own.
 *
 * @throws RefractError `FILE_MISSING`, `CHECKPOINT_INCOMPLETE`, `CHECKPOINT_FORMAT`, `VERSION_MISMATCH`
 * @example
 * const index = openIndex('index');
 * const [best] = await index.search(queryVectors, 32, 10);
 * console.log(best.score, index.passage(best.ordinal).text);
 */
export function openIndex(path: string): ExactIndex {
  const manifest = readManifest(path);
  return new ExactIndex(manifest, new VectorStore(path, manifest), SHARD_BYTES, openSides(path, manifest));
}

/** Words and fields beside the vectors. */
interface Sides {
  readonly words: LexicalReader;
  readonly fields: FieldsReader;
}

function openSides(path: string, { fields, passages }: IndexManifest): Sides | undefined {
  if (fields === undefined) return undefined;
  const words = LexicalReader.open(path, passages);
  try {
    return { words, fields: FieldsReader.open(path, passages) };
  } catch (error) {
    words.close();
    throw error;
  }
}

/** An open index of `openIndex`. */
export class ExactIndex implements LateInteractionIndex {
  /** What `manifest.json` says. */
  readonly manifest: IndexManifest;
  readonly lexical: LexicalIndex | undefined;
  readonly fields: FieldsView | undefined;
  private readonly sides: Sides | undefined;
  private readonly store: VectorStore;
  private readonly shardBytes: number;
  private shards: Shard[] | undefined;
  private ids: string[] | undefined;
  private ordinals: Map<string, number> | undefined;

  /** @param shardBytes most bytes of vectors that one WebAssembly memory takes */
  constructor(manifest: IndexManifest, store: VectorStore, shardBytes = SHARD_BYTES, sides?: Sides) {
    this.manifest = manifest;
    this.store = store;
    this.shardBytes = shardBytes;
    this.sides = sides;
    this.lexical = sides && new LexicalView([sides]);
    this.fields = sides && new FieldsView(new FieldSchema(manifest.fields), [sides]);
  }

  get dim(): number {
    return this.manifest.dim;
  }

  get size(): number {
    return this.manifest.passages;
  }

  get fingerprint(): IndexFingerprint {
    return this.manifest.fingerprint;
  }

  get settings(): Readonly<Record<string, unknown>> {
    return this.manifest.settings;
  }

  /** @throws RefractError `GRAPH_SHAPE` a query of another size; `SETTING_INVALID` not finite, or k below 1 */
  async search(
    query: Float32Array,
    tokens: number,
    k: number,
    restriction?: SearchRestriction,
  ): Promise<Hit[]> {
    const [hits] = await this.searchBatch([{ vectors: query, tokens }], k, restriction);
    return hits;
  }

  /** @throws RefractError as `search` */
  async searchBatch(
    queries: readonly QueryVectors[],
    k: number,
    { allowed }: SearchRestriction = {},
  ): Promise<Hit[][]> {
    if (!Number.isInteger(k) || k < 1) {
      throw new RefractError('SETTING_INVALID', `asked for ${k} passages`, {
        hint: 'Give a whole number of at least 1.',
      });
    }
    const packed = queries.map(({ vectors, tokens }) => this.pack(vectors, tokens));
    this.ids ??= this.store.ids();
    const ids = this.ids;
    const results: Hit[][] = [];
    for (let start = 0; start < packed.length; start += BATCH) {
      const batch = packed.slice(start, start + BATCH);
      const scores = batch.map(() => new Float32Array(this.size));
      for (const shard of this.loaded()) shard.scoreAll(batch, scores);
      for (const row of scores) {
        results.push(
          topK(row, k, allowed).map((ordinal) => ({ ordinal, id: ids[ordinal], score: row[ordinal] })),
        );
      }
    }
    return results;
  }

  /** @throws RefractError as `search`; `UNKNOWN_ID` for an ordinal that does not exist */
  async score(query: Float32Array, tokens: number, ordinals: readonly number[]): Promise<Float32Array> {
    const packed = this.pack(query, tokens);
    const shards = this.loaded();
    return Float32Array.from(ordinals, (ordinal) => {
      this.check(ordinal);
      const shard = shards.find(({ first, size }) => ordinal < first + size);
      return shard === undefined ? Number.NaN : shard.scoreOne(packed, ordinal);
    });
  }

  /** @throws RefractError `UNKNOWN_ID` */
  passage(ordinal: number): Passage {
    const passage = this.store.passage(this.check(ordinal));
    if (this.sides === undefined) return passage;
    const { fields } = this.sides;
    const language = fields.value('language', ordinal);
    const metadata = fields.metadata(ordinal);
    return {
      ...passage,
      ...(typeof language === 'string' ? { language } : {}),
      ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    };
  }

  /** @throws RefractError `UNKNOWN_ID` */
  id(ordinal: number): string {
    this.ids ??= this.store.ids();
    return this.ids[this.check(ordinal)];
  }

  ordinal(id: string): number | undefined {
    this.ids ??= this.store.ids();
    this.ordinals ??= new Map(this.ids.map((known, ordinal) => [known, ordinal]));
    return this.ordinals.get(id);
  }

  /** @throws RefractError `UNKNOWN_ID` */
  vectors(ordinal: number): Float32Array {
    const start = this.store.tokenOffsets[this.check(ordinal)];
    const tokens = this.store.tokenOffsets[ordinal + 1] - start;
    const rows = new Float32Array(tokens * this.dim);
    this.store.readVectors(start, tokens, rows, this.dim);
    return rows;
  }

  /** @throws RefractError `UNKNOWN_ID` */
  tokenIds(ordinal: number): Int32Array {
    return this.store.tokenIds(this.check(ordinal));
  }

  close(): void {
    this.shards = undefined;
    this.sides?.words.close();
    this.sides?.fields.close();
    this.store.close();
  }

  /** All vectors in memory, cut into shards at passage boundaries. */
  private loaded(): Shard[] {
    if (this.shards !== undefined) return this.shards;
    const offsets = this.store.tokenOffsets;
    const limit = Math.floor(this.shardBytes / (4 * paddedDim(this.dim)));
    const shards: Shard[] = [];
    for (let first = 0; first < this.size; ) {
      let end = first + 1;
      while (end < this.size && offsets[end + 1] - offsets[first] <= limit) end++;
      const base = offsets[first];
      const local = offsets.slice(first, end + 1).map((offset) => offset - base);
      const fill = (rows: Float32Array, width: number) =>
        this.store.readVectors(base, local[local.length - 1], rows, width);
      shards.push(new Shard(first, local, this.dim, fill));
      first = end;
    }
    this.shards = shards;
    return shards;
  }

  private pack(query: Float32Array, tokens: number): PackedQuery {
    if (!(tokens >= 1) || query.length !== tokens * this.dim) {
      throw new RefractError(
        'GRAPH_SHAPE',
        `a query of ${query.length} numbers and ${tokens} tokens for an index of ${this.dim} dimensions`,
        {
          hint: 'Encode the query with the teacher (or a pack for the teacher) that the index was built with.',
        },
      );
    }
    if (!query.every(Number.isFinite)) {
      throw new RefractError('SETTING_INVALID', 'a query vector is not finite', {
        hint: 'The query encoder is damaged; check its weights.',
      });
    }
    return packQuery(query, tokens, this.dim);
  }

  private check(ordinal: number): number {
    if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= this.size) {
      throw new RefractError('UNKNOWN_ID', `passage number ${ordinal} of an index of ${this.size}`, {
        hint: `Passages are numbered 0 to ${this.size - 1}.`,
      });
    }
    return ordinal;
  }
}
