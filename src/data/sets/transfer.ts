/**
 * Downloading one file of a data set: resumed by Range after a cut, verified, and renamed into place only when whole.
 * What has arrived lies in `NAME.part`, and beside it in `NAME.part.source` which version of the file it belongs to.
 */
import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RefractError } from '../../errors.ts';
import { silent } from '../../progress.ts';
import { asWriteError } from '../atomic.ts';
import { checkFile, type Verification } from '../transfer/checksum.ts';
import { PartFile } from '../transfer/part-file.ts';
import type { TransferControl } from '../transfer/retry.ts';
import { transferInto } from '../transfer/transfer.ts';
import type { RemoteFile } from './data-set.ts';

/** What became of a file. */
export interface Transfer {
  readonly path: string;
  readonly bytes: number;
  /** Bytes that were there before, from an earlier, interrupted download. */
  readonly resumedFrom: number;
  /** The file was there and right. */
  readonly wasThere: boolean;
  /** What it was checked against. */
  readonly verified: Verification;
}

/**
 * Downloads `file` to its path below `folder`, or checks the one that is there.
 *
 * Errors: `DOWNLOAD_FAILED` (the server's answer, or a connection that broke on every try), `CHECKSUM_MISMATCH`,
 * `INTERRUPTED` (by `signal`), `DISK_FULL`, `SETTING_INVALID` (no http or https address).
 *
 * @example await downloadFile({ url: 'https://example.org/a.tsv.gz', path: 'a.tsv.gz', bytes: 120 }, 'data')
 */
export async function downloadFile(
  file: RemoteFile,
  folder: string,
  control: TransferControl = {},
): Promise<Transfer> {
  if (!/^https?:\/\//.test(file.url))
    throw new RefractError('SETTING_INVALID', `"${file.url}" is no http or https address`, {
      hint: 'Only http and https can be downloaded.',
    });
  const path = join(folder, file.path);
  if (existsSync(path)) {
    const verified = await verify(path, file);
    return { path, bytes: statSync(path).size, resumedFrom: 0, wasThere: true, verified };
  }
  const part = new PartFile(`${path}.part`, file.url);
  const resumedFrom = part.size;
  const progress = (control.progress ?? silent)(file.path, file.bytes ?? 0, 'bytes');
  try {
    mkdirSync(dirname(path), { recursive: true });
    await transferInto(part, file, control, failuresOf(file, part), (done) => progress.update(done));
    // An empty file on the server leaves no part.
    if (!existsSync(part.path)) writeFileSync(part.path, '');
    const verified = await verify(path, file, part);
    renameSync(part.path, path);
    part.forget();
    progress.end(`${statSync(path).size} bytes`);
    return { path, bytes: statSync(path).size, resumedFrom, wasThere: false, verified };
  } catch (error) {
    progress.end('stopped');
    throw asWriteError(error, path);
  }
}

/** Checks the file at `path`, or the `fresh` one that is to become it and is removed when it is wrong. */
async function verify(path: string, file: RemoteFile, fresh?: PartFile): Promise<Verification> {
  const verdict = await checkFile(fresh?.path ?? path, file);
  if ('verified' in verdict) return verdict.verified;
  fresh?.remove();
  throw new RefractError('CHECKSUM_MISMATCH', verdict.wrong, {
    at: path,
    hint: `${fresh ? 'It was removed; get it again' : 'Remove the file and get it again'}. If it stays so, the publisher has changed the file: take it by hand from ${file.url}, and count what is in it with refract data check.`,
  });
}

function failuresOf({ url }: RemoteFile, part: PartFile) {
  const failed = (what: string, cause?: unknown) =>
    new RefractError('DOWNLOAD_FAILED', what, {
      at: url,
      hint:
        part.size > 0
          ? `${part.size} bytes are kept in ${part.path}; the same command goes on from there.`
          : 'Check the connection. If the file has moved, see the home page of the data set.',
      cause,
    });
  return {
    failed: ({ message, cause }: Error) => failed(message, cause),
    refused: (status: string) => failed(`the server answered ${status}`),
    interrupted: () =>
      new RefractError('INTERRUPTED', 'the download was stopped', {
        at: part.path,
        hint: 'The same command goes on from there.',
      }),
  };
}
