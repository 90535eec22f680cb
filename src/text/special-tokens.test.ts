import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withSpecialTokens } from './special-tokens.ts';
import { loadTokenizer } from './tokenizer.ts';
import type { TokenizerJson } from './tokenizer-json.ts';

const sentences = readFileSync('test/fixtures/tokenizer/sentences.txt', 'utf8').split('\n').slice(0, -1);
const read = (name: string): TokenizerJson =>
  JSON.parse(readFileSync(`test/fixtures/tokenizer/${name}.json`, 'utf8'));

describe.each(['word-piece', 'byte-level', 'unigram'])('a tokenizer of the kind %s', (name) => {
  const before = loadTokenizer(read(name));
  const after = loadTokenizer(withSpecialTokens(before.json, ['[Q]', '[D]']));

  it('gets new tokens with the next ids', () => {
    const size = before.vocabSize;
    expect([after.specialId('[Q]'), after.specialId('[D]')]).toEqual([size, size + 1]);
    expect(after.vocabSize).toBe(size + 2);
    expect(after.tokens([size, size + 1])).toEqual(['[Q]', '[D]']);
    expect(after.specials.get('[D]')).toBe(size + 1);
  });

  it('gives every sentence the ids it had', () => {
    for (const text of sentences) expect(after.encode(text)).toEqual(before.encode(text));
  });

  it('takes a new token out of the text, and leaves it out of the decoded text', () => {
    const ids = after.encode('a [D] b');
    expect([...ids]).toContain(before.vocabSize + 1);
    expect(after.decode(ids)).not.toContain('[D]');
  });
});

it('makes a word of the vocabulary special and leaves it its id', () => {
  const json = read('word-piece');
  const before = loadTokenizer(json);
  const after = loadTokenizer(withSpecialTokens(json, ['mwa', '[MASK]']));
  expect(after.specials.get('mwa')).toBe(before.idOf('mwa'));
  expect(after.specials.get('[MASK]')).toBe(before.specialId('[MASK]'));
  expect(after.vocabSize).toBe(before.vocabSize);
  const ids = after.json.added_tokens.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
});

it('does not change what it is given', () => {
  const json = read('word-piece');
  withSpecialTokens(json, ['[Q]']);
  expect(json).toEqual(read('word-piece'));
});
