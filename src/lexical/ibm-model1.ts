/**
 * IBM Model 1 (Brown et al. 1993): translation probabilities t(e | f) learned from sentence pairs by
 * expectation-maximisation. Tokens are numbers; what they stand for is the caller's business.
 *
 *     t(e | f) = c(e, f) / sum_e' c(e', f),   c(e, f) += t(e | f) / sum_f' t(e | f')   over each pair,
 *
 * f' running over the tokens of the other side and the empty word, which generates what has no counterpart.
 *
 * Memory: 20 bytes for each (e, f) that occur together somewhere (an index and two doubles), however often and
 * in however long pairs; 12 bytes a token; a plan of 8 MiB. 100,000 pairs of 20 words with Zipf's frequencies
 * have 13 million such (e, f): 260 MB, and 0.5 GB for the whole process.
 */
import { Stage, type StageControl } from '../stage.ts';
import { type CoOccurrence, coOccurrence, pairBlocks, type TokenPair } from './co-occurrence.ts';

/** Settings of `trainModel1`. */
export interface Model1Settings {
  /** Rounds of EM; 5 are usual. */
  readonly iterations: number;
  /** Probabilities below this are dropped from the result. */
  readonly threshold: number;
}

/** What a token f is translated by, most probable first; the probabilities add up to at most 1. */
export type TranslationTable = ReadonlyMap<number, readonly { readonly e: number; readonly p: number }[]>;

/**
 * Learns t(e | f), in turns.
 *
 * @throws RefractError `INTERRUPTED` when `control.signal` is aborted
 * @example
 * const pairs = [{ e: Int32Array.of(1), f: Int32Array.of(9) }];
 * (await trainModel1(pairs, { iterations: 5, threshold: 0.01 })).get(9); // [{ e: 1, p: 1 }]
 */
export async function trainModel1(
  pairs: readonly TokenPair[],
  { iterations, threshold }: Model1Settings,
  control: StageControl = {},
): Promise<TranslationTable> {
  const table = await coOccurrence(pairs, control);
  const { fStarts, pairs: count } = table.text;
  let probabilities = new Float64Array(table.cells.length).fill(1);
  let counts = new Float64Array(table.cells.length);
  const stage = new Stage('aligning words', iterations * count, 'pairs', control);
  for (let round = 0; round < iterations; round++) {
    counts.fill(0);
    for (const { first, end, plan, starts } of pairBlocks(table)) {
      for (let k = first; k < end; k++) {
        explain(plan.subarray(starts[k], starts[k + 1]), fStarts[k + 1] - fStarts[k], probabilities, counts);
        if (stage.due()) await stage.turn(round * count + k + 1);
      }
    }
    normaliseRows(table, counts);
    [probabilities, counts] = [counts, probabilities];
  }
  stage.end();
  return probableTranslations(table, probabilities, threshold);
}

/** Shares each e of a pair out among its `width` possible causes: adds to `counts`. */
function explain(plan: Int32Array, width: number, probabilities: Float64Array, counts: Float64Array): void {
  for (let start = 0; start < plan.length; start += width) {
    let sum = 0;
    for (let i = start; i < start + width; i++) sum += probabilities[plan[i]];
    for (let i = start; i < start + width; i++) counts[plan[i]] += probabilities[plan[i]] / sum;
  }
}

/** Makes each row's counts add up to 1. */
function normaliseRows({ rowStarts }: CoOccurrence, counts: Float64Array): void {
  for (let row = 0; row + 1 < rowStarts.length; row++) {
    let total = 0;
    for (let cell = rowStarts[row]; cell < rowStarts[row + 1]; cell++) total += counts[cell];
    if (total > 0) for (let cell = rowStarts[row]; cell < rowStarts[row + 1]; cell++) counts[cell] /= total;
  }
}

function probableTranslations(
  { eTokens, fTokens, rowStarts, cells }: CoOccurrence,
  probabilities: Float64Array,
  threshold: number,
): TranslationTable {
  const table = new Map<number, { e: number; p: number }[]>();
  for (let row = 1; row < fTokens.length; row++) {
    const list: { e: number; p: number }[] = [];
    for (let cell = rowStarts[row]; cell < rowStarts[row + 1]; cell++) {
      const p = probabilities[cell];
      if (p >= threshold) list.push({ e: eTokens[cells[cell]], p });
    }
    table.set(
      fTokens[row],
      list.sort((a, b) => b.p - a.p || a.e - b.e),
    );
  }
  return table;
}
