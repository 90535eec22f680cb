/**
 * The one error class of Refract and the registry of its codes.
 *
 * Every error a user can cause says what was wrong, where (file and line, or tensor name and both
 * shapes) and what to do about it. `docs/errors.md` has one heading per code.
 */

/** Every code, with the sentence that `docs/errors.md` prints under its heading. */
export const ERROR_CODES = {
  // data
  FILE_MISSING: 'A file or folder that was named does not exist or cannot be read.',
  FILE_EMPTY: 'A file holds no records.',
  FILE_ENCODING: 'A file is not valid UTF-8.',
  FILE_FORMAT: 'A file is not in the format its name or option says, or the format cannot be told.',
  LINE_FORMAT: 'A line of a file does not parse, or a required field is missing or of the wrong type.',
  DUPLICATE_ID: 'Two records of one file carry the same id.',
  PASSAGE_EMPTY: 'A passage has no text, or none of its tokens takes part in scoring.',
  UNKNOWN_ID: 'A judgment, run or command names a query or passage that does not exist.',
  COLUMN_MISSING: 'A TSV row has too few columns, or a named column does not exist.',
  BITEXT_LENGTH: 'The two sides of a bitext have different numbers of lines.',
  BITEXT_EMPTY: 'No usable sentence pair is left after cleaning.',
  LANGUAGE_UNKNOWN: 'A language code is not a known ISO 639 / BCP 47 code.',
  RUN_FORMAT: 'A run or judgments file breaks the rules of TREC files.',
  OUTPUT_EXISTS: 'The output already exists and would be overwritten.',
  OUT_OF_MEMORY: 'A process that did part of the work was killed, most likely because memory was short.',
  DISK_FULL: 'The disk is full or the output cannot be written; nothing half-written was left in place.',
  DOWNLOAD_FAILED: 'A file could not be downloaded; what has arrived is kept, to go on from.',
  CHECKSUM_MISMATCH: 'A downloaded file has another size or checksum than was published.',
  MODEL_NOT_FOUND: 'The hub has no model of this name or revision, or none that you may read.',
  MODEL_GATED: 'A model on the hub is given only to people whom its owners let in.',
  COUNT_MISMATCH: 'A data set has other numbers of records than were published.',
  // settings
  SETTING_UNKNOWN: 'A setting or measure is not one that exists.',
  SETTING_INVALID: 'A setting has a value of the wrong type or out of range.',
  FILTER_SYNTAX: 'A filter does not parse.',
  FIELD_UNKNOWN: 'A filter names a metadata field that the index does not have.',
  FIELD_TYPE: 'A metadata field changes its type half-way, or a filter does not fit the type of its field.',
  // graph
  GRAPH_SHAPE: 'Two tensors of a graph do not fit together.',
  GRAPH_INVALID: 'A graph was built or used in a way that has no meaning.',
  DEVICE_UNAVAILABLE: 'The execution provider asked for cannot be used here.',
  DEVICE_MEMORY: 'The memory of a device does not suffice.',
  // checkpoints
  CHECKPOINT_INCOMPLETE: 'A model folder lacks a file, a tensor or its manifest.',
  CHECKPOINT_SHAPE: 'A tensor of a checkpoint has another shape or type than its configuration says.',
  CHECKPOINT_FORMAT: 'A checkpoint file is damaged or malicious, or of a kind that is not supported.',
  TOKENIZER_MISMATCH: 'A tokenizer is not the one the index, model or pack was made with.',
  TEACHER_MISMATCH: 'A pack or index was made for another teacher.',
  TEACHER_MISSING: 'A language pack that is saved as a difference was read without its teacher.',
  UNFIT_FOR_LANGUAGE: 'A model, its tokenizer or the data will not work for a language (doctor --strict).',
  VERSION_MISMATCH: 'A directory was written by an incompatible version.',
  INDEX_LOCKED: 'Another process is changing the index.',
  COMMIT_UNSURE: 'A change of an index is made and seen, but the disk did not confirm that it will stay.',
  INDEX_DAMAGED: 'Files of an index are missing, or are not what they were when they were written.',
  EXPORT_INCOMPLETE: 'The layout of another tool cannot hold all that a model does.',
  // training
  LOSS_NOT_FINITE: 'The loss became NaN or infinite; the last good checkpoint is kept.',
  INTERRUPTED: 'Work was stopped by a signal; a checkpoint was written.',
  RESUME_MISMATCH: 'A run cannot be resumed because its settings or data changed.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Where an error is and how to get out of it. */
export interface ErrorPlace {
  /** The file, folder or tensor concerned. */
  readonly at?: string;
  /** 1-based line number within `at`. */
  readonly line?: number;
  /** What the user can do; one sentence. */
  readonly hint: string;
  readonly cause?: unknown;
}

/**
 * An error with a stable code. `message` is complete: what, where, way out.
 *
 * @example throw new RefractError('FILE_EMPTY', 'no passages', { at: 'p.jsonl', hint: 'Give a file with one JSON object a line.' })
 */
export class RefractError extends Error {
  readonly code: ErrorCode;
  readonly what: string;
  readonly at: string | undefined;
  readonly line: number | undefined;
  readonly hint: string;

  constructor(code: ErrorCode, what: string, place: ErrorPlace) {
    const where =
      place.at === undefined ? '' : `${place.at}${place.line === undefined ? '' : `:${place.line}`}: `;
    super(`${where}${what} [${code}]\n  ${place.hint}`, { cause: place.cause });
    this.name = 'RefractError';
    this.code = code;
    this.what = what;
    this.at = place.at;
    this.line = place.line;
    this.hint = place.hint;
  }
}

/** The candidate nearest to `word` by edit distance, or undefined when none is near; for "did you mean". */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
