/**
 * IBM Model 1 (Brown et al. 1993): translation probabilities t(e | f) learned from sentence pairs by
 * expectation-maximisation. Tokens are numbers; what they stand for is the caller's business.
 *
 *     t(e | f) = c(e, f) / sum_e' c(e', f),   c(e, f) += t(e | f) / sum_f' t(e | f')   over each pair,
 *
 * f' running over the tokens of the other side and the empty word, which generates what has no counterpart.
 */
import { type ProgressFactory, silent } from '../progress.ts';

/** A pair of token sequences: `e` is explained by `f`. */
export interface TokenPair {
  readonly e: Int32Array;
  readonly f: Int32Array;
}

/** Settings of `trainModel1`. */
export interface Model1Settings {
  /** Rounds of EM; 5 are usual. */
  readonly iterations: number;
  /** Probabilities below this are dropped from the result. */
  readonly threshold: number;
  readonly progress?: ProgressFactory;
}

/** What a token f is translated by, most probable first; the probabilities add up to at most 1. */
export type TranslationTable = ReadonlyMap<number, readonly { readonly e: number; readonly p: number }[]>;

/** Stands for the empty word among the f tokens. */
const EMPTY = -1;

/**
 * Learns t(e | f). Cells are kept only for pairs that occur together, in typed arrays.
 * @example trainModel1([{ e: Int32Array.of(1), f: Int32Array.of(9) }], { iterations: 5, threshold: 0.01 }).get(9)
 */
export function trainModel1(pairs: readonly TokenPair[], settings: Model1Settings): TranslationTable {
  const cells = new Map<number, Map<number, number>>();
  let size = 0;
  const cellOf = (f: number, e: number): number => {
    let row = cells.get(f);
    if (!row) {
      row = new Map();
      cells.set(f, row);
    }
    let cell = row.get(e);
    if (cell === undefined) {
      cell = size++;
      row.set(e, cell);
    }
    return cell;
  };
  // Each pair's cells, e-major with the empty word first, are looked up once.
  const plans = pairs.map(({ e, f }) => {
    const plan = new Int32Array(e.length * (f.length + 1));
    let at = 0;
    for (const token of e) {
      plan[at++] = cellOf(EMPTY, token);
      for (const other of f) plan[at++] = cellOf(other, token);
    }
    return plan;
  });
  let probability = new Float64Array(size).fill(1);
  const progress = (settings.progress ?? silent)('word alignment', settings.iterations, 'rounds');
  for (let round = 0; round < settings.iterations; round++) {
    const counts = new Float64Array(size);
    plans.forEach((plan, k) => {
      const width = pairs[k].f.length + 1;
      for (let start = 0; start < plan.length; start += width) {
        let sum = 0;
        for (let i = start; i < start + width; i++) sum += probability[plan[i]];
        for (let i = start; i < start + width; i++) counts[plan[i]] += probability[plan[i]] / sum;
      }
    });
    for (const row of cells.values()) {
      let total = 0;
      for (const cell of row.values()) total += counts[cell];
      if (total > 0) for (const cell of row.values()) counts[cell] /= total;
    }
    probability = counts;
    progress.update(round + 1);
  }
  progress.end(`${size} cells`);
  const table = new Map<number, { e: number; p: number }[]>();
  for (const [f, row] of cells) {
    if (f === EMPTY) continue;
    const list: { e: number; p: number }[] = [];
    for (const [e, cell] of row)
      if (probability[cell] >= settings.threshold) list.push({ e, p: probability[cell] });
    table.set(
      f,
      list.sort((a, b) => b.p - a.p || a.e - b.e),
    );
  }
  return table;
}
