import { describe, expect, it } from 'vitest';
import { FAMILIES, golden } from '../../test/golden-tokenizers.ts';
import {
  checkVocabulary,
  followTokenizerConfig,
  huggingFaceTokenizerFiles,
  tokenizerOf,
  withAdditionalTokens,
} from './tokenizer-files.ts';

const uncased = { type: 'BertNormalizer', lowercase: true, strip_accents: null, handle_chinese_chars: true };

describe('followTokenizerConfig', () => {
  it('puts what BERT’s tokenizer is told in the place of the normaliser’s own', () => {
    const config = { do_lower_case: false, strip_accents: false, tokenizer_class: 'BertTokenizerFast' };
    const { normalizer, model } = followTokenizerConfig({ normalizer: uncased, model: 1 }, config);
    expect(normalizer).toEqual({ ...uncased, lowercase: false, strip_accents: false });
    expect(model).toBe(1);
    expect(followTokenizerConfig({ normalizer: uncased }, { tokenize_chinese_chars: false })).toEqual({
      normalizer: { ...uncased, handle_chinese_chars: false },
    });
  });

  it.each([
    ['nothing is said', uncased, {}],
    ['null is said', uncased, { do_lower_case: null }],
    ['it is of another class', uncased, { do_lower_case: false, tokenizer_class: 'PreTrainedTokenizerFast' }],
    ['the normaliser is of another kind', { type: 'NFC' }, { do_lower_case: false }],
    ['there is no normaliser', null, { do_lower_case: false }],
  ])('leaves it where %s', (_, normalizer, config) => {
    expect(followTokenizerConfig({ normalizer }, config)).toEqual({ normalizer });
  });
});

describe('withAdditionalTokens', () => {
  const tokens = new Map([['[Q]', 7]]);

  it('names them where the file names such tokens', () => {
    expect(withAdditionalTokens({ a: 1 }, tokens)).toEqual({ a: 1, additional_special_tokens: ['[Q]'] });
    expect(withAdditionalTokens({ additional_special_tokens: ['<x>'] }, tokens)).toEqual({
      additional_special_tokens: ['<x>', '[Q]'],
    });
    expect(withAdditionalTokens({ extra_special_tokens: [] }, tokens)).toEqual({
      extra_special_tokens: ['[Q]'],
    });
  });

  it('gives them an entry where the file has one for each', () => {
    const { added_tokens_decoder } = withAdditionalTokens({ added_tokens_decoder: { 0: 'pad' } }, tokens);
    expect(added_tokens_decoder).toMatchObject({ 0: 'pad', 7: { content: '[Q]', special: true } });
  });
});

type Json = { [key: string]: unknown };

describe.each(FAMILIES)('the tokenizer of %s', (name) => {
  const json = golden<Json>(name);
  const count = tokenizerOf({ tokenizerJson: json }).vocabSize;

  it('fits an encoder with a word vector for every id, added tokens too, and no smaller one', () => {
    expect(checkVocabulary(json, count, 'tokenizer.json')).toBe(count);
    expect(() => checkVocabulary(json, count - 1, 'tokenizer.json')).toThrow(
      new RegExp(`ids up to ${count - 1}.*TOKENIZER_MISMATCH`),
    );
  });
});

it('names the tokens of other families by their roles', () => {
  const { specialTokensMap } = huggingFaceTokenizerFiles(golden<Json>('xlm-roberta'), 512);
  expect(specialTokensMap).toEqual({
    cls_token: '<s>',
    sep_token: '</s>',
    pad_token: '<pad>',
    mask_token: '<mask>',
    unk_token: '<unk>',
  });
});
