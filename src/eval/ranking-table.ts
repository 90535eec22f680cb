/**
 * Ranking a run straight from its columns (`data/run-table.ts`): the same order and the same figures as
 * `rankings`, without a string or an object for each line.
 *
 * For one query at a time, passage ids go into a hash table of bytes: it finds ids that occur twice, and then the
 * few judged ids look up their entry in it, instead of each of a thousand returned ids looking for a judgment.
 */
import { lineOf, type RunTable } from '../data/run-table.ts';
import { RefractError } from '../errors.ts';
import type { RankedRun } from './ranking.ts';

/** Entries of a query that a sort key has room for beside a 32-bit score. */
const MOST_PACKED = 2 ** 21;

/**
 * A run by columns, ranked as it is asked for.
 *
 * Errors: `judged` throws `DUPLICATE_ID` when a passage occurs twice for the query, naming both lines.
 *
 * @example const { means } = evaluate(judgments, rankTable(await readRunTable('bm25.run')), ['nDCG@10'])
 */
export function rankTable(table: RunTable): RankedRun {
  const ordinals = new Map(table.queries.map((query, ordinal) => [query, ordinal]));
  const ids = new IdTable(table);
  const ranks = new RankOrder(table);
  const entriesOf = (ordinal: number) =>
    table.entries.subarray(table.first[ordinal], table.first[ordinal + 1]);
  return {
    queries: table.queries,
    tag: table.tag,
    has: (query) => ordinals.has(query),
    passages: (query, depth) => {
      const ordinal = ordinals.get(query);
      if (ordinal === undefined) return [];
      const entries = entriesOf(ordinal);
      const order = ranks.of(entries).subarray(0, Math.min(depth, entries.length));
      return Array.from(order, (position) => idOf(table, entries[position]));
    },
    judged: (query, grades) => {
      const judged = Float64Array.from(grades.values()).sort().reverse();
      const ordinal = ordinals.get(query);
      if (ordinal === undefined) return { grades: new Float64Array(0), judged };
      const entries = entriesOf(ordinal);
      ids.fill(entries);
      const byPosition = ids.gradesOf(grades);
      const order = ranks.of(entries);
      const byRank = new Float64Array(entries.length);
      for (let rank = 0; rank < byRank.length; rank++) byRank[rank] = byPosition[order[rank]];
      return { grades: byRank, judged };
    },
  };
}

/** Puts the entries of one query at a time in trec_eval's order, in arrays that are kept from query to query. */
class RankOrder {
  private readonly table: RunTable;
  private scores = new Float32Array(0);
  private bits = new Int32Array(0);
  private keys = new Float64Array(0);
  private order = new Uint32Array(0);

  constructor(table: RunTable) {
    this.table = table;
  }

  /**
   * Positions within `entries`, best first: by score in single precision, then by id descending in bytes. The array
   * may be longer than `entries`, and the next call overwrites it.
   */
  of(entries: Uint32Array): Uint32Array {
    const n = entries.length;
    if (this.order.length < n) this.grow(n);
    const { scores, order } = this;
    const column = this.table.scores;
    let sorted = true;
    let level = false;
    let above = Number.POSITIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      const score = Math.fround(column[entries[i]]);
      scores[i] = score;
      order[i] = i;
      if (score > above) sorted = false;
      else if (score === above) level = true;
      above = score;
    }
    if (sorted && !level) return order;
    if (!sorted) this.sort(n);
    this.orderLevel(entries);
    return order;
  }

  private sort(n: number): void {
    const { scores, bits, keys } = this;
    const order = this.order.subarray(0, n);
    if (n > MOST_PACKED) {
      order.sort((i, j) => scores[j] - scores[i]);
      return;
    }
    // A float's bits order like an integer's once those of negative numbers are turned round; the position goes
    // below the score, and one sort of numbers does it all.
    for (let i = 0; i < n; i++) {
      const value = scores[i] === 0 ? 0 : bits[i] < 0 ? 0x80000000 + bits[i] : -bits[i];
      keys[i] = value * MOST_PACKED + i;
    }
    keys.subarray(0, n).sort();
    for (let i = 0; i < n; i++) order[i] = keys[i] - Math.floor(keys[i] / MOST_PACKED) * MOST_PACKED;
  }

  /** Orders the positions of equal scores, which lie together by now, by id descending. */
  private orderLevel(entries: Uint32Array): void {
    const { table, scores, order } = this;
    for (let from = 0; from < entries.length; ) {
      const score = scores[order[from]];
      let to = from + 1;
      while (to < entries.length && scores[order[to]] === score) to++;
      if (to - from === 2) {
        const [one, other] = [order[from], order[from + 1]];
        if (compareIds(table, entries[one], entries[other]) < 0) {
          order[from] = other;
          order[from + 1] = one;
        }
      } else if (to - from > 2)
        order.subarray(from, to).sort((i, j) => compareIds(table, entries[j], entries[i]));
      from = to;
    }
  }

  private grow(n: number): void {
    const room = 2 * n;
    this.scores = new Float32Array(room);
    this.bits = new Int32Array(this.scores.buffer);
    this.keys = new Float64Array(room);
    this.order = new Uint32Array(room);
  }
}

/** The passage id of an entry. */
function idOf({ bytes, idStart, idEnd }: RunTable, entry: number): string {
  return Buffer.from(bytes.subarray(idStart[entry], idEnd[entry])).toString('utf8');
}

function compareIds({ bytes, idStart, idEnd }: RunTable, a: number, b: number): number {
  const length = Math.min(idEnd[a] - idStart[a], idEnd[b] - idStart[b]);
  for (let i = 0; i < length; i++) {
    const difference = bytes[idStart[a] + i] - bytes[idStart[b] + i];
    if (difference !== 0) return difference;
  }
  return idEnd[a] - idStart[a] - (idEnd[b] - idStart[b]);
}

/** The ids of one query's entries by their bytes, in open addressing. */
class IdTable {
  private readonly table: RunTable;
  private entries: Uint32Array = new Uint32Array(0);
  /** Position + 1 within `entries`; 0 is free. */
  private slots = new Int32Array(0);
  private grades = new Float64Array(0);
  private scratch = new Uint8Array(256);
  private readonly encoder = new TextEncoder();

  constructor(table: RunTable) {
    this.table = table;
  }

  /** Takes the entries of a query in; throws `DUPLICATE_ID`. */
  fill(entries: Uint32Array): void {
    const { bytes, idStart, idEnd } = this.table;
    this.entries = entries;
    let size = 16;
    while (size < 2 * entries.length) size *= 2;
    if (this.slots.length === size) this.slots.fill(0);
    else this.slots = new Int32Array(size);
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      const slot = this.slotOf(bytes, idStart[entry], idEnd[entry]);
      if (this.slots[slot] !== 0) throw this.duplicate(entries[this.slots[slot] - 1], entry);
      this.slots[slot] = i + 1;
    }
  }

  /**
   * Grades of the entries, by position; NaN where the judgments have none. The array may be longer than the
   * entries, and the next call overwrites it.
   */
  gradesOf(judgments: ReadonlyMap<string, number>): Float64Array {
    if (this.grades.length < this.entries.length) this.grades = new Float64Array(2 * this.entries.length);
    const { grades } = this;
    grades.fill(Number.NaN, 0, this.entries.length);
    for (const [passage, grade] of judgments) {
      if (this.scratch.length < 3 * passage.length) this.scratch = new Uint8Array(6 * passage.length);
      const { written } = this.encoder.encodeInto(passage, this.scratch);
      const at = this.slots[this.slotOf(this.scratch, 0, written)];
      if (at !== 0) grades[at - 1] = grade;
    }
    return grades;
  }

  /** The slot that holds these bytes, or the free one where they would go. */
  private slotOf(source: Uint8Array, start: number, end: number): number {
    const { bytes, idStart, idEnd } = this.table;
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ source[i], 0x01000193);
    const mask = this.slots.length - 1;
    // The low bits of this hash (FNV-1a) mix worst.
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      if (this.slots[slot] === 0) return slot;
      const entry = this.entries[this.slots[slot] - 1];
      if (idEnd[entry] - idStart[entry] !== end - start) continue;
      let i = 0;
      while (start + i < end && bytes[idStart[entry] + i] === source[start + i]) i++;
      if (start + i === end) return slot;
    }
  }

  private duplicate(one: number, other: number): RefractError {
    const { bytes, idStart, path, queries, first } = this.table;
    const lines = [one, other].map((entry) => lineOf(bytes, idStart[entry])).sort((a, b) => a - b);
    const passage = idOf(this.table, one);
    const query = queries[first.findLastIndex((start) => start <= this.entries.byteOffset / 4)];
    return new RefractError(
      'DUPLICATE_ID',
      `query "${query}" already has passage "${passage}" on line ${lines[0]}`,
      {
        at: path,
        line: lines[1],
        hint: `Keep one of the lines ${lines[0]} and ${lines[1]}.`,
      },
    );
  }
}
