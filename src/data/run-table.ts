/**
 * A TREC run as columns of numbers over the bytes of its file. A run of a thousand passages for each of thousands
 * of queries has millions of lines; as objects and strings they would take seconds and gigabytes. `runs.ts` reads
 * the same files into records.
 *
 * Columns are separated by ASCII white space, spaces and tabs mixed at will; the rank column and what follows the
 * tag are ignored.
 */
import { RefractError } from '../errors.ts';
import { readFileBytes } from './lines.ts';

/** A run by columns; entry i is the i-th line that is not blank. */
export interface RunTable {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Query ids, in the order of their first line. */
  readonly queries: readonly string[];
  /** Entries of query q: `entries[first[q]]` up to, not including, `entries[first[q + 1]]`, in file order. */
  readonly first: Uint32Array;
  readonly entries: Uint32Array;
  /** The passage id of an entry: bytes from `idStart` up to, not including, `idEnd`. */
  readonly idStart: Uint32Array;
  readonly idEnd: Uint32Array;
  readonly scores: Float64Array;
  /** Tag of the last line. */
  readonly tag: string;
  /** Queries whose lines are not in the order of their scores; they are ranked by score all the same. */
  readonly unsorted: number;
  /** Lines by what separates their first six columns: spaces alone, tabs alone, or both. */
  readonly separators: { readonly spaces: number; readonly tabs: number; readonly both: number };
}

const NEWLINE = 0x0a;
const TAB = 0x09;
const SPACE = 0x20;
/** Bits of what separates the columns of a line. */
const BY_SPACE = 1;
const BY_TAB = 2;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const SCORE = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const COLUMNS = 6;

/**
 * Reads a run.
 *
 * Errors: those of `readLines`; `RUN_FORMAT` (columns, or a score that is not a finite number) with the line.
 * A passage that occurs twice for a query is found when the run is ranked (`eval/ranking-table.ts`).
 *
 * @example const table = await readRunTable('bm25.run'); table.queries.length // 7000
 */
export async function readRunTable(path: string): Promise<RunTable> {
  return parseRunTable(await readFileBytes(path), path);
}

/** The same from bytes in memory; `path` is for messages. */
export function parseRunTable(bytes: Uint8Array, path: string): RunTable {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const columns = new GrowingColumns();
  const ordinals = new Map<string, number>();
  const lastScores: number[] = [];
  const unsorted = new Set<number>();
  const linesBy = [0, 0, 0, 0];
  const starts = new Uint32Array(COLUMNS);
  const ends = new Uint32Array(COLUMNS);
  let query = -1;
  let queryStart = 0;
  let queryEnd = 0;
  let tagStart = 0;
  let tagEnd = 0;
  for (let at = 0; at < bytes.length; at++) {
    const line = at;
    let found = 0;
    let separators = 0;
    // One pass over the line: the first six runs of bytes above a space.
    while (at < bytes.length && bytes[at] !== NEWLINE) {
      if (bytes[at] <= SPACE) {
        if (found > 0) separators |= bytes[at] === TAB ? BY_TAB : BY_SPACE;
        at++;
        continue;
      }
      const start = at;
      while (at < bytes.length && bytes[at] > SPACE) at++;
      if (found < COLUMNS) {
        starts[found] = start;
        ends[found] = at;
      }
      if (++found === COLUMNS && bytes[at] !== NEWLINE) {
        const end = text.indexOf(NEWLINE, at);
        at = end < 0 ? bytes.length : end;
      }
    }
    if (found === 0) continue;
    if (found < COLUMNS) throw columnsError(bytes, path, line, found);
    if (!sameBytes(bytes, starts[0], ends[0], queryStart, queryEnd)) {
      queryStart = starts[0];
      queryEnd = ends[0];
      const id = text.toString('utf8', queryStart, queryEnd);
      const known = ordinals.get(id);
      query = known ?? ordinals.size;
      if (known === undefined) ordinals.set(id, query);
    }
    linesBy[separators]++;
    const score = parseScore(text, starts[4], ends[4], path);
    if (score > lastScores[query]) unsorted.add(query);
    lastScores[query] = score;
    columns.push(query, starts[2], ends[2], score);
    tagStart = starts[5];
    tagEnd = ends[5];
  }
  if (columns.length === 0)
    throw new RefractError('FILE_EMPTY', 'the file is empty', {
      at: path,
      hint: 'Check that the command that made it succeeded, or name another file.',
    });
  return {
    path,
    bytes,
    queries: [...ordinals.keys()],
    ...columns.grouped(ordinals.size),
    tag: text.toString('utf8', tagStart, tagEnd),
    unsorted: unsorted.size,
    separators: { spaces: linesBy[BY_SPACE], tabs: linesBy[BY_TAB], both: linesBy[BY_SPACE | BY_TAB] },
  };
}

/** The 1-based line on which byte `offset` lies. */
export function lineOf(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let i = 0; i < offset; i++) if (bytes[i] === NEWLINE) line++;
  return line;
}

/** Columns whose length is not known beforehand. */
class GrowingColumns {
  length = 0;
  private query = new Uint32Array(1024);
  private idStart = new Uint32Array(1024);
  private idEnd = new Uint32Array(1024);
  private scores = new Float64Array(1024);

  push(query: number, idStart: number, idEnd: number, score: number): void {
    if (this.length === this.query.length) this.grow();
    this.query[this.length] = query;
    this.idStart[this.length] = idStart;
    this.idEnd[this.length] = idEnd;
    this.scores[this.length++] = score;
  }

  /** Sorts entry numbers by query, keeping the order of the file, and gives the columns away. */
  grouped(queries: number) {
    const first = new Uint32Array(queries + 1);
    for (let i = 0; i < this.length; i++) first[this.query[i] + 1]++;
    for (let q = 0; q < queries; q++) first[q + 1] += first[q];
    const next = first.slice();
    const entries = new Uint32Array(this.length);
    for (let i = 0; i < this.length; i++) entries[next[this.query[i]]++] = i;
    return { first, entries, idStart: this.idStart, idEnd: this.idEnd, scores: this.scores };
  }

  private grow(): void {
    const larger = <T extends Uint32Array | Float64Array>(column: T, copy: T): T => {
      copy.set(column);
      return copy;
    };
    const size = 2 * this.length;
    this.query = larger(this.query, new Uint32Array(size));
    this.idStart = larger(this.idStart, new Uint32Array(size));
    this.idEnd = larger(this.idEnd, new Uint32Array(size));
    this.scores = larger(this.scores, new Float64Array(size));
  }
}

function sameBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  otherStart: number,
  otherEnd: number,
): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  for (let i = start, j = otherStart; i < end; i++, j++) if (bytes[i] !== bytes[j]) return false;
  return true;
}

const POWERS = Array.from({ length: 23 }, (_, i) => 10 ** i);

/**
 * A decimal number. Up to 15 digits and 22 decimals, whole number and power of ten are exact, and so one division
 * rounds correctly; anything longer or with an exponent goes the slow way.
 */
function parseScore(text: Buffer, start: number, end: number, path: string): number {
  const sign = text[start];
  let at = sign === MINUS || sign === PLUS ? start + 1 : start;
  let seen = 0;
  let significant = 0;
  let whole = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = text[at] - 0x30;
    if (digit >= 0 && digit <= 9) {
      whole = whole * 10 + digit;
      seen++;
      if (whole > 0) significant++;
    } else if (text[at] === POINT && point < 0) point = at;
    else break;
  }
  const decimals = point < 0 ? 0 : end - point - 1;
  if (at === end && seen > 0 && significant <= 15 && decimals < POWERS.length) {
    const value = whole / POWERS[decimals];
    return sign === MINUS ? -value : value;
  }
  const word = text.toString('utf8', start, end);
  const value = SCORE.test(word) ? Number(word) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new RefractError('RUN_FORMAT', `the score "${word}" is not a finite number`, {
    at: path,
    line: lineOf(text, start),
    hint: 'The fifth column of a run is the score; NaN and infinity have no rank.',
  });
}

function columnsError(bytes: Uint8Array, path: string, start: number, found: number): RefractError {
  const end = bytes.indexOf(NEWLINE, start);
  const line = Buffer.from(bytes.subarray(start, end < 0 ? bytes.length : end)).toString('utf8');
  const split = line.trim().split(/[\s,;|]+/u).length;
  return new RefractError('RUN_FORMAT', `${found} columns where a run has ${COLUMNS}`, {
    at: path,
    line: lineOf(bytes, start),
    hint:
      found === 4
        ? 'This looks like judgments; give them as --qrels, and the run as --run.'
        : split >= COLUMNS
          ? 'Columns are separated by spaces or tabs, not by commas, semicolons or other kinds of space.'
          : 'A line is "query Q0 passage rank score tag".',
  });
}
