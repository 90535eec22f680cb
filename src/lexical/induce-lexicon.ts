/**
 * Learns a dictionary from sentence pairs: IBM Model 1 in both directions, made symmetric. For an English word
 * e and a word f of the other language
 *
 *     score(e, f) = sqrt(t(e | f) · t(f | e))
 *
 * which is high only when each is what the other is mostly translated by.
 */
import type { LexiconEntry, SentencePair } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { StageControl } from '../stage.ts';
import type { TokenPair } from './co-occurrence.ts';
import { type TranslationTable, trainModel1 } from './ibm-model1.ts';
import { words } from './terms.ts';

/** Settings of `induceLexicon`. */
export interface InduceOptions {
  /** Rounds of EM in each direction; default 5. */
  readonly iterations?: number;
  /** Least score of an entry, 0 to 1; default .1. */
  readonly threshold?: number;
  /** Words that occur in fewer pairs than this are left out; default 2. */
  readonly leastPairs?: number;
  /**
   * `geometric`: every pair of words whose score reaches the threshold; `intersection`: of these, those in which
   * each word is the other's most probable translation. Default `geometric`.
   */
  readonly symmetry?: 'geometric' | 'intersection';
}

/** An entry with its probability. */
export interface InducedEntry extends LexiconEntry {
  /** The score above. */
  readonly probability: number;
}

/** The source that induced entries carry. */
const SOURCE = 'ibm1';
const LETTER = /\p{L}/u;

/**
 * Entries by headword, the most probable first. Words are cut as for lexical retrieval (`words`), so that Thai
 * and Chinese have words too; those without a letter are left out. Deterministic.
 *
 * Errors: `BITEXT_EMPTY` without pairs, `SETTING_INVALID` for a setting out of range, `INTERRUPTED`.
 *
 * @example const entries = await induceLexicon(pairs, { threshold: 0.2 });
 */
export async function induceLexicon(
  pairs: readonly SentencePair[],
  options: InduceOptions = {},
  control: StageControl = {},
): Promise<InducedEntry[]> {
  const { iterations = 5, threshold = 0.1, leastPairs = 2, symmetry = 'geometric' } = options;
  check(iterations, threshold, leastPairs);
  if (pairs.length === 0)
    throw new RefractError('BITEXT_EMPTY', 'there is no pair to learn from', { hint: 'Give some pairs.' });
  const pivots = new Vocabulary();
  const targets = new Vocabulary();
  const tokens = pairs.map(({ pivot, target, language }) => ({
    e: pivots.numbers(words(pivot, 'en')),
    f: targets.numbers(words(target, language)),
  }));
  // A score reaches the threshold only where both probabilities reach its square.
  const settings = { iterations, threshold: threshold ** 2 };
  const toPivot = await trainModel1(tokens, settings, control);
  const reversed = tokens.map(({ e, f }): TokenPair => ({ e: f, f: e }));
  const toTarget = await trainModel1(reversed, settings, control);
  const { language } = pairs[0];
  const entries: InducedEntry[] = [];
  for (const [f, list] of toPivot) {
    for (const { e, p } of list) {
      const back = toTarget.get(e)?.find((each) => each.e === f)?.p ?? 0;
      const probability = Math.sqrt(p * back);
      if (probability < threshold || pivots.pairs[e] < leastPairs || targets.pairs[f] < leastPairs) continue;
      if (symmetry === 'intersection' && !(isBest(toPivot, f, e) && isBest(toTarget, e, f))) continue;
      const [pivot, target] = [pivots.words[e], targets.words[f]];
      if (LETTER.test(pivot) && LETTER.test(target))
        entries.push({ pivot, target, language, source: SOURCE, probability });
    }
  }
  return entries.sort(
    (a, b) => order(a.pivot, b.pivot) || b.probability - a.probability || order(a.target, b.target),
  );
}

/**
 * An induced dictionary as TSV: a header, then pivot, target, source, probability. `readLexicon` reads it back.
 *
 * @example writePiecesAtomic('en-sw.induced.tsv', formatInduced(entries, 'sw'))
 */
export function* formatInduced(entries: Iterable<InducedEntry>, language: string): Generator<string> {
  yield `en\t${language}\tsources\tprobability\n`;
  for (const { pivot, target, source, probability } of entries)
    yield `${pivot}\t${target}\t${source}\t${probability.toFixed(4)}\n`;
}

function isBest(table: TranslationTable, given: number, translation: number): boolean {
  return table.get(given)?.[0]?.e === translation;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function check(iterations: number, threshold: number, leastPairs: number): void {
  const whole = (value: number) => Number.isSafeInteger(value) && value >= 1;
  if (whole(iterations) && whole(leastPairs) && threshold > 0 && threshold <= 1) return;
  throw new RefractError(
    'SETTING_INVALID',
    `a lexicon from ${iterations} rounds, threshold ${threshold}, words in ${leastPairs} pairs`,
    { hint: 'Rounds and pairs are whole numbers of at least 1, the threshold is above 0 and at most 1.' },
  );
}

/** Numbers for words, and in how many pairs each occurs. */
class Vocabulary {
  readonly words: string[] = [];
  readonly pairs: number[] = [];
  private readonly numbersOf = new Map<string, number>();

  numbers(of: readonly string[]): Int32Array {
    const numbers = Int32Array.from(of, (word) => {
      let number = this.numbersOf.get(word);
      if (number === undefined) {
        number = this.words.length;
        this.numbersOf.set(word, number);
        this.words.push(word);
        this.pairs.push(0);
      }
      return number;
    });
    for (const number of new Set(numbers)) this.pairs[number]++;
    return numbers;
  }
}
