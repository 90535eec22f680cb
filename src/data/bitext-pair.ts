/** What the readers of every bitext format take and give. */
import { basename } from 'node:path';
import type { Languages } from './bitext-columns.ts';
import type { BitextReport } from './bitext-report.ts';
import type { SentencePair } from './records.ts';

/** A sentence pair that knows where it stands, so that what is left out can be named. */
export interface BitextPair extends SentencePair {
  /** The file it was read from. */
  readonly at: string;
  /** 1-based line of the row, or of the start of its translation unit. */
  readonly line: number;
}

/** Pairs and the account of how they were read. */
export interface Bitext {
  readonly pairs: BitextPair[];
  readonly report: BitextReport;
}

/** Settings of a reader, all resolved. */
export interface BitextSettings extends Languages {
  /** Pivot, target and optionally source column: 1-based numbers, or names. */
  readonly columns?: readonly string[];
  /** Stop at a record that lacks a side instead of counting it. */
  readonly strict: boolean;
}

/** The collection's name for pairs that carry none: the file's name without its endings. */
export function sourceFromName(path: string): string {
  return basename(path)
    .replace(/\.gz$/i, '')
    .replace(/\.(tsv|tab|txt|tmx|jsonl|ndjson|json)$/i, '');
}
