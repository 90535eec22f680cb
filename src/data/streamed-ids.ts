/** Refuses a second record with the same id in a file of any size. */
import { statSync } from 'node:fs';
import { IdSet } from './id-set.ts';
import { duplicateId, noRecords, UniqueIds } from './unique-ids.ts';

/** A record's id and the 1-based line it stands on. */
export interface NumberedId {
  readonly id: string;
  readonly line: number;
}

/**
 * As `UniqueIds`, without holding the ids: the file is read again when two seem to be one. Only those of what cannot
 * be read twice, such as a pipe, are held.
 *
 * @example
 * const ids = new StreamedIds('p.jsonl', 'passage', () => idsOf('p.jsonl'));
 * await ids.add('a', 1);
 */
export class StreamedIds {
  private readonly ids: IdSet<number> | UniqueIds;
  private readonly at: string;
  private readonly noun: string;
  private line = 0;

  /**
   * @param noun what the ids name, for the message
   * @param again reads the ids of the file from its start
   */
  constructor(at: string, noun: string, again: () => AsyncIterable<NumberedId>) {
    this.at = at;
    this.noun = noun;
    const readsTwice = statSync(at, { throwIfNoEntry: false })?.isFile() === true;
    this.ids = readsTwice ? new IdSet((id) => this.earlier(id, again())) : new UniqueIds(at, noun);
  }

  /** Records `id`; throws `DUPLICATE_ID` when an earlier line has it. */
  async add(id: string, line: number): Promise<void> {
    this.line = line;
    if (this.ids instanceof UniqueIds) this.ids.add(id, line);
    else {
      const earlier = await this.ids.add(id);
      if (earlier !== undefined) throw duplicateId(this.at, this.noun, id, earlier, line);
    }
  }

  /** How many ids there are; `FILE_EMPTY` when none, for the end of a file. */
  finish(): number {
    if (this.ids.size > 0) return this.ids.size;
    throw noRecords(this.at, this.noun);
  }

  private async earlier(id: string, records: AsyncIterable<NumberedId>): Promise<number | undefined> {
    for await (const record of records) {
      if (record.line >= this.line) return undefined;
      if (record.id === id) return record.line;
    }
    return undefined;
  }
}
