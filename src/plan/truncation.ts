/** Texts that are longer than an encoder reads. */
import { RandomStream } from '../random.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import type { TruncatedTexts } from './work-plan.ts';

/** Texts that are looked at. */
const SAMPLE = 1000;
/** [CLS], the marker and [SEP]. */
const SPECIAL = 3;

/**
 * How many of a seeded sample of texts are cut.
 *
 * @example truncatedTexts('passages', texts, tokenizer, 180) // { kind: 'passages', limit: 180, sample: 1000, cut: 212 }
 */
export function truncatedTexts(
  kind: string,
  texts: readonly string[],
  tokenizer: Pick<TextTokenizer, 'encode'>,
  limit: number,
): TruncatedTexts {
  const chosen = sampled(texts, SAMPLE, `truncated/${kind}`);
  const cut = chosen.filter((text) => tokenizer.encode(text).length + SPECIAL > limit).length;
  return { kind, limit, sample: chosen.length, cut };
}

/** A seeded sample of at most `count` items, in their order; a larger one holds a smaller one. */
export function sampled<T>(items: readonly T[], count: number, name: string): T[] {
  if (items.length <= count) return [...items];
  const order = new RandomStream(0, `plan/${name}`).shuffle([...items.keys()]).slice(0, count);
  const chosen = new Set(order);
  return items.filter((_, i) => chosen.has(i));
}
