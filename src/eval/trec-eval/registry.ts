/**
 * Every measure of trec_eval for judgments and runs (its preference and judgment-group measures are left out), in
 * the order in which trec_eval prints them, and the names of sets of measures.
 */
import { nearest, RefractError } from '../../errors.ts';
import { averagePrecisionKernel } from '../measures/average-precision.ts';
import { bprefKernel } from '../measures/bpref.ts';
import { judgedNonrelevantRetrieved, unjudgedShare, utility } from '../measures/counts.ts';
import { binaryGain, normalisedGain } from '../measures/gain.ts';
import { inferredApKernel } from '../measures/inferred-ap.ts';
import {
  averageInterpolatedPrecision,
  ELEVEN_LEVELS,
  interpolatedPrecision,
} from '../measures/interpolated-precision.ts';
import { ndcgKernel } from '../measures/ndcg.ts';
import { ndcgAtLevels, ndcgAtRelevant } from '../measures/ndcg-averages.ts';
import { precisionKernel, relevantRetrieved } from '../measures/precision.ts';
import { rPrecisionAtMultiple, rPrecisionKernel } from '../measures/r-precision.ts';
import { PERSISTENCE, rankBiasedPrecision, rankBiasedResidual } from '../measures/rank-biased.ts';
import { recallKernel } from '../measures/recall.ts';
import { reciprocalRankKernel } from '../measures/reciprocal-rank.ts';
import { relativePrecision } from '../measures/relative-precision.ts';
import { relevanceString } from '../measures/relevance-string.ts';
import {
  setAveragePrecision,
  setF,
  setPrecision,
  setRecall,
  setRelativePrecision,
} from '../measures/sets.ts';
import { successKernel } from '../measures/success.ts';
import { relevantCount } from '../ranking.ts';
import {
  atCutoffs,
  atShares,
  plain,
  printsQueries,
  type TrecColumns,
  type TrecMeasure,
  withParameters,
} from './measure.ts';
import { oneNumber, readGains, readWorth, shares } from './parameters.ts';

const ALL_RANKS = Number.POSITIVE_INFINITY;
const DEPTHS = [5, 10, 15, 20, 30, 100, 200, 500, 1000];

/** The measures, in the order of printing. */
export const TREC_MEASURES: readonly TrecMeasure[] = [
  plain('runid', () => '', 'tag'),
  plain('num_q', () => 1, 'count'),
  plain('num_ret', ({ grades }) => grades.length, 'sum'),
  plain('num_rel', ({ judged }, { relevance }) => relevantCount(judged, relevance), 'sum'),
  plain('num_rel_ret', (ranking, { relevance }) => relevantRetrieved(ranking, ALL_RANKS, relevance), 'sum'),
  plain('map', (ranking, { relevance }) => averagePrecisionKernel(ranking, ALL_RANKS, relevance)),
  plain(
    'gm_map',
    (ranking, { relevance }) => averagePrecisionKernel(ranking, ALL_RANKS, relevance),
    'geometric',
  ),
  plain('Rprec', (ranking, { relevance }) => rPrecisionKernel(ranking, ALL_RANKS, relevance)),
  plain('bpref', (ranking, { relevance }) => bprefKernel(ranking, ALL_RANKS, relevance)),
  plain('recip_rank', (ranking, { relevance }) => reciprocalRankKernel(ranking, ALL_RANKS, relevance)),
  atShares('iprec_at_recall', ELEVEN_LEVELS, (ranking, levels, { relevance }) =>
    interpolatedPrecision(ranking, levels, relevance),
  ),
  atCutoffs('P', DEPTHS, (ranking, cutoff, { relevance }) => precisionKernel(ranking, cutoff, relevance)),
  withParameters(
    'relstring',
    oneNumber('relstring', 10),
    (ranking, cutoff) => `'${relevanceString(ranking, cutoff)}'`,
    'none',
  ),
  atCutoffs('recall', DEPTHS, (ranking, cutoff, { relevance }) => recallKernel(ranking, cutoff, relevance)),
  plain('infAP', (ranking, { relevance }) => inferredApKernel(ranking, ALL_RANKS, relevance)),
  plain('gm_bpref', (ranking, { relevance }) => bprefKernel(ranking, ALL_RANKS, relevance), 'geometric'),
  atShares(
    'Rprec_mult',
    [0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2],
    (ranking, multiples, { relevance }) =>
      multiples.map((multiple) => rPrecisionAtMultiple(ranking, multiple, relevance)),
  ),
  withParameters('utility', readWorth, (ranking, worth, { relevance, collection }) =>
    utility(ranking, relevance, worth, collection),
  ),
  withParameters('11pt_avg', shares('11pt_avg', ELEVEN_LEVELS), (ranking, levels, { relevance }) =>
    averageInterpolatedPrecision(ranking, relevance, levels),
  ),
  plain('binG', (ranking, { relevance }) => binaryGain(ranking, relevance)),
  withParameters('G', readGains('G'), (ranking, gain) => normalisedGain(ranking, gain)),
  withParameters('ndcg', readGains('ndcg'), (ranking, gain) =>
    ndcgKernel(ranking, ALL_RANKS, undefined, gain),
  ),
  withParameters('ndcg_rel', readGains('ndcg_rel'), (ranking, gain) => ndcgAtRelevant(ranking, gain)),
  withParameters('Rndcg', readGains('Rndcg'), (ranking, gain) => ndcgAtLevels(ranking, gain)),
  atCutoffs('ndcg_cut', DEPTHS, (ranking, cutoff) => ndcgKernel(ranking, cutoff)),
  atCutoffs('map_cut', DEPTHS, (ranking, cutoff, { relevance }) =>
    averagePrecisionKernel(ranking, cutoff, relevance),
  ),
  atCutoffs('relative_P', DEPTHS, (ranking, cutoff, { relevance }) =>
    relativePrecision(ranking, cutoff, relevance),
  ),
  atCutoffs('success', [1, 5, 10], (ranking, cutoff, { relevance }) =>
    successKernel(ranking, cutoff, relevance),
  ),
  plain('set_P', (ranking, { relevance }) => setPrecision(ranking, relevance)),
  plain('set_relative_P', (ranking, { relevance }) => setRelativePrecision(ranking, relevance)),
  plain('set_recall', (ranking, { relevance }) => setRecall(ranking, relevance)),
  plain('set_map', (ranking, { relevance }) => setAveragePrecision(ranking, relevance)),
  withParameters('set_F', oneNumber('set_F', 1), (ranking, x, { relevance }) => setF(ranking, relevance, x)),
  plain(
    'num_nonrel_judged_ret',
    (ranking, { relevance }) => judgedNonrelevantRetrieved(ranking, relevance),
    'sum',
  ),
  withParameters('rbp', oneNumber('rbp', PERSISTENCE), (ranking, p) => rankBiasedPrecision(ranking, p)),
  withParameters('rbp_resid', oneNumber('rbp_resid', PERSISTENCE), (ranking, p) =>
    rankBiasedResidual(ranking, p),
  ),
  atCutoffs('unj', [5, 10, 20], (ranking, cutoff) => unjudgedShare(ranking, cutoff)),
];

const OFFICIAL =
  'runid num_q num_ret num_rel num_rel_ret map gm_map Rprec bpref recip_rank iprec_at_recall P';
const SET = 'runid num_q num_ret num_rel num_rel_ret utility set_P set_relative_P set_recall set_map set_F';

/** Names that stand for several measures. */
export const TREC_SETS: Readonly<Record<string, readonly string[]>> = {
  official: OFFICIAL.split(' '),
  set: SET.split(' '),
  all_trec: TREC_MEASURES.map(({ name }) => name),
};

/** A measure that was asked for, with the parameters to take. */
export interface SelectedMeasure {
  readonly measure: TrecMeasure;
  readonly columns: TrecColumns;
}

/**
 * The measures asked for (as in `-m all_trec`, `-m P.5,10`), in the order of printing. Parameters of a measure win
 * over those of a set that contains it; lists of cutoffs given for one measure several times are joined.
 *
 * Errors: `SETTING_UNKNOWN`, `SETTING_INVALID`.
 *
 * @example selectMeasures(['map', 'P.5,10']).flatMap(({ columns }) => columns.labels) // ['map', 'P_5', 'P_10']
 */
export function selectMeasures(requests: readonly string[]): SelectedMeasure[] {
  const wanted = new Map<string, string | undefined>();
  for (const request of requests) {
    const dot = request.indexOf('.');
    const name = dot < 0 ? request : request.slice(0, dot);
    const parameters = dot < 0 ? undefined : request.slice(dot + 1);
    for (const each of parameters === undefined ? (TREC_SETS[name] ?? [name]) : [name]) {
      if (!TREC_MEASURES.some((measure) => measure.name === each)) throw unknownMeasure(each);
      const earlier = wanted.get(each);
      wanted.set(
        each,
        earlier !== undefined && parameters !== undefined
          ? `${earlier},${parameters}`
          : (parameters ?? earlier),
      );
    }
  }
  return TREC_MEASURES.filter(({ name }) => wanted.has(name)).map((measure) => ({
    measure,
    columns: measure.columns(wanted.get(measure.name)),
  }));
}

/**
 * The measure and column of a label that trec_eval prints, or of a request with one value: `ndcg_cut_10`,
 * `ndcg_cut.10`, `iprec_at_recall_0.50`, `bpref`. Undefined for a name that is none, and for measures that have no
 * mean over queries, such as counts.
 *
 * @example singleColumn('P_5')?.columns.labels // ['P_5']
 */
export function singleColumn(label: string): SelectedMeasure | undefined {
  const measure = TREC_MEASURES.filter(
    ({ name }) => label === name || label.startsWith(`${name}_`) || label.startsWith(`${name}.`),
  ).sort((a, b) => b.name.length - a.name.length)[0];
  if (measure === undefined || measure.summary !== 'mean' || !printsQueries(measure)) return undefined;
  const columns = measure.columns(label === measure.name ? undefined : label.slice(measure.name.length + 1));
  return columns.labels.length === 1 ? { measure, columns } : undefined;
}

function unknownMeasure(name: string): RefractError {
  const names = [...Object.keys(TREC_SETS), ...TREC_MEASURES.map((measure) => measure.name)];
  const near = nearest(name, names);
  return new RefractError('SETTING_UNKNOWN', `trec_eval has no measure ${name} for judgments and runs`, {
    hint: `${near === undefined ? '' : `Did you mean ${near}? `}Measures: ${names.join(', ')}.`,
  });
}
