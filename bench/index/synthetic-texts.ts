/**
 * Texts and token ids for the synthetic collection, so that an index of it holds what one of real passages holds: made-up
 * words whose frequencies follow Zipf's law.
 */
import { RandomStream } from '../../src/random.ts';

const VOCABULARY = 30_000;
const CONSONANTS = 'bdfghklmnprstvz';
const VOWELS = 'aeiou';
/** Tokens of the encoder for each word of a text. */
const TOKENS_A_WORD = 4 / 3;

/** Makes the text of each passage. */
export class SyntheticTexts {
  private readonly words: readonly string[];
  private readonly sums: Float64Array;

  constructor(seed: number) {
    const random = new RandomStream(seed, 'synthetic words');
    const syllable = () => CONSONANTS[random.below(CONSONANTS.length)] + VOWELS[random.below(VOWELS.length)];
    this.words = Array.from({ length: VOCABULARY }, (_, rank) =>
      Array.from({ length: 1 + random.below(rank < 100 ? 2 : 4) }, syllable).join(''),
    );
    this.sums = new Float64Array(VOCABULARY);
    let sum = 0;
    for (let rank = 0; rank < VOCABULARY; rank++) this.sums[rank] = sum += 1 / (rank + 3);
  }

  /** A text of about as many words as `tokens` tokens stand for, and an id for each of these. */
  passage(p: number, tokens: number): { readonly text: string; readonly tokenIds: Int32Array } {
    const random = new RandomStream(1, `synthetic text ${p}`);
    const ranks = Array.from({ length: Math.round(tokens / TOKENS_A_WORD) }, () =>
      this.rank(random.uniform()),
    );
    const tokenIds = Int32Array.from({ length: tokens }, (_, t) => 5 + ranks[t % ranks.length]);
    return { text: ranks.map((rank) => this.words[rank]).join(' '), tokenIds };
  }

  private rank(u: number): number {
    const wanted = u * this.sums[VOCABULARY - 1];
    let [low, high] = [0, VOCABULARY - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
