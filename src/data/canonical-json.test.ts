import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

test('canonical JSON is JSON of the same value, whatever the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(text);
    }),
  );
});

test('keys come in the order of their UTF-16 units, whole numbers before them by size', () => {
  const value = { ọ: 1, é: 2, ก: 3, अ: 4, ع: 5, '10': 6, '9': 7, b: 8 };
  expect(canonicalJson(value)).toBe('{"9":7,"10":6,"b":8,"é":2,"ع":5,"अ":4,"ก":3,"ọ":1}');
});
