/**
 * Lines that stand beside the translation of a neighbour, as after a line that one file lacks: in a window of lines the
 * lengths of both sides hardly go together, and do so once one side is moved by a few lines.
 */
import type { BitextPair } from '../data/bitext-pair.ts';

/** Lines of one source whose target has moved. */
export interface Shift {
  readonly source: string;
  readonly at: string;
  /** The first and last line. */
  readonly from: number;
  readonly to: number;
  readonly pairs: number;
  /** The translation of line n stands on line n + by. */
  readonly by: number;
}

/** Pairs that are judged together. */
const WINDOW = 100;
/** Lines that a side may have moved. */
const FARTHEST = 5;
/** The correlation that translations have, and how far that of the lines as they stand must be below it. */
const TOGETHER = 0.8;
const APART = 0.4;
/** Characters added, so that the shortest sentences do not decide. */
const SLACK = 10;

/**
 * The stretches of pairs, as they were read, whose target has moved by up to five lines.
 *
 * @example findShifts(pairs) // [{ source: 'tico19', from: 2149, to: 3948, pairs: 1800, by: -1, ... }]
 */
export function findShifts(pairs: readonly BitextPair[]): Shift[] {
  const shifts: Shift[] = [];
  for (const stretch of bySource(pairs)) {
    const x = Float64Array.from(stretch, ({ pivot }) => Math.log(pivot.length + SLACK));
    const y = Float64Array.from(stretch, ({ target }) => Math.log(target.length + SLACK));
    let before = 0;
    for (let start = 0; start + WINDOW <= stretch.length; start += WINDOW) {
      const by = movedBy(x, y, start);
      const goesOn = by === before;
      before = by;
      if (by === 0) continue;
      const first = stretch[start];
      const to = stretch[start + WINDOW - 1].line;
      const last = shifts.at(-1);
      if (last !== undefined && goesOn)
        shifts[shifts.length - 1] = { ...last, to, pairs: last.pairs + WINDOW };
      else shifts.push({ source: first.source ?? '', at: first.at, from: first.line, to, pairs: WINDOW, by });
    }
  }
  return shifts;
}

/** Pairs of one file and source, in their order. */
function bySource(pairs: readonly BitextPair[]): Iterable<BitextPair[]> {
  const stretches = new Map<string, BitextPair[]>();
  for (const pair of pairs) {
    const key = `${pair.at}\n${pair.source ?? ''}`;
    const stretch = stretches.get(key);
    if (stretch) stretch.push(pair);
    else stretches.set(key, [pair]);
  }
  return stretches.values();
}

/** By how many lines the targets of a window have moved; 0 where they have not, or it cannot be told. */
function movedBy(x: Float64Array, y: Float64Array, start: number): number {
  const here = windowCorrelation(x, y, start, 0);
  if (here >= TOGETHER) return 0;
  let best = 0;
  let highest = Math.max(here + APART, TOGETHER);
  for (let by = -FARTHEST; by <= FARTHEST; by++) {
    if (by === 0) continue;
    const there = windowCorrelation(x, y, start, by);
    if (there < highest) continue;
    highest = there;
    best = by;
  }
  return best;
}

/** Pearson's correlation of x with y moved by `by`, over the part of a window that both have. */
function windowCorrelation(x: Float64Array, y: Float64Array, start: number, by: number): number {
  const from = Math.max(start, -by);
  const to = Math.min(start + WINDOW, y.length - by);
  const n = to - from;
  let [sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0];
  for (let i = from; i < to; i++) {
    const [a, b] = [x[i], y[i + by]];
    sx += a;
    sy += b;
    sxx += a * a;
    syy += b * b;
    sxy += a * b;
  }
  const spread = (sxx - (sx * sx) / n) * (syy - (sy * sy) / n);
  return spread < 1e-9 ? 0 : (sxy - (sx * sy) / n) / Math.sqrt(spread);
}
