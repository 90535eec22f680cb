/** A small lexicon in several scripts, and texts to switch, for the tests of this folder. */
import type { LexiconEntry } from '../records.ts';
import { SwitchLexicon } from './switch-lexicon.ts';

const ENTRIES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  sw: [
    ['water', 'maji'],
    ['clean water', 'maji safi'],
    ['where', 'wapi'],
    ['goat', 'mbuzi'],
    ['station', 'kituo'],
  ],
  yo: [
    ['water', 'omi'],
    ['good', 'dára'],
    ['river', 'odò'],
    ['the goat', 'ewúrẹ́ náà'],
  ],
  hi: [
    ['water', 'पानी'],
    ['water', 'जल'],
    ['river', 'नदी'],
    ['where', 'कहाँ'],
  ],
  ar: [
    ['water', 'ماء'],
    ['river', 'نهر'],
    ['station', 'محطة'],
  ],
  th: [
    ['water', 'น้ำ'],
    ['goat', 'แพะ'],
  ],
  tr: [
    ['water', 'su'],
    ['station', 'istasyon'],
    ['good', 'iyi'],
  ],
};

/** Entries by language, without sources. */
export const DICTIONARIES = new Map<string, LexiconEntry[]>(
  Object.entries(ENTRIES).map(([language, pairs]) => [
    language,
    pairs.map(([pivot, target]) => ({ pivot, target, language })),
  ]),
);

/** The lexicon of some of these languages. */
export function lexiconOf(...languages: readonly string[]): SwitchLexicon {
  return new SwitchLexicon(new Map(languages.map((code) => [code, DICTIONARIES.get(code) ?? []])));
}

/** Words that lexicons know and words that none knows. */
export const VOCABULARY = [
  'water',
  'clean',
  'where',
  'goat',
  'station',
  'good',
  'river',
  'the',
  'is',
  'Accra',
];
