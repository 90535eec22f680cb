/** Downloading the content of one file into the cache: resumed, verified, and never by two processes into one place. */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { checkFile, type Verification } from '../../data/transfer/checksum.ts';
import { PartFile } from '../../data/transfer/part-file.ts';
import type { TransferControl } from '../../data/transfer/retry.ts';
import { transferInto } from '../../data/transfer/transfer.ts';
import { RefractError } from '../../errors.ts';
import { type ProgressFactory, silent } from '../../progress.ts';
import { claimPart } from './claimed-part.ts';
import type { HubFile } from './hub-listing.ts';

/** How the content of a file came to be in the cache. */
export interface FetchedBlob {
  /** Bytes that came over the network now. */
  readonly downloaded: number;
  /** Bytes that were there from an earlier, interrupted download. */
  readonly resumedFrom: number;
  readonly verified: Verification;
}

/** Where a file is downloaded from. */
export interface BlobSource {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The error of an answer that is no file. */
  readonly refused: (status: string, response: Response) => Error;
}

/** Files below this size come and are checked too fast to be shown. */
const SHOWN = 2 ** 20;

/**
 * Makes `blob` the content of `file`. What is there already is checked; where it is wrong, it is downloaded anew. A
 * part that turns out wrong after it was resumed is downloaded once more from the start.
 *
 * @throws RefractError `DOWNLOAD_FAILED`, `CHECKSUM_MISMATCH` (and the download is removed), `INTERRUPTED`; the
 * operating system's errors of writing
 */
export async function fetchBlob(
  file: HubFile,
  blob: string,
  source: BlobSource,
  control: TransferControl & { readonly note?: (sentence: string) => void } = {},
): Promise<FetchedBlob> {
  const { note, signal } = control;
  const show = file.bytes < SHOWN ? silent : (control.progress ?? silent);
  try {
    for (;;) {
      if (existsSync(blob)) {
        const verdict = await checked(blob, file, show, signal);
        if ('verified' in verdict) return { downloaded: 0, resumedFrom: 0, verified: verdict.verified };
        note?.(`${file.path} in the cache ${verdict.wrong}; it is downloaded again`);
        rmSync(blob, { force: true });
      }
      const part = await claimPart(blob, {
        signal,
        waiting: () => note?.(`another process is downloading ${file.path}; waiting for it`),
      });
      if (part === undefined) continue;
      try {
        return await downloadInto(part.path, blob, file, source, { ...control, progress: show });
      } finally {
        part.release();
      }
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    throw error instanceof RefractError ? error : interrupted(file);
  }
}

async function downloadInto(
  place: string,
  blob: string,
  file: HubFile,
  source: BlobSource,
  control: TransferControl,
): Promise<FetchedBlob> {
  const { signal, progress: show = silent } = control;
  for (;;) {
    const part = new PartFile(place, `${file.sha256 ?? file.gitSha1}`);
    const resumedFrom = part.size;
    const progress = show(file.path, file.bytes, 'bytes');
    try {
      const failures = failuresOf(file, source, part);
      await transferInto(part, { ...source, bytes: file.bytes }, control, failures, (n) =>
        progress.update(n),
      );
    } catch (error) {
      progress.end('stopped');
      throw error;
    }
    progress.end(`${part.size} bytes`);
    if (!existsSync(place)) writeFileSync(place, ''); // an empty file leaves no part
    const verdict = await checked(place, file, show, signal);
    if ('verified' in verdict) {
      renameSync(place, blob);
      part.forget();
      return { downloaded: file.bytes - resumedFrom, resumedFrom, verified: verdict.verified };
    }
    part.remove();
    if (resumedFrom > 0) continue; // the first bytes may be from a machine that lost its power
    throw new RefractError('CHECKSUM_MISMATCH', `${file.path} ${verdict.wrong}`, {
      at: source.url,
      hint: 'It was removed; the same command downloads it again. If it stays so, something between here and the hub changes what it sends.',
    });
  }
}

async function checked(path: string, file: HubFile, show: ProgressFactory, signal: AbortSignal | undefined) {
  const progress = show(`checking ${file.path}`, file.bytes, 'bytes');
  try {
    return await checkFile(path, file, { signal, report: (done) => progress.update(done) });
  } finally {
    progress.end();
  }
}

function failuresOf(file: HubFile, { url, refused }: BlobSource, part: PartFile) {
  return {
    refused,
    failed: ({ message, cause }: Error) =>
      new RefractError('DOWNLOAD_FAILED', message, {
        at: url,
        hint:
          part.size > 0
            ? `${part.size} of ${file.bytes} bytes are kept in the cache; the same command goes on from there.`
            : 'Check the connection; the same command goes on with the files that are there.',
        cause,
      }),
    interrupted: () => interrupted(file),
  };
}

function interrupted({ path }: HubFile): RefractError {
  return new RefractError('INTERRUPTED', `the download of ${path} was stopped`, {
    hint: 'What has arrived is kept in the cache; the same command goes on from there.',
  });
}
