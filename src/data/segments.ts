/**
 * `Intl.Segmenter` over texts of any length. The engine copies the whole text for each segment, so that a text of
 * 100,000 letters takes seconds and one of a million minutes; here it is given a window at a time.
 */

/** Code units of a window; shorter texts are segmented as they are. */
const WINDOW = 2048;
/** Segments that begin so near to a window's end are found again in the next one, with what follows them. */
const MARGIN = 256;

/** A segment and where it stands in the text, in UTF-16 code units. */
export interface Segment {
  readonly segment: string;
  readonly index: number;
  /** Of segmenters of words. */
  readonly isWordLike?: boolean;
}

/**
 * The segments of `text`, in order, in time that grows with its length. A window begins where a segment does, so that
 * breaks are those of the whole text, but for what a dictionary of Thai, Lao, Khmer, Burmese, Chinese or Japanese
 * makes of more than 256 letters to come.
 *
 * @example [...segmentsOf(new Intl.Segmenter('sw', { granularity: 'word' }), 'maji safi')].length // 3
 */
export function* segmentsOf(segmenter: Intl.Segmenter, text: string): Generator<Segment> {
  let start = 0;
  let size = WINDOW;
  while (start < text.length) {
    const end = start + size;
    const last = end >= text.length;
    let next = start;
    for (const { segment, index, isWordLike } of segmenter.segment(
      last ? text.slice(start) : text.slice(start, end),
    )) {
      if (!last && index + segment.length > size - MARGIN) break;
      yield { segment, index: start + index, ...(isWordLike !== undefined && { isWordLike }) };
      next = start + index + segment.length;
    }
    // A segment that is longer than the window needs a larger one.
    size = next === start ? 2 * size : WINDOW;
    if (last) return;
    start = next;
  }
}
