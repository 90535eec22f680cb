/** What `refract eval` reads: judgments, of some queries or all; runs, of one language or several; clusters. */
import { basename } from 'node:path';
import { readJudgments } from '../data/judgments.ts';
import { readQueries } from '../data/queries.ts';
import type { Judgment, Query } from '../data/records.ts';
import { runNotes } from '../data/run-notes.ts';
import { readRunTable } from '../data/run-table.ts';
import { readTsvRows } from '../data/tsv.ts';
import { RefractError } from '../errors.ts';
import type { NamedRun } from '../eval/compare.ts';
import type { LanguageRuns } from '../eval/compare-languages.ts';
import type { RankedRun } from '../eval/ranking.ts';
import { rankTable } from '../eval/ranking-table.ts';
import type { PassageFile } from './eval-measures.ts';
import type { CommandIo } from './io.ts';
import { filesByLanguage } from './language-files.ts';

/** `name:sw=a.run,so=b.run`: a label of a language, with or without a name before it. */
const LABELLED = /^(?:([^=,]+):)?([A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*=.+)$/;

/** Whether the values of `--run` name a language, as in `sw=a.run`. */
export function namesLanguages(values: readonly string[]): boolean {
  return values.some((value) => LABELLED.test(value));
}

/** A run that was read from a file. */
type ReadRun = NamedRun & { readonly entries: RankedRun };

/** The runs of some files, named by the files. `note` is told what is odd about them. */
export async function readRuns(files: readonly string[], note: CommandIo['err']): Promise<ReadRun[]> {
  const names = runNames(files);
  const runs = [];
  for (const [i, file] of files.entries())
    runs.push({ name: names[i], entries: await readRun(file, names[i], note) });
  return runs;
}

/**
 * The runs of systems in several languages, from values such as `OPTICAL:sw=a.run,so=b.run`. A system without a name
 * is called `run`, or `run 2` and so on by its place.
 *
 * Errors: `SETTING_INVALID` (a value without languages, two files for one), and those of reading.
 */
export async function readLanguageRuns(
  values: readonly string[],
  note: CommandIo['err'],
): Promise<(Omit<LanguageRuns, 'runs'> & { readonly runs: ReadonlyMap<string, RankedRun> })[]> {
  const systems = [];
  for (const [i, value] of values.entries()) {
    const match = LABELLED.exec(value);
    if (match === null)
      throw new RefractError('SETTING_INVALID', `${value} does not name a language`, {
        at: '--run',
        hint: 'Give either plain files, or every system as NAME:sw=a.run,so=b.run.',
      });
    const name = match[1] ?? (i === 0 ? 'run' : `run ${i + 1}`);
    const runs = new Map<string, RankedRun>();
    for (const [language, files] of filesByLanguage('--run', [match[2]])) {
      if (files.length > 1)
        throw new RefractError('SETTING_INVALID', `${files.length} runs of ${name} in ${language}`, {
          at: '--run',
          hint: 'Give one run for each language.',
        });
      runs.set(language, await readRun(files[0], `${name}, ${language}`, note));
    }
    systems.push({ name, runs });
  }
  return systems;
}

async function readRun(file: string, name: string, note: CommandIo['err']): Promise<RankedRun> {
  const table = await readRunTable(file);
  const { unsorted, separators } = table;
  for (const line of runNotes(name, { queries: table.queries.length, unsorted, separators }))
    note(`${line}\n`);
  return rankTable(table);
}

/** The judgments of `path`, with a note on grades below 0. */
export async function readNotedJudgments(path: string, note: CommandIo['err']): Promise<readonly Judgment[]> {
  const judgments = await readJudgments(path);
  const negative = judgments.filter(({ grade }) => grade < 0).length;
  if (negative > 0)
    note(`${negative} of ${judgments.length} judgments have a grade below 0; they count as not relevant\n`);
  return judgments;
}

/** Queries of some files, and the judgments of these queries; all judgments where there are no files. */
export interface JudgedQueries {
  readonly judgments: readonly Judgment[];
  readonly queries?: readonly Query[];
  /** The first file. */
  readonly at?: string;
}

/**
 * Reads queries and takes their judgments.
 *
 * Errors: those of `readQueries`; `UNKNOWN_ID` when none of the queries is judged.
 */
export async function judgedQueries(
  judgments: readonly Judgment[],
  files: readonly string[] | undefined,
): Promise<JudgedQueries> {
  if (files === undefined) return { judgments };
  const queries: Query[] = [];
  for (const file of files) for (const query of await readQueries(file)) queries.push(query);
  const ids = new Set(queries.map(({ id }) => id));
  const kept = judgments.filter(({ query }) => ids.has(query));
  if (kept.length > 0) return { judgments: kept, queries, at: files[0] };
  throw new RefractError('UNKNOWN_ID', 'none of these queries is judged', {
    at: files[0],
    hint: 'Check that queries and judgments belong together.',
  });
}

/**
 * The files of `--passages`: `corpus.jsonl`, or with the language of passages that do not say theirs,
 * `sw=corpus.sw.jsonl`.
 *
 * @param language that of the runs, where they are by language: its files are those labelled with it, or all where
 *   there are no labels
 * Errors: `SETTING_INVALID` when labels leave this language out, `LANGUAGE_UNKNOWN`
 */
export function passageFiles(values: readonly string[] = [], language?: string): PassageFile[] {
  if (!namesLanguages(values)) return values.flatMap(commas).map((file) => ({ file }));
  const labelled = filesByLanguage('--passages', values);
  if (language !== undefined && !labelled.has(language))
    throw new RefractError('SETTING_INVALID', `no passages in ${language}, where there are runs`, {
      at: '--passages',
      hint: `Add ${language}=FILE, or give one collection for all languages without a label.`,
    });
  return [...labelled].flatMap(([label, files]) =>
    language === undefined || label === language ? files.map((file) => ({ file, language: label })) : [],
  );
}

/** The parts of a list with commas. */
export function commas(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}

/**
 * Lines `query<TAB>question`: which queries are versions of one question.
 *
 * Errors: those of `readLines`; `LINE_FORMAT`.
 */
export async function readClusters(path: string): Promise<Map<string, string>> {
  const clusters = new Map<string, string>();
  for await (const { line, cells } of readTsvRows(path)) {
    const [query, question, ...more] = cells;
    if (!query || !question || more.length > 0)
      throw new RefractError('LINE_FORMAT', 'is not "query<TAB>question"', {
        at: path,
        line,
        hint: 'Each line names a query and, after a tab, the question that it is a version of.',
      });
    clusters.set(query, question);
  }
  return clusters;
}

/** File names without folder and ending where that tells the runs apart, else the paths. */
export function runNames(files: readonly string[]): string[] {
  const short = files.map((file) => basename(file).replace(/\.(run|txt|trec)?(\.gz)?$/u, '') || file);
  return short.map((name, i) => (short.indexOf(name) === short.lastIndexOf(name) ? name : files[i]));
}
