/**
 * Downloading one file over HTTP: resumed by Range after a cut, verified, and renamed into place only when whole. What
 * has arrived lies in `NAME.part`, and beside it in `NAME.part.source` which version of the file it belongs to.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RefractError } from '../../errors.ts';
import { type ProgressFactory, silent } from '../../progress.ts';
import { asWriteError } from '../atomic.ts';
import type { RemoteFile } from './data-set.ts';

/** How a download goes on. */
export interface TransferControl {
  readonly progress?: ProgressFactory;
  /** Aborting keeps what has arrived. */
  readonly signal?: AbortSignal;
  /** Tries after the first that are made when the connection breaks or the server is busy. Default 4. */
  readonly retries?: number;
  /** Milliseconds before the first of them; doubled each time. Default 1000. */
  readonly retryDelay?: number;
}

/** What became of a file. */
export interface Transfer {
  readonly path: string;
  readonly bytes: number;
  /** Bytes that were there before, from an earlier, interrupted download. */
  readonly resumedFrom: number;
  /** The file was there and right. */
  readonly wasThere: boolean;
  /** What it was checked against. */
  readonly verified: 'sha256' | 'md5' | 'size' | 'nothing';
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
    const verified = await verify(path, file, false);
    return { path, bytes: statSync(path).size, resumedFrom: 0, wasThere: true, verified };
  }
  const part = new PartFile(path, file.url);
  const resumedFrom = part.size;
  const progress = (control.progress ?? silent)(file.path, file.bytes ?? 0, 'bytes');
  try {
    mkdirSync(dirname(path), { recursive: true });
    await transferWithRetries(file, part, control, (done) => progress.update(done));
    const verified = await verify(part.path, file, true);
    renameSync(part.path, path);
    part.forget();
    progress.end(`${statSync(path).size} bytes`);
    return { path, bytes: statSync(path).size, resumedFrom, wasThere: false, verified };
  } catch (error) {
    progress.end('stopped');
    throw asWriteError(error, path);
  }
}

/** A failure that another try may mend. */
class Passing extends Error {}

async function transferWithRetries(
  file: RemoteFile,
  part: PartFile,
  control: TransferControl,
  report: (done: number) => void,
): Promise<void> {
  const { retries = 4, retryDelay = 1000, signal } = control;
  for (let attempt = 0; ; attempt++) {
    try {
      await transfer(file, part, signal, report);
      return;
    } catch (error) {
      if (signal?.aborted === true) throw interrupted(part);
      if (!(error instanceof Passing)) throw error;
      if (attempt >= retries) throw failed(file, error.message, part, error.cause);
      await sleep(retryDelay * 2 ** attempt, undefined, { signal }).catch(() => {
        throw interrupted(part);
      });
    }
  }
}

/** One request, from where the part ends. */
async function transfer(
  file: RemoteFile,
  part: PartFile,
  signal: AbortSignal | undefined,
  report: (done: number) => void,
): Promise<void> {
  const from = part.size;
  const response = await request(file.url, part, from, signal);
  const total = totalOf(response);
  if (response.status === 416) {
    await response.body?.cancel();
    if (total !== undefined && total === from) return; // it was whole already
    part.restart();
    throw new Passing('the server refused to continue');
  }
  if (response.status === 429 || response.status >= 500) {
    await response.body?.cancel();
    throw new Passing(`the server answered ${response.status} ${response.statusText}`);
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw failed(file, `the server answered ${response.status} ${response.statusText}`.trim(), part);
  }
  if (response.status !== 206) {
    part.restart(); // a server without Range, or the file has changed: begin again
  } else if (startOf(response) !== from) {
    await response.body.cancel();
    part.restart();
    throw new Passing('the server continued at another place');
  }
  part.remember(response);
  try {
    for await (const chunk of response.body) report(part.append(chunk));
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).syscall === 'string') throw error; // of the disk, not the network
    throw new Passing('the connection broke', { cause: error });
  } finally {
    part.close();
  }
  if (total !== undefined && part.size < total)
    throw new Passing(`the connection ended after ${part.size} of ${total} bytes`);
}

async function request(
  url: string,
  part: PartFile,
  from: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (from > 0) {
    headers.range = `bytes=${from}-`;
    if (part.version !== undefined) headers['if-range'] = part.version;
  }
  try {
    return await fetch(url, { headers, signal, redirect: 'follow' });
  } catch (error) {
    const cause = (error as Error).cause;
    throw new Passing(cause instanceof Error ? cause.message : (error as Error).message, { cause: error });
  }
}

/** Size of the whole file, from Content-Range or Content-Length. */
function totalOf(response: Response): number | undefined {
  const range = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  if (range !== null) return Number(range[1]);
  const length = response.headers.get('content-length');
  return response.status === 200 && length !== null ? Number(length) : undefined;
}

function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? 0);
}

/** The unfinished file and the version (ETag or date) it is a part of. */
class PartFile {
  readonly path: string;
  version: string | undefined;
  private readonly url: string;
  private readonly note: string;
  private handle: number | undefined;
  private written: number;

  constructor(path: string, url: string) {
    this.path = `${path}.part`;
    this.note = `${path}.part.source`;
    this.url = url;
    this.written = existsSync(this.path) ? statSync(this.path).size : 0;
    const [knownUrl, version] = existsSync(this.note) ? readFileSync(this.note, 'utf8').split('\n') : [];
    // A part of another address, or of an unknown one, is of no use.
    if (this.written > 0 && knownUrl !== url) this.restart();
    else this.version = version === '' ? undefined : version;
  }

  get size(): number {
    return this.written;
  }

  restart(): void {
    this.close();
    rmSync(this.path, { force: true });
    this.written = 0;
    this.version = undefined;
  }

  remember({ headers }: Response): void {
    const etag = headers.get('etag');
    // If-Range takes strong tags only.
    this.version =
      (etag !== null && !etag.startsWith('W/') ? etag : headers.get('last-modified')) ?? undefined;
    writeFileSync(this.note, `${this.url}\n${this.version ?? ''}\n`);
  }

  /** Returns the bytes that are there now. */
  append(chunk: Uint8Array): number {
    this.handle ??= openSync(this.path, 'a');
    for (let at = 0; at < chunk.length; ) at += writeSync(this.handle, chunk, at);
    this.written += chunk.length;
    return this.written;
  }

  close(): void {
    if (this.handle === undefined) return;
    fsyncSync(this.handle);
    closeSync(this.handle);
    this.handle = undefined;
  }

  forget(): void {
    rmSync(this.note, { force: true });
  }
}

/** The stronger one first. */
const CHECKSUMS = ['sha256', 'md5'] as const;
/** What checksums are called. */
export const CHECKSUM_NAMES = { sha256: 'SHA-256', md5: 'MD5' };

async function verify(path: string, file: RemoteFile, fresh: boolean): Promise<Transfer['verified']> {
  // An empty file on the server leaves no part.
  if (fresh && !existsSync(path)) writeFileSync(path, '');
  const { size } = statSync(path);
  if (file.bytes !== undefined && size !== file.bytes)
    throw mismatch(path, `has ${size} bytes where ${file.bytes} were published`, file, fresh);
  const kind = CHECKSUMS.find((name) => file[name] !== undefined);
  if (kind === undefined) return file.bytes === undefined ? 'nothing' : 'size';
  const hash = createHash(kind);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  const sum = hash.digest('hex');
  if (sum !== file[kind])
    throw mismatch(
      path,
      `has the ${CHECKSUM_NAMES[kind]} ${sum} where ${file[kind]} was published`,
      file,
      fresh,
    );
  return kind;
}

function mismatch(path: string, what: string, { url }: RemoteFile, fresh: boolean): RefractError {
  if (fresh) {
    rmSync(path, { force: true });
    rmSync(`${path}.source`, { force: true });
  }
  return new RefractError('CHECKSUM_MISMATCH', what, {
    at: path.replace(/\.part$/, ''),
    hint: `${fresh ? 'It was removed; get it again' : 'Remove the file and get it again'}. If it stays so, the publisher has changed the file: take it by hand from ${url}, and count what is in it with refract data check.`,
  });
}

function failed(file: RemoteFile, what: string, part: PartFile, cause?: unknown): RefractError {
  return new RefractError('DOWNLOAD_FAILED', what, {
    at: file.url,
    hint:
      part.size > 0
        ? `${part.size} bytes are kept in ${part.path}; the same command goes on from there.`
        : 'Check the connection. If the file has moved, see the home page of the data set.',
    cause,
  });
}

function interrupted(part: PartFile): RefractError {
  return new RefractError('INTERRUPTED', 'the download was stopped', {
    at: part.path,
    hint: 'The same command goes on from there.',
  });
}
