/**
 * What a measure is: a name, a cutoff, a relevance level and a kernel from one judged ranking to a number.
 * A family makes measures of one kind; `../measure.ts` lists the families and parses names.
 */
import { RefractError } from '../../errors.ts';
import type { JudgedRanking } from '../ranking.ts';

/** A measure ready to be computed. */
export interface Measure {
  /** The name as it is written and parsed, e.g. `nDCG@10` or `P(rel=2)@5`. */
  readonly name: string;
  /** Ranks looked at; Infinity for all. */
  readonly cutoff: number;
  /** Lowest grade that counts as relevant. nDCG and Judged do not use it. */
  readonly relevance: number;
  /** The value for one query. A query without results or without relevant passages has 0. */
  readonly value: (ranking: JudgedRanking) => number;
}

/** The settings of a measure. */
export interface MeasureSettings {
  /** Ranks looked at, a whole number of at least 1; all when left out. */
  readonly cutoff?: number;
  /** Lowest grade that counts as relevant, at least 1; default 1. */
  readonly relevance?: number;
}

/** A kind of measure. */
export interface MeasureFamily {
  /** The canonical name, e.g. `nDCG`. */
  readonly name: string;
  /** Other names that are read, never written. */
  readonly aliases: readonly string[];
  /** Whether `@k` must, may or must not be given. */
  readonly cutoff: 'required' | 'optional' | 'none';
  /** Whether `(rel=g)` means something. */
  readonly graded: boolean;
  /** The value for one ranking at a cutoff (Infinity for none) and a relevance level. */
  readonly kernel: (ranking: JudgedRanking, cutoff: number, relevance: number) => number;
}

/** The name of a measure of `family`, as `parseMeasure` reads it: `P(rel=2)@5`. */
export function measureName(family: MeasureFamily, { cutoff, relevance = 1 }: MeasureSettings): string {
  return `${family.name}${relevance === 1 ? '' : `(rel=${relevance})`}${cutoff === undefined ? '' : `@${cutoff}`}`;
}

/**
 * Makes a measure of a family.
 *
 * @throws RefractError `SETTING_INVALID` when the cutoff or the relevance level is out of range, missing
 *   where the family needs it, or given where it has no meaning
 */
export function makeMeasure(family: MeasureFamily, settings: MeasureSettings = {}): Measure {
  const { cutoff, relevance = 1 } = settings;
  const refuse = (what: string, hint: string) =>
    new RefractError('SETTING_INVALID', `${family.name}: ${what}`, { hint });
  if (cutoff === undefined && family.cutoff === 'required')
    throw refuse('needs a cutoff', `Write ${family.name}@10.`);
  if (cutoff !== undefined && family.cutoff === 'none')
    throw refuse('takes no cutoff', `Write ${family.name}.`);
  if (cutoff !== undefined && !(Number.isSafeInteger(cutoff) && cutoff >= 1))
    throw refuse(`cutoff ${cutoff} is not a whole number of at least 1`, `Write ${family.name}@10.`);
  if (!(Number.isSafeInteger(relevance) && relevance >= 1))
    throw refuse(`relevance level ${relevance} is not a whole number of at least 1`, 'Write (rel=1).');
  if (settings.relevance !== undefined && settings.relevance !== 1 && !family.graded)
    throw refuse('takes no relevance level', 'Leave out (rel=...).');
  const ranks = cutoff ?? Number.POSITIVE_INFINITY;
  return {
    name: measureName(family, settings),
    cutoff: ranks,
    relevance,
    value: (ranking) => family.kernel(ranking, ranks, relevance),
  };
}
