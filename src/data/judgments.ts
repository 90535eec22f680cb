/**
 * Reads relevance judgments: TREC qrels (`query iteration passage grade`, any white space) and BEIR's TSV
 * of three columns under a header. Lines that start with `#` are comments, as in trec_eval 10.
 */
import { RefractError } from '../errors.ts';
import { isBlank } from './json-lines.ts';
import { readLines } from './lines.ts';
import type { Judgment } from './records.ts';
import { UniquePairs } from './unique-ids.ts';

/** A judgment with its 1-based line number. */
export interface NumberedJudgment extends Judgment {
  readonly line: number;
}

/** A set, or a map with the ids as keys. */
export interface IdSet {
  has(id: string): boolean;
}

const BEIR_HEADER = /^query[-_]?id\s+(corpus|passage|doc)[-_]?id\s+(score|relevance|grade)$/i;

/**
 * The judgments of `path` in file order. Grades are integers and may be negative.
 *
 * Errors: those of `readLines`; `RUN_FORMAT` (columns or grade, with the line), `DUPLICATE_ID` (a passage
 * judged twice for one query, both lines named).
 *
 * @example const judgments = await readJudgments('qrels.txt') // [{ query: 'q1', passage: 'p7', grade: 1, line: 1 }]
 */
export async function readJudgments(path: string): Promise<NumberedJudgment[]> {
  const judgments: NumberedJudgment[] = [];
  const seen = new UniquePairs(path);
  let columns = 4;
  for await (const { line, text } of readLines(path)) {
    if (isBlank(text) || text.startsWith('#')) continue;
    const row = text.trim();
    if (judgments.length === 0 && BEIR_HEADER.test(row)) {
      columns = 3;
      continue;
    }
    const cells = row.split(/\s+/);
    if (cells.length !== columns) throw columnsError(path, line, cells.length, columns);
    const query = cells[0];
    const passage = cells[columns - 2];
    const grade = parseGrade(cells[columns - 1], path, line);
    seen.add(query, passage, line);
    judgments.push({ query, passage, grade, line });
  }
  if (judgments.length === 0)
    throw new RefractError('FILE_EMPTY', 'the file holds no judgment', {
      at: path,
      hint: 'It has a header or comments at most; name a file with judgments.',
    });
  return judgments;
}

function columnsError(at: string, line: number, found: number, needed: number): RefractError {
  return new RefractError('RUN_FORMAT', `${found} columns where a judgment has ${needed}`, {
    at,
    line,
    hint:
      found === 6
        ? 'This looks like a run; give it as --run, and the judgments as --qrels.'
        : 'A line is "query 0 passage grade", or "query<TAB>passage<TAB>grade" under the header "query-id corpus-id score".',
  });
}

function parseGrade(text: string, at: string, line: number): number {
  if (/^[+-]?\d{1,9}$/.test(text)) return Number(text);
  throw new RefractError('RUN_FORMAT', `the grade "${text}" is not an integer`, {
    at,
    line,
    hint: 'Grades are whole numbers; 0 and below mean not relevant.',
  });
}

/**
 * Refuses judgments that name a query or passage which does not exist. `at` is their file, for the message.
 *
 * Errors: `UNKNOWN_ID` with how many judgments are concerned and the first few with their lines.
 *
 * @example checkJudgments(judgments, new Set(['q1']), new Set(['p7']), 'qrels.txt')
 */
export function checkJudgments(
  judgments: readonly (Judgment & { readonly line?: number })[],
  queryIds: IdSet,
  passageIds: IdSet,
  at?: string,
): void {
  const queries = judgments.filter((judgment) => !queryIds.has(judgment.query));
  const passages = judgments.filter((judgment) => !passageIds.has(judgment.passage));
  const unknown = queries.length > 0 ? queries : passages;
  if (unknown.length === 0) return;
  const kind = queries.length > 0 ? 'query' : 'passage';
  const shown = unknown.slice(0, 3).map((judgment) => {
    const id = `"${kind === 'query' ? judgment.query : judgment.passage}"`;
    return judgment.line === undefined ? id : `${id} (line ${judgment.line})`;
  });
  const more = unknown.length > shown.length ? ', ...' : '';
  const other =
    kind === 'query' && passages.length > 0 ? `; ${passages.length} name an unknown passage too` : '';
  throw new RefractError(
    'UNKNOWN_ID',
    `${unknown.length} of ${judgments.length} judgments name an unknown ${kind}: ${shown.join(', ')}${more}${other}`,
    {
      at,
      line: unknown[0].line,
      hint: `Check that the judgments belong to these ${kind === 'query' ? 'queries' : 'passages'}, or remove those lines.`,
    },
  );
}
