/** Scores of `refract eval --format json` as the section of a card. */
import { z } from 'zod';
import { languageName } from '../data/language.ts';
import { RefractError } from '../errors.ts';
import { table } from './card-sections.ts';

const evaluation = z.object({ means: z.record(z.string(), z.number()), queries: z.number() });
const scoresSchema = z.object({
  systems: z
    .array(
      z.union([
        evaluation.extend({ system: z.string() }),
        z.object({ system: z.string(), languages: z.record(z.string(), evaluation) }),
      ]),
    )
    .min(1),
});

/** One file of scores. */
export interface ScoresFile {
  /** What it is called in the card, such as the test set's name. */
  readonly name: string;
  /** Its parsed JSON. */
  readonly json: unknown;
}

/**
 * A table for each file: a row for each system and language, a column for each measure.
 *
 * @throws RefractError `FILE_FORMAT` when a file is not what `refract eval --format json` prints
 * @example scoresSection([{ name: 'afriqa', json: JSON.parse(text) }])
 */
export function scoresSection(files: readonly ScoresFile[]): string {
  return files
    .map(({ name, json }) => {
      const parsed = scoresSchema.safeParse(json);
      if (!parsed.success)
        throw new RefractError('FILE_FORMAT', 'these are no scores of refract eval', {
          at: name,
          hint: 'Write them with refract eval ... --format json > scores.json.',
        });
      const rows = parsed.data.systems.flatMap((system) =>
        'languages' in system
          ? Object.entries(system.languages).map(([code, figures]) => ({
              system: system.system,
              language: `${languageName(code)} (${code})`,
              ...figures,
            }))
          : [{ ...system, language: '' }],
      );
      const measures = [...new Set(rows.flatMap(({ means }) => Object.keys(means)))];
      const byLanguage = rows.some(({ language }) => language !== '');
      const columns = ['system', ...(byLanguage ? ['language'] : []), 'queries', ...measures];
      return `${name}:\n\n${table(
        columns,
        rows.map(({ system, language, queries, means }) => [
          system,
          ...(byLanguage ? [language] : []),
          queries,
          ...measures.map((measure) => means[measure]?.toFixed(4) ?? 'unknown'),
        ]),
      )}`;
    })
    .join('\n\n');
}
