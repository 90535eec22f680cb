/**
 * Fusion: several runs of the same queries made into one.
 *
 *     reciprocal rank (Cormack, Clarke, Büttcher 2009):  s(q, d) = sum over runs r:  w_r / (k + rank_r(q, d))
 *     weighted:                                          s(q, d) = sum over runs r:  w_r · n_r(q, d)
 *
 * n_r is the score in the run, normalised over the passages that the run has for the query: `min-max` to 0..1,
 * `z-score` to mean 0 and standard deviation 1. A passage that a run does not have is worth nothing in it by rank
 * and as much as the run's last passage by score, since runs are cut somewhere and it would have stood below. Where
 * all scores of a run are equal, there is no last one: a passage that it does not have is then worth one less.
 */
import type { RunEntry } from '../data/records.ts';
import { compareEntries } from '../data/runs.ts';
import { RefractError } from '../errors.ts';

/** How scores of different runs are made comparable. */
export type Normalisation = 'min-max' | 'z-score';

/** Settings of both ways. */
export interface FusionOptions {
  /** Weight of each run, in their order; default 1 each. */
  readonly weights?: readonly number[];
  /** Passages kept for each query; default 1000. */
  readonly depth?: number;
}

/** Settings of `reciprocalRankFusion`. */
export interface ReciprocalRankOptions extends FusionOptions {
  /** How little the first ranks stand out, >= 0; default 60. */
  readonly k?: number;
}

/** Settings of `weightedFusion`. */
export interface WeightedOptions extends FusionOptions {
  /** Default `min-max`. */
  readonly normalisation?: Normalisation;
  /** By run, the score of the passages that it does not have, where that is known: it is then normalised too. */
  readonly others?: readonly (number | undefined)[];
}

const USUAL_K = 60;
const USUAL_DEPTH = 1000;

/**
 * Fuses runs by rank. Queries stand in the order in which the runs first have them, passages best first.
 *
 * @throws RefractError `SETTING_INVALID`: no run, as many weights as there are runs not given, a weight below 0, all
 *   weights 0, k or depth out of range
 * @example reciprocalRankFusion([await readRun('bm25.run'), await readRun('pack.run')], { k: 60 })
 */
export function reciprocalRankFusion(
  runs: readonly (readonly RunEntry[])[],
  options: ReciprocalRankOptions = {},
): RunEntry[] {
  const { k = USUAL_K } = options;
  if (!(k >= 0 && Number.isFinite(k)))
    throw invalid(`k of reciprocal rank fusion is ${k}`, 'It must be at least 0; 60 is usual.');
  return fused(runs, options, (ranked) => ({
    values: ranked.map((_, i) => 1 / (k + i + 1)),
    missing: 0,
  }));
}

/**
 * Fuses runs by normalised scores. Errors: those of `reciprocalRankFusion`.
 *
 * @example weightedFusion([bm25, pack], { weights: [0.3, 0.7], normalisation: 'min-max' })
 */
export function weightedFusion(
  runs: readonly (readonly RunEntry[])[],
  options: WeightedOptions = {},
): RunEntry[] {
  const normalise = options.normalisation === 'z-score' ? zScores : minMax;
  return fused(runs, options, (ranked, r) =>
    normalise(
      ranked.map(({ score }) => score),
      options.others?.[r],
    ),
  );
}

/** What the passages of one run are worth for a query, best first, and what any other passage is. */
interface Worth {
  readonly values: readonly number[];
  readonly missing: number;
}

function fused(
  runs: readonly (readonly RunEntry[])[],
  { weights = runs.map(() => 1), depth = USUAL_DEPTH }: FusionOptions,
  worthOf: (ranked: readonly RunEntry[], run: number) => Worth,
): RunEntry[] {
  checkOptions(runs.length, weights, depth);
  const byQuery = runs.map(queriesOf);
  const queries = new Set(byQuery.flatMap((topics) => [...topics.keys()]));
  const result: RunEntry[] = [];
  for (const query of queries) {
    const scores = new Map<string, number>();
    let everywhere = 0;
    byQuery.forEach((topics, r) => {
      const ranked = topics.get(query);
      if (ranked === undefined) return;
      const { values, missing } = worthOf(ranked, r);
      everywhere += weights[r] * missing;
      ranked.forEach(({ passage }, i) => {
        scores.set(passage, (scores.get(passage) ?? 0) + weights[r] * (values[i] - missing));
      });
    });
    const entries = Array.from(scores, ([passage, score]) => ({ query, passage, score: score + everywhere }));
    for (const entry of entries.sort(compareEntries).slice(0, depth)) result.push(entry);
  }
  return result;
}

function queriesOf(run: readonly RunEntry[]): Map<string, RunEntry[]> {
  const topics = new Map<string, RunEntry[]>();
  for (const entry of run) {
    const topic = topics.get(entry.query);
    if (topic === undefined) topics.set(entry.query, [entry]);
    else topic.push(entry);
  }
  for (const topic of topics.values()) topic.sort(compareEntries);
  return topics;
}

/** To 0..1; equal scores to 1, for the run says that these passages are the best, and others to 0. */
function minMax(scores: readonly number[], others = scores[scores.length - 1]): Worth {
  const [most, least] = [scores[0], Math.min(others, scores[scores.length - 1])];
  return {
    values: scores.map((score) => (most === least ? 1 : (score - least) / (most - least))),
    missing: 0,
  };
}

/** To mean 0 and standard deviation 1 (of the population); equal scores to 0, and others to -1. */
function zScores(scores: readonly number[], others = scores[scores.length - 1]): Worth {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const equal = scores[0] === scores[scores.length - 1];
  const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
  return {
    values: scores.map((score) => (equal ? 0 : (score - mean) / deviation)),
    missing: equal ? -1 : (others - mean) / deviation,
  };
}

function checkOptions(runs: number, weights: readonly number[], depth: number): void {
  if (runs === 0) throw invalid('no run to fuse', 'Give two or more.');
  if (weights.length !== runs)
    throw invalid(`${weights.length} weights for ${runs} runs`, 'Give one for each run, in their order.');
  const odd = weights.find((weight) => !(weight >= 0 && Number.isFinite(weight)));
  if (odd !== undefined) throw invalid(`a weight is ${odd}`, 'Weights must be at least 0.');
  if (weights.every((weight) => weight === 0)) throw invalid('all weights are 0', 'Give one run a weight.');
  if (!Number.isSafeInteger(depth) || depth < 1)
    throw invalid(`the depth is ${depth}`, 'It must be a whole number of at least 1.');
}

function invalid(what: string, hint: string): RefractError {
  return new RefractError('SETTING_INVALID', what, { hint });
}
