/** Ids are those of the fixture's vocabulary: [PAD] 0, [CLS] 2, [SEP] 3, [MASK] 4, [Q] 5, [D] 6. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../text/tokenizer.ts';
import { InputMaker, padInputs } from './input.ts';
import { retrievalSettings } from './settings.ts';

const tokenizer = loadTokenizer('test/fixtures/bert');
const maker = (change: Partial<Parameters<typeof retrievalSettings>[0]> = {}) =>
  new InputMaker(
    tokenizer,
    retrievalSettings({ dim: 8, queryMaxTokens: 8, passageMaxTokens: 12, ...change }),
  );
const ids = (text: string) => [...tokenizer.encode(text)];

describe('InputMaker', () => {
  it.each([
    'where is the market',
    'soko maji',
    'पानी बाजार',
    'ماء سوق',
    'น้ำ ตลาด',
    'omi ọjà',
    'soko ماء maji',
  ])('puts markers and special tokens around %s', (text) => {
    const query = maker().query(text);
    expect([...query.ids]).toEqual([2, 5, ...ids(text), 3]);
    expect([...query.scored]).toEqual(Array(query.ids.length).fill(1));
    expect([...maker().passage(text).ids]).toEqual([2, 6, ...ids(text), 3]);
    expect(query.ids).not.toContain(tokenizer.specialId('[UNK]'));
  });

  it('does not depend on how accents are composed', () => {
    expect([...maker().query('ọjà'.normalize('NFD')).ids]).toEqual([...maker().query('ọjà').ids]);
  });

  it('cuts to the longest that the settings allow, [SEP] kept', () => {
    const text = 'where is the market of the school';
    const query = maker().query(text);
    expect([...query.ids]).toEqual([2, 5, ...ids(text).slice(0, 5), 3]);
    const long = maker().passage(Array(50).fill('soko').join(' '));
    expect(long.ids).toHaveLength(12);
    expect(long.ids[11]).toBe(3);
    expect([...maker({ queryMaxTokens: 3 }).query('soko').ids]).toEqual([2, 5, 3]);
  });

  it('fills queries with [MASK], scored, where the settings ask for it', () => {
    const query = maker({ queryAugmentation: true }).query('soko maji');
    expect([...query.ids]).toEqual([2, 5, ...ids('soko maji'), 3, 4, 4, 4]);
    expect([...query.scored]).toEqual(Array(8).fill(1));
  });

  it('pads to a length of its own, and marks what is not attended to', () => {
    const settings = { queryAugmentation: true, augmentedTokens: 7, augmentationAttended: false } as const;
    const short = maker(settings).query('soko maji');
    expect([...short.ids]).toEqual([2, 5, ...ids('soko maji'), 3, 4, 4]);
    expect(short.attended).toBe(5);
    expect([...padInputs([short], 0).mask.data]).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
    const long = maker(settings).query('soko maji soko maji soko maji');
    expect(long.ids).toHaveLength(8);
    expect(long.attended).toBe(8);
    expect(maker({ queryAugmentation: true }).query('soko').attended).toBeUndefined();
  });

  it('leaves a marker out, and puts text before a text, where the settings say so', () => {
    const plain = maker({ queryMarker: '', passageMarker: '', passagePrefix: 'पानी ' });
    expect([...plain.query('soko').ids]).toEqual([2, ...ids('soko'), 3]);
    expect([...plain.passage('soko').ids]).toEqual([2, ...ids('पानी soko'), 3]);
    expect(plain.query('soko '.repeat(20)).ids).toHaveLength(8);
  });

  it('cuts the spaces at both ends of a text, before and after its own, where the settings say so', () => {
    const spaced = loadTokenizer(
      JSON.parse(readFileSync('test/fixtures/layouts/pylate-roberta/tokenizer.json', 'utf8')),
    );
    const { trimmed, whole } = { trimmed: true, whole: undefined };
    const [cut, kept] = [trimmed, whole].map(
      (given) =>
        new InputMaker(
          spaced,
          retrievalSettings({
            ...{ dim: 8, queryMaxTokens: 30, passageMaxTokens: 30, queryMarker: '', passageMarker: '' },
            ...{ trimmed: given, passagePrefix: ' ماء' },
          }),
        ),
    );
    const frame = (text: string) => [0, ...spaced.encode(text), 2];
    for (const text of ['maji safi', 'पानी ', '\x1c\u3000ต้มน้ำ\x85\n', '\ufeffomi\u00a0', '  ']) {
      const inner =
        { 'maji safi': 'maji safi', 'पानी ': 'पानी', '\ufeffomi\u00a0': '\ufeffomi', '  ': '' }[text] ??
        'ต้มน้ำ';
      expect([...cut.query(text).ids]).toEqual(frame(inner));
      expect([...kept.query(text).ids]).toEqual(frame(text));
    }
    expect([...cut.passage(' safi ').ids]).toEqual(frame('ماء safi'));
  });

  it('leaves out the vectors of listed tokens instead of those of punctuation', () => {
    const listed = maker({ skipTokens: ['soko', 'not in the vocabulary'] });
    expect([...listed.passage('soko ? maji').scored]).toEqual([1, 1, 0, 1, 1, 1]);
    expect(listed.skippedTokens()).toEqual(['soko']);
    expect(maker().skippedTokens()).toContain('?');
  });

  it("does not score a passage's punctuation, unless told to; a query's counts", () => {
    const text = 'soko ? maji .';
    expect(ids(text)).toHaveLength(4);
    const expected = [1, 1, 1, 0, 1, 0, 1];
    expect([...maker().passage(text).scored]).toEqual(expected);
    expect([...maker({ skipPunctuation: false }).passage(text).scored]).toEqual(Array(7).fill(1));
    expect([...maker().query(text).scored]).toEqual(Array(7).fill(1));
  });

  it('makes an input of an empty text', () => {
    expect([...maker().query('').ids]).toEqual([2, 5, 3]);
    expect([...maker().passage('  ').ids]).toEqual([2, 6, 3]);
  });

  it('refuses a marker that the tokenizer lacks, naming it', () => {
    expect(() => maker({ queryMarker: '[unused0]' }).query('soko')).toThrow(/\[unused0\]/);
  });
});

describe('padInputs', () => {
  const short = { ids: Int32Array.of(2, 5, 9, 3), scored: Uint8Array.of(1, 1, 0, 1) };
  const long = { ids: Int32Array.from({ length: 9 }, (_, i) => i + 1), scored: new Uint8Array(9).fill(1) };

  it('pads to a multiple of eight; padding neither counts nor is scored', () => {
    const { ids, mask, scored } = padInputs([short, long], 0);
    expect(ids.shape).toEqual([2, 16]);
    expect([...ids.data.subarray(0, 16)]).toEqual([2, 5, 9, 3, ...Array(12).fill(0)]);
    expect([...mask.data.subarray(0, 16)]).toEqual([1, 1, 1, 1, ...Array(12).fill(0)]);
    expect([...scored.data.subarray(0, 16)]).toEqual([1, 1, 0, 1, ...Array(12).fill(0)]);
    expect([...mask.data.subarray(16)]).toEqual([...Array(9).fill(1), ...Array(7).fill(0)]);
  });

  it('uses the id of padding it is given', () => {
    expect([...padInputs([short], 77).ids.data.subarray(4)]).toEqual([77, 77, 77, 77]);
  });

  it('stays within the longest input that the encoder takes, and drops nothing', () => {
    expect(padInputs([long], 0, 10).ids.shape).toEqual([1, 10]);
    expect(padInputs([long], 0, 9).ids.shape).toEqual([1, 9]);
    expect(padInputs([long], 0, 5).ids.shape).toEqual([1, 9]);
  });
});
