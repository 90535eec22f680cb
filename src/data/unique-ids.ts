/** Refuses a second record with the same id, or the same query and passage, naming both lines. */
import { RefractError } from '../errors.ts';

/**
 * Remembers the line of every id of one file.
 *
 * @example const ids = new UniqueIds('p.jsonl', 'passage'); ids.add('a', 1); ids.add('a', 7) // throws DUPLICATE_ID
 */
export class UniqueIds {
  private readonly lines = new Map<string, number>();
  private readonly at: string;
  private readonly noun: string;

  /** @param noun what the ids name, for the message: `passage`, `query`. */
  constructor(at: string, noun: string) {
    this.at = at;
    this.noun = noun;
  }

  /** Records `id`; throws `DUPLICATE_ID` when an earlier line has it. */
  add(id: string, line: number): void {
    const earlier = this.lines.get(id);
    if (earlier !== undefined) throw duplicateId(this.at, this.noun, id, earlier, line);
    this.lines.set(id, line);
  }

  /** How many ids there are. */
  get size(): number {
    return this.lines.size;
  }

  /** How many ids there are; `FILE_EMPTY` when none, for the end of a file. */
  finish(): number {
    if (this.size > 0) return this.size;
    throw noRecords(this.at, this.noun);
  }
}

/** The error of an id on `line` that an earlier line has. */
export function duplicateId(
  at: string,
  noun: string,
  id: string,
  earlier: number,
  line: number,
): RefractError {
  return new RefractError('DUPLICATE_ID', `${noun} id "${id}" is already on line ${earlier}`, {
    at,
    line,
    hint: `Ids must be unique: remove one of the lines ${earlier} and ${line}, or rename its id.`,
  });
}

/** The error of a file without records. */
export function noRecords(at: string, noun: string): RefractError {
  return new RefractError('FILE_EMPTY', `the file holds no ${noun}`, {
    at,
    hint: 'It has a header at most; name a file with records.',
  });
}

/**
 * Remembers the line of every (query, passage) pair of one file of judgments or runs.
 *
 * @example const pairs = new UniquePairs('a.run'); pairs.add('q1', 'p7', 1); pairs.add('q1', 'p7', 9) // throws DUPLICATE_ID
 */
export class UniquePairs {
  private readonly topics = new Map<string, Map<string, number>>();
  private readonly at: string;

  constructor(at: string) {
    this.at = at;
  }

  /** Records a pair; throws `DUPLICATE_ID` when an earlier line has it. */
  add(query: string, passage: string, line: number): void {
    let topic = this.topics.get(query);
    if (topic === undefined) {
      topic = new Map();
      this.topics.set(query, topic);
    }
    const earlier = topic.get(passage);
    if (earlier !== undefined)
      throw new RefractError(
        'DUPLICATE_ID',
        `query "${query}" already has passage "${passage}" on line ${earlier}`,
        { at: this.at, line, hint: `Keep one of the lines ${earlier} and ${line}.` },
      );
    topic.set(passage, line);
  }
}
