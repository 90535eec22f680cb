/**
 * The cells of a translation table: one for each (e, f) that occur together in a sentence pair, in flat typed
 * arrays. A row holds the cells of one f in the order in which they first occur; row 0 is that of the empty
 * word, which stands before the f tokens of every pair.
 *
 * Which cells belong to the tokens of a pair is worked out anew for a block of pairs at a time, row by row
 * through one array of the size of the vocabulary: to remember it would take the square of a sentence's length.
 */
import { Stage, type StageControl } from '../stage.ts';

/** A pair of token sequences: `e` is explained by `f`. */
export interface TokenPair {
  readonly e: Int32Array;
  readonly f: Int32Array;
}

/** The cells of some sentence pairs; pairs without an e have none and are left out. */
export interface CoOccurrence {
  /** Tokens e by number, and tokens f by row; row 0 stands for the empty word. */
  readonly eTokens: readonly number[];
  readonly fTokens: readonly number[];
  /** [rows + 1] where the cells of each row begin. */
  readonly rowStarts: Int32Array;
  /** [cells] number of the e of each cell. */
  readonly cells: Int32Array;
  /** The pairs' tokens. */
  readonly text: PairedText;
}

/** Tokens of all pairs in one: e as numbers, f as places in `rowPlaces`. */
interface PairedText {
  /** Number of pairs. */
  readonly pairs: number;
  /** [pairs + 1] where each pair begins in `e`, and where among the places of f. */
  readonly eStarts: Int32Array;
  readonly fStarts: Int32Array;
  /** Numbers of the e tokens. */
  readonly e: Int32Array;
  /** [places of f] the places of each row, ascending, and [rows + 1] where those of each row begin. */
  readonly rowPlaces: Int32Array;
  readonly rowPlaceStarts: Int32Array;
  /** [places of f] the pair of each place. */
  readonly pairOf: Int32Array;
}

/** The pairs from `first` to `end` (exclusive) with the cells of their tokens. */
export interface PairBlock {
  readonly first: number;
  readonly end: number;
  /** Cells of pair k from `starts[k]` to `starts[k + 1]`: for each e, the cells of the empty word and of each f. */
  readonly plan: Int32Array;
  readonly starts: Int32Array;
}

/** Cells in a block's plan (8 MiB), unless a single pair has more. */
const BLOCK = 1 << 21;

/**
 * Finds the cells of `pairs`. Throws `INTERRUPTED` when `control.signal` is aborted.
 *
 * @example (await coOccurrence([{ e: Int32Array.of(1, 2), f: Int32Array.of(9) }])).cells.length // 4
 */
export async function coOccurrence(
  pairs: readonly TokenPair[],
  control: StageControl = {},
): Promise<CoOccurrence> {
  const kept = pairs.filter(({ e }) => e.length > 0);
  const places = kept.reduce((sum, { f }) => sum + f.length + 1, 0);
  const stage = new Stage('pairing words', 3 * places, 'words', control);
  const { text, eTokens, fTokens } = await number(kept, places, stage);
  const rows = fTokens.length;
  const rowStarts = new Int32Array(rows + 1);
  const seen = new Int32Array(eTokens.length).fill(-1);
  for (let row = 0; row < rows; row++) {
    let size = 0;
    eachCell(text, row, seen, row, () => size++);
    rowStarts[row + 1] = rowStarts[row] + size;
    if (stage.due()) await stage.turn(places + text.rowPlaceStarts[row + 1]);
  }
  const cells = new Int32Array(rowStarts[rows]);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    eachCell(text, row, seen, rows + row, (e) => {
      cells[at++] = e;
    });
    if (stage.due()) await stage.turn(2 * places + text.rowPlaceStarts[row + 1]);
  }
  stage.end(`${cells.length} pairs of words`);
  return { eTokens, fTokens, rowStarts, cells, text };
}

/** Calls `found` with the e of each cell of a row; `seen[e]` is set to `mark`, which no row before has used. */
function eachCell(
  { eStarts, e, rowPlaces, rowPlaceStarts, pairOf }: PairedText,
  row: number,
  seen: Int32Array,
  mark: number,
  found: (e: number) => void,
): void {
  for (let i = rowPlaceStarts[row]; i < rowPlaceStarts[row + 1]; i++) {
    const pair = pairOf[rowPlaces[i]];
    for (let j = eStarts[pair]; j < eStarts[pair + 1]; j++) {
      if (seen[e[j]] === mark) continue;
      seen[e[j]] = mark;
      found(e[j]);
    }
  }
}

/**
 * The pairs in blocks, in their order. Plans share one array, which the next block overwrites.
 *
 * @example for (const { first, end, plan, starts } of pairBlocks(cells)) sum(plan, starts[first], starts[end]);
 */
export function* pairBlocks({ eTokens, rowStarts, cells, text }: CoOccurrence): Generator<PairBlock> {
  const { pairs, eStarts, fStarts, e, rowPlaces, rowPlaceStarts, pairOf } = text;
  const next = rowPlaceStarts.slice();
  const cellOf = new Int32Array(eTokens.length);
  const starts = new Int32Array(pairs + 1);
  const sizeOf = (k: number) => (eStarts[k + 1] - eStarts[k]) * (fStarts[k + 1] - fStarts[k]);
  let plan = new Int32Array(0);
  for (let first = 0, end = 0; first < pairs; first = end) {
    starts[first] = 0;
    do {
      starts[end + 1] = starts[end] + sizeOf(end);
      end++;
    } while (end < pairs && starts[end] + sizeOf(end) <= BLOCK);
    if (plan.length < starts[end]) plan = new Int32Array(starts[end]);
    for (let row = 0; row + 1 < rowStarts.length; row++) {
      const last = rowPlaceStarts[row + 1];
      let i = next[row];
      if (i === last || rowPlaces[i] >= fStarts[end]) continue;
      for (let cell = rowStarts[row]; cell < rowStarts[row + 1]; cell++) cellOf[cells[cell]] = cell;
      for (; i < last && rowPlaces[i] < fStarts[end]; i++) {
        const k = pairOf[rowPlaces[i]];
        const width = fStarts[k + 1] - fStarts[k];
        let at = starts[k] + rowPlaces[i] - fStarts[k];
        for (let j = eStarts[k]; j < eStarts[k + 1]; j++, at += width) plan[at] = cellOf[e[j]];
      }
      next[row] = i;
    }
    yield { first, end, plan, starts };
  }
}

/** Gives tokens numbers in the order in which they come, and lists the places of each row. */
async function number(pairs: readonly TokenPair[], places: number, stage: Stage) {
  const eNumbers = new Map<number, number>();
  const rows = new Map<number, number>();
  const e = new Int32Array(pairs.reduce((sum, pair) => sum + pair.e.length, 0));
  const rowOf = new Int32Array(places);
  const pairOf = new Int32Array(places);
  const eStarts = new Int32Array(pairs.length + 1);
  const fStarts = new Int32Array(pairs.length + 1);
  for (let k = 0; k < pairs.length; k++) {
    let at = eStarts[k];
    for (const token of pairs[k].e) e[at++] = numberOf(eNumbers, token, 0);
    eStarts[k + 1] = at;
    at = fStarts[k] + 1; // before it the empty word, row 0
    for (const token of pairs[k].f) rowOf[at++] = numberOf(rows, token, 1);
    fStarts[k + 1] = at;
    pairOf.fill(k, fStarts[k], at);
    if (stage.due()) await stage.turn(at);
  }
  // A counting sort by row leaves the places of each row in order.
  const rowPlaceStarts = new Int32Array(rows.size + 2);
  for (const row of rowOf) rowPlaceStarts[row + 1]++;
  for (let row = 0; row <= rows.size; row++) rowPlaceStarts[row + 1] += rowPlaceStarts[row];
  const next = rowPlaceStarts.slice();
  const rowPlaces = new Int32Array(places);
  rowOf.forEach((row, place) => {
    rowPlaces[next[row]++] = place;
  });
  const text = { pairs: pairs.length, eStarts, fStarts, e, rowPlaces, rowPlaceStarts, pairOf };
  return { text, eTokens: [...eNumbers.keys()], fTokens: [Number.NaN, ...rows.keys()] };
}

function numberOf(numbers: Map<number, number>, token: number, first: number): number {
  const known = numbers.get(token);
  if (known !== undefined) return known;
  const number = numbers.size + first;
  numbers.set(token, number);
  return number;
}
