import { describe, expect, it } from 'vitest';
import { GRADIENT_CASES } from '../../test/gradient-cases.ts';
import { runCase } from '../../test/gradient-check.ts';
import { gradients } from './gradient.ts';
import { reduceSum } from './ops/broadcast.ts';
import { mul } from './ops/elementwise.ts';
import { matmul } from './ops/linear.ts';
import { input } from './tensor.ts';

/** Detached paths have, by design, an analytic gradient that differs from the finite difference. */
const BY_DESIGN = new Set(['detach']);

describe('every gradient rule agrees with finite differences', () => {
  for (const each of GRADIENT_CASES) {
    if (BY_DESIGN.has(each.name)) continue;
    it(each.name, async () => {
      const run = await runCase(each);
      const differences = await run.finiteDifferences();
      run.gradients.forEach((gradient, i) => {
        for (let k = 0; k < gradient.length; k++) {
          expect(
            Math.abs(gradient[k] - differences[i][k]),
            `input ${i} element ${k}: ${gradient[k]} against ${differences[i][k]}`,
          ).toBeLessThan(3e-3 * (1 + Math.abs(differences[i][k])));
        }
      });
      await run.close();
    });
  }
});

describe('gradients', () => {
  it('refuses a loss that is not a scalar, printing its shape', () => {
    const x = input('x', 'float32', ['B', 3]);
    expect(() => gradients(mul(x, x), [x])).toThrow(/\[B, 3\].*scalar/);
  });

  it('differentiates a product of a tensor with itself as a square', async () => {
    const x = input('x', 'float32', [2, 2]);
    const [g] = gradients(reduceSum(matmul(x, x), [0, 1]), [x]);
    expect(g.shape).toEqual([2, 2]);
  });
});
