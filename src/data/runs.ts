/**
 * Reads and writes TREC runs: `query Q0 passage rank score tag`. As in trec_eval, the order is by score
 * (best first), then by passage id descending by bytes; the rank column and what follows the tag are ignored.
 */
import { RefractError } from '../errors.ts';
import { writePiecesAtomic } from './atomic.ts';
import { isBlank } from './json-lines.ts';
import { readLines } from './lines.ts';
import type { RunEntry } from './records.ts';
import { runNotes } from './run-notes.ts';
import { UniquePairs } from './unique-ids.ts';

/** trec_eval's order of two entries of one query: negative when `a` ranks above `b`. */
export function compareEntries(a: RunEntry, b: RunEntry): number {
  return b.score - a.score || Buffer.compare(Buffer.from(b.passage), Buffer.from(a.passage));
}

const SCORE = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The entries of `path`: queries in the order of their first line, passages of each best first.
 *
 * @param note hears a sentence about lines out of order, and about mixed separators, where there are such
 *
 * Errors: those of `readLines`; `RUN_FORMAT` (columns, or a score that is not a finite number),
 * `DUPLICATE_ID` (a passage twice for one query, both lines named).
 *
 * @example const run = await readRun('bm25.run') // [{ query: 'q1', passage: 'p7', score: 12.5 }, ...]
 */
export async function readRun(path: string, note?: (sentence: string) => void): Promise<RunEntry[]> {
  const topics = new Map<string, RunEntry[]>();
  const seen = new UniquePairs(path);
  const unsorted = new Set<string>();
  const separators = { spaces: 0, tabs: 0, both: 0 };
  for await (const { line, text } of readLines(path)) {
    if (isBlank(text)) continue;
    const cells = text.trim().split(/\s+/);
    if (cells.length < 6)
      throw new RefractError('RUN_FORMAT', `${cells.length} columns where a run has 6`, {
        at: path,
        line,
        hint:
          cells.length === 4
            ? 'This looks like judgments; give them as --qrels, and the run as --run.'
            : 'A line is "query Q0 passage rank score tag".',
      });
    const [query, , passage, , score] = cells;
    seen.add(query, passage, line);
    const entry = { query, passage, score: parseScore(score, path, line) };
    const topic = topics.get(query);
    if (topic && entry.score > topic[topic.length - 1].score) unsorted.add(query);
    if (topic === undefined) topics.set(query, [entry]);
    else topic.push(entry);
    separators[separatorOf(text)]++;
  }
  if (note)
    for (const sentence of runNotes(path, { queries: topics.size, unsorted: unsorted.size, separators }))
      note(sentence);
  return [...topics.values()].flatMap((topic) => topic.sort(compareEntries));
}

/** What separates the first six columns of a line. */
function separatorOf(line: string): 'spaces' | 'tabs' | 'both' {
  const [columns] = /^\s*(?:\S+\s+){5}/.exec(line) ?? [''];
  const gaps = columns.trimStart().replace(/\S+/g, '');
  const tabs = gaps.includes('\t');
  return !tabs ? 'spaces' : /[^\t]/.test(gaps) ? 'both' : 'tabs';
}

/**
 * Writes a run atomically, each query's entries ranked from 1 by `compareEntries`. Scores are written with as
 * many digits as it takes to read back the same number.
 *
 * @param tag the name of the system, without white space.
 * Errors: `RUN_FORMAT` (a score that is not finite, white space in an id or in the tag), `DUPLICATE_ID`,
 * `DISK_FULL`.
 *
 * @example writeRun('out/sw.run', [{ query: 'q1', passage: 'p7', score: 12.5 }], 'optical')
 */
export function writeRun(path: string, entries: Iterable<RunEntry>, tag: string): void {
  checkName(tag, 'tag', path);
  const topics = new Map<string, RunEntry[]>();
  for (const entry of entries) {
    const topic = topics.get(entry.query);
    if (topic === undefined) topics.set(entry.query, [entry]);
    else topic.push(entry);
  }
  for (const [query, topic] of topics) {
    checkName(query, 'query id', path);
    const seen = new Set<string>();
    for (const { passage, score } of topic) {
      checkName(passage, 'passage id', path);
      if (seen.has(passage))
        throw new RefractError('DUPLICATE_ID', `query "${query}" has passage "${passage}" twice`, {
          at: path,
          hint: 'A run names a passage once for a query; keep the entry with the better score.',
        });
      seen.add(passage);
      if (!Number.isFinite(score))
        throw new RefractError(
          'RUN_FORMAT',
          `query "${query}", passage "${passage}": the score is ${score}`,
          {
            at: path,
            hint: 'Scores must be finite; a model with damaged weights gives NaN.',
          },
        );
    }
  }
  writePiecesAtomic(path, formatTopics(topics, tag));
}

function* formatTopics(topics: ReadonlyMap<string, readonly RunEntry[]>, tag: string): Generator<string> {
  for (const [query, entries] of topics) {
    const ranked = [...entries].sort(compareEntries);
    yield ranked.map((entry, i) => `${query} Q0 ${entry.passage} ${i + 1} ${entry.score} ${tag}\n`).join('');
  }
}

function parseScore(text: string, at: string, line: number): number {
  const score = SCORE.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(score)) return score;
  throw new RefractError('RUN_FORMAT', `the score "${text}" is not a finite number`, {
    at,
    line,
    hint: 'The fifth column of a run is the score; NaN and infinity have no rank.',
  });
}

function checkName(name: string, what: string, at: string): void {
  if (name !== '' && !/\s/.test(name)) return;
  throw new RefractError('RUN_FORMAT', `the ${what} "${name}" is empty or holds white space`, {
    at,
    hint: 'The columns of a TREC run are separated by white space; use another name.',
  });
}
