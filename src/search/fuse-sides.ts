/** The candidates of MaxSim and of BM25 as one ranking, with what each side adds to a passage's score. */
import type { RunEntry } from '../data/records.ts';
import { compareEntries } from '../data/runs.ts';
import { reciprocalRankFusion, weightedFusion } from './fusion.ts';

/** A passage that one side found. */
export interface Candidate {
  readonly ordinal: number;
  readonly id: string;
  readonly score: number;
}

/** What one side says of a passage. */
export interface SideScore {
  readonly score: number;
  /** 1 is the best; undefined where the passage is not among the side's candidates. */
  readonly rank?: number;
}

/** A passage that was found. */
export interface HybridHit extends Candidate {
  readonly dense?: SideScore;
  readonly lexical?: SideScore;
}

/** What each side adds to a fused score; both add up to it. */
export interface Shares {
  readonly dense: number;
  readonly lexical: number;
}

/** Fused hits, best first, and the shares of a hit. */
export interface FusedSides {
  readonly hits: HybridHit[];
  readonly shares: (hit: HybridHit) => Shares;
}

/** How both sides are fused: weights of their scores, which are then scaled to 0..1, or reciprocal ranks. */
export type SideWeights = readonly [dense: number, lexical: number] | 'rrf';

/**
 * The weights of MaxSim and BM25 when none are given: found on dev data by `bench/index-modes.ts`, whose figures stand
 * in docs/decisions/028-filters-and-hybrid.md.
 */
export const USUAL_WEIGHTS: SideWeights = [0.4, 0.6];

/** The name of the one query of the runs that are fused. */
const QUERY = '';

/**
 * The `k` best of both sides: by scores that are scaled to 0..1 and weighted, or by reciprocal ranks. A side without
 * weight proposes nothing. The ranking is that of `refract fuse` for runs of these candidates, except that, by weights,
 * BM25 is scaled from 0, the score of all other passages, where its side has all that share a word with the query. Of
 * equal scores, the id that is later by its bytes stands first, as in runs.
 *
 * @param weights default `USUAL_WEIGHTS`
 * @param all whether the lexical side has all passages that share a word with the query
 * @throws RefractError `SETTING_INVALID` weights below 0, or both 0
 */
export function fuseSides(
  dense: readonly Candidate[],
  lexical: readonly Candidate[],
  k: number,
  { weights = USUAL_WEIGHTS, all = false }: { readonly weights?: SideWeights; readonly all?: boolean } = {},
): FusedSides {
  const runs = [dense, lexical].map((hits) =>
    hits.map(({ id, score }): RunEntry => ({ query: QUERY, passage: id, score })).sort(compareEntries),
  );
  const ordinals = new Map([...dense, ...lexical].map(({ id, ordinal }) => [id, ordinal]));
  const depth = Math.max(1, ordinals.size);
  const fused = (by: readonly number[]) =>
    weights === 'rrf'
      ? reciprocalRankFusion(runs, { depth, weights: by })
      : weightedFusion(runs, {
          depth,
          weights: weights.map((weight, side) => weight * by[side]),
          others: [undefined, all ? 0 : undefined],
        });
  const [byDense, byLexical] = runs.map(
    (entries) => new Map(entries.map(({ passage, score }, i) => [passage, { score, rank: i + 1 }])),
  );
  const proposing = [byDense, byLexical].filter((_, side) => weights === 'rrf' || weights[side] !== 0);
  const hits = fused([1, 1])
    .filter(({ passage }) => proposing.some((side) => side.has(passage)))
    .slice(0, k)
    .map(({ passage, score }) => ({
      ordinal: ordinals.get(passage)!,
      id: passage,
      score,
      dense: byDense.get(passage),
      lexical: byLexical.get(passage),
    }));
  let denseAlone: Map<string, number> | undefined;
  const shares = ({ id, score }: HybridHit): Shares => {
    // Weights that are all 0 cannot be fused: the side then adds nothing.
    denseAlone ??= new Map(
      weights[0] === 0 ? [] : fused([1, 0]).map((entry) => [entry.passage, entry.score]),
    );
    const share = denseAlone.get(id) ?? 0;
    return { dense: share, lexical: score - share };
  };
  return { hits, shares };
}

/** Hits with the rank and score of the one side that they come from. */
export function ofSide(hits: readonly Candidate[], side: 'dense' | 'lexical'): HybridHit[] {
  return hits.map(({ ordinal, id, score }, i) => ({ ordinal, id, score, [side]: { score, rank: i + 1 } }));
}
