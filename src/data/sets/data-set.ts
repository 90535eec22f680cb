/**
 * What a data set is to Refract: facts for the catalogue (home, licence, published sizes, files), and a reader
 * that finds the published files in a folder and offers them as parts, each a stream of records.
 */
import type { Example, Judgment, LexiconEntry, Passage, Query, RunEntry, Triple } from '../records.ts';
import type { ReadingNotes } from './reading-notes.ts';
import type { SetFolder } from './set-folder.ts';

/** The record type of each kind of part. */
export interface PartRecords {
  readonly passages: Passage;
  readonly queries: Query;
  readonly qrels: Judgment;
  readonly examples: Example;
  /** Ids of query, positive and negative. */
  readonly triples: Triple;
  /** Texts of query, positive and negative. */
  readonly 'text-triples': Triple;
  /** Passages to rerank for a query; equal scores where the source publishes no order. */
  readonly candidates: RunEntry;
  readonly dictionary: LexiconEntry;
}

export type PartKind = keyof PartRecords;

/** One part of a data set: a collection, the queries of one split and language, its judgments, ... */
export interface DataSetPart<Kind extends PartKind = PartKind> {
  readonly kind: Kind;
  /** Language and split, such as `sw.dev`; empty where a set has one part of the kind. */
  readonly name: string;
  /** The files it is read from. */
  readonly files: readonly string[];
  /** Streams the records; what is left out is counted in `notes`. Errors: those of the format. */
  read(notes?: ReadingNotes): AsyncIterable<PartRecords[Kind]>;
}

/** A part of any one kind. */
export type AnyPart = { [Kind in PartKind]: DataSetPart<Kind> }[PartKind];

/** What a reader may need to be told that the files do not say. */
export interface ReadOptions {
  /** Language of a dictionary without it in its name. */
  readonly language?: string;
  /** The headwords of a dictionary are in the new language, not in the pivot language. */
  readonly reverse?: boolean;
}

/** A file that can be downloaded. */
export interface RemoteFile {
  readonly url: string;
  /** Where it goes below the output folder; the reader finds it there (an archive: once unpacked). */
  readonly path: string;
  /** Published size in bytes. */
  readonly bytes?: number;
  /** MD5 as published, or as another project checks its downloads against; in hexadecimal digits. */
  readonly md5?: string;
  /** SHA-256, likewise. Where it is known, the MD5 is not asked. */
  readonly sha256?: string;
}

/** An entry of the catalogue. */
export interface DataSet {
  /** Name on the command line. */
  readonly name: string;
  readonly title: string;
  readonly home: string;
  readonly licence: string;
  readonly languages: string;
  /** Layout of the published files, for people. */
  readonly layout: string;
  /** Size in words, as published. */
  readonly size: string;
  /** Where sizes and layout were published. */
  readonly source: string;
  /** Records as published, by `kind` or `kind.name` of a part. */
  readonly published: Readonly<Record<string, number>>;
  /** Files that may be downloaded directly; none where it has to be done by hand. */
  readonly files: readonly RemoteFile[];
  /** What is left to do by hand, to get it or after the download. */
  readonly byHand?: string;
  /** The parts that the folder holds, in a fixed order. Errors: `FILE_MISSING` when it holds none. */
  readonly open: (folder: SetFolder, options: ReadOptions) => readonly AnyPart[];
}

/** The name of a part on the command line, in the table of published sizes and in file names. */
export function partLabel({ kind, name }: { readonly kind: PartKind; readonly name: string }): string {
  return name === '' ? kind : `${kind}.${name}`;
}
