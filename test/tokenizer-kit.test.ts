/** Ids and places of 10,000 sentences of the kit, in all its scripts, are those of Python's `tokenizers`; about half a minute. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../src/text/tokenizer.ts';
import { FAMILIES, golden, kitSentences, type Row, unpacked } from './golden-tokenizers.ts';

/** The first three bytes of SHA-256 over ids, starts and ends as 32-bit numbers with -1 between. */
function digest([ids, starts, ends]: Row): Buffer {
  const numbers = Int32Array.from([...ids, -1, ...starts, -1, ...ends]);
  return createHash('sha256').update(new Uint8Array(numbers.buffer)).digest().subarray(0, 3);
}

describe('10,000 sentences of the kit', () => {
  const sentences = kitSentences();
  if (sentences === undefined)
    console.warn('the kit is not beside the checkout: its sentences are not compared');

  it.skipIf(sentences === undefined).each(FAMILIES)(
    'have the ids and places in %s that they have in Python',
    (name) => {
      const expected = unpacked(`${name}.kit`);
      const tokenizer = loadTokenizer(golden<{ [key: string]: unknown }>(name));
      expect(sentences).toHaveLength(expected.length / 3);
      const wrong = (sentences ?? []).filter((text, i) => {
        const { ids, starts, ends } = tokenizer.encodeWithOffsets(text);
        const same = digest([[...ids], [...starts], [...ends]]).equals(expected.subarray(3 * i, 3 * i + 3));
        return !same || tokenizer.encode(text).some((id, t) => id !== ids[t]);
      });
      expect(wrong).toEqual([]);
    },
    300_000,
  );
});
