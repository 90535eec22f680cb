import { describe, expect, test } from 'vitest';
import { tokenizerFingerprint } from '../text/tokenizer-json.ts';
import { readCheckpoint } from './checkpoint.ts';
import { checkPackFits, modelFingerprint, type VectorSource } from './fingerprint.ts';
import { type PackSettings, retrievalSettings } from './settings.ts';

const base = readCheckpoint('test/fixtures/bert', { allowBase: true });
const retrieval = retrievalSettings({ dim: 8, queryMaxTokens: 12, passageMaxTokens: 24 });
const teacher: VectorSource = { ...base, settings: { retrieval } };
const fingerprint = modelFingerprint(teacher);

// Both figures were computed independently with Python's hashlib and json.
test('the fingerprint is stable: it is part of the format of indexes and packs', () => {
  expect(fingerprint).toBe('5c7dca318d8c53b7');
  expect(tokenizerFingerprint(base.tokenizerJson)).toBe('7e07c961a5ea6065');
});

test('the order of tensors and of keys does not matter', () => {
  const reordered = Object.fromEntries(Object.entries(base.tokenizerJson).reverse());
  expect(
    modelFingerprint({
      ...teacher,
      tensors: new Map([...base.tensors].reverse()),
      tokenizerJson: { ...reordered, truncation: { max_length: 8 }, padding: { length: 8 } },
    }),
  ).toBe(fingerprint);
});

describe('everything that decides vectors changes it', () => {
  const changed = (name: string, edit: (data: Float32Array) => Float32Array) => {
    const tensor = base.tensors.get(name)!;
    return new Map([...base.tensors, [name, { ...tensor, data: edit(tensor.data) }]]);
  };
  test.each<[string, Partial<VectorSource>]>([
    [
      'one bit of one weight',
      { tensors: changed('embeddings.LayerNorm.bias', (d) => d.with(3, d[3] + 1e-6)) },
    ],
    [
      'a further tensor',
      { tensors: new Map([...base.tensors, ['linear.weight', [...base.tensors.values()][0]]]) },
    ],
    ['the number of heads', { config: { ...base.config, numAttentionHeads: 2 } }],
    ['a retrieval setting', { settings: { retrieval: { ...retrieval, queryAugmentation: true } } }],
    ['a tokenizer', { tokenizerJson: { ...base.tokenizerJson, normalizer: null } }],
  ])('%s', (_what, change) => {
    expect(modelFingerprint({ ...teacher, ...change })).not.toBe(fingerprint);
  });
});

test('a pack fits its teacher only', () => {
  const pack: PackSettings = {
    version: '1.0',
    createdWith: '0.1.0',
    languages: ['sw'],
    training: {},
    kind: 'pack',
    retrieval,
    teacher: fingerprint,
    readings: false,
  };
  checkPackFits(pack, fingerprint, 'packs/sw');
  expect(() => checkPackFits(pack, '0'.repeat(16), 'packs/sw')).toThrow(
    new RegExp(
      `^packs/sw: the pack was made for teacher ${fingerprint}, this one is 0{16} \\[TEACHER_MISMATCH\\]`,
    ),
  );
});
