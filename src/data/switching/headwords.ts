/** The headwords of one dictionary, each with its translations, the best first. */
import { ownScript } from '../language-script.ts';
import type { LexiconEntry } from '../records.ts';
import { phraseKey } from './words.ts';

/** Longest phrase kept, in words: lengths of phrases are kept in the bits of a number. */
const LONGEST_PHRASE = 30;

/** What one dictionary holds. */
export interface SwitchLexiconCounts {
  /** Distinct headwords, and distinct pairs of headword and translation. */
  readonly headwords: number;
  readonly pairs: number;
  /** Entries whose pivot side has no word, or more than 30. */
  readonly unusable: number;
  /** Entries left out because their translation has no letter of the language's script. */
  readonly otherScript: number;
}

/** What speaks for a translation. */
interface Support {
  readonly sources: Set<string>;
  rows: number;
}

/**
 * Translations by key (see `phraseKey`). Those of most sources come first; of equal ones those that stand for most
 * rows, then those that stand first. What is left out is counted: see `SwitchLexicon`.
 *
 * @example headwords([{ pivot: 'Water', target: 'maji', language: 'sw' }], 'sw').translations // Map { 'water' => ['maji'] }
 */
export function headwords(
  entries: readonly LexiconEntry[],
  language: string,
): { readonly translations: Map<string, readonly string[]>; readonly counts: SwitchLexiconCounts } {
  const found = new Map<string, Map<string, Support>>();
  const script = scriptToKeep(language, entries);
  let unusable = 0;
  let otherScript = 0;
  for (const { pivot, target, source = '', count = 1 } of entries) {
    const key = phraseKey(pivot);
    if (key === '' || target === '' || key.split(' ').length > LONGEST_PHRASE) {
      unusable++;
      continue;
    }
    if (script !== undefined && !script.test(target)) {
      otherScript++;
      continue;
    }
    const targets = ensure(found, key, () => new Map<string, Support>());
    const support = ensure(targets, target, () => ({ sources: new Set<string>(), rows: 0 }));
    for (const name of source.split(',')) support.sources.add(name.trim());
    support.rows += count;
  }
  const translations = new Map<string, readonly string[]>();
  let pairs = 0;
  for (const [key, targets] of found) {
    pairs += targets.size;
    const ranked = [...targets].sort(([, a], [, b]) => b.sources.size - a.sources.size || b.rows - a.rows);
    translations.set(
      key,
      ranked.map(([target]) => target),
    );
  }
  return { translations, counts: { headwords: found.size, pairs, unusable, otherScript } };
}

/** The script that translations must have a letter of, where there is such a rule. */
function scriptToKeep(language: string, entries: readonly LexiconEntry[]): RegExp | undefined {
  const script = ownScript(language);
  const inScript = entries.filter(({ target }) => script?.test(target)).length;
  return 2 * inScript >= entries.length ? script : undefined;
}

/** The value of a key, made when it has none. */
function ensure<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
