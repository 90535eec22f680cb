/** Which special token plays which role, whoever says so. */
import { describe, expect, it } from 'vitest';
import { golden } from '../../test/golden-tokenizers.ts';
import { TOKEN_ROLES } from './special-roles.ts';
import { loadTokenizer } from './tokenizer.ts';

type Json = { [key: string]: unknown };

/** A vocabulary of words with ids in their order, special where they are in brackets. */
function tokenizerOf(words: readonly string[], parts: Json = {}): Json {
  const added = words.flatMap((content, id) =>
    /^[<[]/.test(content) ? [{ id, content, special: true, normalized: false }] : [],
  );
  const vocab = Object.fromEntries(words.map((word, id) => [word, id]));
  const none = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  return { ...none, added_tokens: added, model: { type: 'WordLevel', vocab, unk_token: words[0] }, ...parts };
}

describe('roles of families', () => {
  it.each([
    ['bert-cased', '[CLS] [SEP] [PAD] [MASK] [UNK]'],
    ['deberta', '[CLS] [SEP] [PAD] [MASK] [UNK]'],
    ['modernbert', '[CLS] [SEP] [PAD] [MASK] [UNK]'],
    ['xlm-roberta', '<s> </s> <pad> <mask> <unk>'],
    ['roberta', '<s> </s> <pad> <mask> <unk>'],
    ['gemma', '<bos> <eos> <pad> <mask> <unk>'],
  ])('%s', (name, tokens) => {
    const tokenizer = loadTokenizer(golden<Json>(name));
    expect(tokenizer.tokens(TOKEN_ROLES.map((role) => tokenizer.roleId(role))).join(' ')).toBe(tokens);
  });
});

describe('a role', () => {
  const words = ['?', '<a>', '<b>', '<c>', '[CLS]', '<s>', 'maji'];

  it('is what tokenizer_config.json or special_tokens_map.json says, as text or object', () => {
    const files = [
      { cls_token: '<a>', mask_token: null },
      { cls_token: '<b>', mask_token: { content: '<c>' } },
    ];
    const tokenizer = loadTokenizer(tokenizerOf(words), files);
    expect([tokenizer.roleId('cls'), tokenizer.roleId('mask')]).toEqual([1, 3]);
  });

  it('is else what the template, the padding and the model use', () => {
    const post_processor = { type: 'BertProcessing', cls: ['<b>', 2], sep: ['<c>', 3] };
    const tokenizer = loadTokenizer(tokenizerOf(words, { post_processor, padding: { pad_id: 6 } }));
    expect(TOKEN_ROLES.map((role) => tokenizer.roles.get(role))).toEqual([2, 3, 6, undefined, 0]);
  });

  it('is else a usual spelling, BERT’s first, before a token that only begins all text', () => {
    expect(loadTokenizer(tokenizerOf(words)).roleId('cls')).toBe(4);
    expect(loadTokenizer(tokenizerOf(['?', '<a>', '<s>']), { bos_token: '<a>' }).roleId('cls')).toBe(2);
    expect(loadTokenizer(tokenizerOf(['?', '<a>']), { bos_token: '<a>' }).roleId('cls')).toBe(1);
  });

  it('is not played by a name that is no token', () => {
    expect(loadTokenizer(tokenizerOf(words), { cls_token: '<nowhere>' }).roleId('cls')).toBe(4);
  });

  it('that none plays is named, with the way out', () => {
    const tokenizer = loadTokenizer(tokenizerOf(words));
    expect(() => tokenizer.roleId('mask')).toThrow(
      /no token that hides a token \(mask_token\) \[CHECKPOINT_INCOMPLETE\]\n.*mask_token in tokenizer_config\.json.*\[MASK\] or <mask>; its special tokens are <a> <b>/,
    );
  });
});

describe('what stands around two texts', () => {
  it.each([
    ['bert-uncased', [['[CLS]'], ['[SEP]'], ['[SEP]']]],
    ['roberta', [['<s>'], ['</s>', '</s>'], ['</s>']]],
    ['xlm-roberta', [['<s>'], ['</s>', '</s>'], ['</s>']]],
  ])('%s', (name, frame) => {
    const tokenizer = loadTokenizer(golden<Json>(name));
    const { before, between, after } = tokenizer.pairFrame();
    expect([before, between, after].map((ids) => tokenizer.tokens(ids))).toEqual(frame);
  });

  it('is BERT’s where there is no template', () => {
    const words = ['?', '<s>', '</s>'];
    expect(loadTokenizer(tokenizerOf(words)).pairFrame()).toEqual({ before: [1], between: [2], after: [2] });
    expect(() => loadTokenizer(tokenizerOf(['?'])).pairFrame()).toThrow(/CHECKPOINT_INCOMPLETE/);
  });
});
