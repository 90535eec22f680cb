/**
 * Byte-pair encoding proper (Sennrich, Haddow and Birch, 2016): from word frequencies to an ordered
 * list of merges. Each merge joins the most frequent pair of neighbouring tokens; frequencies are kept
 * up to date incrementally, with the list of words that hold each pair, so that a merge costs only the
 * words it changes.
 */
import { Stage, type StageControl } from '../stage.ts';
import { MergeQueue } from './merge-queue.ts';

/** Tokens longer than this are never made; it keeps repeated boilerplate from becoming one token. */
const MAX_TOKEN_CHARACTERS = 24;

/** A word and its frequency, a whole number so that incremental sums stay exact. */
export type WordCount = readonly [word: string, count: number];

/** What `learnMerges` found. */
export interface Merges {
  /** Token texts: the alphabet first, then each merged token in the order of discovery. */
  readonly tokens: readonly string[];
  /** The merges in order of rank. */
  readonly merges: readonly (readonly [left: string, right: string])[];
}

/** Stands for a character outside the alphabet; it takes part in no pair. */
const OUTSIDE = -1;

/** Pair keys are exact in a double as long as ids stay below 2^26. */
const PAIR_BASE = 2 ** 26;

/** The state of one run: words as token ids, pair frequencies and where each pair occurs. */
class PairTable {
  readonly counts = new Map<number, number>();
  readonly words: number[][] = [];
  readonly #places = new Map<number, number[]>();
  readonly #frequencies: number[] = [];

  addWord(symbols: number[], frequency: number): void {
    const word = this.words.length;
    this.words.push(symbols);
    this.#frequencies.push(frequency);
    for (let i = 0; i + 1 < symbols.length; i++) this.#change(symbols[i], symbols[i + 1], word, frequency);
  }

  /** Adds `change` to the frequency of a pair; remembers `word` as a place of it when it gains. */
  #change(left: number, right: number, word: number, change: number): number {
    if (left === OUTSIDE || right === OUTSIDE) return OUTSIDE;
    const key = left * PAIR_BASE + right;
    this.counts.set(key, (this.counts.get(key) ?? 0) + change);
    if (change > 0) {
      const places = this.#places.get(key);
      if (places === undefined) this.#places.set(key, [word]);
      else if (places[places.length - 1] !== word) places.push(word);
    }
    return key;
  }

  /** Replaces `left right` by `merged` everywhere; returns the keys of the pairs that became more frequent. */
  merge(left: number, right: number, merged: number): Set<number> {
    const grown = new Set<number>();
    const key = left * PAIR_BASE + right;
    const places = this.#places.get(key) ?? [];
    this.#places.delete(key);
    for (const place of places) this.#mergeWord(place, left, right, merged, grown);
    this.counts.delete(key);
    return grown;
  }

  #mergeWord(word: number, left: number, right: number, merged: number, grown: Set<number>): void {
    const symbols = this.words[word];
    const frequency = this.#frequencies[word];
    let end = 0;
    for (let i = 0; i < symbols.length; i++) {
      if (symbols[i] !== left || i + 1 >= symbols.length || symbols[i + 1] !== right) {
        symbols[end++] = symbols[i];
        continue;
      }
      if (end > 0) {
        this.#change(symbols[end - 1], left, word, -frequency);
        grown.add(this.#change(symbols[end - 1], merged, word, frequency));
      }
      if (i + 2 < symbols.length) {
        this.#change(right, symbols[i + 2], word, -frequency);
        grown.add(this.#change(merged, symbols[i + 2], word, frequency));
      }
      symbols[end++] = merged;
      i++;
    }
    symbols.length = end;
  }
}

/**
 * Learns merges until `maxTokens` tokens exist or no pair occurs `minFrequency` times.
 *
 * @param words - distinct words with whole-number frequencies
 * @param alphabet - the single characters that are tokens; others are left alone
 * @throws RefractError `INTERRUPTED` when `control.signal` is aborted
 * @example (await learnMerges([['▁aa', 5], ['▁ab', 2]], ['a', 'b', '▁'], 4, 2)).merges // [['▁', 'a']]
 */
export async function learnMerges(
  words: Iterable<WordCount>,
  alphabet: readonly string[],
  maxTokens: number,
  minFrequency: number,
  control: StageControl = {},
): Promise<Merges> {
  const wanted = Math.max(0, maxTokens - alphabet.length);
  const stage = new Stage('learning the tokenizer', wanted, 'tokens', control);
  const tokens = [...alphabet];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const lengths = tokens.map(() => 1);
  const table = new PairTable();
  for (const [word, count] of words) {
    const symbols = Array.from(word, (character) => ids.get(character) ?? OUTSIDE);
    if (symbols.length > 1) table.addWord(symbols, count);
    if (stage.due()) await stage.turn(0);
  }

  const queue = new MergeQueue(tokens);
  const enqueue = (key: number): void => {
    const count = table.counts.get(key) ?? 0;
    const [left, right] = [Math.floor(key / PAIR_BASE), key % PAIR_BASE];
    const fits = lengths[left] + lengths[right] <= MAX_TOKEN_CHARACTERS;
    if (count >= minFrequency && fits) queue.push({ left, right, count });
  };
  for (const key of table.counts.keys()) {
    enqueue(key);
    if (stage.due()) await stage.turn(0);
  }

  const merges: [string, string][] = [];
  while (tokens.length < maxTokens) {
    if (stage.due()) await stage.turn(tokens.length - alphabet.length);
    const pair = queue.pop();
    if (pair === undefined) break;
    const { left, right } = pair;
    const key = left * PAIR_BASE + right;
    if (table.counts.get(key) !== pair.count) {
      enqueue(key); // stale: the frequency fell since
      continue;
    }
    const text = tokens[left] + tokens[right];
    let merged = ids.get(text);
    if (merged === undefined) {
      merged = tokens.length;
      tokens.push(text);
      ids.set(text, merged);
      lengths.push(lengths[left] + lengths[right]);
    }
    merges.push([tokens[left], tokens[right]]);
    for (const grown of table.merge(left, right, merged)) if (grown !== OUTSIDE) enqueue(grown);
  }
  stage.end(`${merges.length} merges`);
  return { tokens, merges };
}
