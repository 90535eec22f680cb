import { expect, it } from 'vitest';
import * as g from './index.ts';

const x = g.input('x', 'float32', ['B', 'L']);

it('counts each result until its last use', () => {
  const twice = g.mul(x, 2);
  const flat = g.reshape(twice, [-1]);
  const sum = g.reduceSum(flat, [0]);
  const sizes = { B: 3, L: 5 };
  // twice (60 bytes; flat is the same memory), then sum beside it.
  expect(g.peakBytes({ sum }, sizes)).toBe(64);
  // exp(twice) beside twice; twice goes before tanh's result comes.
  expect(g.peakBytes({ y: g.tanh(g.exp(twice)) }, sizes)).toBe(120);
  // An output stays to the end.
  expect(g.peakBytes({ twice, y: g.tanh(g.exp(twice)) }, sizes)).toBe(180);
});

it('knows the sizes of types and takes sizes from what is fed', () => {
  const feeds = { x: { shape: [2, 8] } };
  expect(g.sizesOf({ x }, feeds)).toEqual({ B: 2, L: 8 });
  expect(g.peakBytes({ y: g.cast(x, 'float16') }, g.sizesOf({ x }, feeds))).toBe(32);
});
