/** Texts of any file that has some: plain lines, passages or queries as JSON lines, one at a time. */
import { idField, isBlank, optionalText, readJsonLines, textField } from './json-lines.ts';
import { readLines } from './lines.ts';
import { passageText } from './records.ts';

/**
 * The texts of `files` in their order, blank ones left out. A file named `.jsonl` or `.ndjson` (also `.gz`) has
 * records, of which title and text are taken, or another field instead of `text`; any other has a sentence or
 * paragraph a line. Nothing is held, and ids need not be unique.
 *
 * Errors: those of `readLines`; `LINE_FORMAT` (JSON lines).
 *
 * @example for await (const text of streamTexts(['somali.txt.gz', 'queries.so.jsonl'])) count(text)
 */
export async function* streamTexts(files: readonly string[], field = 'text'): AsyncGenerator<string> {
  for (const file of files) {
    if (!/\.(jsonl|ndjson)(\.gz)?$/i.test(file)) {
      for await (const { text } of readLines(file)) if (!isBlank(text)) yield text;
      continue;
    }
    for await (const record of readJsonLines(file)) {
      const text = textField(record, field);
      const title = field === 'text' ? optionalText(record, 'title') : undefined;
      const whole = passageText({ id: idField(record), text, ...(title !== undefined && { title }) });
      if (!isBlank(whole)) yield whole;
    }
  }
}
