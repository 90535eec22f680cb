/**
 * What a measure is to trec_eval: a name, parameters after a dot (`P.5,10`), and one printed line for each value
 * (`P_5`, `P_10`). The kernels are those of `../measures`; this folder only knows trec_eval's names for them.
 */
import { RefractError } from '../../errors.ts';
import type { JudgedRanking } from '../ranking.ts';

/** What beside the ranking a measure may depend on. */
export interface TrecContext {
  /** Lowest grade that counts as relevant (`-l`). */
  readonly relevance: number;
  /** Passages in the collection (`-N`). */
  readonly collection: number;
}

/** One value of one query. */
export type TrecValue = number | string;

/** A measure with its parameters: the labels it prints, and their values for one query. */
export interface TrecColumns {
  readonly labels: readonly string[];
  readonly values: (ranking: JudgedRanking, context: TrecContext) => readonly TrecValue[];
}

/** A measure by trec_eval's name. */
export interface TrecMeasure {
  readonly name: string;
  /**
   * How values become the line `all`: their `mean`, `sum` or `geometric` mean, the `count` of queries, the run's
   * `tag`, or `none`.
   */
  readonly summary: 'mean' | 'sum' | 'geometric' | 'count' | 'tag' | 'none';
  /** Parameters as the user wrote them, undefined for the defaults; throws `SETTING_INVALID`. */
  readonly columns: (parameters: string | undefined) => TrecColumns;
}

/** Whether values of a measure are printed for each query. */
export function printsQueries({ summary }: TrecMeasure): boolean {
  return summary === 'mean' || summary === 'sum' || summary === 'none';
}

/** The error for parameters that a measure cannot have. */
export function parameterError(name: string, parameters: string, hint: string): RefractError {
  return new RefractError('SETTING_INVALID', `${name}.${parameters}: not parameters of ${name}`, { hint });
}

/** A measure without parameters. */
export function plain(
  name: string,
  value: (ranking: JudgedRanking, context: TrecContext) => TrecValue,
  summary: TrecMeasure['summary'] = 'mean',
): TrecMeasure {
  return {
    name,
    summary,
    columns: (parameters) => {
      if (parameters !== undefined) throw parameterError(name, parameters, `Write ${name} alone.`);
      return { labels: [name], values: (ranking, context) => [value(ranking, context)] };
    },
  };
}

/** A measure with a list of ranks: `P.5,10`. Fractions are cut off; the order is ascending. */
export function atCutoffs(
  name: string,
  defaults: readonly number[],
  value: (ranking: JudgedRanking, cutoff: number, context: TrecContext) => TrecValue,
): TrecMeasure {
  return {
    name,
    summary: 'mean',
    columns: (parameters) => {
      const cutoffs = numbers(name, parameters, defaults).map(Math.trunc);
      if (cutoffs[0] < 1)
        throw parameterError(name, parameters ?? '', `Cutoffs start at 1, as in ${name}.5,10.`);
      return {
        labels: cutoffs.map((cutoff) => `${name}_${cutoff}`),
        values: (ranking, context) => cutoffs.map((cutoff) => value(ranking, cutoff, context)),
      };
    },
  };
}

/** A measure with a list of shares, computed together: `iprec_at_recall.0.1,0.5`, printed with two decimals. */
export function atShares(
  name: string,
  defaults: readonly number[],
  values: (ranking: JudgedRanking, shares: readonly number[], context: TrecContext) => readonly number[],
): TrecMeasure {
  return {
    name,
    summary: 'mean',
    columns: (parameters) => {
      const shares = numbers(name, parameters, defaults);
      return {
        labels: shares.map((share) => `${name}_${share.toFixed(2)}`),
        values: (ranking, context) => values(ranking, shares, context),
      };
    },
  };
}

/** A measure whose parameters belong together and stand in its label as they were written: `utility_1,-1,0,0`. */
export function withParameters<Settings>(
  name: string,
  read: (parameters: string | undefined) => Settings,
  value: (ranking: JudgedRanking, settings: Settings, context: TrecContext) => TrecValue,
  summary: TrecMeasure['summary'] = 'mean',
): TrecMeasure {
  return {
    name,
    summary,
    columns: (parameters) => {
      const settings = read(parameters);
      return {
        labels: [parameters === undefined ? name : `${name}_${parameters}`],
        values: (ranking, context) => [value(ranking, settings, context)],
      };
    },
  };
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/;

/** Numbers between commas, in the order given; `defaults` where there are no parameters. */
export function numberList(
  name: string,
  parameters: string | undefined,
  defaults: readonly number[],
): number[] {
  if (parameters === undefined) return [...defaults];
  const parts = parameters.split(',');
  if (!parts.every((part) => NUMBER.test(part)))
    throw parameterError(
      name,
      parameters,
      `Write numbers between commas, as in ${name}.${defaults.join(',')}.`,
    );
  return parts.map(Number);
}

/** The same, ascending and without repetition. */
function numbers(name: string, parameters: string | undefined, defaults: readonly number[]): number[] {
  return [...new Set(numberList(name, parameters, defaults))].sort((a, b) => a - b);
}
