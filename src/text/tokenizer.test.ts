import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadTokenizer } from './tokenizer.ts';

const folder = fileURLToPath(new URL('../../test/fixtures/tokenizer/', import.meta.url));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const sentences = read('sentences.txt').split('\n').slice(0, -1);
const expected = JSON.parse(read('expected.json'));

describe('ids equal those of Python tokenizers', () => {
  const tokenizer = loadTokenizer(folder);

  it.each(sentences.map((text, i): [string, number] => [text, i]))('%s', (text, i) => {
    expect(Array.from(tokenizer.encode(text))).toEqual(expected.tokenizer[i]);
    // A second time from memory.
    expect(Array.from(tokenizer.encode(text))).toEqual(expected.tokenizer[i]);
    expect(tokenizer.decode(expected.tokenizer[i])).toBe(expected.decoded[i]);
  });

  it('puts the template of BERT around a pair', () => {
    const framed = tokenizer.encodeFramed(sentences[0], { pair: sentences[1] });
    expect([...framed.ids]).toEqual(expected.template);
  });
});

describe.each(['word-piece', 'byte-level', 'unigram'])('a %s tokenizer made elsewhere', (name) => {
  const json = JSON.parse(read(`${name}.json`));
  const tokenizer = loadTokenizer(json);

  it('gives the ids of Python tokenizers, remembered or not', () => {
    for (const _ of [1, 2])
      expect(sentences.map((text) => Array.from(tokenizer.encode(text)))).toEqual(expected[name]);
  });

  it('gives the same ids whether places are asked for or not', () => {
    for (const text of [sentences.join(' '), sentences.join('\n'), '', ' ', 'a [MASK] b', '[SEP][SEP]'])
      expect(tokenizer.encodeWithOffsets(text).ids, text).toEqual(tokenizer.encode(text));
  });
});

describe('TextTokenizer', () => {
  const tokenizer = loadTokenizer(join(folder, 'tokenizer.json'));

  it('knows its special tokens, size and tokens', () => {
    expect([...tokenizer.specials.keys()]).toEqual([
      '[PAD]',
      '[UNK]',
      '[CLS]',
      '[SEP]',
      '[MASK]',
      '[Q]',
      '[D]',
    ]);
    expect(tokenizer.specialId('[MASK]')).toBe(4);
    expect(tokenizer.vocabSize).toBe(800);
    expect(tokenizer.tokens([2, 7, 262, 5000])).toEqual(['[CLS]', '<0x00>', '<0xFF>', '[UNK]']);
    expect(() => tokenizer.specialId('[NONE]')).toThrow(/CHECKPOINT_INCOMPLETE/);
  });

  it('never gives [UNK], whatever the script', () => {
    for (const text of sentences) expect(tokenizer.encode(text)).not.toContain(1);
  });

  it('encodes the empty text and special tokens written in a text', () => {
    expect(tokenizer.encode('')).toEqual(new Int32Array(0));
    expect(tokenizer.encode(' \n ')).toEqual(new Int32Array(0));
    expect(tokenizer.encode('[MASK]')).toEqual(Int32Array.of(4));
  });

  it.each([
    ["Ng'ombe, 1969!", ['ng', "'", 'ombe', ',', '1969', '!']],
    ['काल रात्रभर पाऊस', ['काल', 'रात्रभर', 'पाऊस']],
    ['Ọba Ìbàdàn dé', ['ọba', 'ìbàdàn', 'dé']],
    ['مُحَمَّدٌ رَسَمَ', ['مُحَمَّدٌ', 'رَسَمَ']],
    ['ฝนตก ნახვა', ['ฝนตก', 'ნახვა']],
    ['a [MASK] b', ['a', '[MASK]', 'b']],
  ])('groups the tokens of %s under its words', (text, words) => {
    const grouped = tokenizer.words(text);
    expect(grouped.map((word) => word.word)).toEqual(words);
    const ids = tokenizer.encode(text);
    expect(grouped.flatMap((word) => word.tokens)).toEqual(tokenizer.tokens(ids));
    expect(grouped.map((word) => word.start)).toEqual(
      grouped.map((_, w) => grouped.slice(0, w).reduce((sum, word) => sum + word.tokens.length, 0)),
    );
  });

  it('takes added tokens of any spelling literally', () => {
    const json = JSON.parse(read('tokenizer.json'));
    const added = ['<|end-of.text|>', '(?:a)', '[^]', '$1/\\'].map((content, i) => ({
      ...json.added_tokens[0],
      content,
      id: 900 + i,
    }));
    const extended = loadTokenizer({ ...json, added_tokens: [...json.added_tokens, ...added] });
    expect(extended.vocabSize).toBe(904);
    for (const { content, id } of added) expect(extended.encode(content)).toEqual(Int32Array.of(id));
    expect(extended.encode('a end-of-text')).toEqual(tokenizer.encode('a end-of-text'));
  });

  it('groups word pieces under their words', () => {
    const pieces = loadTokenizer(JSON.parse(read('word-piece.json')));
    expect(pieces.words('water stays deep').map((word) => word.word)).toEqual(['water', 'stays', 'deep']);
  });

  it('has a fingerprint that follows the ids only', () => {
    const json = JSON.parse(read('tokenizer.json'));
    const padded = { padding: { strategy: 'BatchLongest' }, ...json, truncation: { max_length: 9 } };
    expect(loadTokenizer({ ...padded }).fingerprint).toBe(tokenizer.fingerprint);
    const cased = { ...json, normalizer: { type: 'NFC' } };
    expect(loadTokenizer(cased).fingerprint).not.toBe(tokenizer.fingerprint);
    expect(tokenizer.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('a tokenizer that cannot be loaded', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tokenizer-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = (name: string, content: string): string => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };

  it('is missing', () => {
    expect(() => loadTokenizer(directory)).toThrow(/no tokenizer\.json \[CHECKPOINT_INCOMPLETE\]/);
    expect(() => loadTokenizer(join(directory, 'nowhere'))).toThrow(/CHECKPOINT_INCOMPLETE/);
  });

  it.each([
    ['truncated', read('tokenizer.json').slice(0, 5000), /not readable as JSON/],
    ['null', 'null', /lacks a model/],
    ['without model', '{"added_tokens": []}', /lacks a model/],
    ['without ids', '{"added_tokens": [], "model": {"type": "BPE", "vocab": {"a": "b"}}}', /lacks a model/],
    [
      'without parts',
      '{"added_tokens": [], "model": {"type": "BPE", "vocab": {}}}',
      /BPE lacks its list of merges/,
    ],
    [
      'of an unknown kind',
      JSON.stringify({ ...JSON.parse(read('tokenizer.json')), pre_tokenizer: { type: 'Magic' } }),
      /the pre_tokenizer Magic is not supported.*\n.*Supported are BertPreTokenizer, .*ByteLevel, Metaspace/,
    ],
    [
      'with an added token of no text',
      '{"added_tokens": [{"id": 0}], "model": {"vocab": {}}}',
      /added tokens/,
    ],
    [
      'with an unknown token outside its list',
      JSON.stringify({ added_tokens: [], model: { type: 'Unigram', unk_id: -1, vocab: [['a', 0]] } }),
      /unk_id -1 of Unigram is not in its vocabulary/,
    ],
    [
      'with ids around texts that no token has',
      read('tokenizer.json').replace(/"ids":\s*\[\s*2\s*\]/, '"ids": [77777]'),
      /the post_processor puts the id 77777 around texts, of \d+ ids/,
    ],
  ])('is %s', (name, content, message) => {
    const path = file(`${name}.json`, content);
    expect(() => loadTokenizer(path)).toThrow(message);
    expect(() => loadTokenizer(path)).toThrow(/CHECKPOINT_FORMAT/);
  });
});

describe('characters that a vocabulary has no token for', () => {
  it.each([
    ['WordPiece', { type: 'WordPiece', vocab: { maji: 0 }, unk_token: '[UNK]' }],
    ['Unigram', { type: 'Unigram', vocab: [...['maji', ...'maji'].entries()].map(([i, t]) => [t, -i]) }],
    ['WordLevel', { type: 'WordLevel', vocab: { maji: 0 }, unk_token: '<unk>' }],
  ])('are an error of the tokenizer in %s', (_, model) => {
    // Parts that are not there are none.
    const tokenizer = loadTokenizer({ added_tokens: [], model });
    expect(Array.from(tokenizer.encode('maji'))).toEqual([0]);
    const refused = expect.objectContaining({
      code: 'CHECKPOINT_FORMAT',
      message: expect.stringMatching(/"น้ำ" cannot be read/),
    });
    expect(() => tokenizer.encode('น้ำ')).toThrow(refused);
    expect(() => tokenizer.encodeWithOffsets('น้ำ')).toThrow(refused);
    expect(() => tokenizer.encodeFramed('maji', { pair: 'น้ำ' })).toThrow(refused);
  });
});
