/**
 * Ids of passages, to be told from a passage and to be found. A find is a binary search among sorted hashes, and a
 * comparison with the stored id; the files are read at the first use, about 20 bytes a passage.
 */
import { hashId } from '../../data/id-hash.ts';
import { StreamedFile } from '../streamed-file.ts';
import type { FileEntries } from '../vector-storage.ts';
import { damaged, SegmentFile } from './segment-file.ts';
import type { PartReader, PartWriter, SegmentPart, SegmentShape } from './segment-part.ts';

/** One JSON string a passage, one after the other. */
const IDS = 'ids.json';
/** uint32: the byte at which each passage's id starts, and the end. */
const OFFSETS = 'ids.offsets';
/** float64: hashes of the ids in ascending order, equal ones by passage; then uint32: their passages. */
const HASHES = 'ids.hashes';

/** The ids of a segment. */
export interface IdsReader extends PartReader {
  id(passage: number): string;
  /** The passage with an id; undefined when there is none. Of several (a replaced one that is deleted) each is asked `live`. */
  find(id: string, live?: (passage: number) => boolean): number | undefined;
}

/** The part that holds the ids. */
export const idsPart: SegmentPart<IdsReader> = {
  name: 'ids',
  filePrefix: 'ids',
  async writer(directory, files): Promise<PartWriter<IdsReader>> {
    const ids = await StreamedFile.create(`${directory}/${IDS}`, files);
    const offsets: number[] = [];
    const hashes: number[] = [];
    const opened = [ids];
    const append = async (id: string) => {
      offsets.push(ids.bytes);
      hashes.push(idHash(id));
      await ids.append(JSON.stringify(id));
    };
    const whole = async (name: string, ...pieces: ArrayBufferView[]): Promise<FileEntries> => {
      const file = await StreamedFile.create(`${directory}/${name}`, files);
      opened.push(file);
      for (const piece of pieces) await file.append(piece);
      return { [name]: await file.finish() };
    };
    return {
      get heldBytes() {
        return 16 * offsets.length;
      },
      add: ({ passage }) => append(passage.id),
      copy: (from, passage) => append(from.id(passage)),
      async finish() {
        offsets.push(ids.bytes);
        const order = Uint32Array.from(hashes.keys()).sort((a, b) => hashes[a] - hashes[b] || a - b);
        const sorted = Float64Array.from(order, (passage) => hashes[passage]);
        return {
          [IDS]: await ids.finish(),
          ...(await whole(OFFSETS, Uint32Array.from(offsets))),
          ...(await whole(HASHES, sorted, order)),
        };
      },
      async abandon() {
        for (const file of opened) await file.abandon();
      },
    };
  },
  reader: (directory, shape) => new HashedIds(directory, shape),
};

/** The hash of an id as it is stored: 53 bits, which a float64 holds exactly. */
export function idHash(id: string): number {
  const [low, high] = hashId(id);
  return (high & 0x1fffff) * 2 ** 32 + low;
}

class HashedIds implements IdsReader {
  private readonly passages: number;
  private readonly ids: SegmentFile;
  private readonly offsets: SegmentFile;
  private readonly hashes: SegmentFile;
  private texts: { readonly bytes: Buffer; readonly offsets: Uint32Array } | undefined;
  private table: { readonly hashes: Float64Array; readonly passages: Uint32Array } | undefined;

  constructor(directory: string, { passages, files }: SegmentShape) {
    this.passages = passages;
    const opened: SegmentFile[] = [];
    const open = (name: string, bytes?: number) => {
      const file = new SegmentFile(directory, name, bytes);
      opened.push(file);
      return file;
    };
    try {
      this.ids = open(IDS, files[IDS]?.bytes);
      this.offsets = open(OFFSETS, 4 * (passages + 1));
      this.hashes = open(HASHES, 12 * passages);
    } catch (error) {
      for (const file of opened) file.close();
      throw error;
    }
  }

  id(passage: number): string {
    this.texts ??= {
      bytes: Buffer.from(this.ids.all().buffer),
      offsets: new Uint32Array(this.offsets.all().buffer),
    };
    const { bytes, offsets } = this.texts;
    let id: unknown;
    try {
      id = JSON.parse(bytes.toString('utf8', offsets[passage], offsets[passage + 1]));
    } catch (cause) {
      throw damaged(this.ids.path, 'the file is damaged or was changed', cause);
    }
    // Offsets that are damaged may lie within an id.
    if (typeof id !== 'string') throw damaged(this.offsets.path);
    return id;
  }

  find(id: string, live: (passage: number) => boolean = () => true): number | undefined {
    if (this.table === undefined) {
      const { buffer } = this.hashes.all();
      const hashes = new Float64Array(buffer, 0, this.passages);
      const passages = new Uint32Array(buffer, 8 * this.passages, this.passages);
      const ascending = hashes.every((hash, i) => hash >= (i === 0 ? 0 : hashes[i - 1]));
      if (!ascending || passages.some((passage) => passage >= this.passages)) throw damaged(this.hashes.path);
      this.table = { hashes, passages };
    }
    const { hashes, passages } = this.table;
    const hash = idHash(id);
    let [low, high] = [0, hashes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (hashes[middle] < hash) low = middle + 1;
      else high = middle;
    }
    for (; hashes[low] === hash; low++) {
      const passage = passages[low];
      if (live(passage) && this.id(passage) === id) return passage;
    }
    return undefined;
  }

  close(): void {
    for (const file of [this.ids, this.offsets, this.hashes]) file.close();
  }
}
