/** The part that holds the words of passages, for BM25. */
import { emptyBitmap, setBit } from '../../data/bitmap.ts';
import { LexicalReader } from '../lexical/reader.ts';
import { LexicalWriter } from '../lexical/writer.ts';
import type { SegmentPart } from './segment-part.ts';

/** The passages of one segment that are copied: whole lists are taken over at once. */
interface CopiedPassages {
  readonly from: LexicalReader;
  readonly chosen: Uint8Array;
}

export const lexicalPart: SegmentPart<LexicalReader> = {
  name: 'lexical',
  filePrefix: 'lexical',
  async writer(directory, files, { words }) {
    const writer = new LexicalWriter(directory, words, { files });
    let copied: CopiedPassages | undefined;
    const append = async () => {
      if (copied !== undefined) await writer.append(copied.from, copied.chosen);
      copied = undefined;
    };
    return {
      get heldBytes() {
        return writer.heldBytes;
      },
      async add({ passage }) {
        await append();
        await writer.add(passage);
      },
      async copy(from, passage) {
        if (copied?.from !== from) {
          await append();
          copied = { from, chosen: emptyBitmap(from.passages) };
        }
        setBit(copied.chosen, passage);
      },
      async finish(control) {
        await append();
        return writer.finish(control);
      },
      abandon: () => writer.abandon(),
    };
  },
  reader: (directory, { passages }) => LexicalReader.open(directory, passages),
};
