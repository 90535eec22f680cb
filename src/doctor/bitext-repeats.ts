/** Pairs that come again: across sources, and nearly, with other digits, punctuation or case. */
import type { BitextPair } from '../data/bitext-pair.ts';

/** What comes again. */
export interface Repeats {
  /** Pairs that were there before as they are, from another source. */
  readonly acrossSources: number;
  /** Pairs that differ from an earlier one in case, digits, punctuation or spaces alone. */
  readonly near: number;
  /** Some of the latter, each with the one before it. */
  readonly examples: readonly (readonly [earlier: BitextPair, again: BitextPair])[];
  /** Sources between which most pairs are repeated, with how many. */
  readonly sources: readonly { readonly between: string; readonly pairs: number }[];
}

const NAMED = 4;

/**
 * Looks for repetitions in pairs of one language, in their order.
 *
 * @example findRepeats(pairs).near // 12
 */
export function findRepeats(pairs: readonly BitextPair[]): Repeats {
  const exact = new Map<string, string>();
  const similar = new Map<string, BitextPair>();
  const between = new Map<string, number>();
  const examples: [BitextPair, BitextPair][] = [];
  let acrossSources = 0;
  let near = 0;
  for (const pair of pairs) {
    const source = pair.source ?? '';
    const key = `${squeezed(pair.pivot)}\n${squeezed(pair.target)}`;
    const from = exact.get(key);
    if (from !== undefined) {
      if (from !== source) {
        acrossSources++;
        const names = [from, source].sort().join(' and ');
        between.set(names, (between.get(names) ?? 0) + 1);
      }
      continue;
    }
    exact.set(key, source);
    const letters = `${lettersOf(pair.pivot)}\n${lettersOf(pair.target)}`;
    const earlier = similar.get(letters);
    if (earlier === undefined) {
      if (letters !== '\n') similar.set(letters, pair);
      continue;
    }
    near++;
    if (examples.length < NAMED) examples.push([earlier, pair]);
  }
  const sources = [...between]
    .sort((a, b) => b[1] - a[1])
    .slice(0, NAMED)
    .map(([names, n]) => ({ between: names, pairs: n }));
  return { acrossSources, near, examples, sources };
}

/** NFC with single spaces, as cleaning compares pairs. */
function squeezed(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

/** Letters and marks in lower case. */
function lettersOf(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}]+/gu, '');
}
