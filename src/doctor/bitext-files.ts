/** Sentence pairs before and after cleaning: a bitext of which nothing is usable is to be described, not refused. */
import { type BitextOptions, readBitext } from '../data/bitext.ts';
import type { BitextPair } from '../data/bitext-pair.ts';
import { type BitextReport, mergeReports } from '../data/bitext-report.ts';
import { type CleanOptions, cleanBitext } from '../data/clean.ts';
import { RefractError } from '../errors.ts';

/** Pairs as they were read, those that cleaning keeps, and the account of both. */
export interface ReadPairs {
  readonly read: BitextPair[];
  readonly kept: BitextPair[];
  readonly report: BitextReport;
}

/**
 * Reads and cleans bitexts of one language; undefined when none is named.
 *
 * @throws RefractError those of `readBitext`
 */
export async function loadBitextPairs(
  specs: readonly string[],
  options: BitextOptions & CleanOptions,
): Promise<ReadPairs | undefined> {
  if (specs.length === 0) return undefined;
  const read: BitextPair[] = [];
  const reports: BitextReport[] = [];
  for (const spec of specs) {
    const { pairs, report } = await readBitext(spec, options);
    for (const pair of pairs) read.push(pair);
    reports.push(report);
  }
  const report = mergeReports(reports);
  try {
    const { pairs, report: cleaned } = cleanBitext(read, options, report);
    return { read, kept: pairs, report: cleaned };
  } catch (error) {
    if (!(error instanceof RefractError && error.code === 'BITEXT_EMPTY')) throw error;
    return { read, kept: [], report: { ...report, kept: 0 } };
  }
}
