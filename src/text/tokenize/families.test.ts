/** Ids, places, templates and cuts of tokenizers of many families are those of Python's `tokenizers`. */
import { describe, expect, it } from 'vitest';
import {
  FAMILIES,
  type Framed,
  type GoldenFamily,
  golden,
  type Row,
} from '../../../test/golden-tokenizers.ts';
import { loadTokenizer, type TextTokenizer } from '../tokenizer.ts';
import type { TruncationStrategy } from './truncation.ts';

const texts = golden<string[]>('texts');

function rowOf(tokenizer: TextTokenizer, text: string): Row {
  const { ids, starts, ends } = tokenizer.encodeWithOffsets(text);
  return [[...ids], [...starts], [...ends]];
}

describe.each(FAMILIES)('%s', (name) => {
  const family = golden<GoldenFamily>(`${name}.golden`);
  const tokenizer = loadTokenizer(golden<{ [key: string]: unknown }>(name));

  it('gives the ids and places of every text, whatever its script', () => {
    const wrong = texts.filter(
      (text, i) => JSON.stringify(rowOf(tokenizer, text)) !== JSON.stringify(family.texts[i]),
    );
    expect(wrong).toEqual([]);
  });

  it('gives the same ids without places, remembered or not', () => {
    for (const _ of [1, 2])
      expect(
        texts.filter(
          (text, i) => JSON.stringify([...tokenizer.encode(text)]) !== JSON.stringify(family.texts[i][0]),
        ),
      ).toEqual([]);
  });

  it('puts its template around one text and two, and cuts them', () => {
    for (const {
      texts: [text, pair],
      whole,
      cut,
    } of family.pairs) {
      const framed = (options: object): Framed => {
        const got = tokenizer.encodeFramed(text, { ...options, pair: pair ?? undefined });
        const { ids, types, special, starts, ends } = got;
        return {
          ids: [...ids],
          types: [...types],
          special: [...special],
          starts: [...starts],
          ends: [...ends],
        };
      };
      expect(framed({})).toEqual(whole);
      family.cuts.forEach(({ max_length, strategy, direction }, i) => {
        const options = {
          maxTokens: max_length,
          truncation: strategy as TruncationStrategy | undefined,
          side: direction,
        };
        const expected = cut[i];
        if (expected) expect(framed(options), `${text} ${JSON.stringify(options)}`).toEqual(expected);
        else expect(() => framed(options)).toThrow(/SETTING_INVALID/);
      });
    }
  });

  it('puts tokens together again', () => {
    const wrong = texts.filter((_, i) => tokenizer.decode(family.texts[i][0]) !== family.decoded[i]);
    expect(wrong).toEqual([]);
  });
});
