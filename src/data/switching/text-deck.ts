/** Deals texts out to languages by exact quotas, one text at a time; after the last it begins anew. */
import { RefractError } from '../../errors.ts';
import type { RandomStream } from '../../random.ts';

/** The state of a deck, as plain JSON. */
export interface DeckState {
  readonly stream: readonly number[];
  readonly left: readonly number[];
}

/**
 * A deck with `quotas[l]` cards of language l. Any order of the cards is as likely as any other.
 *
 * @example const deck = new TextDeck([1, 1], new RandomStream(1, 'languages')); deck.draw() !== deck.draw() // true
 */
export class TextDeck {
  private readonly quotas: readonly number[];
  private readonly stream: RandomStream;
  private left: number[];

  constructor(quotas: readonly number[], stream: RandomStream) {
    this.quotas = quotas;
    this.stream = stream;
    this.left = [...quotas];
  }

  /** The language of the next text. */
  draw(): number {
    let total = this.left.reduce((sum, count) => sum + count, 0);
    if (total === 0) {
      this.left = [...this.quotas];
      total = this.left.reduce((sum, count) => sum + count, 0);
    }
    let at = this.stream.below(total);
    let l = 0;
    while (l < this.left.length - 1 && at >= this.left[l]) at -= this.left[l++];
    this.left[l]--;
    return l;
  }

  save(): DeckState {
    return { stream: this.stream.save(), left: [...this.left] };
  }

  /** Continues from a saved state; `RESUME_MISMATCH` when the quotas were others. */
  load({ stream, left }: DeckState): void {
    if (left.length !== this.quotas.length || left.some((count, l) => count > this.quotas[l]))
      throw new RefractError('RESUME_MISMATCH', 'the quotas of texts in code switching are other ones', {
        hint: 'Resume with the same texts, lexicons and settings, or start a new run.',
      });
    this.stream.load(stream);
    this.left = [...left];
  }
}
