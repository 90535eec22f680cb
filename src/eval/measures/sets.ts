/** Measures of the set of passages returned, whatever their order. */
import { type JudgedRanking, relevantCount } from '../ranking.ts';
import { relevantRetrieved } from './precision.ts';

function counts(ranking: JudgedRanking, relevance: number) {
  const returned = ranking.grades.length;
  return {
    returned,
    relevant: relevantCount(ranking.judged, relevance),
    found: relevantRetrieved(ranking, returned, relevance),
  };
}

const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

/** Relevant passages returned / passages returned; 0 when nothing is returned. */
export function setPrecision(ranking: JudgedRanking, relevance: number): number {
  const { found, returned } = counts(ranking, relevance);
  return ratio(found, returned);
}

/** Relevant passages returned / relevant passages; 0 when nothing is relevant. */
export function setRecall(ranking: JudgedRanking, relevance: number): number {
  const { found, relevant } = counts(ranking, relevance);
  return ratio(found, relevant);
}

/** Relevant passages returned / the most there could be: min(passages returned, relevant passages). */
export function setRelativePrecision(ranking: JudgedRanking, relevance: number): number {
  const { found, returned, relevant } = counts(ranking, relevance);
  return ratio(found, Math.min(returned, relevant));
}

/** Set precision times set recall: what AP would be if every rank had the precision of the whole set. */
export function setAveragePrecision(ranking: JudgedRanking, relevance: number): number {
  return setPrecision(ranking, relevance) * setRecall(ranking, relevance);
}

/**
 * F = (x + 1) P R / (R + x P) of set precision P and set recall R; 0 when nothing relevant is returned.
 *
 * @param x weight of recall against precision; 1 gives the harmonic mean
 */
export function setF(ranking: JudgedRanking, relevance: number, x = 1): number {
  const precision = setPrecision(ranking, relevance);
  const recall = setRecall(ranking, relevance);
  return ratio((x + 1) * precision * recall, recall + x * precision);
}
