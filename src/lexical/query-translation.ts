/**
 * Translation of queries with a bilingual dictionary, which has no probabilities.
 *
 * The longest phrase that the dictionary knows goes first. Three ways to use several translations:
 *
 * - `best`: one of them, that which most sources attest; of equals, the most frequent in the collection;
 * - `all`: all of them as terms of their own, a word's weight shared out evenly (Levow and Oard 2002);
 * - `synonyms`: all of them as one term, the operator #syn (Pirkola 1998), see structured.ts.
 *
 * A word the dictionary lacks is looked up without its diacritics (queries are often typed without tone marks
 * or vowel points) and else kept as it is: names and numbers are often written alike in both languages, and a
 * word that is not in the collection does no harm.
 */
import type { LexiconEntry } from '../data/records.ts';
import { foldDiacritics } from '../text/normalize.ts';
import type { LexicalIndex } from './lexical-index.ts';
import type { StructuredTerm } from './structured.ts';
import { words } from './terms.ts';

/** How the translations of a word are used. */
export type TranslationStructure = 'best' | 'all' | 'synonyms';

/** Every structure, in the order of the documents. */
export const TRANSLATION_STRUCTURES: readonly TranslationStructure[] = ['best', 'all', 'synonyms'];

/** A word or phrase of a query with what the dictionary says. */
export interface TranslatedPhrase {
  readonly source: string;
  /** Best attested first; empty for what the dictionary lacks. */
  readonly translations: readonly Translation[];
}

/** A translation and the number of sources that give it. */
export interface Translation {
  readonly text: string;
  readonly sources: number;
}

/** A translated query: structured terms, of which those of `best` and `all` have one translation each. */
export interface TranslatedQuery {
  readonly terms: readonly StructuredTerm[];
  /** Words of the query, and how many of them have a translation. */
  readonly words: number;
  readonly known: number;
}

/** Longest phrase that is looked up, in words. */
const LONGEST_PHRASE = 4;

/**
 * A dictionary from the language of queries to that of the collection.
 *
 * @example
 * const dictionary = new QueryDictionary(await readLexicon('en-sw.tsv', 'sw'), 'sw');
 * dictionary.lookUp('maji safi'); // [{ source: 'maji', translations: [{ text: 'water', sources: 3 }] }, ...]
 */
export class QueryDictionary {
  readonly language: string;
  /** Phrase -> translation -> names of its sources. */
  private readonly exact = new Map<string, Map<string, Set<string>>>();
  /** The same by phrases without diacritics. */
  private readonly folded = new Map<string, Map<string, Set<string>>>();

  /** @param entries their `target` is in the language of the queries, their `pivot` in the collection's */
  constructor(entries: Iterable<LexiconEntry>, language: string) {
    this.language = language;
    for (const { pivot, target, source = '' } of entries) {
      const phrase = words(target, language).join(' ');
      if (phrase === '') continue;
      const names = source.split(/[,;|]/);
      note(this.exact, phrase, pivot, names);
      const bare = foldDiacritics(phrase);
      if (bare !== phrase) note(this.folded, bare, pivot, names);
    }
  }

  /** Words and phrases that have a translation. */
  get size(): number {
    return this.exact.size;
  }

  /** A text cut into the longest phrases that the dictionary knows, in order. */
  lookUp(text: string): TranslatedPhrase[] {
    const terms = words(text, this.language);
    const phrases: TranslatedPhrase[] = [];
    for (let i = 0; i < terms.length; ) {
      let length = Math.min(LONGEST_PHRASE, terms.length - i);
      let found: Map<string, Set<string>> | undefined;
      for (; length > 0; length--) {
        found = this.find(terms.slice(i, i + length).join(' '));
        if (found !== undefined) break;
      }
      const width = Math.max(1, length);
      const translations = [...(found ?? [])].map(([each, names]) => ({ text: each, sources: names.size }));
      phrases.push({
        source: terms.slice(i, i + width).join(' '),
        translations: translations.sort((a, b) => b.sources - a.sources),
      });
      i += width;
    }
    return phrases;
  }

  private find(phrase: string): Map<string, Set<string>> | undefined {
    const exact = this.exact.get(phrase);
    if (exact !== undefined) return exact;
    const bare = foldDiacritics(phrase);
    return (bare === phrase ? undefined : this.exact.get(bare)) ?? this.folded.get(bare);
  }
}

function note(
  table: Map<string, Map<string, Set<string>>>,
  phrase: string,
  translation: string,
  sources: readonly string[],
): void {
  const known = table.get(phrase) ?? new Map<string, Set<string>>();
  const names = known.get(translation) ?? new Set<string>();
  for (const name of sources) names.add(name.trim());
  table.set(phrase, known.set(translation, names));
}

/**
 * A query in the terms of an index. Search it with `StructuredSearch` and the document frequency `any`.
 *
 * @example translateQuery(dictionary, index, 'maji safi', 'synonyms').terms
 *   // [{ weight: 1, translations: Map { 'water' => 1 } }, { weight: 1, translations: Map { 'clean' => 1, ... } }]
 */
export function translateQuery(
  dictionary: QueryDictionary,
  index: LexicalIndex,
  text: string,
  structure: TranslationStructure,
): TranslatedQuery {
  const phrases = dictionary.lookUp(text);
  const terms: StructuredTerm[] = [];
  let [count, known] = [0, 0];
  for (const { source, translations } of phrases) {
    const width = source.split(' ').length;
    count += width;
    if (translations.length > 0) known += width;
    const texts = translations.length > 0 ? translations : [{ text: source, sources: 0 }];
    const options = texts.map((each) => ({ ...each, terms: index.terms(each.text) }));
    if (structure === 'synonyms') terms.push(...asSynonyms(options.map((each) => each.terms)));
    else if (structure === 'all')
      for (const each of options) terms.push(...each.terms.map((term) => single(term, 1 / options.length)));
    else terms.push(...best(options, index).map((term) => single(term, 1)));
  }
  return { terms, words: count, known };
}

function single(term: string, weight: number): StructuredTerm {
  return { weight, translations: new Map([[term, 1]]) };
}

/** Single words as one term; where there are phrases only, the words of the first as terms of their own. */
function asSynonyms(options: readonly (readonly string[])[]): StructuredTerm[] {
  const singles = options.filter((terms) => terms.length === 1).map(([term]) => [term, 1] as const);
  if (singles.length > 0) return [{ weight: 1, translations: new Map(singles) }];
  return (options.find((terms) => terms.length > 0) ?? []).map((term) => single(term, 1));
}

/** Terms of the best attested translation; of equals, of that whose rarest term is in the most passages. */
function best(
  options: readonly { readonly sources: number; readonly terms: readonly string[] }[],
  index: LexicalIndex,
): readonly string[] {
  const passages = (term: string) => index.termPostings(term)?.passages.length ?? 0;
  let [chosen, frequency]: [readonly string[], number] = [[], -1];
  for (const { sources, terms } of options) {
    if (sources < options[0].sources) break;
    const least = terms.length === 0 ? 0 : Math.min(...terms.map(passages));
    if (least > frequency) [chosen, frequency] = [terms, least];
  }
  return chosen;
}
