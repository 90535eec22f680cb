/** Hits as text for a terminal of a given width, in any script. */
import { displayWidth, isolated, printable, shortened } from '../search/explain-text.ts';
import type { FoundPassage } from '../search/searcher.ts';

/** Columns when the output is no terminal. */
export const DEFAULT_COLUMNS = 100;
/** Terminals narrower than this get lines that are too long rather than none at all. */
const LEAST_TEXT_COLUMNS = 20;
const SNIPPET_LINES = 2;

/**
 * Rank, score, id and title of each hit, and under them the beginning of its text; no line is wider than
 * `columns`.
 *
 * @example formatHits(await searcher.search('maji safi', 10), process.stdout.columns)
 */
export function formatHits(hits: readonly FoundPassage[], columns = DEFAULT_COLUMNS): string {
  const ranks = String(hits.length).length;
  const scores = hits.reduce((most, { score }) => Math.max(most, score.toFixed(3).length), 0);
  const indent = ' '.repeat(ranks + 2);
  const width = Math.max(LEAST_TEXT_COLUMNS, columns - indent.length);
  return hits
    .map(({ rank, score, passage }) => {
      const name = [passage.id, passage.title ?? ''].map(printable).filter((text) => text !== '');
      const figures = `${score.toFixed(3).padStart(scores)}  `;
      const head = name.map(isolated).join('  ');
      return [
        `${String(rank).padStart(ranks)}  ${figures}${shortened(head, width - figures.length)}`,
        ...wrapped(passage.text, width, SNIPPET_LINES).map((line) => indent + isolated(line)),
      ].join('\n');
    })
    .map((hit) => `${hit}\n`)
    .join('');
}

/** Hits as `--json` prints them. */
export function flatHits(hits: readonly FoundPassage[]) {
  return hits.map(({ rank, score, passage: { id, title, text } }) => ({ rank, score, id, title, text }));
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
