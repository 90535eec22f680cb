import { describe, expect, test } from 'vitest';
import { parseSettings, retrievalSettings, type Settings, withLongerQueries } from './settings.ts';

const retrieval = retrievalSettings({ dim: 64, queryMaxTokens: 24, passageMaxTokens: 96 });
const teacher: Settings = {
  version: '1.0',
  createdWith: '0.1.0',
  languages: ['en'],
  training: { steps: 1500, dev: { 'nDCG@10': 0.6 } },
  kind: 'teacher',
  retrieval,
};

test('defaults of the retrieval settings', () => {
  expect(retrieval).toEqual({
    dim: 64,
    queryMaxTokens: 24,
    passageMaxTokens: 96,
    queryMarker: '[Q]',
    passageMarker: '[D]',
    queryAugmentation: false,
    skipPunctuation: true,
  });
});

test('a retrieval setting out of range names itself', () => {
  expect(() => retrievalSettings({ ...retrieval, dim: 0 })).toThrow(/retrieval\.dim.*\[SETTING_INVALID\]/);
});

test.each<Settings>([
  teacher,
  { ...teacher, kind: 'pack', languages: ['sw', 'so'], teacher: '0123456789abcdef', readings: true },
  { version: '1.0', createdWith: '0.1.0', languages: ['yo', 'th'], training: {}, kind: 'pretrained' },
  {
    version: '1.0',
    createdWith: '0.1.0',
    languages: ['en'],
    training: {},
    kind: 'reader',
    reading: { windowTokens: 384, questionTokens: 64, strideTokens: 128, answerTokens: 30 },
    teacher: '0123456789abcdef',
    readings: true,
  },
])('JSON of a $kind comes back equal', (settings) => {
  expect(parseSettings(JSON.parse(JSON.stringify(settings)), 'refract.json')).toEqual(settings);
});

test('another major version is refused even when nothing else can be read', () => {
  const read = () => parseSettings({ version: '2.3', shape: 'unknown' }, 'm/refract.json');
  expect(read).toThrow(
    /^m\/refract\.json: written in version 2\.3, this Refract reads 1\.x \[VERSION_MISMATCH\]/,
  );
});

test('a later minor version is read, its new fields ignored', () => {
  expect(parseSettings({ ...teacher, version: '1.7', colour: 'blue' }, 'refract.json')).toEqual({
    ...teacher,
    version: '1.7',
  });
});

describe('refused', () => {
  test.each<[string, unknown, RegExp]>([
    ['no version', { ...teacher, version: undefined }, /version/],
    ['no such kind', { ...teacher, kind: 'oracle' }, /kind/],
    ['a teacher without retrieval', { ...teacher, retrieval: undefined }, /retrieval/],
    ['a pack without teacher', { ...teacher, kind: 'pack' }, /teacher/],
    ['languages that are no list', { ...teacher, languages: 'sw' }, /languages/],
    ['no object', null, /./],
  ])('%s', (_what, json, message) => {
    const read = () => parseSettings(json, 'refract.json');
    expect(read).toThrow(message);
    expect(read).toThrow(/\[CHECKPOINT_FORMAT\]/);
  });
});

test('longer queries are padded no further than before', () => {
  const augmented = { ...retrieval, queryAugmentation: true };
  expect(withLongerQueries(retrieval, 96)).toEqual({ ...retrieval, queryMaxTokens: 96 });
  const longer = withLongerQueries(augmented, 96);
  expect(longer).toMatchObject({ queryMaxTokens: 96, augmentedTokens: 24 });
  expect(withLongerQueries(longer, 128)).toMatchObject({ queryMaxTokens: 128, augmentedTokens: 24 });
});
