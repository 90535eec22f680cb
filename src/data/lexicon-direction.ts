/**
 * Tells a dictionary that was given the wrong way round: its first column is then in the new language and its
 * second in English. Two signs: the script of the columns, and how many words of an English text each column
 * knows.
 */
import { ownScript } from './language-script.ts';
import type { LexiconEntry } from './records.ts';
import { pivotWords } from './switching/words.ts';

/** What speaks for or against a direction. */
export interface LexiconDirection {
  /** Whether the columns are probably exchanged. */
  readonly reversed: boolean;
  /** By which sign; undefined when there is none either way. */
  readonly sign: 'script' | 'frequency' | undefined;
  /** The part of entries whose pivot, and whose target, is written in the new language's script. */
  readonly inScript: { readonly pivot: number; readonly target: number } | undefined;
  /** The part of the English text's words that are pivots, and that are targets, of one word. */
  readonly inText: { readonly pivot: number; readonly target: number } | undefined;
}

/** Fewer words of text than this say nothing about frequency. */
const LEAST_WORDS = 50;
/** Shares of text below this are chance. */
const LEAST_SHARE = 0.05;

/**
 * Looks at a dictionary, and at some English text where there is one. Script decides for languages that are not
 * written in Latin letters, frequency for the others.
 *
 * @param text English text, such as the queries to be switched; some thousand words are enough
 * @example lexiconDirection([{ pivot: 'पानी', target: 'water', language: 'hi' }], 'hi').reversed // true
 */
export function lexiconDirection(
  entries: readonly LexiconEntry[],
  language: string,
  text: Iterable<string> = [],
): LexiconDirection {
  const inScript = scriptShares(entries, language);
  const inText = textShares(entries, text);
  if (inScript !== undefined && inScript.pivot !== inScript.target)
    return { reversed: inScript.pivot > inScript.target, sign: 'script', inScript, inText };
  const known = inText !== undefined && Math.max(inText.pivot, inText.target) >= LEAST_SHARE;
  return {
    reversed: known && inText.target > inText.pivot,
    sign: known ? 'frequency' : undefined,
    inScript,
    inText,
  };
}

function scriptShares(entries: readonly LexiconEntry[], language: string): LexiconDirection['inScript'] {
  const pattern = ownScript(language);
  if (pattern === undefined || entries.length === 0) return undefined;
  const share = (side: 'pivot' | 'target') =>
    entries.filter((entry) => pattern.test(entry[side])).length / entries.length;
  return { pivot: share('pivot'), target: share('target') };
}

function textShares(entries: readonly LexiconEntry[], text: Iterable<string>): LexiconDirection['inText'] {
  const counts = new Map<string, number>();
  let total = 0;
  for (const line of text)
    for (const { key } of pivotWords(line)) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      total++;
    }
  if (total < LEAST_WORDS) return undefined;
  const share = (side: 'pivot' | 'target') => {
    let known = 0;
    for (const word of new Set(entries.map((entry) => entry[side].toLowerCase())))
      known += counts.get(word) ?? 0;
    return known / total;
  };
  return { pivot: share('pivot'), target: share('target') };
}
