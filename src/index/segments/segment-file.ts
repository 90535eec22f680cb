/** A file of an immutable folder, opened for reading by position. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { RefractError } from '../../errors.ts';

/** The way out of a damaged index. */
export const DAMAGED_HINT =
  'refract index verify says which files are damaged; put them back from a copy, or build the index again with refract index --overwrite.';

/** The error of a file that does not hold what it should. */
export function damaged(
  at: string,
  what = 'the file is damaged or was changed',
  cause?: unknown,
): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, { at, hint: DAMAGED_HINT, cause });
}

/** An open file; it can be read until `close`, even when its name is gone. */
export class SegmentFile {
  readonly path: string;
  readonly bytes: number;
  private fd: number;

  /**
   * @throws RefractError `CHECKPOINT_INCOMPLETE` when it is not there; `CHECKPOINT_FORMAT` when its size is not `bytes`
   */
  constructor(directory: string, name: string, bytes?: number) {
    this.path = join(directory, name);
    try {
      this.fd = openSync(this.path, 'r');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
      throw new RefractError('CHECKPOINT_INCOMPLETE', 'the index lacks this file', {
        at: this.path,
        hint: DAMAGED_HINT,
        cause,
      });
    }
    this.bytes = fstatSync(this.fd).size;
    if (bytes === undefined || bytes === this.bytes) return;
    this.close();
    throw damaged(this.path, `the file has ${this.bytes} bytes instead of ${bytes}`);
  }

  /** Fills `into` from byte `position` on. Throws `CHECKPOINT_FORMAT` at the end of the file. */
  read<View extends NodeJS.ArrayBufferView>(into: View, position: number): View {
    for (let done = 0; done < into.byteLength; ) {
      const got = readSync(this.fd, into, done, into.byteLength - done, position + done);
      if (got === 0) throw damaged(this.path);
      done += got;
    }
    return into;
  }

  /** The whole file. */
  all(): Uint8Array<ArrayBuffer> {
    return this.read(new Uint8Array(this.bytes), 0);
  }

  close(): void {
    if (this.fd < 0) return;
    const { fd } = this;
    this.fd = -1;
    closeSync(fd);
  }
}
