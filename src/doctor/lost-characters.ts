/**
 * What a normaliser takes away. Text and normalised text are compared character by character (grapheme clusters),
 * after both were brought to one case and to compatibility decomposition: what is missing then was dropped or became
 * another letter, and was not merely composed, decomposed or lower-cased.
 */
import { segmentsOf } from '../data/segments.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';

/** Kinds of characters whose loss means different things. */
export const LOSSES = {
  tone: 'accents and tone marks',
  vowel: 'vowel signs (matras)',
  harakat: 'vowel points (harakat, niqqud)',
  joiner: 'joiners and invisible signs',
  letter: 'letters',
  other: 'other signs',
} as const;
export type Loss = keyof typeof LOSSES;

const HARAKAT = /[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]/u;

/** What kind of loss a lost code point is. */
export function lossOf(point: string): Loss {
  if (HARAKAT.test(point)) return 'harakat';
  if (/\p{Cf}/u.test(point)) return 'joiner';
  if (/\p{Script=Inherited}|\p{Script=Common}/u.test(point) && /\p{M}/u.test(point)) return 'tone';
  if (/\p{M}/u.test(point)) return 'vowel';
  return /\p{L}/u.test(point) ? 'letter' : 'other';
}

/** A form in which texts that differ in case, composition and presentation are equal. */
export function foldedForm(text: string, language: string): string {
  return text.normalize('NFKD').toLocaleLowerCase(language).replaceAll('ς', 'σ').normalize('NFKD');
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Finds what one tokenizer's normaliser takes away. */
export class LostCharacters {
  private readonly tokenizer: TextTokenizer;
  private readonly language: string;
  private readonly losses = new Map<string, readonly string[]>();

  constructor(tokenizer: TextTokenizer, language: string) {
    this.tokenizer = tokenizer;
    this.language = language;
  }

  /**
   * The code points of `text` that its normalised form lacks, in their order, and the characters of the text.
   *
   * @example lost.in('ọjọ́').points // ['\u0323', '\u0323', '\u0301'] where accents are stripped
   */
  in(text: string): { points: string[]; characters: number } {
    const points: string[] = [];
    let characters = 0;
    for (const { segment } of segmentsOf(graphemes, text)) {
      if (/^\s*$/u.test(segment)) continue;
      characters++;
      let lost = this.losses.get(segment);
      if (lost === undefined) {
        lost = this.lostOf(segment);
        this.losses.set(segment, lost);
      }
      points.push(...lost);
    }
    return { points, characters };
  }

  private lostOf(character: string): readonly string[] {
    const kept = [...foldedForm(this.tokenizer.normalise(character), this.language)];
    return [...foldedForm(character, this.language)].filter((point) => {
      const place = kept.indexOf(point);
      if (place < 0) return !/[\p{Cc}\s]/u.test(point);
      kept.splice(place, 1);
      return false;
    });
  }
}
