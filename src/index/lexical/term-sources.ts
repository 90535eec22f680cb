/**
 * What a segment's postings are made of: lists in the order of their terms, from memory, from a run on the disk, or from
 * another segment. The passages of each source come before those of the next.
 */
import { hasBit } from '../../data/bitmap.ts';
import type { Postings } from '../../lexical/postings.ts';
import { compareCodePoints } from '../../text/code-points.ts';
import { decodePostings, type PostingListEncoder } from './posting-list.ts';
import type { SequentialFile } from './sequential-file.ts';

/** Lists by term, in the order of code points. */
export interface TermSource {
  /** The term at hand; undefined when there are no more. */
  readonly term: string | undefined;
  /** Appends the list of the term at hand, and goes on to the next term. */
  take(list: PostingListEncoder): void;
}

/** Postings in memory; their passage 0 is passage `base` of the segment that is written. */
export class MemorySource implements TermSource {
  private readonly postings: Postings;
  private readonly base: number;
  private readonly terms: readonly (readonly [string, number])[];
  private at = 0;

  constructor(postings: Postings, base: number) {
    this.postings = postings;
    this.base = base;
    this.terms = [...postings.vocabulary].sort(([a], [b]) => compareCodePoints(a, b));
  }

  get term(): string | undefined {
    return this.terms[this.at]?.[0];
  }

  take(list: PostingListEncoder): void {
    const { starts, passages, frequencies } = this.postings;
    const number = this.terms[this.at++][1];
    for (let i = starts[number]; i < starts[number + 1]; i++)
      list.push(this.base + passages[i], frequencies[i]);
  }
}

const decoder = new TextDecoder();

/** A run: for each term its bytes, number of postings, bytes of the list, and the list, with passages as they will be. */
export class RunSource implements TermSource {
  private readonly file: SequentialFile;
  private readonly size: number;
  term: string | undefined;

  /** @param size passages of the segment that is written */
  constructor(file: SequentialFile, size: number) {
    this.file = file;
    this.size = size;
    this.next();
  }

  take(list: PostingListEncoder): void {
    const count = this.file.varint();
    const { passages, frequencies } = decodePostings(this.file.take(this.file.varint()), count, this.size);
    for (let i = 0; i < count; i++) list.push(passages[i], frequencies[i]);
    this.next();
  }

  private next(): void {
    this.term = this.file.done ? undefined : decoder.decode(this.file.take(this.file.varint()));
  }
}

/** The dictionary and the lists of a segment, from front to back. */
export interface SegmentParts {
  readonly passages: number;
  readonly dictionary: SequentialFile;
  readonly lists: SequentialFile;
  readonly terms: number;
}

/** Another segment, without the passages that are not live. */
export class SegmentSource implements TermSource {
  private readonly parts: SegmentParts;
  private readonly base: number;
  private readonly live: Uint8Array | undefined;
  /** [passages] number of live passages before each, where some are not. */
  private readonly ranks: Uint32Array | undefined;
  private read = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  term: string | undefined;

  constructor(parts: SegmentParts, base: number, live: Uint8Array | undefined) {
    this.parts = parts;
    this.base = base;
    this.live = live;
    this.ranks = live && liveRanks(live, parts.passages);
    this.next();
  }

  take(list: PostingListEncoder): void {
    const { dictionary, lists, passages: size } = this.parts;
    const count = dictionary.varint();
    const { passages, frequencies } = decodePostings(lists.take(dictionary.varint()), count, size);
    for (let i = 0; i < count; i++) {
      const passage = passages[i];
      if (this.live === undefined || this.ranks === undefined) list.push(this.base + passage, frequencies[i]);
      else if (hasBit(this.live, passage)) list.push(this.base + this.ranks[passage], frequencies[i]);
    }
    this.next();
  }

  private next(): void {
    const { dictionary, terms } = this.parts;
    if (this.read++ === terms) {
      this.term = undefined;
      return;
    }
    const shared = dictionary.varint();
    const suffix = dictionary.take(dictionary.varint());
    if (shared > this.bytes.length) throw new RangeError('a term that shares more than there is');
    const bytes = new Uint8Array(shared + suffix.length);
    bytes.set(this.bytes.subarray(0, shared));
    bytes.set(suffix, shared);
    this.bytes = bytes;
    this.term = decoder.decode(bytes);
  }
}

/** [passages] how many live passages come before each. */
export function liveRanks(live: Uint8Array, passages: number): Uint32Array {
  const ranks = new Uint32Array(passages);
  let rank = 0;
  for (let p = 0; p < passages; p++) {
    ranks[p] = rank;
    if (hasBit(live, p)) rank++;
  }
  return ranks;
}
