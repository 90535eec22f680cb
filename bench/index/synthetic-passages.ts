/** The synthetic collection as passages for an index: vectors, texts, token ids. */
import type { EncodedPassage } from '../../src/index/encoded-passage.ts';
import { SYNTHETIC } from './collection.ts';
import { SyntheticTexts } from './synthetic-texts.ts';

/** Passages `first` to `first + count - 1`, whose ids are their numbers. @param vectors those of a passage */
export function* syntheticPassages(
  first: number,
  count: number,
  vectors: (passage: number) => Float32Array,
): Generator<EncodedPassage> {
  const texts = new SyntheticTexts(SYNTHETIC.seed);
  const { tokens } = SYNTHETIC;
  for (let p = first; p < first + count; p++) {
    const { text, tokenIds } = texts.passage(p, tokens);
    yield { passage: { id: String(p), text }, vectors: vectors(p), tokens, tokenIds };
  }
}
