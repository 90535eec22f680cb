/**
 * Reads the words of one segment. Opening reads a few hundred bytes; the first terms of the blocks are read at the first
 * search, a block and a list when a term is asked for. The files stay open until `close`.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RefractError } from '../../errors.ts';
import type { TermPostings } from '../../lexical/lexical-index.ts';
import { compareCodePoints } from '../../text/code-points.ts';
import { ByteCursor } from './byte-buffer.ts';
import {
  LEXICAL_FILES,
  type LexicalHeader,
  type LexicalSettings,
  lexicalHeaderSchema,
} from './lexical-files.ts';
import { decodePostings } from './posting-list.ts';
import { readFully, SequentialFile } from './sequential-file.ts';
import type { SegmentParts } from './term-sources.ts';

const decoder = new TextDecoder();

/** A block of terms by its first one: where it starts, and where the lists of its terms do. */
interface Blocks {
  readonly firsts: readonly string[];
  /** [blocks + 1] */
  readonly starts: Float64Array;
  /** [blocks + 1] */
  readonly listStarts: Float64Array;
}

/**
 * The words of an open segment.
 *
 * @example
 * const reader = LexicalReader.open(directory, 1000);
 * reader.list('water'); // { passages: Uint32Array [3, 17], frequencies: Uint16Array [1, 2] }
 */
export class LexicalReader {
  private readonly directory: string;
  private readonly header: LexicalHeader;
  private readonly termsFile: number;
  private readonly postingsFile: number;
  private loadedBlocks: Blocks | undefined;
  private closed = false;
  private loadedLengths: Uint32Array | undefined;

  private constructor(directory: string, header: LexicalHeader, termsFile: number, postingsFile: number) {
    this.directory = directory;
    this.header = header;
    this.termsFile = termsFile;
    this.postingsFile = postingsFile;
  }

  /**
   * Opens the words in the folder of a segment of `passages` passages.
   *
   * @throws RefractError `CHECKPOINT_INCOMPLETE` a file is missing; `CHECKPOINT_FORMAT` they are damaged
   */
  static open(directory: string, passages: number): LexicalReader {
    const at = join(directory, LEXICAL_FILES.header);
    const open: number[] = [];
    try {
      const header = headerOf(at, readFileSync(at, 'utf8'));
      if (header.passages !== passages)
        throw damaged(at, `it says ${header.passages} passages instead of ${passages}`);
      for (const [name, [start, bytes]] of [
        [LEXICAL_FILES.terms, header.blocks],
        [LEXICAL_FILES.postings, header.lengths],
      ] as const) {
        const path = join(directory, name);
        const file = openSync(path, 'r');
        open.push(file);
        if (fstatSync(file).size !== start + bytes)
          throw damaged(path, `it has ${fstatSync(file).size} bytes instead of ${start + bytes}`);
      }
      return new LexicalReader(directory, header, open[0], open[1]);
    } catch (error) {
      for (const file of open) closeSync(file);
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new RefractError('CHECKPOINT_INCOMPLETE', 'the index lacks the words of a segment', {
        at: (error as NodeJS.ErrnoException).path,
        hint: 'Copy the whole index again, or build it again.',
        cause: error,
      });
    }
  }

  get passages(): number {
    return this.header.passages;
  }

  /** Distinct terms. */
  get terms(): number {
    return this.header.terms;
  }

  get postings(): number {
    return this.header.postings;
  }

  get settings(): LexicalSettings {
    return this.header.settings;
  }

  /**
   * [passages] number of terms of each passage.
   *
   * @throws RefractError `CHECKPOINT_FORMAT`
   */
  lengths(): Uint32Array {
    this.loadedLengths ??= this.checked(LEXICAL_FILES.postings, () => {
      const [at, count] = this.header.lengths;
      const cursor = new ByteCursor(readFully(this.postingsFile, new Uint8Array(count), at));
      const lengths = Uint32Array.from({ length: this.passages }, () => cursor.varint());
      if (cursor.left > 0) throw new RangeError('more lengths than passages');
      return lengths;
    });
    return this.loadedLengths;
  }

  /**
   * The list of a term by the segment's passages, or undefined when none holds it.
   *
   * @throws RefractError `CHECKPOINT_FORMAT`
   */
  list(term: string): TermPostings | undefined {
    const place = this.checked(LEXICAL_FILES.terms, () => this.find(term));
    if (place === undefined) return undefined;
    return this.checked(LEXICAL_FILES.postings, () => {
      const { at, bytes, count } = place;
      if (at + bytes > this.header.lengths[0]) throw new RangeError('a list behind the end');
      return decodePostings(readFully(this.postingsFile, new Uint8Array(bytes), at), count, this.passages);
    });
  }

  /** Dictionary and lists from front to back, for merging. */
  parts(): SegmentParts {
    return {
      passages: this.passages,
      terms: this.terms,
      dictionary: new SequentialFile(this.termsFile, 0, this.header.blocks[0]),
      lists: new SequentialFile(this.postingsFile, 0, this.header.lengths[0]),
    };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    closeSync(this.termsFile);
    closeSync(this.postingsFile);
  }

  /** Where the list of a term lies. */
  private find(term: string): { at: number; bytes: number; count: number } | undefined {
    this.loadedBlocks ??= this.readBlocks();
    const { firsts, starts, listStarts } = this.loadedBlocks;
    const block = lastNotAfter(firsts, term);
    if (block < 0) return undefined;
    const bytes = new Uint8Array(starts[block + 1] - starts[block]);
    const cursor = new ByteCursor(readFully(this.termsFile, bytes, starts[block]));
    const wanted = Buffer.from(term);
    let previous: Uint8Array = new Uint8Array(0);
    let at = listStarts[block];
    while (cursor.left > 0) {
      const shared = cursor.varint();
      const suffix = cursor.take(cursor.varint());
      if (shared > previous.length) throw new RangeError('a term that shares more than there is');
      previous = Buffer.concat([previous.subarray(0, shared), suffix]);
      const count = cursor.varint();
      const size = cursor.varint();
      if (wanted.equals(previous)) return { at, bytes: size, count };
      at += size;
    }
    return undefined;
  }

  private readBlocks(): Blocks {
    const [at, count] = this.header.blocks;
    const cursor = new ByteCursor(readFully(this.termsFile, new Uint8Array(count), at));
    const firsts: string[] = [];
    const [starts, listStarts] = [[0], [0]];
    while (cursor.left > 0) {
      firsts.push(decoder.decode(cursor.take(cursor.varint())));
      starts.push(starts[starts.length - 1] + cursor.varint());
      listStarts.push(listStarts[listStarts.length - 1] + cursor.varint());
    }
    if (starts[starts.length - 1] !== at || listStarts[listStarts.length - 1] !== this.header.lengths[0])
      throw new RangeError('blocks of another size than the file');
    return { firsts, starts: Float64Array.from(starts), listStarts: Float64Array.from(listStarts) };
  }

  /** Runs `read` and names the file when what it reads has no meaning. */
  private checked<T>(name: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw damaged(join(this.directory, name), error.message, error);
    }
  }
}

function headerOf(at: string, text: string): LexicalHeader {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged(at, 'it is not JSON', cause);
  }
  const header = lexicalHeaderSchema.safeParse(value);
  if (header.success) return header.data;
  throw damaged(at, `${header.error.issues[0].path.join('.')} is wrong`);
}

/** Position of the last text that is not after `value` by code points, or -1. */
function lastNotAfter(texts: readonly string[], value: string): number {
  let [low, high] = [0, texts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareCodePoints(texts[middle], value) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function damaged(at: string, what: string, cause?: unknown): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', `the file is damaged: ${what}`, {
    at,
    hint: 'Copy the index again, or build it again.',
    cause,
  });
}
