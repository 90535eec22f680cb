/**
 * How many windows each passage has. The file is left out where each has one, which is so unless a passage is longer
 * than the encoder reads.
 */
import { windowsOf } from '../encoded-passage.ts';
import { StreamedFile } from '../streamed-file.ts';
import type { FileEntries } from '../vector-storage.ts';
import { damaged, SegmentFile } from './segment-file.ts';
import type { PartReader, PartWriter, SegmentPart, SegmentShape } from './segment-part.ts';

/** uint16: windows of each passage. */
const WINDOWS = 'windows.u16';

/** From passages to windows and back. */
export interface WindowsReader extends PartReader {
  /** Whether each passage has one window. */
  readonly single: boolean;
  /** The first window of a passage; of the number of passages, the number of windows. */
  first(passage: number): number;
  passageOf(window: number): number;
}

/** The part that counts windows. */
export const windowsPart: SegmentPart<WindowsReader> = {
  name: 'windows',
  filePrefix: 'windows',
  async writer(directory, files): Promise<PartWriter<WindowsReader>> {
    const counts: number[] = [];
    let file: StreamedFile | undefined;
    return {
      get heldBytes() {
        return 8 * counts.length;
      },
      async add(passage) {
        counts.push(windowsOf(passage).length);
      },
      async copy(from, passage) {
        counts.push(from.first(passage + 1) - from.first(passage));
      },
      async finish(): Promise<FileEntries> {
        if (counts.every((count) => count === 1)) return {};
        file = await StreamedFile.create(`${directory}/${WINDOWS}`, files);
        await file.append(Uint16Array.from(counts));
        return { [WINDOWS]: await file.finish() };
      },
      async abandon() {
        await file?.abandon();
      },
    };
  },
  reader(directory, shape) {
    if (shape.files[WINDOWS] === undefined) return oneEach(directory, shape);
    return countedWindows(directory, shape);
  },
};

function oneEach(directory: string, { passages, windows }: SegmentShape): WindowsReader {
  if (passages !== windows)
    throw damaged(directory, `${windows} windows of ${passages} passages are not told apart`);
  return { single: true, first: (passage) => passage, passageOf: (window) => window, close() {} };
}

function countedWindows(directory: string, { passages, windows }: SegmentShape): WindowsReader {
  const file = new SegmentFile(directory, WINDOWS, 2 * passages);
  const starts = new Uint32Array(passages + 1);
  let positive = true;
  try {
    new Uint16Array(file.all().buffer).forEach((count, passage) => {
      starts[passage + 1] = starts[passage] + count;
      positive &&= count > 0;
    });
  } finally {
    file.close();
  }
  if (!positive || starts[passages] !== windows) throw damaged(file.path);
  return {
    single: false,
    first: (passage) => starts[passage],
    passageOf(window) {
      let [low, high] = [0, passages];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (starts[middle] <= window) low = middle;
        else high = middle;
      }
      return low;
    },
    close() {},
  };
}
