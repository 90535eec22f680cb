/** Code switching of a file of queries or passages, record by record: all but the words stays as it is. */
import { RefractError } from '../../errors.ts';
import { Stage, type StageControl } from '../../stage.ts';
import { streamPiecesAtomic } from '../atomic.ts';
import { fieldError, idField, type JsonLine, optionalText, readJsonLines, textField } from '../json-lines.ts';
import { UniqueIds } from '../unique-ids.ts';
import { CodeSwitcher } from './code-switcher.ts';
import type { SwitchReport } from './report.ts';
import { languageShares, type SwitchSettings } from './settings.ts';
import { SwitchSurvey } from './survey.ts';
import type { SwitchLexicon } from './switch-lexicon.ts';

/** What the records are, which decides the fields that are switched: `text`, and of passages `title` before it. */
export type SwitchedRecords = 'queries' | 'passages';

/**
 * Switches the texts of JSON lines and writes them in their order; ids, answers and all other fields are kept.
 * The matched design reads the file twice. In the natural design, the draws of a record depend on the seed and
 * its id alone.
 *
 * Errors: those of `readJsonLines`; `LINE_FORMAT`, `DUPLICATE_ID`, `FILE_EMPTY`; `SETTING_INVALID` as `codeSwitcher`;
 * `DISK_FULL`, `INTERRUPTED`, after which an older file at `out` is still there.
 *
 * @example
 * const report = await switchFile('queries.jsonl', 'queries', 'switched.jsonl', lexicon, settings);
 * report.realised.p;
 */
export async function switchFile(
  path: string,
  records: SwitchedRecords,
  out: string,
  lexicon: SwitchLexicon,
  settings: SwitchSettings,
  control: StageControl = {},
): Promise<SwitchReport> {
  languageShares(settings, lexicon.languages); // refuse before reading
  let survey: SwitchSurvey | undefined;
  if (settings.design === 'matched') {
    survey = new SwitchSurvey(lexicon, settings.draw);
    const stage = new Stage('counting words', 0, 'texts', control);
    for await (const { fields } of readRecords(path, records)) {
      survey.add(fields.map(({ text }) => text));
      if (stage.due()) await stage.turn(survey.texts);
    }
    stage.end(`${survey.words} words`);
  }
  const switcher = new CodeSwitcher(lexicon, settings, survey);
  await streamPiecesAtomic(out, switchedLines(path, records, switcher, survey?.texts ?? 0, control));
  return switcher.report();
}

async function* switchedLines(
  path: string,
  records: SwitchedRecords,
  switcher: CodeSwitcher,
  total: number,
  control: StageControl,
): AsyncGenerator<string> {
  const stage = new Stage('switching words', total, 'texts', control);
  let done = 0;
  for await (const { id, line, fields } of readRecords(path, records)) {
    const switched = switcher.switchFields(
      fields.map(({ text }) => text),
      id,
    );
    const changed = fields.map(({ name }, i) => [name, switched.fields[i]] as const);
    yield `${JSON.stringify({ ...line.fields, ...Object.fromEntries(changed) })}\n`;
    done++;
    if (stage.due()) await stage.turn(done);
  }
  stage.end();
}

interface SwitchRecord {
  readonly id: string;
  readonly line: JsonLine;
  readonly fields: readonly { readonly name: string; readonly text: string }[];
}

async function* readRecords(path: string, records: SwitchedRecords): AsyncGenerator<SwitchRecord> {
  if (/\.(tsv|tab)(\.gz)?$/i.test(path))
    throw new RefractError('FILE_FORMAT', 'is TSV where JSON lines are needed', {
      at: path,
      hint: 'Write one object a line: {"id": "...", "text": "..."}.',
    });
  const ids = new UniqueIds(path, records === 'queries' ? 'query' : 'passage');
  for await (const line of readJsonLines(path)) {
    const id = idField(line);
    ids.add(id, line.line);
    const text = textField(line, 'text');
    const title = records === 'passages' ? optionalText(line, 'title') : undefined;
    if (text.trim() === '' && (title ?? '').trim() === '')
      throw fieldError(line, 'text', 'is empty', 'Remove the record or give it words.');
    const fields = title === undefined ? [] : [{ name: 'title', text: title }];
    yield { id, line, fields: [...fields, { name: 'text', text }] };
  }
  ids.finish();
}
