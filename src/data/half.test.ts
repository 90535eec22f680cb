import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readSafetensors } from '../model/safetensors.ts';
import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from './half.ts';

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

test('float16 is decoded into an array that is given', () => {
  const out = new Float32Array(2);
  expect(decodeFloat16(Uint16Array.of(0x3c00, 0xc000), out)).toBe(out);
  expect([...out]).toEqual([1, -2]);
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

describe('encoding', () => {
  it('gives figures checked by hand', () => {
    const values = Float32Array.of(0, -0, 1, -2, 0.1, 65504, 2 ** -24, 2 ** -14, 1 / 3, 65520, 2 ** -25);
    const patterns = [0, 0x8000, 0x3c00, 0xc000, 0x2e66, 0x7bff, 1, 0x0400, 0x3555, 0x7c00, 0];
    expect([...encodeFloat16(values)]).toEqual(patterns);
  });

  it('gives back every number that a binary16 is', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((bits) => (bits & 0x7c00) !== 0x7c00);
    expect(encodeFloat16(decodeFloat16(all))).toEqual(all);
    expect([...encodeFloat16(Float32Array.of(Infinity, -Infinity))]).toEqual([0x7c00, 0xfc00]);
    expect(decodeFloat16(encodeFloat16(Float32Array.of(NaN)))[0]).toBeNaN();
  });

  it('gives back every number that a bfloat16 is', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((bits) => (bits & 0x7f80) !== 0x7f80);
    expect(encodeBfloat16(decodeBfloat16(all))).toEqual(all);
    expect(decodeBfloat16(encodeBfloat16(Float32Array.of(NaN)))[0]).toBeNaN();
  });

  it('takes the nearest binary16 at edges', () => {
    const step = 2 ** -10;
    const cases: [number, number][] = [
      [1 + 0.4 * step, 1],
      [1 + 0.6 * step, 1 + step],
      [1 + 0.5 * step, 1],
      [1 + 1.5 * step, 1 + 2 * step],
      [65519, 65504],
      [65520, Infinity],
      [2 ** -25, 0],
      [1.5 * 2 ** -24, 2 ** -23],
      [-(2 ** -24), -(2 ** -24)],
      [2 ** -14 - 2 ** -26, 2 ** -14],
      [1e-10, 0],
    ];
    const rounded = decodeFloat16(encodeFloat16(Float32Array.from(cases, ([value]) => value)));
    expect([...rounded]).toEqual(cases.map(([, expected]) => expected));
  });

  it('takes the nearest binary16 of any number, and the even one of two', () => {
    fc.assert(
      fc.property(fc.float({ min: -70000, max: 70000, noNaN: true }), (value) => {
        const [pattern] = encodeFloat16(Float32Array.of(value));
        const [near, below, above] = decodeFloat16(Uint16Array.of(pattern, pattern - 1, pattern + 1));
        if (!Number.isFinite(near)) return Math.abs(value) >= 65520;
        const error = Math.abs(value - near);
        return [below, above].every((other) => {
          const distance = Math.abs(value - other);
          return !(distance < error) && (distance !== error || error === 0 || (pattern & 1) === 0);
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('takes the nearest bfloat16, and the even one of two', () => {
    const step = 2 ** -7;
    const cases: [number, number][] = [
      [1 + 0.4 * step, 1],
      [1 + 0.5 * step, 1],
      [1 + 1.5 * step, 1 + 2 * step],
      [-(1 + 0.6 * step), -(1 + step)],
    ];
    const rounded = decodeBfloat16(encodeBfloat16(Float32Array.from(cases, ([value]) => value)));
    expect([...rounded]).toEqual(cases.map(([, expected]) => expected));
  });
});
