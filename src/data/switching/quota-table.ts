/**
 * Exact quotas, drawn one word at a time: of the n words of a kind that are still to come, a_l are to go to
 * language l; the next one goes there with probability a_l / n. When all have come, every quota is met to the
 * word, and every way to choose the words was as likely as any other.
 */
import { RefractError } from '../../errors.ts';
import { allocate, type WordKind } from './allocation.ts';

/** Words of one kind still to come, and how many of them go to each language. */
interface Row {
  left: number;
  readonly cells: number[];
}

/** What is left of a table, as plain JSON: for each kind its mask, the words to come, and its cells. */
export type QuotaState = readonly (readonly number[])[];

/** Quotas over the words of some texts; after the last of them they begin anew. */
export class QuotaTable {
  /** By language: words that the table gives out in a cycle. */
  readonly allocated: readonly number[];
  private readonly kinds: readonly WordKind[];
  private readonly plan: readonly (readonly number[])[];
  private readonly rows = new Map<number, Row>();
  private left = 0;
  /** By language: the row that lends words to phrases. */
  private readonly lenders: (Row | undefined)[];

  /** @param kinds words by the languages that know them; @param quotas words wanted by each language */
  constructor(kinds: readonly WordKind[], quotas: readonly number[]) {
    this.kinds = kinds.filter(({ mask, count }) => mask !== 0 && count > 0).sort((a, b) => a.mask - b.mask);
    this.plan = allocate(this.kinds, quotas);
    this.allocated = quotas.map((_, l) => this.plan.reduce((sum, row) => sum + row[l], 0));
    this.lenders = quotas.map(() => undefined);
    this.kinds.forEach((_, k) => {
      this.refill(k);
    });
  }

  /**
   * Decides over the next word of kind `mask`; `uniform` is drawn from [0, 1).
   *
   * @returns the language it goes to, or -1 when it stays
   */
  draw(mask: number, uniform: number): number {
    const row = this.rowToCome(mask);
    if (row === undefined) return -1;
    let at = uniform * row.left;
    this.pass(row);
    for (let l = 0; l < row.cells.length; l++) {
      if (row.cells[l] === 0) continue;
      if (at < row.cells[l]) {
        row.cells[l]--;
        return l;
      }
      at -= row.cells[l];
    }
    return -1;
  }

  /** One word of a kind has come. */
  private pass(row: Row): void {
    row.left--;
    this.left--;
  }

  /**
   * Takes further words into a phrase of language `l`, so that the quotas still hold: each takes the place of
   * another word of this language. Nothing is changed when they do not allow it.
   *
   * @param decided how many words that were left as they are
   * @param coming kinds of words that are still to come; `draw` must not be asked for these any more
   * @returns whether the words may be taken
   */
  take(l: number, decided: number, coming: readonly number[]): boolean {
    const undo: (() => void)[] = [];
    const cancel = () => {
      for (const step of undo.reverse()) step();
      return false;
    };
    for (const mask of coming) {
      const row = this.rowToCome(mask);
      if (row !== undefined && row.cells[l] === 0 && row.left <= sum(row.cells)) return cancel();
      const lender = row !== undefined && row.cells[l] > 0 ? row : this.lender(l);
      if (lender === undefined) return cancel();
      lender.cells[l]--;
      if (row !== undefined) this.pass(row);
      undo.push(() => {
        lender.cells[l]++;
        if (row === undefined) return;
        row.left++;
        this.left++;
      });
    }
    for (let i = 0; i < decided; i++) {
      const lender = this.lender(l);
      if (lender === undefined) return cancel();
      lender.cells[l]--;
      undo.push(() => lender.cells[l]++);
    }
    return true;
  }

  /** What is left, for a checkpoint. */
  save(): QuotaState {
    return this.kinds.map(({ mask }) => {
      const row = this.rows.get(mask);
      return row === undefined ? [mask] : [mask, row.left, ...row.cells];
    });
  }

  /** Continues from a saved state; `RESUME_MISMATCH` when it is one of other texts, lexicons or languages. */
  load(state: QuotaState): void {
    const fits =
      state.length === this.kinds.length &&
      state.every((row, k) => row[0] === this.kinds[k].mask && row.length === this.plan[k].length + 2);
    if (!fits)
      throw new RefractError('RESUME_MISMATCH', 'the quotas of code switching are other ones', {
        hint: 'Resume with the same texts, lexicons and languages, or start a new run.',
      });
    this.lenders.fill(undefined);
    this.left = 0;
    for (const [mask, left, ...cells] of state) {
      this.rows.set(mask, { left, cells });
      this.left += left;
    }
  }

  /** The row of a kind, filled anew when its words have all come; undefined for a kind without words. */
  private rowToCome(mask: number): Row | undefined {
    const row = this.rows.get(mask);
    if (row === undefined || row.left > 0) return row;
    if (this.left === 0) {
      this.kinds.forEach((_, k) => {
        this.refill(k);
      });
    } else this.refill(this.kinds.findIndex((kind) => kind.mask === mask));
    return this.rows.get(mask);
  }

  private refill(k: number): void {
    const { mask, count } = this.kinds[k];
    this.rows.set(mask, { left: count, cells: [...this.plan[k]] });
    this.left += count;
    this.lenders.fill(undefined);
  }

  /** The row with most words of language `l` to come, kept until it has none. */
  private lender(l: number): Row | undefined {
    let best = this.lenders[l];
    if (best !== undefined && best.cells[l] > 0) return best;
    best = undefined;
    for (const row of this.rows.values()) if (row.cells[l] > (best?.cells[l] ?? 0)) best = row;
    this.lenders[l] = best;
    return best;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
