/** Writes terms in blocks with their lists, in the order of code points. */
import type { StreamedFile } from '../streamed-file.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { TERMS_PER_BLOCK } from './lexical-files.ts';
import type { PostingListEncoder } from './posting-list.ts';

/** Bytes that are collected before they go to a file. */
const BUFFER_BYTES = 1 << 16;

/**
 * The dictionary and lists of a segment. Within a block a term is written as the number of bytes that it shares with
 * the one before, and the rest.
 */
export class DictionaryWriter {
  private readonly termsFile: StreamedFile;
  private readonly postingsFile: StreamedFile;
  private readonly block = new ByteBuffer();
  private readonly lists = new ByteBuffer();
  private readonly blocks = new ByteBuffer();
  private readonly encoder = new TextEncoder();
  private previous = new Uint8Array(0);
  private firstOfBlock = new Uint8Array(0);
  private listBytes = 0;
  terms = 0;
  postings = 0;

  constructor(termsFile: StreamedFile, postingsFile: StreamedFile) {
    this.termsFile = termsFile;
    this.postingsFile = postingsFile;
  }

  /** Adds the next term with its list, which is not empty. */
  async add(term: string, list: PostingListEncoder): Promise<void> {
    const bytes = this.encoder.encode(term);
    const first = this.terms % TERMS_PER_BLOCK === 0;
    if (first) {
      await this.endBlock();
      this.firstOfBlock = bytes;
    }
    const shared = first ? 0 : sharedBytes(this.previous, bytes);
    const encoded = list.view();
    this.block.varint(shared);
    this.block.varint(bytes.length - shared);
    this.block.append(bytes.subarray(shared));
    this.block.varint(list.count);
    this.block.varint(encoded.length);
    this.lists.append(encoded);
    this.listBytes += encoded.length;
    if (this.lists.length >= BUFFER_BYTES) await this.flushLists();
    this.previous = bytes;
    this.terms++;
    this.postings += list.count;
  }

  /** Ends the last block and writes the first terms of all; where they lie in the file of terms. */
  async finish(): Promise<[number, number]> {
    await this.endBlock();
    await this.flushLists();
    const place: [number, number] = [this.termsFile.bytes, this.blocks.length];
    await this.termsFile.append(this.blocks.view());
    return place;
  }

  private async endBlock(): Promise<void> {
    if (this.block.length === 0) return;
    this.blocks.varint(this.firstOfBlock.length);
    this.blocks.append(this.firstOfBlock);
    this.blocks.varint(this.block.length);
    this.blocks.varint(this.listBytes);
    await this.termsFile.append(this.block.view());
    this.block.clear();
    this.listBytes = 0;
  }

  private async flushLists(): Promise<void> {
    await this.postingsFile.append(this.lists.view());
    this.lists.clear();
  }
}

function sharedBytes(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < most && a[shared] === b[shared]) shared++;
  return shared;
}
