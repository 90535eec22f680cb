/** One HTTP request, with a limit to the silence of a server and with failures told apart: passing ones and others. */
import { Lasting, Passing } from './retry.ts';

/** How a request is made. */
export interface RequestSettings {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which it fails. Default 60,000. */
  readonly patience?: number;
}

/** An answer whose body is watched as well. */
export interface WatchedResponse {
  readonly response: Response;
  /**
   * The body in pieces.
   *
   * @throws Passing when the connection breaks or falls silent
   */
  readonly chunks: () => AsyncIterable<Uint8Array>;
  /** Must be called when the answer is done with; the rest of its body is given up. */
  readonly close: () => Promise<void>;
}

/**
 * Asks for `url` and follows redirects. Headers named `authorization` stay with the first host.
 *
 * @throws Passing no connection, silence, or an answer of 408, 429 or 5xx, with the wait that the server asks for
 * @throws Lasting redirects in a circle, or to something else than http and https
 * @example const { response, chunks, close } = await request('https://example.org/a.tsv', {})
 */
export async function request(
  url: string,
  { headers = {}, signal, patience = 60_000 }: RequestSettings,
): Promise<WatchedResponse> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), patience);
  const close = async (response: Response) => {
    clearTimeout(timer);
    if (response.body !== null && !response.body.locked) await response.body.cancel().catch(() => {});
    silence.abort();
  };
  const passing = (error: unknown, otherwise: (error: Error) => string) => {
    clearTimeout(timer);
    const silent = silence.signal.aborted && signal?.aborted !== true;
    const what = silent ? `the server was silent for ${patience / 1000} s` : otherwise(error as Error);
    return new Passing(what, { cause: error });
  };
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { 'accept-encoding': 'identity', ...headers },
      signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
      redirect: 'follow',
    });
  } catch (error) {
    const misled = misdirection(error as Error);
    if (misled !== undefined) {
      clearTimeout(timer);
      throw new Lasting(misled, { cause: error });
    }
    throw passing(error, ({ message, cause }) => (cause instanceof Error ? reasonOf(cause) : message));
  }
  timer.refresh();
  if (response.status === 408 || response.status === 429 || response.status >= 500) {
    await close(response);
    throw new Passing(`the server answered ${statusOf(response)}`, { wait: waitOf(response) });
  }
  return {
    response,
    async *chunks() {
      if (response.body === null) return;
      const reader = response.body.getReader();
      for (;;) {
        let piece: { done: boolean; value?: Uint8Array };
        try {
          piece = await reader.read();
        } catch (error) {
          throw passing(error, () => 'the connection broke');
        }
        if (piece.done) return;
        timer.refresh();
        yield piece.value!;
      }
    },
    close: () => close(response),
  };
}

/** `404 Not Found`. */
export function statusOf({ status, statusText }: Response): string {
  return `${status} ${statusText}`.trim();
}

/** What is wrong with the redirects that a request was sent along, by the words of Node's fetch. */
function misdirection({ cause }: Error): string | undefined {
  const said = cause instanceof Error ? cause.message : '';
  if (/redirect count exceeded/i.test(said))
    return 'the server redirects more than 20 times, which is a circle: between it and a proxy, or within it';
  if (/scheme must be/i.test(said)) return 'the server redirects to an address that is not http or https';
  return undefined;
}

/** An AggregateError, as of a host with several addresses, has an empty message of its own. */
function reasonOf(cause: Error): string {
  if (cause.message !== '') return cause.message;
  return (cause as NodeJS.ErrnoException).code ?? cause.name;
}

/** Milliseconds of Retry-After, which holds seconds or a date. */
function waitOf({ headers }: Response): number | undefined {
  const after = headers.get('retry-after');
  if (after === null) return undefined;
  const wait = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
