/** The account of what a reader left out: why, how often, and the first lines concerned. */

/** Why a record was left out. */
export type LeftOut = 'empty' | 'duplicate' | 'no passage' | 'no translation';

interface Account {
  count: number;
  readonly places: string[];
}

const SHOWN = 3;

/**
 * Counts what is left out. Data sets as published have records without text and repeated ids; a reader goes on
 * without them, and says so.
 *
 * @example const notes = new ReadingNotes(); notes.add('empty', 'collection.tsv', 7); notes.lines() // ['1 empty (collection.tsv:7)']
 */
export class ReadingNotes {
  private readonly accounts = new Map<LeftOut, Account>();

  add(reason: LeftOut, at: string, line: number): void {
    const account = this.accounts.get(reason) ?? { count: 0, places: [] };
    account.count++;
    if (account.places.length < SHOWN) account.places.push(`${at}:${line}`);
    this.accounts.set(reason, account);
  }

  /** How many records were left out, for `reason` or altogether. */
  count(reason?: LeftOut): number {
    if (reason !== undefined) return this.accounts.get(reason)?.count ?? 0;
    return [...this.accounts.values()].reduce((sum, account) => sum + account.count, 0);
  }

  /** One line a reason, such as `2 duplicate (a.tsv:3, a.tsv:9)`. */
  lines(): string[] {
    return [...this.accounts].map(
      ([reason, { count, places }]) =>
        `${count} ${reason} (${places.join(', ')}${count > places.length ? ', ...' : ''})`,
    );
  }
}
