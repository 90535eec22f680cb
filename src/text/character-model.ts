/**
 * A character model of a language: how probable a text's letters are in it, by the runs of up to four characters that
 * its texts have. What a language pack says of its own language, so that queries can be told apart.
 *
 * A character c after the context h (up to three characters before it) has, with Dirichlet smoothing towards the
 * context h' that is one shorter (MacKay and Peto 1995, https://doi.org/10.1017/S1351324900000218),
 *
 *     P(c | h) = (count(hc) + MU P(c | h')) / (continuations(h) + MU),    P(c | shorter than empty) = 1 / CHARACTERS
 *
 * Only the most frequent runs are kept, by a hash of their code points, with counts on a logarithmic scale: 6 bytes
 * each. `continuations` are of kept runs, so that a context whose continuations were all left out is none.
 */
import { foldCase, foldDiacritics } from './normalize.ts';

/** Characters of the longest run: a character and the context before it. */
const ORDER = 4;
/** How much a shorter context counts, in characters seen. */
const MU = 10;
/** How many characters a text might go on with when nothing is known. */
const CHARACTERS = 2000;
/** Runs that a model keeps: some 197 KB. */
const MOST_RUNS = 32_768;
/** Steps of the scale of counts in a factor of two. */
const STEPS = 8;
/** The hash of the empty run. */
const EMPTY = 0x5f3759df;

/** The runs of a language's texts. */
export interface CharacterModel {
  /** [N] hashes of runs, ascending. */
  readonly hashes: Int32Array;
  /** [N] how often each was seen: 0 never, else 1 + 8 log2 of the count. */
  readonly counts: Uint8Array;
  /** [N] how often a kept run that is one longer began with it, on the same scale. */
  readonly continuations: Uint8Array;
}

/** Formatting within words; joiners are spelling, and the zero-width space is a break. */
const FORMATTING = /(?![\u200b-\u200d])\p{Cf}/gu;
/** What is between words; apostrophes are letters of many languages, and joiners are spelling. */
const BETWEEN = /(?:(?!\u200c|\u200d)[^\p{L}\p{M}'])+/gu;
/** Forms of the apostrophe, of which keyboards type one and editors set another. */
const APOSTROPHES = /[’ʼ]/g;
const LETTER = /\p{L}/u;

/**
 * A text as a character model reads it: code points of its words in NFC and folded case, with a space before, between
 * and after them. Numbers and punctuation are spaces, apostrophes of all forms are one. What has no letter, such as the
 * joiners and marks of emoji, is left out; only a space where nothing has.
 *
 * @example String.fromCodePoint(...charactersOf('Ọjọ́ 3!')) // ' ọjọ́ '
 */
export function charactersOf(text: string): number[] {
  const folded = foldCase(text).replace(FORMATTING, '').replace(APOSTROPHES, "'");
  const words = folded.split(BETWEEN).filter((word) => LETTER.test(word));
  const spaced = ['', ...words, ''].join(' ');
  return Array.from(words.length === 0 ? ' ' : spaced, (character) => character.codePointAt(0) as number);
}

/** Counts runs of texts, for a model. */
export class CharacterCounts {
  private readonly counts = new Map<number, number>();
  /** The run that is one shorter at the end, by hashes. */
  private readonly contexts = new Map<number, number>();

  /**
   * Counts the runs of a text, and again of the text without accents, tone marks and vowel points where it has any:
   * many people type queries without them.
   */
  add(text: string): void {
    const composed = text.normalize('NFC');
    const unmarked = foldDiacritics(composed);
    this.count(charactersOf(composed));
    if (unmarked !== composed) this.count(charactersOf(unmarked));
  }

  private count(characters: readonly number[]): void {
    for (let begin = 0; begin < characters.length; begin++) {
      let context = EMPTY;
      const end = Math.min(begin + ORDER, characters.length);
      for (let i = begin; i < end; i++) {
        const run = hashed(context, characters[i]);
        const before = this.counts.get(run);
        this.counts.set(run, (before ?? 0) + 1);
        if (before === undefined) this.contexts.set(run, context);
        context = run;
      }
    }
  }

  /** The model of what was counted; `most` runs are kept, the most frequent. */
  model(most = MOST_RUNS): CharacterModel {
    const kept = [...this.counts].sort(([a, x], [b, y]) => y - x || a - b).slice(0, most);
    const continuations = new Map<number, number>();
    for (const [run, count] of kept) {
      const context = this.contexts.get(run) as number;
      continuations.set(context, (continuations.get(context) ?? 0) + count);
    }
    const counts = new Map(kept);
    const hashes = Int32Array.from(new Set([...counts.keys(), ...continuations.keys()])).sort();
    const scaled = (of: ReadonlyMap<number, number>) =>
      Uint8Array.from(hashes, (run) => toScale(of.get(run) ?? 0));
    return { hashes, counts: scaled(counts), continuations: scaled(continuations) };
  }
}

/**
 * The natural logarithm of the probability of characters, after the first, in a language.
 *
 * @param characters those of `charactersOf`
 * @param order the longest run that is looked up, from 1 to 4
 * @example logLikelihood(swahili, charactersOf('maji safi')) > logLikelihood(somali, charactersOf('maji safi')) // true
 */
export function logLikelihood(
  model: CharacterModel,
  characters: readonly number[],
  order: number = ORDER,
): number {
  let sum = 0;
  for (let i = 1; i < characters.length; i++) {
    let probability = 1 / CHARACTERS;
    for (let length = 1; length <= Math.min(order, i + 1); length++) {
      let context = EMPTY;
      for (let j = i - length + 1; j < i; j++) context = hashed(context, characters[j]);
      const seen = counted(model, model.continuations, context);
      if (seen === 0) break;
      const count = counted(model, model.counts, hashed(context, characters[i]));
      probability = (count + MU * probability) / (Math.max(seen, count) + MU);
    }
    sum += Math.log(probability);
  }
  return sum;
}

/** How many characters a model was made from, on its scale. */
export function modelSize(model: CharacterModel): number {
  return counted(model, model.continuations, EMPTY);
}

function hashed(hash: number, codePoint: number): number {
  const mixed = Math.imul(hash ^ codePoint, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function counted({ hashes }: CharacterModel, of: Uint8Array, run: number): number {
  let [low, high] = [0, hashes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (hashes[middle] < run) low = middle + 1;
    else high = middle;
  }
  return hashes[low] === run ? fromScale(of[low]) : 0;
}

function toScale(count: number): number {
  return count === 0 ? 0 : Math.min(255, 1 + Math.round(STEPS * Math.log2(count)));
}

function fromScale(scaled: number): number {
  return scaled === 0 ? 0 : 2 ** ((scaled - 1) / STEPS);
}
