/**
 * Cleans sentence pairs before training: normalises both sides and leaves out what teaches nothing or does
 * harm, counting each reason. Nothing is left out silently.
 */
import { RefractError } from '../errors.ts';
import type { Bitext, BitextPair } from './bitext-pair.ts';
import {
  type BitextReport,
  countSkipped,
  emptyReport,
  formatBitextReport,
  type SkipReason,
} from './bitext-report.ts';
import { segmentsOf } from './segments.ts';

export { formatBitextReport } from './bitext-report.ts';

/** Limits of a usable pair. */
export interface CleanOptions {
  /** Longest side in user-perceived characters (grapheme clusters); default 1,000. */
  readonly maxCharacters?: number;
  /** Longest side in words, as `Intl.Segmenter` finds them (Thai and Chinese too); default 200. */
  readonly maxWords?: number;
  /**
   * Largest (a + 10) / (b + 10) for sides of a and b grapheme clusters, a >= b; the 10 spares short sentences,
   * whose lengths differ by chance. Default 4.
   */
  readonly maxRatio?: number;
}

const RATIO_SLACK = 10;

/** Unicode NFC with white space (line breaks and no-break spaces too) collapsed to single spaces. */
export function normaliseSentence(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/**
 * The usable pairs, normalised, in their order, and the account. A pair is left out for the first of: a side
 * is empty; both sides are the same apart from case; a side is too long; the lengths differ too much; the
 * same pair came before.
 *
 * @param report the account of reading, continued here; a fresh one when absent.
 * Errors: `BITEXT_EMPTY` when nothing is left.
 *
 * @example const { pairs, report } = cleanBitext(read.pairs, {}, read.report)
 */
export function cleanBitext(
  pairs: readonly BitextPair[],
  options: CleanOptions = {},
  report: BitextReport = { ...emptyReport([...new Set(pairs.map(({ at }) => at))]), read: pairs.length },
): Bitext {
  const limits = {
    maxCharacters: options.maxCharacters ?? 1000,
    maxWords: options.maxWords ?? 200,
    maxRatio: options.maxRatio ?? 4,
  };
  const counted: BitextReport = { ...report, skipped: structuredClone(report.skipped) };
  const seen = new Set<string>();
  const kept: BitextPair[] = [];
  for (const pair of pairs) {
    const pivot = normaliseSentence(pair.pivot);
    const target = normaliseSentence(pair.target);
    const key = `${pair.language}\n${pivot}\n${target}`;
    const reason = fault(pivot, target, pair.language, limits) ?? (seen.has(key) ? 'duplicate' : undefined);
    if (reason !== undefined) {
      countSkipped(counted, reason, pair);
      continue;
    }
    seen.add(key);
    kept.push({ ...pair, pivot, target });
  }
  counted.kept = kept.length;
  if (kept.length === 0)
    throw new RefractError('BITEXT_EMPTY', `no usable pair is left\n${formatBitextReport(counted)}`, {
      at: counted.files[0],
      hint: 'Check that the right columns and language were named.',
    });
  return { pairs: kept, report: counted };
}

function fault(
  pivot: string,
  target: string,
  language: string,
  limits: Required<CleanOptions>,
): SkipReason | undefined {
  if (pivot === '' || target === '') return 'empty';
  if (pivot.toLowerCase() === target.toLowerCase()) return 'identical';
  if (isLong(pivot, undefined, limits) || isLong(target, language, limits)) return 'long';
  return ratioExceeds(pivot, target, limits.maxRatio) ? 'ratio' : undefined;
}

/** Segmentation is slow, and neither characters nor words outnumber UTF-16 units: short texts skip it. */
function isLong(text: string, language: string | undefined, limits: Required<CleanOptions>): boolean {
  if (text.length > limits.maxCharacters && countGraphemes(text) > limits.maxCharacters) return true;
  return text.length > limits.maxWords && countWords(text, language) > limits.maxWords;
}

function ratioExceeds(a: string, b: string, maxRatio: number): boolean {
  const ratio = (x: number, y: number) => (Math.max(x, y) + RATIO_SLACK) / (Math.min(x, y) + RATIO_SLACK);
  // Counting graphemes is slow. Over a sentence, letters without their marks are at most about twice as many
  // (Thai vowels, Indic conjuncts): where they stay within half the limit, the exact count is not needed.
  if (ratio(countBases(a), countBases(b)) <= maxRatio / 2) return false;
  return ratio(countGraphemes(a), countGraphemes(b)) > maxRatio;
}

function countBases(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(/\P{M}/gu)) count++;
  return count;
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
const ASCII = /^[ -~]*$/;

/** Grapheme clusters of a normalised sentence: what a reader counts as characters. */
export function countGraphemes(text: string): number {
  if (ASCII.test(text)) return text.length;
  let count = 0;
  for (const _ of segmentsOf(graphemes, text)) count++;
  return count;
}

const wordSegmenters = new Map<string, Intl.Segmenter>();

/** Words, as the language's rules (or a dictionary, for scripts without spaces) divide a text. */
export function countWords(text: string, language = 'und'): number {
  let segmenter = wordSegmenters.get(language);
  if (segmenter === undefined) {
    segmenter = new Intl.Segmenter(language, { granularity: 'word' });
    wordSegmenters.set(language, segmenter);
  }
  let count = 0;
  for (const { isWordLike } of segmentsOf(segmenter, text)) if (isWordLike) count++;
  return count;
}
