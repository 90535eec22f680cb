/** Hits as text for a terminal of a given width, in any script. */
import { displayWidth, isolated, printable, shortened } from '../search/explain-text.ts';
import type { FoundPassage } from '../search/searcher.ts';

/** Fused scores are small: digits behind the point when the best score is below 1, and else. */
const [SMALL_DIGITS, DIGITS] = [4, 3];

/** Columns when the output is no terminal. */
export const DEFAULT_COLUMNS = 100;
/** Terminals narrower than this get lines that are too long rather than none at all. */
const LEAST_TEXT_COLUMNS = 20;
const SNIPPET_LINES = 2;

/**
 * Rank, score, id and title of each hit, and under them the beginning of its text; no line is wider than
 * `columns`. Between them stand the lines that `explain` gives for a hit, which may be wider.
 *
 * @example formatHits(await searcher.search('maji safi', 10), process.stdout.columns)
 */
export function formatHits<Found extends FoundPassage>(
  hits: readonly Found[],
  columns = DEFAULT_COLUMNS,
  explain: (hit: Found) => readonly string[] = () => [],
): string {
  const digits = Math.abs(hits[0]?.score ?? 1) < 1 ? SMALL_DIGITS : DIGITS;
  const ranks = String(hits.length).length;
  const scores = hits.reduce((most, { score }) => Math.max(most, score.toFixed(digits).length), 0);
  const indent = ' '.repeat(ranks + 2);
  const width = Math.max(LEAST_TEXT_COLUMNS, columns - indent.length);
  return hits
    .map((hit) => {
      const { rank, score, passage } = hit;
      const name = [passage.id, passage.title ?? ''].map(printable).filter((text) => text !== '');
      const figures = `${score.toFixed(digits).padStart(scores)}  `;
      const head = name.map(isolated).join('  ');
      return [
        `${String(rank).padStart(ranks)}  ${figures}${shortened(head, width - figures.length)}`,
        ...explain(hit).map((line) => indent + line),
        ...wrapped(passage.text, width, SNIPPET_LINES).map((line) => indent + isolated(line)),
      ].join('\n');
    })
    .map((hit) => `${hit}\n`)
    .join('');
}

/**
 * The beginning of `text` in at most `most` lines of `width` columns, broken between words where that is
 * possible; an ellipsis where more follows.
 *
 * @example wrapped('Boil the water', 8, 2) // ['Boil the', 'water']
 */
export function wrapped(text: string, width: number, most: number): string[] {
  let rest = printable(text).replace(/ +/g, ' ').trim();
  const lines: string[] = [];
  while (rest !== '') {
    if (lines.length === most - 1 || displayWidth(rest) <= width) {
      lines.push(shortened(rest, width));
      break;
    }
    const line = fitting(rest, width, 'word') || fitting(rest, width, 'grapheme') || rest;
    lines.push(line.trimEnd());
    rest = rest.slice(line.length).trimStart();
  }
  return lines;
}

/** The longest beginning of `text` of whole words or graphemes that takes at most `width` columns. */
function fitting(text: string, width: number, granularity: 'word' | 'grapheme'): string {
  let taken = '';
  let columns = 0;
  for (const { segment } of new Intl.Segmenter('und', { granularity }).segment(text)) {
    columns += displayWidth(segment);
    if (columns > width && segment !== ' ') break;
    taken += segment;
  }
  return taken;
}
