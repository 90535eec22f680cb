/**
 * The passages themselves, as JSON lines in deflated blocks. A block holds about 8 KB of lines: a hit is shown by
 * inflating one (about 0.1 ms), and text takes less than half of its size.
 */
import { deflateRaw, inflateRawSync } from 'node:zlib';
import type { Passage } from '../../data/records.ts';
import { StreamedFile } from '../streamed-file.ts';
import { damaged, SegmentFile } from './segment-file.ts';
import type { PartReader, PartWriter, SegmentPart, SegmentShape } from './segment-part.ts';

/** A block is closed when its lines have as many characters. */
const BLOCK_CHARACTERS = 1 << 13;

const TEXTS = 'passages.deflate';
/** Two float64 a block: its first passage, and the byte where it starts; a last pair with the totals. */
const BLOCKS = 'passages.blocks';

/** The stored passages of a segment. */
export interface PassagesReader extends PartReader {
  readonly passages: number;
  passage(passage: number): Passage;
  /** The JSON line of a passage, without its end. */
  line(passage: number): string;
}

/** The part that holds the passages. */
export const passagesPart: SegmentPart<PassagesReader> = {
  name: 'passages',
  filePrefix: 'passages',
  async writer(directory, files): Promise<PartWriter<PassagesReader>> {
    const texts = await StreamedFile.create(`${directory}/${TEXTS}`, files);
    const blocks: number[] = [];
    let [passages, block] = [0, ''];
    const closeBlock = async () => {
      if (block === '') return;
      await texts.append(await deflated(block));
      block = '';
    };
    const append = async (line: string) => {
      if (block === '') blocks.push(passages, texts.bytes);
      block += `${line}\n`;
      passages++;
      if (block.length >= BLOCK_CHARACTERS) await closeBlock();
    };
    let index: StreamedFile | undefined;
    return {
      get heldBytes() {
        return 8 * blocks.length + 2 * block.length;
      },
      add: ({ passage: { id, title, text } }) => append(JSON.stringify({ id, title, text })),
      copy: (from, passage) => append(from.line(passage)),
      async finish() {
        await closeBlock();
        blocks.push(passages, texts.bytes);
        index = await StreamedFile.create(`${directory}/${BLOCKS}`, files);
        await index.append(Float64Array.from(blocks));
        return { [TEXTS]: await texts.finish(), [BLOCKS]: await index.finish() };
      },
      async abandon() {
        await texts.abandon();
        await index?.abandon();
      },
    };
  },
  reader: (directory, shape) => new BlockReader(directory, shape),
};

/** Deflates in a thread of the pool, so that encoding goes on. */
function deflated(text: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    deflateRaw(text, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
}

class BlockReader implements PassagesReader {
  readonly passages: number;
  private readonly file: SegmentFile;
  private readonly blocks: Float64Array;
  /** The lines of the block that was read last. */
  private lines: readonly string[] = [];
  private current = -1;

  constructor(directory: string, { passages, files }: SegmentShape) {
    this.passages = passages;
    const index = new SegmentFile(directory, BLOCKS, files[BLOCKS]?.bytes);
    try {
      if (index.bytes % 16 !== 0) throw damaged(index.path);
      this.blocks = new Float64Array(index.all().buffer);
    } finally {
      index.close();
    }
    this.file = new SegmentFile(directory, TEXTS, files[TEXTS]?.bytes);
    const last = this.blocks.length - 2;
    // A place between two bytes could not be read from.
    const rises = this.blocks.every(
      (value, i) => Number.isSafeInteger(value) && (i < 2 || value > this.blocks[i - 2]),
    );
    const ends = this.blocks[last] === passages && this.blocks[last + 1] === this.file.bytes;
    if (rises && ends && this.blocks[0] === 0 && this.blocks[1] === 0) return;
    this.file.close();
    throw damaged(index.path);
  }

  passage(passage: number): Passage {
    try {
      return JSON.parse(this.line(passage)) as Passage;
    } catch (cause) {
      throw damaged(this.file.path, 'the file is damaged or was changed', cause);
    }
  }

  line(passage: number): string {
    const block = this.blockOf(passage);
    if (block !== this.current) {
      const [start, end] = [this.blocks[2 * block + 1], this.blocks[2 * block + 3]];
      const bytes = this.file.read(new Uint8Array(end - start), start);
      try {
        this.lines = inflateRawSync(bytes).toString('utf8').split('\n');
      } catch (cause) {
        throw damaged(this.file.path, 'the file is damaged or was changed', cause);
      }
      this.current = block;
    }
    const line = this.lines[passage - this.blocks[2 * block]];
    if (line === undefined) throw damaged(this.file.path);
    return line;
  }

  close(): void {
    this.file.close();
  }

  /** The last block that starts at or before a passage. */
  private blockOf(passage: number): number {
    let [low, high] = [0, this.blocks.length / 2 - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.blocks[2 * middle] <= passage) low = middle;
      else high = middle;
    }
    return low;
  }
}
