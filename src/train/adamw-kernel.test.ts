import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { RandomStream } from '../random.ts';
import { adamwNumbers, adamwUpdate, sumOfSquares } from './adamw.ts';
import { allocateTensors, BLOCK } from './adamw-kernel.ts';

/** The same update, one element at a time in float64. */
function reference(
  x: number,
  m: number,
  v: number,
  g: number,
  { rate, step, scale, decay }: { rate: number; step: number; scale: number; decay: number },
) {
  const scaled = g * scale;
  const first = 0.9 * m + 0.1 * scaled;
  const second = 0.98 * v + 0.02 * scaled * scaled;
  const direction = first / (1 - 0.9 ** step) / (Math.sqrt(second / (1 - 0.98 ** step)) + 1e-8);
  return { x: x - rate * (direction + decay * x), first, second };
}

describe('the AdamW kernel', () => {
  const settings = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01 };
  // Lengths around a block's and a register's size.
  for (const length of [1, 3, 4, 7, BLOCK - 1, BLOCK, BLOCK + 5]) {
    it(`updates ${length} elements`, () => {
      const stream = new RandomStream(1, `adamw ${length}`);
      const draw = () => Float32Array.from({ length }, () => stream.normal());
      const [x, m, g] = [draw(), draw(), draw()];
      const v = draw().map(Math.abs);
      const options = { rate: 1e-3, step: 3, scale: 0.5, decay: 0.01 };
      const expected = Array.from(x, (value, i) => reference(value, m[i], v[i], g[i], options));
      const [, moments] = allocateTensors([5, length]);
      moments.m.set(m);
      moments.v.set(v);
      adamwUpdate(x, moments, g, adamwNumbers(settings, options.rate, options.step, options.scale, true));
      expect(x).toBeAllclose(expected.map((each) => each.x));
      expect(moments.m).toBeAllclose(expected.map((each) => each.first));
      expect(moments.v).toBeAllclose(expected.map((each) => each.second));
    });
  }

  for (const length of [1, 6, BLOCK + 8, 2 * BLOCK + 3]) {
    it(`gives the same bits for ${length} elements wherever they stand`, () => {
      const stream = new RandomStream(2, `adamw places ${length}`);
      const draw = () => Float32Array.from({ length }, () => stream.normal());
      const [start, gradient] = [draw(), draw()];
      const numbers = adamwNumbers(settings, 1e-2, 1, 0.5, true);
      const results = [false, true].flatMap((xHere) =>
        [false, true].map((gHere) => {
          const [before, tensor, after] = allocateTensors([4, length, 4]);
          const x = xHere ? tensor.x : new Float32Array(length);
          const g = gHere ? tensor.g : new Float32Array(length);
          x.set(start);
          g.set(gradient);
          for (let step = 0; step < 2; step++) adamwUpdate(x, tensor, g, numbers);
          expect([before, after].flatMap(({ x, g, m, v }) => [...x, ...g, ...m, ...v])).toEqual(
            Array(32).fill(0),
          );
          expect(sumOfSquares(g, tensor.kernel)).toBe(sumOfSquares(gradient));
          return { x: [...x], m: [...tensor.m], v: [...tensor.v] };
        }),
      );
      for (const result of results) expect(result).toEqual(results[0]);
      expect(results[0].x).not.toEqual([...start]);
    });
  }

  it('leaves the neighbours of an odd row in its own memory', () => {
    const [tensor] = allocateTensors([9]);
    tensor.x.fill(1);
    adamwUpdate(
      tensor.x,
      tensor,
      new Float32Array(3).fill(1),
      adamwNumbers(settings, 0.1, 1, 1, false),
      3,
      6,
      0,
    );
    expect([...tensor.x].map((x) => x === 1)).toEqual([1, 1, 1, 0, 0, 0, 1, 1, 1].map(Boolean));
    expect([...tensor.m].map((m) => m === 0)).toEqual([1, 1, 1, 0, 0, 0, 1, 1, 1].map(Boolean));
  });

  it('touches only the range it is given, with the gradient that stands elsewhere', () => {
    const x = new Float32Array(12).fill(1);
    const [moments] = allocateTensors([12]);
    moments.m.fill(0.5, 6);
    moments.v.fill(0.25, 6);
    adamwUpdate(x, moments, Float32Array.of(9, 9, 1, -1), adamwNumbers(settings, 0.1, 1, 1, false), 4, 6, 2);
    expect([...x.subarray(0, 4)]).toEqual([1, 1, 1, 1]);
    expect([...x.subarray(6)]).toEqual([1, 1, 1, 1, 1, 1]);
    expect([...moments.m.subarray(6)]).toEqual(Array(6).fill(0.5));
    expect([...moments.v.subarray(6)]).toEqual(Array(6).fill(0.25));
    // The first step of Adam moves each element by the rate, against its gradient.
    expect(x[4]).toBeCloseTo(0.9, 5);
    expect(x[5]).toBeCloseTo(1.1, 5);
  });

  it('keeps the moments of every tensor apart, in as many memories as they need', () => {
    const large = 2 ** 27;
    const all = allocateTensors([3, large, large, 7]);
    expect(new Set(all.map(({ kernel }) => kernel)).size).toBeGreaterThan(1);
    all.forEach(({ m, v }, i) => {
      m.fill(i + 1, 0, 3);
      v.fill(-i - 1, m.length - 3);
    });
    expect(all.map(({ m, v }) => [m[0], m[2], v[v.length - 1]])).toEqual([1, 2, 3, 4].map((n) => [n, n, -n]));
    expect([all[1].m.length, all[3].v.length]).toEqual([large, 7]);
  });
});
