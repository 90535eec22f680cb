/** The dictionaries that `refract switch` and `refract lexicon coverage` read, and what they say of them. */
import { languageName } from '../data/language.ts';
import { readLexiconReport } from '../data/lexicon.ts';
import { lexiconDirection } from '../data/lexicon-direction.ts';
import type { LexiconEntry } from '../data/records.ts';
import { filesByLanguage } from './language-files.ts';

/**
 * Entries by language of the files that `--lexicon` names. `tell` hears of every file with rows that lack a side or
 * a column, and of those that look as if they were the wrong way round, judged by script and by `text`.
 *
 * Errors: those of `filesByLanguage` and `readLexiconReport`.
 */
export async function readLexicons(
  given: readonly string[],
  text: readonly string[],
  tell: (note: string) => void,
): Promise<Map<string, LexiconEntry[]>> {
  const lexicons = new Map<string, LexiconEntry[]>();
  for (const [language, files] of filesByLanguage('--lexicon', given)) {
    const all: LexiconEntry[] = [];
    for (const file of files) {
      const { entries, skipped } = await readLexiconReport(file, language);
      tellOfFile(file, entries.length, skipped, tell);
      tellOfDirection(file, language, entries, text, tell);
      for (const entry of entries) all.push(entry);
    }
    lexicons.set(language, all);
  }
  return lexicons;
}

/** Says how many rows were left out, where there are any. */
export function tellOfFile(
  file: string,
  entries: number,
  { empty, columns }: { readonly empty: readonly number[]; readonly columns: readonly number[] },
  tell: (note: string) => void,
): void {
  const left = [
    ...(empty.length > 0 ? [`${empty.length} without a side (line ${empty[0]})`] : []),
    ...(columns.length > 0 ? [`${columns.length} of one column (line ${columns[0]})`] : []),
  ];
  if (left.length > 0) tell(`${file}: ${entries} entries; rows left out: ${left.join(', ')}\n`);
}

/** Warns of a dictionary that looks as if its columns were exchanged. */
export function tellOfDirection(
  file: string,
  language: string,
  entries: readonly LexiconEntry[],
  text: readonly string[],
  tell: (note: string) => void,
): void {
  const { reversed, sign, inScript, inText } = lexiconDirection(entries, language, text);
  if (!reversed) return;
  const name = languageName(language);
  const percent = (share = 0) => `${(100 * share).toFixed(0)} %`;
  const reason =
    sign === 'script'
      ? `${percent(inScript?.pivot)} of its first column and ${percent(inScript?.target)} of its second are in the script of ${name}`
      : `its first column has ${percent(inText?.pivot)} of the words of the English text, its second ${percent(inText?.target)}`;
  tell(
    `Warning: ${file} looks as if it went from ${name} to English: ${reason}. The first column must be English.\n`,
  );
}
