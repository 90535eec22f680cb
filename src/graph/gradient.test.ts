import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { GRADIENT_CASES, type GradientCase } from '../../test/gradient-cases.ts';
import { runCase, twice } from '../../test/gradient-check.ts';
import { gradients } from './gradient.ts';
import { reduceSum } from './ops/broadcast.ts';
import { mul } from './ops/elementwise.ts';
import { matmul } from './ops/linear.ts';
import { input } from './tensor.ts';

/** Where the analytic gradient differs from the finite difference by design: detached paths, coarse steps. */
const BY_DESIGN = new Set(['detach', 'cast']);

async function agreesWithFiniteDifferences(each: GradientCase): Promise<void> {
  const run = await runCase(each);
  const differences = await run.finiteDifferences();
  run.gradients.forEach((gradient, i) => {
    expect(gradient, `input ${i}`).toBeAllclose(differences[i], { absolute: 3e-3, relative: 3e-3 });
  });
  await run.close();
}

describe('every gradient rule agrees with finite differences', () => {
  for (const each of GRADIENT_CASES) {
    if (!BY_DESIGN.has(each.name)) it(each.name, () => agreesWithFiniteDifferences(each));
  }
});

describe('the gradient of every gradient agrees with finite differences', () => {
  for (const each of GRADIENT_CASES) {
    if (!BY_DESIGN.has(each.name)) it(each.name, () => agreesWithFiniteDifferences(twice(each)));
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
