/** White space taken off the places of byte-level tokens, as RoBERTa's and GPT-2's tokenizers do. */
import { sizeAt } from './aligned-text.ts';
import { SPACE_LETTER } from './byte-letters.ts';
import type { PlacedTokens } from './pipeline.ts';

const BLANK = `[${SPACE_LETTER}\\p{White_Space}]`;
const LEADING = new RegExp(`^${BLANK}*`, 'u');
const TRAILING = new RegExp(`${BLANK}*$`, 'u');

/**
 * Tokens with their places less the white space that they begin and end with, once for each of `trims`.
 *
 * @param trims for each time, whether a space was put before the text: then the first token's own counts as that
 * @param tokenOf the token of an id
 */
export function trimPlaces(
  text: string,
  tokens: PlacedTokens,
  trims: readonly boolean[],
  tokenOf: (id: number) => string,
): PlacedTokens {
  if (trims.length === 0) return tokens;
  const starts = [...tokens.starts];
  const ends = [...tokens.ends];
  tokens.ids.forEach((id, t) => {
    const spelt = tokens.added[t] ?? tokenOf(id);
    const leading = LEADING.exec(spelt)?.[0].length ?? 0;
    const trailing = TRAILING.exec(spelt)?.[0].length ?? 0;
    for (const prefixed of trims) {
      const put = prefixed && leading === 1 && (t === 0 || starts[t] === 0);
      if (!put) starts[t] = Math.min(forward(text, starts[t], leading), ends[t]);
      ends[t] = Math.max(backward(text, ends[t], trailing), starts[t]);
    }
  });
  return { ...tokens, starts, ends };
}

/** The place that many characters on. */
function forward(text: string, place: number, count: number): number {
  let at = place;
  for (let k = 0; k < count; k++) at += at < text.length ? sizeAt(text, at) : 1;
  return at;
}

/** The place that many characters back; the same one where there are not so many. */
function backward(text: string, place: number, count: number): number {
  let at = place;
  for (let k = 0; k < count; k++) {
    if (at === 0) return place;
    at -= at > 1 && sizeAt(text, at - 2) === 2 ? 2 : 1;
  }
  return at;
}
