/** What happened to the records of a bitext on their way in: how many were read, kept and left out, and why. */
import { basename } from 'node:path';

/** Why a record was left out. */
export const SKIP_REASONS = {
  columns: 'too few columns',
  'extra-columns': 'more columns than the other rows (a stray tab)',
  side: 'one of the two languages is absent',
  empty: 'a side is empty',
  identical: 'both sides are the same text',
  long: 'a side is too long',
  ratio: 'one side is many times longer than the other',
  duplicate: 'the same pair came before',
} as const;

export type SkipReason = keyof typeof SKIP_REASONS;

/** Where a record stands: file and 1-based line. */
export interface RecordPlace {
  readonly at: string;
  readonly line: number;
}

/** How often a reason applied, and where the first few times (at most three). */
export interface Skipped {
  count: number;
  readonly examples: RecordPlace[];
}

/** The account of one bitext, or of several after `mergeReports`. */
export interface BitextReport {
  /** Files read. */
  readonly files: readonly string[];
  /** How the sides were found, e.g. `columns: English 3, sw 4, source 1 (no header; the last two)`. */
  readonly layout: readonly string[];
  /** Records in the files (rows, line pairs, translation units). */
  read: number;
  /** Pairs handed on. */
  kept: number;
  readonly skipped: Partial<Record<SkipReason, Skipped>>;
}

const EXAMPLES = 3;

/** An account with nothing in it yet. */
export function emptyReport(files: readonly string[]): BitextReport {
  return { files, layout: [], read: 0, kept: 0, skipped: {} };
}

/** Counts one left-out record; its place is kept while there are fewer than three for the reason. */
export function countSkipped(report: BitextReport, reason: SkipReason, { at, line }: RecordPlace): void {
  const skipped = report.skipped[reason] ?? { count: 0, examples: [] };
  report.skipped[reason] = skipped;
  skipped.count++;
  if (skipped.examples.length < EXAMPLES) skipped.examples.push({ at, line });
}

/** One account of several files. */
export function mergeReports(reports: readonly BitextReport[]): BitextReport {
  const merged: BitextReport = {
    ...emptyReport(reports.flatMap((report) => report.files)),
    layout: reports.flatMap((report) => report.layout),
  };
  for (const report of reports) {
    merged.read += report.read;
    merged.kept += report.kept;
    for (const reason of reasons(report)) {
      const { count, examples } = report.skipped[reason] ?? { count: 0, examples: [] };
      const sum = merged.skipped[reason] ?? { count: 0, examples: [] };
      merged.skipped[reason] = {
        count: sum.count + count,
        examples: [...sum.examples, ...examples].slice(0, EXAMPLES),
      };
    }
  }
  return merged;
}

/**
 * The account as lines for people.
 *
 * @example formatBitextReport(report)
 * // sw.tsv: 6,174 read, 6,150 kept, 24 left out
 * //   columns: English 3, sw 4, source 1 (no header; the last two)
 * //   24  a side is empty (lines 7, 19, 80, ...)
 */
export function formatBitextReport(report: BitextReport): string {
  const number = (n: number) => n.toLocaleString('en');
  const left = report.read - report.kept;
  const lines = [
    `${report.files.join(', ')}: ${number(report.read)} read, ${number(report.kept)} kept, ${number(left)} left out`,
    ...report.layout.map((layout) => `  ${layout}`),
  ];
  const counts = reasons(report).map((reason) => number(report.skipped[reason]?.count ?? 0));
  const width = Math.max(0, ...counts.map((count) => count.length));
  reasons(report).forEach((reason, i) => {
    const { count, examples } = report.skipped[reason] ?? { count: 0, examples: [] };
    lines.push(
      `  ${counts[i].padStart(width)}  ${SKIP_REASONS[reason]} (${places(report, examples, count)})`,
    );
  });
  return lines.join('\n');
}

/** `lines 7, 19, 80, ...`, with the file's name before each where there are several files. */
function places(report: BitextReport, examples: readonly RecordPlace[], count: number): string {
  const several = report.files.length > 1;
  const shown = examples.map(({ at, line }) => (several ? `${basename(at)}:${line}` : String(line)));
  if (count > shown.length) shown.push('...');
  return several ? shown.join(', ') : `line${count === 1 ? '' : 's'} ${shown.join(', ')}`;
}

function reasons(report: BitextReport): SkipReason[] {
  return (Object.keys(SKIP_REASONS) as SkipReason[]).filter((reason) => report.skipped[reason] !== undefined);
}
