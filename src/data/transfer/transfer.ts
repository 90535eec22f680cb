/** Fetching the rest of a file over HTTP: by Range where there is a part already, from the start where there is none. */
import type { PartFile } from './part-file.ts';
import { request, statusOf, type WatchedResponse } from './request.ts';
import { type GivingUp, Passing, type TransferControl, withRetries } from './retry.ts';

/** What is fetched. */
export interface TransferSource {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Published size in bytes. What goes beyond it is not fetched. */
  readonly bytes?: number;
}

/** What becomes of a transfer that ends early. */
export interface TransferFailures extends Pick<GivingUp, 'failed' | 'interrupted'> {
  /** The error of an answer that is no file and that another try does not mend. */
  readonly refused: (status: string, response: Response) => Error;
}

/**
 * Fetches what `part` lacks, with tries after a broken connection. The size and content of the whole are not checked.
 *
 * @throws the errors of `failures`, and those of the disk
 * @example await transferInto(new PartFile('a.part', url), { url }, {}, failures, (bytes) => console.log(bytes))
 */
export async function transferInto(
  part: PartFile,
  source: TransferSource,
  control: TransferControl,
  failures: TransferFailures,
  report: (done: number) => void,
): Promise<void> {
  if (source.bytes !== undefined && part.size > source.bytes) part.restart();
  if (source.bytes !== undefined && source.bytes > 0 && part.size === source.bytes) return;
  await withRetries(() => transferOnce(part, source, control, failures, report), control, {
    ...failures,
    arrived: () => part.size,
  });
}

/** One request, from where the part ends. */
async function transferOnce(
  part: PartFile,
  { url, headers, bytes }: TransferSource,
  { signal, patience }: TransferControl,
  failures: TransferFailures,
  report: (done: number) => void,
): Promise<void> {
  const from = part.size;
  const rest: Record<string, string> = {};
  if (from > 0) {
    rest.range = `bytes=${from}-`;
    if (part.version !== undefined) rest['if-range'] = part.version;
  }
  const answer = await request(url, { headers: { ...headers, ...rest }, signal, patience });
  try {
    const { response } = answer;
    const total = totalOf(response);
    if (response.status === 416 || response.status === 412) {
      if (total !== undefined && total === from) return; // it was whole already
      part.restart();
      throw new Passing('the server refused to continue');
    }
    if (!response.ok) throw failures.refused(statusOf(response), response);
    if (response.status !== 206)
      part.restart(); // a server without Range, or the file has changed: begin again
    else checkContinuation(part, response);
    part.remember(versionOf(response));
    await receive(part, answer, bytes, report);
    if (total !== undefined && part.size < total)
      throw new Passing(`the connection ended after ${part.size} of ${total} bytes`);
  } finally {
    await answer.close();
  }
}

async function receive(
  part: PartFile,
  answer: WatchedResponse,
  bytes: number | undefined,
  report: (done: number) => void,
): Promise<void> {
  try {
    for await (const chunk of answer.chunks()) {
      report(part.append(chunk));
      if (bytes !== undefined && part.size > bytes) return;
    }
  } finally {
    part.close();
  }
}

/** A server that does not know If-Range may continue another version, or at another place. */
function checkContinuation(part: PartFile, response: Response): void {
  const version = versionOf(response);
  const changed = part.version !== undefined && version !== undefined && version !== part.version;
  if (startOf(response) === part.size && !changed) return;
  part.restart();
  throw new Passing(changed ? 'the file on the server has changed' : 'the server continued at another place');
}

/** If-Range takes strong tags only. */
function versionOf({ headers }: Response): string | undefined {
  const etag = headers.get('etag');
  return (etag !== null && !etag.startsWith('W/') ? etag : headers.get('last-modified')) ?? undefined;
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
