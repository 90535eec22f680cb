/**
 * Streaming lines of a text file: plain or gzip (told by its first bytes, never by its name), strict UTF-8,
 * tolerant of a byte order mark and of CRLF. Every reader of an outside format starts here.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { RefractError } from '../errors.ts';

/** One line without its line break; `line` is its 1-based number. */
export interface NumberedLine {
  readonly line: number;
  readonly text: string;
}

const NEWLINE = 0x0a;
const LONGEST_LINE = 256 * 2 ** 20;
/** Below what one buffer and 32-bit offsets can hold. */
const MOST_BYTES = 3.5 * 2 ** 30;

/**
 * Yields every line of `path`, blank ones too. A last line without a line break counts as a line; a break
 * at the end of the file does not start another one.
 *
 * Errors: `FILE_MISSING` (absent or unreadable), `FILE_FORMAT` (a folder, or damaged gzip), `FILE_EMPTY`
 * (nothing but white space), `FILE_ENCODING` (with the line that is not UTF-8).
 *
 * @example for await (const { line, text } of readLines('passages.jsonl.gz')) console.log(line, text)
 */
export async function* readLines(path: string): AsyncGenerator<NumberedLine> {
  let line = 0;
  let hasContent = false;
  for await (const block of readBlocks(path)) {
    if (!isUtf8(block)) throw encodingError(path, block, line);
    if (line === 0) refuseZeros(path, block);
    let text = block.toString('utf8');
    if (line === 0 && text.startsWith('\uFEFF')) text = text.slice(1);
    hasContent ||= /\S/.test(text);
    let start = 0;
    while (start < text.length) {
      const end = text.indexOf('\n', start);
      const stop = end < 0 ? text.length : end;
      line++;
      yield { line, text: text.slice(start, stop > start && text[stop - 1] === '\r' ? stop - 1 : stop) };
      start = stop + 1;
    }
  }
  if (!hasContent)
    throw new RefractError('FILE_EMPTY', 'the file is empty', {
      at: path,
      hint: 'Check that the command that made it succeeded, or name another file.',
    });
}

/**
 * The bytes of a whole file, for readers that look at bytes instead of lines because the file is large: inflated,
 * without byte order mark, checked to be UTF-8.
 *
 * Errors: those of `readLines`.
 *
 * @example const bytes = await readFileBytes('bm25.run.gz')
 */
export async function readFileBytes(path: string): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  let length = 0;
  for await (const chunk of readBytes(path)) {
    if (length + chunk.length > bytes.length) {
      const room = Math.max(statSync(path).size, 2 * bytes.length, length + chunk.length);
      const larger = Buffer.allocUnsafe(Math.min(room, Math.max(MOST_BYTES, length + chunk.length)));
      bytes.copy(larger, 0, 0, length);
      bytes = larger;
    }
    chunk.copy(bytes, length);
    length += chunk.length;
    if (length > MOST_BYTES)
      throw new RefractError('FILE_FORMAT', 'the file is larger than 3.5 GiB', {
        at: path,
        hint: 'Split it by query and evaluate the parts.',
      });
  }
  const whole = bytes.subarray(0, length);
  if (!isUtf8(whole)) throw encodingError(path, whole, 0);
  refuseZeros(path, whole);
  return length >= 3 && whole.readUIntBE(0, 3) === 0xefbbbf ? whole.subarray(3) : whole;
}

/** Whole lines as blocks of bytes: each block but the last ends with a line break. */
async function* readBlocks(path: string): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of readBytes(path)) {
    const cut = chunk.lastIndexOf(NEWLINE) + 1;
    if (cut > 0) {
      yield Buffer.concat([...pending, chunk.subarray(0, cut)]);
      pending = [];
      pendingBytes = 0;
    }
    pending.push(chunk.subarray(cut));
    pendingBytes += chunk.length - cut;
    if (pendingBytes > LONGEST_LINE)
      throw new RefractError('FILE_FORMAT', 'a line is longer than 256 MiB', {
        at: path,
        hint: 'Give a text file with one record a line.',
      });
  }
  if (pendingBytes > 0) yield Buffer.concat(pending);
}

/** The bytes of a file, inflated when they start with gzip's magic number. */
async function* readBytes(path: string): AsyncGenerator<Buffer> {
  refuseFolder(path);
  const file: AsyncIterator<Buffer> = createReadStream(path, { highWaterMark: 2 ** 18 })[
    Symbol.asyncIterator
  ]();
  let compressed = false;
  try {
    let head = Buffer.alloc(0);
    while (head.length < 2) {
      const next = await file.next();
      if (next.done) break;
      head = Buffer.concat([head, next.value]);
    }
    compressed = head[0] === 0x1f && head[1] === 0x8b;
    const whole = prepend(head, file);
    yield* compressed ? inflate(whole) : whole;
  } catch (error) {
    throw asReadError(error, path, compressed);
  } finally {
    await file.return?.();
  }
}

async function* prepend(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* inflate(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 2 ** 18 });
  pipeline(Readable.from(chunks), gunzip, () => {}); // errors reach the loop below through `gunzip`
  yield* gunzip;
}

function refuseFolder(path: string): void {
  let names: string[];
  try {
    if (!statSync(path).isDirectory()) return;
    names = readdirSync(path).sort();
  } catch (error) {
    throw asReadError(error, path, false);
  }
  const some = names.slice(0, 3).join(', ');
  throw new RefractError('FILE_FORMAT', 'is a folder where a file is needed', {
    at: path,
    hint: some === '' ? 'Name a file.' : `Name a file in it, for example one of: ${some}.`,
  });
}

function asReadError(error: unknown, path: string, compressed: boolean): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (error instanceof RefractError || code === undefined) return error;
  if (compressed && (code.startsWith('Z_') || code === 'ERR_STREAM_PREMATURE_CLOSE'))
    return new RefractError('FILE_FORMAT', `the gzip data is damaged or cut off (${code})`, {
      at: path,
      hint: 'Copy or download the file again; `gzip -t` tells whether it is whole.',
      cause: error,
    });
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return new RefractError('FILE_MISSING', missing ? 'there is no such file' : `cannot be read (${code})`, {
    at: path,
    hint: missing ? 'Check the spelling and the folder you are in.' : 'Check the permissions of the file.',
    cause: error,
  });
}

/** Bytes at the begin of a file that are looked at, and the share of zeros among them that no text has. */
const HEAD = 4096;
const MOST_ZEROS = 0.2;

/** UTF-16 without a byte order mark is valid UTF-8 where its letters are ASCII: every second byte is then zero. */
function refuseZeros(path: string, block: Buffer): void {
  const head = block.subarray(0, HEAD);
  const zeros = [0, 0];
  head.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2]++;
  });
  const [even, odd] = zeros;
  if (even + odd <= MOST_ZEROS * head.length) return;
  const wide = even === 0 || odd === 0;
  throw new RefractError(
    'FILE_ENCODING',
    wide
      ? 'the file looks like UTF-16 without a byte order mark'
      : 'the file is no text: it holds zero bytes',
    {
      at: path,
      hint: wide
        ? `Convert the file, for example: iconv -f ${even === 0 ? 'UTF-16LE' : 'UTF-16BE'} -t UTF-8 old > new.`
        : 'Name a text file in UTF-8.',
    },
  );
}

/** Finds the first line of `block` that is not UTF-8; `linesBefore` lines came before the block. */
function encodingError(path: string, block: Buffer, linesBefore: number): RefractError {
  let line = linesBefore;
  for (let start = 0; start < block.length; ) {
    const end = block.indexOf(NEWLINE, start);
    const stop = end < 0 ? block.length : end;
    line++;
    if (!isUtf8(block.subarray(start, stop))) break;
    start = stop + 1;
  }
  const first = linesBefore === 0 && block.length > 1 ? block.readUInt16BE(0) : 0;
  const utf16 = first === 0xfffe || first === 0xfeff;
  return new RefractError('FILE_ENCODING', utf16 ? 'the file is UTF-16, not UTF-8' : 'is not valid UTF-8', {
    at: path,
    line,
    hint: `Convert the file, for example: iconv -f ${utf16 ? 'UTF-16' : 'WINDOWS-1252'} -t UTF-8 old > new.`,
  });
}
