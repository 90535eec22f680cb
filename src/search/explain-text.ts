/** Showing tokens of any script safely: widths on a terminal, direction, escaping. */

const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';
const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Script=Mandaic}\p{Script=Samaritan}\p{Script=Hanifi_Rohingya}]/u;
const STRONG = /\p{L}/u;
// Combining marks and format characters take no column; Hangul vowels and finals join the syllable before them.
const ZERO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/**
 * The text without characters that would steer a terminal or a page: tabs and line ends become spaces, other
 * controls and lone surrogates U+FFFD, bidirectional overrides and isolates vanish.
 */
export function printable(token: string): string {
  return token
    .replace(/\s/gu, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd');
}

/** Columns that `text` takes on a terminal with wide East Asian characters. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += ZERO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** Whether most letters of the texts are of a script that runs from right to left. */
export function runsRightToLeft(texts: Iterable<string>): boolean {
  let balance = 0;
  for (const text of texts) {
    for (const character of text) {
      if (RIGHT_TO_LEFT.test(character)) balance++;
      else if (STRONG.test(character)) balance--;
    }
  }
  return balance > 0;
}

/** Isolates text with right-to-left letters, so that it does not reorder what stands beside it. */
export function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}` : text;
}

/** `text` cut to `limit` columns, with an ellipsis where something was cut; never inside a grapheme. */
export function shortened(text: string, limit: number): string {
  if (displayWidth(text) <= limit) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(text)) {
    if (displayWidth(kept + segment) > limit - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** `printable` text as HTML or SVG content or attribute value. */
export function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
