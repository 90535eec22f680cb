/** The words of a sample, how often each occurs, and the tokens of each by itself. */
import { Stage, type StageControl } from '../stage.ts';
import { punctuationRule } from '../text/punctuation.ts';
import { words } from '../text/segment.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';

/** Words as `Intl.Segmenter` finds them, so that Thai and Chinese have words too. */
export interface WordCounts {
  /** Running words. */
  readonly total: number;
  /** Tokens of all texts, those of punctuation left out. */
  readonly tokens: number;
  /** Words by themselves, with how often they occur. */
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * Counts words and tokens of `texts`.
 *
 * @throws RefractError `INTERRUPTED`
 * @example (await countWordsAndTokens(['maji ni maji'], 'sw', tokenizer)).counts.get('maji') // 2
 */
export async function countWordsAndTokens(
  texts: readonly string[],
  language: string,
  tokenizer: TextTokenizer,
  control: StageControl = {},
): Promise<WordCounts> {
  const stage = new Stage('counting words and tokens', texts.length, 'texts', control);
  const counts = new Map<string, number>();
  const rule = punctuationRule(tokenizer.json);
  const punctuation = new Map<number, boolean>();
  const isPunctuation = (id: number) => {
    let known = punctuation.get(id);
    if (known === undefined) {
      known = rule(tokenizer.tokens([id])[0]);
      punctuation.set(id, known);
    }
    return known;
  };
  let total = 0;
  let tokens = 0;
  for (const [i, text] of texts.entries()) {
    for (const word of words(text, language)) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
      total++;
    }
    for (const id of tokenizer.encode(text)) if (!isPunctuation(id)) tokens++;
    if (stage.due()) await stage.turn(i + 1);
  }
  stage.end();
  return { total, tokens, counts };
}

/**
 * The `most` entries with the highest `weight` above 0, heaviest first, ties by name.
 *
 * @example heaviest(counts, (word, count) => count, 10)
 */
export function heaviest(
  counts: ReadonlyMap<string, number>,
  weight: (name: string, count: number) => number,
  most: number,
): string[] {
  return [...counts]
    .map(([name, count]) => ({ name, weight: weight(name, count) }))
    .filter((each) => each.weight > 0)
    .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

/**
 * How often `texts` use each token, special tokens left out.
 *
 * @throws RefractError `INTERRUPTED`
 */
export async function usedTokens(
  texts: readonly string[],
  tokenizer: TextTokenizer,
  control: StageControl = {},
): Promise<Map<number, number>> {
  const special = new Set(tokenizer.specials.values());
  const used = new Map<number, number>();
  const stage = new Stage('counting tokens in use', texts.length, 'texts', control);
  for (const [i, text] of texts.entries()) {
    for (const id of tokenizer.encode(text)) if (!special.has(id)) used.set(id, (used.get(id) ?? 0) + 1);
    if (stage.due()) await stage.turn(i + 1);
  }
  stage.end();
  return used;
}
