/** Reads a data set from end to end and compares what was counted with what was published. */
import { RefractError } from '../../errors.ts';
import { type ProgressFactory, silent } from '../../progress.ts';
import type { Example } from '../records.ts';
import { findDataSet, openDataSet } from './catalogue.ts';
import { type AnyPart, type DataSet, partLabel, type ReadOptions } from './data-set.ts';
import { ReadingNotes } from './reading-notes.ts';

/** What a part holds. */
export interface PartCount {
  /** Kind and name, such as `queries.sw.dev`. */
  readonly part: string;
  readonly files: number;
  readonly records: number;
  /** As published; absent where nothing was. */
  readonly published?: number;
  /** Rows that were left out as empty or repeated. */
  readonly leftOut: number;
  /** What was left out, and answers that are not where they should be. */
  readonly notes: readonly string[];
}

/** The account of a folder. */
export interface CheckReport {
  readonly name: string;
  readonly parts: readonly PartCount[];
  /** Parts with published sizes that are not in the folder. */
  readonly missing: readonly string[];
}

/** How reading goes on. */
export interface ReadControl extends ReadOptions {
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/**
 * Counts every part of the data set `name` in `folder`. A published number counts with what was left out for being
 * empty or repeated, since it is the publisher's count of rows.
 *
 * Errors: those of `openDataSet` and of the readers; `INTERRUPTED`.
 *
 * @example const { parts } = await checkDataSet('xquad', 'xquad'); parts[0] // { part: 'passages.ar', records: 240, ... }
 */
export async function checkDataSet(
  name: string,
  folder: string,
  control: ReadControl = {},
): Promise<CheckReport> {
  const set = findDataSet(name);
  const parts: PartCount[] = [];
  for (const part of openDataSet(name, folder, control)) {
    const published = publishedSize(set, part);
    const counted = await count(part, published ?? 0, control);
    parts.push({
      part: partLabel(part),
      files: part.files.length,
      ...(published !== undefined && { published }),
      ...counted,
    });
  }
  const there = new Set(parts.map((each) => each.part));
  const missing = Object.keys(set.published).filter((part) => part.includes('.') && !there.has(part));
  return { name, parts, missing };
}

/** Whether a part has as many records as were published, those left out included. */
export function agrees({ records, published, leftOut }: PartCount): boolean {
  return published === undefined || records + leftOut === published;
}

/** The published number of records of a part, or of parts of its kind. */
export function publishedSize({ published }: DataSet, part: AnyPart): number | undefined {
  return published[partLabel(part)] ?? published[part.kind];
}

async function count(
  part: AnyPart,
  expected: number,
  { progress: show = silent, signal }: ReadControl,
): Promise<{ records: number; leftOut: number; notes: string[] }> {
  const left = new ReadingNotes();
  const progress = show(partLabel(part), expected, 'records');
  let records = 0;
  const answers = { total: 0, elsewhere: 0 };
  for await (const record of part.read(left)) {
    if (part.kind === 'examples') checkAnswers(record as Example, answers);
    if (++records % 1024 === 0) {
      if (signal?.aborted === true) throw stopped();
      progress.update(records);
    }
  }
  progress.end(`${records}`);
  const notes = left.lines();
  if (answers.elsewhere > 0)
    notes.push(`${answers.elsewhere} of ${answers.total} answers are not at their place in the passage`);
  return { records, leftOut: left.count('empty') + left.count('duplicate'), notes };
}

function checkAnswers(
  { context, answers, answerStarts }: Example,
  account: { total: number; elsewhere: number },
): void {
  answerStarts?.forEach((start, i) => {
    account.total++;
    if (start < 0 || !context.startsWith(answers[i], start)) account.elsewhere++;
  });
}

/** The error of reading that was stopped by a signal. */
export function stopped(): RefractError {
  return new RefractError('INTERRUPTED', 'reading was stopped', {
    hint: 'Nothing was written; run it again.',
  });
}
