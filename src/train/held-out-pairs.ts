/** Sentence pairs for the dev measure of a student: those that are given, or a few held out of training. */
import type { SentencePair } from '../data/records.ts';
import { RandomStream } from '../random.ts';

/** At most this many are held out. */
const MOST = 300;
/** And at most this share. */
const SHARE = 0.03;

/** Pairs to train with and `dev` pairs, drawn with `seed` where none are given. */
export function holdOut(
  { pairs, dev }: { readonly pairs: readonly SentencePair[]; readonly dev?: readonly SentencePair[] },
  seed: number,
): { readonly pairs: readonly SentencePair[]; readonly dev: readonly SentencePair[] } {
  if (dev) return { pairs, dev };
  const most = Math.min(MOST, Math.floor(pairs.length * SHARE));
  const order = new RandomStream(seed, 'distill/held-out').shuffle([...pairs.keys()]);
  const held = new Set(order.slice(0, most));
  return { pairs: pairs.filter((_, i) => !held.has(i)), dev: pairs.filter((_, i) => held.has(i)) };
}
