/** Means and standard deviations of measures over other systems, for trec_eval's `-Z`. */
import { RefractError } from '../../errors.ts';

/** Mean and deviation by query and label. */
export type ZScores = ReadonlyMap<
  string,
  ReadonlyMap<string, { readonly mean: number; readonly deviation: number }>
>;

/**
 * Reads lines `query label mean deviation`.
 *
 * Errors: `LINE_FORMAT` with the line.
 *
 * @param at the file, for messages
 * @example parseZScores(['301 map 0.12 0.15'], 'zscores').get('301')?.get('map')?.mean // 0.12
 */
export function parseZScores(lines: readonly string[], at: string): ZScores {
  const scores = new Map<string, Map<string, { mean: number; deviation: number }>>();
  lines.forEach((text, i) => {
    if (text.trim() === '') return;
    const [query, label, mean, deviation, ...more] = text.trim().split(/\s+/);
    const values = [Number(mean), Number(deviation)];
    if (deviation === undefined || more.length > 0 || !values.every(Number.isFinite))
      throw new RefractError('LINE_FORMAT', 'is not "query measure mean deviation"', {
        at,
        line: i + 1,
        hint: 'Each line of a file of z-scores holds a query, a measure as trec_eval prints it, and two numbers.',
      });
    const byLabel = scores.get(query) ?? new Map();
    byLabel.set(label, { mean: values[0], deviation: values[1] });
    scores.set(query, byLabel);
  });
  return scores;
}

/**
 * How many deviations `value` lies above the mean of other systems; 0 where they all agree.
 *
 * Errors: `UNKNOWN_ID` when nothing is known of this query and measure.
 */
export function zScore(scores: ZScores, query: string, label: string, value: number): number {
  const known = scores.get(query)?.get(label);
  if (known === undefined)
    throw new RefractError('UNKNOWN_ID', `the z-scores have no line for query ${query} and ${label}`, {
      hint: 'Add the line, or ask for measures that the file has (-m).',
    });
  return known.deviation === 0 ? 0 : (value - known.mean) / known.deviation;
}
