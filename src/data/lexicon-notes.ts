/** What there is to say of a dictionary that was read: rows that were left out, and columns that look exchanged. */
import { languageName } from './language.ts';
import type { Lexicon } from './lexicon.ts';
import { lexiconDirection } from './lexicon-direction.ts';
import type { LexiconEntry } from './records.ts';

/** Texts that are enough to tell a dictionary's direction. */
export const DIRECTION_SAMPLE = 2000;

/**
 * How many rows were left out, and why; undefined when none was.
 *
 * @example leftOutNote('en-sw.tsv', await readLexiconReport('en-sw.tsv', 'sw'))
 *   // 'en-sw.tsv: 4 entries; rows left out: 1 without a side (line 4)'
 */
export function leftOutNote(file: string, { entries, skipped: { empty, columns } }: Lexicon) {
  const left = [
    ...(empty.length > 0 ? [`${empty.length} without a side (line ${empty[0]})`] : []),
    ...(columns.length > 0 ? [`${columns.length} of one column (line ${columns[0]})`] : []),
  ];
  return left.length === 0
    ? undefined
    : `${file}: ${entries.length} entries; rows left out: ${left.join(', ')}`;
}

/**
 * That a dictionary looks as if its columns were exchanged, and by which sign; undefined when it does not.
 *
 * @param language that of the second column
 * @param text in the language of the first column, as `lexiconDirection` takes it
 * @param pivotLanguage that of the first column
 * @example directionWarning('sw-en.tsv', 'sw', entries, questions)
 *   // 'sw-en.tsv looks as if it went from Swahili to English: its first column has 0 % of the words of the English text, its second 71 %. The first column must be English.'
 */
export function directionWarning(
  file: string,
  language: string,
  entries: readonly LexiconEntry[],
  text: Iterable<string>,
  pivotLanguage = 'en',
): string | undefined {
  const { reversed, sign, inScript, inText } = lexiconDirection(entries, language, text);
  if (!reversed) return undefined;
  const [name, pivotName] = [languageName(language), languageName(pivotLanguage)];
  const percent = (share = 0) => `${(100 * share).toFixed(0)} %`;
  const reason =
    sign === 'script'
      ? `${percent(inScript?.pivot)} of its first column and ${percent(inScript?.target)} of its second are in the script of ${name}`
      : `its first column has ${percent(inText?.pivot)} of the words of the ${pivotName} text, its second ${percent(inText?.target)}`;
  return `${file} looks as if it went from ${name} to ${pivotName}: ${reason}. The first column must be ${pivotName}.`;
}
