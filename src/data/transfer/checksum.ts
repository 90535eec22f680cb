/** Whether a file is the one that was published: its size, and the strongest checksum that is known. */
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';

/** What is known of a file that was published. Checksums are hexadecimal digits. */
export interface PublishedFile {
  readonly bytes?: number;
  readonly sha256?: string;
  /** Git's name of the content: the SHA-1 of `blob SIZE`, a zero byte and the content. */
  readonly gitSha1?: string;
  readonly md5?: string;
}

/** The stronger one first. */
const CHECKSUMS = ['sha256', 'gitSha1', 'md5'] as const;
/** What checksums are called. */
export const CHECKSUM_NAMES = { sha256: 'SHA-256', gitSha1: 'Git SHA-1', md5: 'MD5' } as const;

/** What a file was checked against. */
export type Verification = (typeof CHECKSUMS)[number] | 'size' | 'nothing';

/** Whether a file is right: what it was checked against, or a sentence without subject on what is wrong. */
export type Verdict = { readonly verified: Verification } | { readonly wrong: string };

/**
 * Compares the file at `path` with what was published of it. Of several checksums only the strongest is asked.
 *
 * @throws the operating system's error when it cannot be read; that of `signal` when it is aborted
 * @example await checkFile('a.gz', { bytes: 120 }) // { verified: 'size' }
 */
export async function checkFile(
  path: string,
  published: PublishedFile,
  { signal, report }: { readonly signal?: AbortSignal; readonly report?: (done: number) => void } = {},
): Promise<Verdict> {
  const { size } = statSync(path);
  if (published.bytes !== undefined && size !== published.bytes)
    return { wrong: `has ${size} bytes where ${published.bytes} were published` };
  const kind = CHECKSUMS.find((name) => published[name] !== undefined);
  if (kind === undefined) return { verified: published.bytes === undefined ? 'nothing' : 'size' };
  const hash = createHash(kind === 'gitSha1' ? 'sha1' : kind);
  if (kind === 'gitSha1') hash.update(`blob ${size}\0`);
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, signal })) {
    hash.update(chunk);
    done += (chunk as Buffer).length;
    report?.(done);
  }
  const sum = hash.digest('hex');
  return sum === published[kind]
    ? { verified: kind }
    : { wrong: `has the ${CHECKSUM_NAMES[kind]} ${sum} where ${published[kind]} was published` };
}
