import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { configOfSize, SIZES } from './config.ts';
import { parameterShapes, parseHuggingFaceConfig, toHuggingFaceConfig } from './families/index.ts';
import { elementCount } from './safetensors-header.ts';

const written = JSON.parse(readFileSync('test/fixtures/bert/config.json', 'utf8'));

test('a config.json that transformers wrote', () => {
  expect(parseHuggingFaceConfig(written, 'config.json')).toEqual({
    modelType: 'bert',
    vocabSize: 88,
    hiddenSize: 32,
    numHiddenLayers: 2,
    numAttentionHeads: 4,
    intermediateSize: 48,
    maxPositionEmbeddings: 24,
    typeVocabSize: 2,
    layerNormEps: 1e-12,
    hiddenAct: 'gelu',
    padTokenId: 0,
  });
});

test('there and back', () => {
  const config = configOfSize('mini', { vocabSize: 8000, maxPositionEmbeddings: 192, hiddenAct: 'gelu_new' });
  expect(parseHuggingFaceConfig(toHuggingFaceConfig(config), 'config.json')).toEqual(config);
});

describe('refused, with the field named', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'another architecture',
      { model_type: 'deberta-v2' },
      /model_type "deberta-v2" is not supported[\s\S]*bert, roberta, xlm-roberta, distilbert, modernbert/,
    ],
    ['no architecture', { model_type: undefined }, /no model_type/],
    ['no width', { hidden_size: undefined }, /hidden_size/],
    ['no layers', { num_hidden_layers: 0 }, /num_hidden_layers/],
    ['more layers than can be listed', { num_hidden_layers: 1e15 }, /num_hidden_layers/],
    [
      'more places than there can be angles of',
      { model_type: 'modernbert', max_position_embeddings: 1e12 },
      /max_position_embeddings/,
    ],
    ['a fractional vocabulary', { vocab_size: 1.5 }, /vocab_size/],
    ['an unknown activation', { hidden_act: 'silu' }, /hidden_act/],
    ['relative positions', { position_embedding_type: 'relative_key' }, /position_embedding_type/],
    ['a decoder', { is_decoder: true }, /is_decoder/],
    [
      'heads that do not divide the width',
      { num_attention_heads: 5 },
      /hidden_size 32 is not divisible by 5 heads/,
    ],
  ])('%s', (_what, change, message) => {
    const read = () => parseHuggingFaceConfig({ ...written, ...change }, 'm/config.json');
    expect(read).toThrow(message);
    expect(read).toThrow(/^m\/config\.json: [\s\S]*\[CHECKPOINT_FORMAT\]/);
  });

  test.each([[null], [[]], ['bert'], [3]])('%j', (json) => {
    expect(() => parseHuggingFaceConfig(json, 'config.json')).toThrow(/no model_type/);
  });
});

test('the published number of parameters of BERT base, without pooler', () => {
  // bert-base-uncased: 109,482,240 parameters, of which the pooler has 768 * 768 + 768.
  const shapes = parameterShapes(configOfSize('base', { vocabSize: 30522 }));
  expect(shapes.reduce((sum, [, shape]) => sum + elementCount(shape), 0)).toBe(109_482_240 - 590_592);
  expect(shapes).toHaveLength(5 + 12 * 16);
  expect(new Set(shapes.map(([name]) => name)).size).toBe(shapes.length);
});

test('heads are 64 wide and feed-forward layers four times the width in every preset', () => {
  for (const size of Object.values(SIZES)) {
    expect(size.hiddenSize / size.numAttentionHeads).toBe(64);
    expect(size.intermediateSize).toBe(4 * size.hiddenSize);
  }
});
