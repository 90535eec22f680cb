/** Plain text, a sentence or paragraph a line. */
import { readLines } from '../data/lines.ts';
import { RefractError } from '../errors.ts';

/**
 * The lines of `files` that are not blank, in their order; plain or gzip. Errors: those of `readLines`, and
 * `FILE_EMPTY` when there is no file.
 *
 * @example await readTexts(['swahili.txt', 'somali.txt.gz'])
 */
export async function readTexts(files: readonly string[]): Promise<string[]> {
  if (files.length === 0)
    throw new RefractError('FILE_EMPTY', 'no file was named', { hint: 'Name files with text.' });
  const texts: string[] = [];
  for (const file of files)
    for await (const { text } of readLines(file)) if (/\S/.test(text)) texts.push(text.trim());
  return texts;
}
