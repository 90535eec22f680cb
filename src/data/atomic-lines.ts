/** Streams text into a file that appears only when it is whole. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { asWriteError } from './atomic.ts';

/** Written at once. */
const BLOCK = 2 ** 16;

/**
 * Writes pieces to `path` as they come, atomically: when `pieces` throws, nothing is left behind and an older
 * file stays. For pieces that are there at once see `writePiecesAtomic`.
 *
 * Errors: `DISK_FULL`, and those of `pieces`.
 *
 * @example await streamPiecesAtomic('out.jsonl', linesOf(records))
 */
export async function streamPiecesAtomic(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(temporary, 'w');
    try {
      let block = '';
      for await (const piece of pieces) {
        block += piece;
        if (block.length < BLOCK) continue;
        writeWhole(file, block);
        block = '';
      }
      writeWhole(file, block);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw asWriteError(error, path);
  }
}

function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
