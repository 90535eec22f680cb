/**
 * Dictionaries of several languages in one table, as code switching asks for them: which languages know a word
 * or phrase, and what they make of it.
 */
import { createHash } from 'node:crypto';
import { RefractError } from '../../errors.ts';
import type { LexiconEntry } from '../records.ts';
import { headwords, type SwitchLexiconCounts } from './headwords.ts';
import type { PivotWord } from './words.ts';

/** Most languages at once: a set of languages is kept in the bits of a number. */
export const MOST_LANGUAGES = 20;

/** A headword. */
export interface KnownPhrase {
  /** Bit l is set when language l has a translation. */
  mask: number;
  /** By language number: translations, the best first. */
  readonly translations: (readonly string[] | undefined)[];
}

/** A word or phrase of a text that a language knows: words `from` to `from + length - 1`. */
export interface PhraseMatch {
  readonly from: number;
  readonly length: number;
  readonly translations: readonly string[];
}

/**
 * Dictionaries by language. Languages are numbered by their codes' order, so that the order in which they were
 * given does not matter. Among the translations of a headword that which most sources have is the best; of
 * equal ones that which stands for most rows, then the first in the dictionary.
 *
 * In a language that is not written in Latin letters, translations without a letter of its script are left out:
 * they are notes of the dictionary, or the English word itself. Where these are the greater part, the
 * dictionary is taken as a romanised one, and all are kept.
 *
 * Errors: `SETTING_INVALID` for no language or more than 20.
 *
 * @example
 * const lexicon = new SwitchLexicon(new Map([['sw', [{ pivot: 'water', target: 'maji', language: 'sw' }]]]));
 * lexicon.lookup('water')?.translations // [['maji']]
 */
export class SwitchLexicon {
  readonly languages: readonly string[];
  readonly counts: readonly SwitchLexiconCounts[];
  private readonly table = new Map<string, KnownPhrase>();
  /** First word of phrases -> bits of their lengths, of two words and more. */
  private readonly lengths = new Map<string, number>();
  private readonly longest: number;

  constructor(dictionaries: ReadonlyMap<string, readonly LexiconEntry[]>) {
    this.languages = [...dictionaries.keys()].sort();
    if (this.languages.length === 0 || this.languages.length > MOST_LANGUAGES)
      throw new RefractError('SETTING_INVALID', `${this.languages.length} lexicons to switch with`, {
        hint: `Give at least one and at most ${MOST_LANGUAGES}.`,
      });
    this.counts = this.languages.map((code, l) => this.add(l, code, dictionaries.get(code) ?? []));
    this.longest = [...this.lengths.values()].reduce(
      (most, bits) => Math.max(most, 32 - Math.clz32(bits)),
      1,
    );
  }

  /** SHA-256 of all headwords with their translations, in hexadecimal: what training on this lexicon depends on. */
  contentHash(): string {
    const hash = createHash('sha256').update(JSON.stringify(this.languages));
    for (const [key, { translations }] of this.table) hash.update(JSON.stringify([key, translations]));
    return hash.digest('hex');
  }

  /** What is known of a key (see `phraseKey`), or undefined. */
  lookup(key: string): KnownPhrase | undefined {
    return this.table.get(key);
  }

  /** The languages that know a single word, as bits. */
  maskOf(word: PivotWord): number {
    return this.table.get(word.key)?.mask ?? 0;
  }

  /** The longest phrase of language `l` that begins at word `i`; undefined when it does not know the word either. */
  longestAt(words: readonly PivotWord[], i: number, l: number): PhraseMatch | undefined {
    const bits = this.lengths.get(words[i].key) ?? 0;
    if (bits !== 0) {
      for (let length = Math.min(runFrom(words, i), 32 - Math.clz32(bits)); length > 1; length--) {
        if ((bits & (1 << (length - 1))) === 0) continue;
        const translations = this.phrase(words, i, length)?.translations[l];
        if (translations) return { from: i, length, translations };
      }
    }
    const translations = this.table.get(words[i].key)?.translations[l];
    return translations && { from: i, length: 1, translations };
  }

  /** The phrases of language `l`, of two words and more, that hold word `i`: the longest first, then the earliest. */
  phrasesAround(words: readonly PivotWord[], i: number, l: number): PhraseMatch[] {
    const found: PhraseMatch[] = [];
    for (let from = i; from >= 0 && i - from < this.longest; from--) {
      const bits = this.lengths.get(words[from].key) ?? 0;
      const most = bits === 0 ? 0 : Math.min(runFrom(words, from), 32 - Math.clz32(bits));
      for (let length = most; length > Math.max(1, i - from); length--) {
        if ((bits & (1 << (length - 1))) === 0) continue;
        const translations = this.phrase(words, from, length)?.translations[l];
        if (translations) found.push({ from, length, translations });
      }
      if (!words[from].joined) break;
    }
    return found.sort((a, b) => b.length - a.length || a.from - b.from);
  }

  private phrase(words: readonly PivotWord[], from: number, length: number): KnownPhrase | undefined {
    let key = words[from].key;
    for (let i = from + 1; i < from + length; i++) key += ` ${words[i].key}`;
    return this.table.get(key);
  }

  private add(l: number, code: string, entries: readonly LexiconEntry[]): SwitchLexiconCounts {
    const { translations, counts } = headwords(entries, code);
    for (const [key, list] of translations) {
      let known = this.table.get(key);
      if (known === undefined) {
        known = { mask: 0, translations: [] };
        this.table.set(key, known);
      }
      known.mask |= 1 << l;
      known.translations[l] = list;
      const parts = key.split(' ');
      if (parts.length > 1)
        this.lengths.set(parts[0], (this.lengths.get(parts[0]) ?? 0) | (1 << (parts.length - 1)));
    }
    return counts;
  }
}

/** How many words from `i` on a phrase may run over. */
function runFrom(words: readonly PivotWord[], i: number): number {
  let end = i + 1;
  while (end < words.length && words[end].joined) end++;
  return end - i;
}
