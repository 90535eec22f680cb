import { expect, test } from 'vitest';
import { readSafetensors } from '../model/safetensors.ts';
import { decodeBfloat16, decodeFloat16 } from './half.ts';

test('float16: figures checked by hand', () => {
  const halves = Uint16Array.of(0x0000, 0x3c00, 0xc000, 0x3555, 0x7bff, 0x0001, 0x0400, 0x7c00, 0xfc00);
  expect([...decodeFloat16(halves)]).toEqual([
    0,
    1,
    -2,
    0.333251953125, // 0x3555: 2^-2 * (1 + 341/1024)
    65504, // the largest
    2 ** -24, // the smallest subnormal
    2 ** -14, // the smallest normal
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]);
  expect(Object.is(decodeFloat16(Uint16Array.of(0x8000))[0], -0)).toBe(true);
  expect(decodeFloat16(Uint16Array.of(0x7e00))[0]).toBeNaN();
});

test('bfloat16: figures checked by hand', () => {
  expect([...decodeBfloat16(Uint16Array.of(0x3f80, 0xc040, 0x0001, 0x7f80))]).toEqual([
    1,
    -3,
    2 ** -133,
    Number.POSITIVE_INFINITY,
  ]);
});

test.each(['half', 'brain'])('%s agrees with PyTorch on edges and 1,772 other patterns', (kind) => {
  const tensors = readSafetensors('test/fixtures/halves/halves.safetensors');
  const decoded = tensors.get(kind)!.data as Float32Array;
  const golden = tensors.get(`${kind}_decoded`)!.data as Float32Array;
  expect(decoded.length).toBe(1784);
  expect(golden.every((value, i) => Object.is(value, decoded[i]))).toBe(true);
});
