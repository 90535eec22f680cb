/**
 * The three files of a segment's words. `lexical.terms` has the terms by code points in blocks, each with the number of
 * its postings and their bytes, and behind the blocks the first term of each. `lexical.postings` has the lists in the
 * same order and behind them the length of each passage. `lexical.json` says where these parts lie.
 */
import { z } from 'zod';
import { englishStem } from '../../lexical/english-stem.ts';
import { words } from '../../lexical/terms.ts';

/** File names within a segment's folder. */
export const LEXICAL_FILES = {
  header: 'lexical.json',
  terms: 'lexical.terms',
  postings: 'lexical.postings',
} as const;

/** Terms that are read together to find one. */
export const TERMS_PER_BLOCK = 64;

const count = z.number().int().nonnegative();
/** First byte and length in bytes. */
const range = z.tuple([count, count]);

/** How an index cuts text into terms; the same in all its segments. */
export const lexicalSettingsSchema = z.strictObject({
  /** Language of the passages (BCP 47); matters only for Turkish-like casing. */
  language: z.string().optional(),
  /** Terms are stemmed as English. */
  stem: z.literal('english').optional(),
});

/** How an index cuts text into terms. */
export type LexicalSettings = Readonly<z.infer<typeof lexicalSettingsSchema>>;

/** The contents of `lexical.json`. */
export const lexicalHeaderSchema = z.object({
  passages: count,
  terms: count,
  postings: count,
  settings: lexicalSettingsSchema,
  /** In `lexical.terms`: [first term of a block, bytes of the block, bytes of its lists] of every block. */
  blocks: range,
  /** In `lexical.postings`: number of terms of every passage. */
  lengths: range,
});

/** The contents of `lexical.json`. */
export type LexicalHeader = z.infer<typeof lexicalHeaderSchema>;

/**
 * The function that cuts texts into terms.
 *
 * @example termsOf({ stem: 'english' })('Boiling the waters') // ['boil', 'the', 'water']
 */
export function termsOf({ language, stem }: LexicalSettings): (text: string) => string[] {
  return stem === undefined
    ? (text) => words(text, language)
    : (text) => words(text, language).map(englishStem);
}

/** Whether two indexes cut text in the same way. */
export function sameSettings(a: LexicalSettings, b: LexicalSettings): boolean {
  return a.language === b.language && a.stem === b.stem;
}
