/**
 * Probabilistic structured queries (Darwish and Oard 2003): a query word f stands for its translations e with
 * their probabilities p(e | f), learned by IBM Model 1 from sentence pairs and, as further pairs, dictionary
 * entries. structured.ts has the scores.
 *
 * Model 1 gives every word some of the frequent words beside which it stands. Where it is trained in both
 * directions, p(e | f) is the geometric mean of t(e | f) and t(f | e), scaled to add up to 1: they are then few.
 *
 * Translations are taken most probable first until their probabilities add up to the threshold; those that
 * were taken are scaled to add up to 1, so that a word weighs the same however many translations it has.
 */
import { RefractError } from '../errors.ts';
import { Stage, type StageControl } from '../stage.ts';
import { foldDiacritics } from '../text/normalize.ts';
import { type TranslationTable, trainModel1 } from './ibm-model1.ts';
import type { LexicalIndex } from './lexical-index.ts';
import type { TranslatedQuery } from './query-translation.ts';
import type { StructuredTerm } from './structured.ts';
import { words } from './terms.ts';

/** A sentence pair, or an entry of a dictionary. */
export interface TextPair {
  /** In the language of the collection. */
  readonly pivot: string;
  /** In the language of the queries. */
  readonly target: string;
}

/** Which translation tables make p(e | f). */
export type PsqDirections = 'both' | 'forward';

/** Settings of `learnTranslations`. */
export interface PsqSettings {
  /** Rounds of expectation-maximisation; default 5. */
  readonly iterations?: number;
  /** `both` (default): the mean of t(e | f) and t(f | e); `forward`: t(e | f) alone, as in the paper. */
  readonly directions?: PsqDirections;
  /** Where the cumulative probability of a word's translations is cut, over 0 to 1; default 0.97. */
  readonly threshold?: number;
  /** Translations less probable than this are left out; default 0.01. */
  readonly least?: number;
}

/** Probabilities below this are not kept while both directions are multiplied. */
const NEGLIGIBLE = 1e-4;

/** p(e | f) of every word f of the training text, most probable first, cut and scaled. */
export class TranslationProbabilities {
  readonly language: string;
  private readonly exact: ReadonlyMap<string, ReadonlyMap<string, number>>;
  private readonly folded = new Map<string, ReadonlyMap<string, number>>();

  constructor(table: ReadonlyMap<string, ReadonlyMap<string, number>>, language: string) {
    this.exact = table;
    this.language = language;
    for (const [word, translations] of table) {
      const bare = foldDiacritics(word);
      if (bare !== word && !this.folded.has(bare)) this.folded.set(bare, translations);
    }
  }

  /** Words that have translations. */
  get size(): number {
    return this.exact.size;
  }

  /** Term of the collection -> p(e | f); undefined for a word that was not in the training text. */
  of(word: string): ReadonlyMap<string, number> | undefined {
    const bare = foldDiacritics(word);
    return this.exact.get(word) ?? this.exact.get(bare) ?? this.folded.get(bare);
  }

  /**
   * A query in the terms of an index; search them with `StructuredSearch` and the document frequency
   * `expected`. A word without translations stands for itself.
   */
  query(text: string, index: LexicalIndex): TranslatedQuery {
    const counts = new Map<string, number>();
    for (const word of words(text, this.language)) counts.set(word, (counts.get(word) ?? 0) + 1);
    const terms: StructuredTerm[] = [];
    let [count, known] = [0, 0];
    for (const [word, weight] of counts) {
      const translations = this.of(word);
      count += weight;
      if (translations !== undefined) known += weight;
      terms.push({
        weight,
        translations: translations ?? new Map(index.terms(word).map((term) => [term, 1])),
      });
    }
    return { terms, words: count, known };
  }
}

/**
 * Learns translation probabilities, in turns. The pivot side is cut into terms as the index does.
 *
 * @throws RefractError `SETTING_INVALID` for a threshold or least probability out of range; `INTERRUPTED` when
 *   `control.signal` is aborted
 * @example
 * const probabilities = await learnTranslations([...bitext, ...entries], 'sw', index);
 * probabilities.of('maji'); // Map { 'water' => 0.93, 'waters' => 0.07 }
 */
export async function learnTranslations(
  pairs: readonly TextPair[],
  language: string,
  index: LexicalIndex,
  settings: PsqSettings = {},
  control: StageControl = {},
): Promise<TranslationProbabilities> {
  const { iterations = 5, directions = 'both', threshold = 0.97, least = 0.01 } = settings;
  checkShares({ threshold, least });
  const e = new Vocabulary();
  const f = new Vocabulary();
  const stage = new Stage('cutting pairs into words', pairs.length, 'pairs', control);
  const numbered = [];
  for (const { pivot, target } of pairs) {
    numbered.push({ e: e.numbers(index.terms(pivot)), f: f.numbers(words(target, language)) });
    if (stage.due()) await stage.turn(numbered.length);
  }
  stage.end();
  const model = { iterations, threshold: directions === 'both' ? NEGLIGIBLE : least };
  let table = await trainModel1(numbered, model, control);
  if (directions === 'both') {
    const swapped = numbered.map((pair) => ({ e: pair.f, f: pair.e }));
    table = bothWays(table, await trainModel1(swapped, model, control));
  }
  const probabilities = new Map<string, ReadonlyMap<string, number>>();
  for (const [word, list] of table) {
    const probable = list.filter(({ p }) => p >= least);
    const kept = mostProbable(probable, threshold);
    if (kept.length === 0) continue;
    const total = kept.reduce((sum, { p }) => sum + p, 0);
    probabilities.set(f.words[word], new Map(kept.map((each) => [e.words[each.e], each.p / total])));
  }
  return new TranslationProbabilities(probabilities, language);
}

function checkShares(shares: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(shares))
    if (!(value > 0 && value <= 1))
      throw new RefractError('SETTING_INVALID', `the ${name} of translation probabilities is ${value}`, {
        hint: 'It must be over 0 and at most 1.',
      });
}

/** sqrt(t(e | f) · t(f | e)), scaled to add up to 1 over e; most probable first. */
function bothWays(forward: TranslationTable, backward: TranslationTable): TranslationTable {
  const reverse = new Map(
    Array.from(backward, ([e, list]) => [e, new Map(list.map((each) => [each.e, each.p]))]),
  );
  const table = new Map<number, { e: number; p: number }[]>();
  for (const [f, list] of forward) {
    const products = list
      .map(({ e, p }) => ({ e, p: Math.sqrt(p * (reverse.get(e)?.get(f) ?? 0)) }))
      .filter(({ p }) => p > 0)
      .sort((a, b) => b.p - a.p || a.e - b.e);
    const total = products.reduce((sum, { p }) => sum + p, 0);
    table.set(
      f,
      products.map(({ e, p }) => ({ e, p: p / total })),
    );
  }
  return table;
}

/** The shortest beginning of a list, most probable first, that adds up to `threshold` of its sum. */
function mostProbable<T extends { readonly p: number }>(list: readonly T[], threshold: number): readonly T[] {
  let rest = threshold * list.reduce((sum, { p }) => sum + p, 0);
  const end = list.findIndex(({ p }) => {
    rest -= p;
    return rest <= 1e-12;
  });
  return end < 0 ? list : list.slice(0, end + 1);
}

/** Numbers for words, in the order in which they come. */
class Vocabulary {
  readonly words: string[] = [];
  private readonly byWord = new Map<string, number>();

  numbers(words: readonly string[]): Int32Array {
    return Int32Array.from(words, (word) => {
      let number = this.byWord.get(word);
      if (number === undefined) {
        number = this.words.push(word) - 1;
        this.byWord.set(word, number);
      }
      return number;
    });
  }
}
