/**
 * Unicode normalisations for matching words: each is a small function that names what it folds.
 */

/**
 * Case folding: two words that differ in case only become equal, in NFC. Final sigma becomes sigma, and
 * the dotted capital I of Turkish becomes a plain i.
 *
 * @example foldCase('ΟΔΌΣ') === foldCase('οδός') // true
 */
export function foldCase(text: string): string {
  return text.normalize('NFC').replaceAll('İ', 'i').toLowerCase().replaceAll('ς', 'σ');
}

const DIACRITICS = /(?<=[\p{Script=Latin}\p{Script=Greek}]\p{M}*)\p{Mn}/gu;
const ARABIC_POINTS =
  /[\u0610-\u061A\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E4\u06E7\u06E8\u06EA-\u06ED\u0640]/g;
const HEBREW_POINTS = /[\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7]/g;

/**
 * Diacritic folding: accents and tone marks of Latin and Greek letters, vowel points of Arabic (with
 * tatweel) and Hebrew are removed. What is a letter of its own stays: Cyrillic й and ї, and the vowel
 * signs of Devanagari, Thai and their like.
 *
 * @example foldDiacritics('ọjọ́ Ìbàdàn') // 'ojo Ibadan'
 * @example foldDiacritics('हिन्दी') // 'हिन्दी'
 */
export function foldDiacritics(text: string): string {
  return text
    .normalize('NFD')
    .replace(DIACRITICS, '')
    .replace(ARABIC_POINTS, '')
    .replace(HEBREW_POINTS, '')
    .normalize('NFC');
}

/**
 * Digit folding: decimal digits of any script become ASCII digits.
 *
 * @example foldDigits('२०२४ و ٢٠٢٤') // '2024 و 2024'
 */
export function foldDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => String(digitValue(digit.codePointAt(0) ?? 0)));
}

const DECIMAL_DIGIT = /^\p{Nd}$/u;

/**
 * Value of a decimal digit. Unicode sets the ten digits of a script side by side, from 0 to 9, and runs
 * of digits begin at a multiple of ten characters from the first, so the distance to the run's start
 * modulo ten is the value.
 */
function digitValue(codePoint: number): number {
  let start = codePoint;
  while (DECIMAL_DIGIT.test(String.fromCodePoint(start - 1))) start--;
  return (codePoint - start) % 10;
}
