/** Looking for damage before something is copied: else flipped bytes would get a checksum that says they are right. */
import { join } from 'node:path';
import type { SegmentEntry } from '../segments/segment-entry.ts';
import { damaged } from '../segments/segment-file.ts';
import { fileEntry } from './carried-folder.ts';

/**
 * Compares every byte of the segments of a folder with what was noted of their files when these were written.
 *
 * @throws RefractError `CHECKPOINT_FORMAT` naming the first file that was changed
 */
export async function checkIntact(directory: string, segments: readonly SegmentEntry[]): Promise<void> {
  for (const { name, files } of segments)
    for (const [file, { sha256 }] of Object.entries(files)) {
      const place = join(directory, name, file);
      if ((await fileEntry(place)).sha256 !== sha256)
        throw damaged(place, 'the file was changed: its checksum is another');
    }
}
