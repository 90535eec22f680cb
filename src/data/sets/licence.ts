/** The licence of a source of data, where the catalogue knows it. */
import { DATA_SETS } from './catalogue.ts';

/**
 * The licence of the data set that a source is named after, as the catalogue states it; undefined where there is none
 * of that name, or its licence is that of each part.
 *
 * @example licenceOfSource('panlex') // 'CC0'
 */
export function licenceOfSource(source: string): string | undefined {
  const wanted = source.trim().toLowerCase();
  const licence = DATA_SETS.find(({ name }) => name === wanted)?.licence;
  return licence === undefined || licence.startsWith('of each') ? undefined : licence;
}
