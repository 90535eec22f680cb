/**
 * The list of one term in bytes. A posting is the number 2 · gap + 1 where the term stands in the passage once, and
 * else 2 · gap followed by its count; gap is the number of passages between this one and the one before. Most are one
 * byte or two.
 */
import type { TermPostings } from '../../lexical/lexical-index.ts';
import { ByteBuffer, ByteCursor } from './byte-buffer.ts';

/** Larger counts are kept as this one, as `Bm25Index` does. */
const MOST = 65_535;

/** Encodes one list after the other. */
export class PostingListEncoder {
  private readonly buffer = new ByteBuffer();
  private previous = -1;
  /** Postings since `clear`. */
  count = 0;

  /** @param passage larger than the one before; @param frequency at least 1 */
  push(passage: number, frequency: number): void {
    const gap = passage - this.previous - 1;
    if (frequency === 1) this.buffer.varint(2 * gap + 1);
    else {
      this.buffer.varint(2 * gap);
      this.buffer.varint(Math.min(frequency, MOST));
    }
    this.previous = passage;
    this.count++;
  }

  /** The list; it changes with the next one. */
  view(): Uint8Array {
    return this.buffer.view();
  }

  clear(): void {
    this.buffer.clear();
    this.previous = -1;
    this.count = 0;
  }
}

/**
 * Decodes a list of `count` postings of a segment with `size` passages.
 *
 * @throws RangeError when the bytes are no such list
 */
export function decodePostings(bytes: Uint8Array, count: number, size: number): TermPostings {
  if (count > size || count > bytes.length) throw new RangeError('more postings than there can be');
  const passages = new Uint32Array(count);
  const frequencies = new Uint16Array(count);
  const cursor = new ByteCursor(bytes);
  let passage = -1;
  for (let i = 0; i < count; i++) {
    // One byte is by far the most frequent case.
    const head = cursor.at < bytes.length && bytes[cursor.at] < 0x80 ? bytes[cursor.at++] : cursor.varint();
    passage += Math.floor(head / 2) + 1;
    if (passage >= size) throw new RangeError('a passage that does not exist');
    passages[i] = passage;
    const frequency = head % 2 === 1 ? 1 : cursor.varint();
    if (frequency < 1 || frequency > MOST) throw new RangeError('a count out of range');
    frequencies[i] = frequency;
  }
  if (cursor.left > 0) throw new RangeError('bytes behind the list');
  return { passages, frequencies };
}
