/**
 * Places of tokens as readers take them: whole characters without the spaces around. Tokens of byte-level and
 * byte-fallback vocabularies may begin within a letter, or with the space before a word.
 */

import { segmentsOf } from '../data/segments.ts';

/** The ids of a text, with the range of each in it: `text.slice(starts[t], ends[t])`, in UTF-16 code units. */
export interface TokenOffsets {
  readonly ids: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Ranges widened to whole characters as readers count them (grapheme clusters), so that no letter is cut from its
 * marks, and less the white space at their ends. A token of white space alone goes with the token after it.
 *
 * @example readableOffsets(' naïve', { ids, starts: [0], ends: [6] }) // { ids, starts: [1], ends: [6] }
 */
export function readableOffsets(text: string, { ids, starts, ends }: TokenOffsets): TokenOffsets {
  const begins = new Int32Array(text.length + 1);
  const stops = new Int32Array(text.length + 1);
  for (const { segment, index } of segmentsOf(graphemes, text))
    for (let at = index; at < index + segment.length; at++) {
      begins[at] = index;
      stops[at] = index + segment.length;
    }
  begins[text.length] = text.length;
  const blank = (at: number) => /\s/u.test(text[at]);
  const newStarts = new Int32Array(ids.length);
  const newEnds = new Int32Array(ids.length);
  for (let t = ids.length - 1; t >= 0; t--) {
    let [start, end] = [starts[t], ends[t]];
    while (start < end && blank(start)) start++;
    while (end > start && blank(end - 1)) end--;
    if (start < end) {
      newStarts[t] = begins[start];
      newEnds[t] = stops[end - 1];
    } else {
      const next = t + 1 < ids.length;
      newStarts[t] = next ? newStarts[t + 1] : begins[start];
      newEnds[t] = next ? newEnds[t + 1] : begins[start];
    }
  }
  return { ids, starts: newStarts, ends: newEnds };
}
