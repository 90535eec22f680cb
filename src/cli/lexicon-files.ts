/** The dictionaries that commands read, and what they say of them. */
import { type Lexicon, readLexiconReport } from '../data/lexicon.ts';
import { directionWarning, leftOutNote } from '../data/lexicon-notes.ts';
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
      const lexicon = await readLexiconReport(file, language);
      tellOfLexicon(file, language, lexicon, text, tell);
      for (const entry of lexicon.entries) all.push(entry);
    }
    lexicons.set(language, all);
  }
  return lexicons;
}

/** Says how many rows were left out, where there are any, and warns of columns that look exchanged. */
export function tellOfLexicon(
  file: string,
  language: string,
  lexicon: Lexicon,
  text: Iterable<string>,
  tell: (note: string) => void,
  pivotLanguage?: string,
): void {
  const note = leftOutNote(file, lexicon);
  if (note !== undefined) tell(`${note}\n`);
  const warning = directionWarning(file, language, lexicon.entries, text, pivotLanguage);
  if (warning !== undefined) tell(`Warning: ${warning}\n`);
}
