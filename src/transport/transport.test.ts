import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../random.ts';
import { cosineCost } from './cost.ts';
import { exactTransport } from './exact.ts';
import { ipot } from './ipot.ts';
import { uniformMarginal } from './marginals.ts';
import { marginalError, planCost, type TransportPlan } from './plan.ts';
import { sinkhorn } from './sinkhorn.ts';
import { unbalancedSinkhorn } from './unbalanced.ts';

interface Golden {
  m: number;
  n: number;
  dim: number;
  source: number[];
  target: number[];
  a: number[];
  b: number[];
  cost: number[];
  exact: { cost: number };
  sinkhorn: { epsilon: number; plan: number[] };
  unbalanced: { epsilon: number; tau: number; plan: number[] };
  ipot: { beta: number; iterations: number; plan: number[] };
}

/** The golden problem `name` and its marginals as typed arrays. */
function golden(name: string) {
  const path = new URL(`../../test/fixtures/transport/${name}.json`, import.meta.url);
  const problem = JSON.parse(readFileSync(path, 'utf8')) as Golden;
  return {
    ...problem,
    a: Float64Array.from(problem.a),
    b: Float64Array.from(problem.b),
    cost: Float64Array.from(problem.cost),
  };
}

function furthest(plan: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = 0;
  for (let i = 0; i < expected.length; i++) worst = Math.max(worst, Math.abs(plan[i] - expected[i]));
  return worst;
}

/** `count` random unit vectors of `dim`, row-major. */
function unitVectors(seed: number, count: number, dim: number): Float64Array {
  const random = new RandomStream(seed, 'vectors');
  const vectors = Float64Array.from({ length: count * dim }, () => random.normal());
  for (let i = 0; i < count; i++) {
    const row = vectors.subarray(i * dim, (i + 1) * dim);
    const norm = Math.hypot(...row);
    for (let k = 0; k < dim; k++) row[k] /= norm;
  }
  return vectors;
}

/** Rows of a row-major matrix in the order `order`. */
function reordered(vectors: Float64Array, dim: number, order: number[]): Float64Array {
  return Float64Array.from(order.flatMap((i) => [...vectors.subarray(i * dim, (i + 1) * dim)]));
}

function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((rest) =>
    Array.from({ length: n }, (_, place) => [...rest.slice(0, place), n - 1, ...rest.slice(place)]),
  );
}

type Solver = (cost: Float64Array, m: number, n: number, a: Float64Array, b: Float64Array) => TransportPlan;

const BALANCED: Record<string, Solver> = {
  sinkhorn: (cost, m, n, a, b) =>
    sinkhorn(cost, m, n, a, b, { epsilon: 0.1, iterations: 20000, tolerance: 1e-9 }),
  ipot: (cost, m, n, a, b) => ipot(cost, m, n, a, b, { beta: 0.5, iterations: 2000 }),
  exact: exactTransport,
};

describe.each(['square', 'wide', 'tall'])('golden values from POT and numpy: %s', (name) => {
  const problem = golden(name);
  const { m, n, a, b, cost } = problem;

  it('cost matrix', () => {
    const computed = cosineCost(
      Float64Array.from(problem.source),
      Float64Array.from(problem.target),
      problem.dim,
    );
    expect(furthest(computed, cost)).toBeLessThan(1e-10);
  });

  it('exact', () => {
    const result = exactTransport(cost, m, n, a, b);
    expect(result.cost).toBeCloseTo(problem.exact.cost, 10);
    expect(result.marginalError).toBeLessThan(1e-11);
    expect(result.plan.filter((mass) => mass > 0).length).toBeLessThan(m + n);
  });

  it('balanced Sinkhorn', () => {
    const { epsilon, plan } = problem.sinkhorn;
    const result = sinkhorn(cost, m, n, a, b, { epsilon, iterations: 10000, tolerance: 1e-11 });
    expect(furthest(result.plan, plan)).toBeLessThan(1e-9);
    expect(result.iterations).toBeLessThan(10000);
  });

  it('unbalanced Sinkhorn', () => {
    const { epsilon, tau, plan } = problem.unbalanced;
    const result = unbalancedSinkhorn(cost, m, n, a, b, {
      epsilon,
      tau,
      iterations: 10000,
      tolerance: 1e-13,
    });
    expect(furthest(result.plan, plan)).toBeLessThan(1e-10);
    expect(result.iterations).toBeLessThan(10000);
  });

  it('IPOT, iteration for iteration', () => {
    const { beta, iterations, plan } = problem.ipot;
    expect(furthest(ipot(cost, m, n, a, b, { beta, iterations }).plan, plan)).toBeLessThan(1e-10);
  });

  it('IPOT tends to the exact cost', () => {
    const result = ipot(cost, m, n, a, b, { beta: 0.1, iterations: 3000 });
    expect(result.marginalError).toBeLessThan(1e-5);
    expect(result.cost).toBeCloseTo(problem.exact.cost, 4);
  });

  it('Sinkhorn tends to the exact cost as epsilon falls', () => {
    const result = sinkhorn(cost, m, n, a, b, { epsilon: 0.005, iterations: 20000, tolerance: 1e-7 });
    expect(result.cost).toBeGreaterThan(problem.exact.cost - 1e-6);
    expect(result.cost).toBeCloseTo(problem.exact.cost, 2);
  });

  it('unbalanced transport with an infinite or huge penalty is balanced transport', () => {
    const epsilon = 0.1;
    const balanced = sinkhorn(cost, m, n, a, b, { epsilon, iterations: 500 }).plan;
    for (const [tau, tolerance] of [
      [Number.POSITIVE_INFINITY, 1e-12],
      [1e5, 1e-5],
    ]) {
      const { plan } = unbalancedSinkhorn(cost, m, n, a, b, { epsilon, tau, iterations: 500 });
      expect(furthest(plan, balanced)).toBeLessThan(tolerance);
    }
  });
});

describe.each(Object.entries(BALANCED))('%s', (name, solve) => {
  it('costs nothing between a text and its own tokens in another order', () => {
    const dim = 8;
    const source = unitVectors(3, 6, dim);
    const order = [4, 2, 0, 5, 1, 3];
    const cost = cosineCost(source, reordered(source, dim, order), dim);
    const { plan, cost: total } = solve(cost, 6, 6, uniformMarginal(6), uniformMarginal(6));
    // The entropic plan keeps a little mass off the permutation.
    expect(Math.abs(total)).toBeLessThan(name === 'sinkhorn' ? 0.01 : 1e-10);
    order.forEach((i, j) => {
      expect(plan[i * 6 + j]).toBeGreaterThan(0.9 / 6);
    });
  });

  it('holds the marginals to 1e-6', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(1000),
        (m, n, seed) => {
          const random = new RandomStream(seed, 'masses');
          const mass = (count: number) => {
            const values = Float64Array.from({ length: count }, () => 0.05 + random.uniform());
            return values.map((value) => value / values.reduce((sum, other) => sum + other, 0));
          };
          const [a, b] = [mass(m), mass(n)];
          const cost = cosineCost(unitVectors(seed, m, 4), unitVectors(seed + 1, n, 4), 4);
          const result = solve(cost, m, n, a, b);
          // An IPOT plan has exact columns after every step; its rows wait for the plan to settle.
          expect(marginalError(result.plan, m, n, a, b)).toBeLessThan(name === 'ipot' ? 0.01 : 1e-6);
          expect(result.marginalError).toBe(marginalError(result.plan, m, n, a, b));
          expect(result.cost).toBe(planCost(result.plan, cost));
        },
      ),
      { numRuns: 25, seed: 7 },
    );
  });

  it('does not care about the order of tokens', () => {
    const dim = 5;
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        fc.nat(1000),
        (rows, columns, seed) => {
          const source = unitVectors(seed, 5, dim);
          const target = unitVectors(seed + 7, 4, dim);
          const a = Float64Array.of(0.1, 0.3, 0.2, 0.25, 0.15);
          const b = Float64Array.of(0.4, 0.1, 0.2, 0.3);
          const first = solve(cosineCost(source, target, dim), 5, 4, a, b);
          const second = solve(
            cosineCost(reordered(source, dim, rows), reordered(target, dim, columns), dim),
            5,
            4,
            Float64Array.from(rows, (i) => a[i]),
            Float64Array.from(columns, (j) => b[j]),
          );
          expect(second.cost).toBeCloseTo(first.cost, 6);
          rows.forEach((i, p) => {
            columns.forEach((j, q) => {
              expect(second.plan[p * 4 + q]).toBeCloseTo(first.plan[i * 4 + j], 5);
            });
          });
        },
      ),
      { numRuns: 20, seed: 7 },
    );
  });

  it('gives no mass to a token without mass', () => {
    const cost = cosineCost(unitVectors(1, 3, 4), unitVectors(2, 3, 4), 4);
    const { plan } = solve(cost, 3, 3, uniformMarginal([1, 0, 1]), uniformMarginal([0, 1, 1]));
    expect([plan[0], plan[3], plan[6], plan[4], plan[5]]).toEqual([0, 0, 0, 0, 0]);
    expect(plan.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 9);
  });
});

describe('exactTransport', () => {
  it('with uniform masses and m = n is the assignment problem', () => {
    for (let seed = 0; seed < 8; seed++) {
      const n = 2 + (seed % 5);
      const cost = cosineCost(unitVectors(seed, n, 3), unitVectors(seed + 50, n, 3), 3);
      const best = Math.min(
        ...permutations(n).map((order) => order.reduce((sum, j, i) => sum + cost[i * n + j], 0) / n),
      );
      const result = exactTransport(cost, n, n, uniformMarginal(n), uniformMarginal(n));
      expect(result.cost).toBeCloseTo(best, 12);
      expect([...result.plan].every((mass) => mass === 0 || Math.abs(mass - 1 / n) < 1e-12)).toBe(true);
    }
  });

  it('is never beaten by another feasible plan', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 2, max: 8 }),
        fc.nat(500),
        (m, n, seed) => {
          const cost = cosineCost(unitVectors(seed, m, 3), unitVectors(seed + 1, n, 3), 3);
          const [a, b] = [uniformMarginal(m), uniformMarginal(n)];
          const other = sinkhorn(cost, m, n, a, b, { epsilon: 0.1, iterations: 20000, tolerance: 1e-10 });
          expect(exactTransport(cost, m, n, a, b).cost).toBeLessThanOrEqual(other.cost + 1e-8);
        },
      ),
      { numRuns: 30, seed: 7 },
    );
  });

  it('solves a hand-checked problem, with costs of any sign', () => {
    // Target 0 takes .75. Source 0 gains 4 by going there, source 1 only 2: all of source 0 goes, so the
    // cost is .5 * -1 + .25 * 2 + .25 * 4 = 1.
    const { plan, cost } = exactTransport(
      Float64Array.of(-1, 3, 2, 4),
      2,
      2,
      Float64Array.of(0.5, 0.5),
      Float64Array.of(0.75, 0.25),
    );
    expect([...plan]).toEqual([0.5, 0, 0.25, 0.25]);
    expect(cost).toBe(1);
  });

  it('handles a hundred tokens a side', () => {
    const cost = cosineCost(unitVectors(1, 100, 16), unitVectors(2, 90, 16), 16);
    const result = exactTransport(cost, 100, 90, uniformMarginal(100), uniformMarginal(90));
    expect(result.marginalError).toBeLessThan(1e-12);
  });
});

describe('sinkhorn', () => {
  it('stays finite with a tiny regularisation and costs at both ends', () => {
    const result = sinkhorn(Float64Array.of(0, 2, 2, 0), 2, 2, uniformMarginal(2), uniformMarginal(2), {
      epsilon: 1e-4,
      iterations: 20,
    });
    expect([...result.plan]).toEqual([0.5, 0, 0, 0.5]);
  });

  it('runs exactly the iterations asked for without a tolerance', () => {
    const cost = cosineCost(unitVectors(1, 4, 4), unitVectors(2, 5, 4), 4);
    const settings = { epsilon: 0.1, iterations: 7 };
    expect(sinkhorn(cost, 4, 5, uniformMarginal(4), uniformMarginal(5), settings).iterations).toBe(7);
  });

  it('takes float32 costs', () => {
    const cost = cosineCost(unitVectors(1, 4, 4), unitVectors(2, 5, 4), 4);
    const settings = { epsilon: 0.1, iterations: 50 };
    const [a, b] = [uniformMarginal(4), uniformMarginal(5)];
    const wide = sinkhorn(cost, 4, 5, a, b, settings);
    const narrow = sinkhorn(Float32Array.from(cost), 4, 5, a, b, settings);
    expect(furthest(narrow.plan, wide.plan)).toBeLessThan(1e-6);
  });
});

describe('unbalancedSinkhorn', () => {
  it('sends less mass from a token whose counterpart is missing', () => {
    // Source token 2 is opposite to every target: with a weak penalty most of its mass stays home.
    const cost = Float64Array.of(0, 2, 2, 0, 2, 2);
    const { plan } = unbalancedSinkhorn(cost, 3, 2, uniformMarginal(3), uniformMarginal(2), {
      epsilon: 0.05,
      tau: 0.2,
      iterations: 500,
    });
    const rows = [0, 1, 2].map((i) => plan[i * 2] + plan[i * 2 + 1]);
    expect(rows[2]).toBeLessThan(0.01);
    expect(rows[0]).toBeGreaterThan(0.2);
  });

  it('accepts different totals', () => {
    const settings = { epsilon: 0.1, tau: 1, iterations: 100 };
    const cost = Float64Array.of(0.1, 0.9);
    const { plan } = unbalancedSinkhorn(cost, 1, 2, Float64Array.of(1), Float64Array.of(1, 1), settings);
    expect(plan.every(Number.isFinite)).toBe(true);
  });
});

describe('bad input', () => {
  const a = uniformMarginal(2);
  const cost = Float64Array.of(0, 1, 1, 0);
  const settings = { epsilon: 0.1, iterations: 5 };
  it.each([
    ['shape', () => sinkhorn(cost, 2, 3, a, uniformMarginal(3), settings), 'GRAPH_SHAPE'],
    [
      'marginal length',
      () => ipot(cost, 2, 2, a, uniformMarginal(3), { beta: 1, iterations: 1 }),
      'GRAPH_SHAPE',
    ],
    ['NaN cost', () => exactTransport(Float64Array.of(0, Number.NaN, 1, 0), 2, 2, a, a), 'SETTING_INVALID'],
    ['negative mass', () => exactTransport(cost, 2, 2, Float64Array.of(2, -1), a), 'SETTING_INVALID'],
    ['zero masses', () => exactTransport(cost, 2, 2, Float64Array.of(0, 0), a), 'SETTING_INVALID'],
    ['totals', () => sinkhorn(cost, 2, 2, Float64Array.of(1, 1), a, settings), 'SETTING_INVALID'],
    ['epsilon', () => sinkhorn(cost, 2, 2, a, a, { ...settings, epsilon: 0 }), 'SETTING_INVALID'],
    ['iterations', () => sinkhorn(cost, 2, 2, a, a, { ...settings, iterations: 1.5 }), 'SETTING_INVALID'],
    ['tau', () => unbalancedSinkhorn(cost, 2, 2, a, a, { ...settings, tau: -1 }), 'SETTING_INVALID'],
    ['cost vectors', () => cosineCost(Float64Array.of(1, 2, 3), a, 2), 'GRAPH_SHAPE'],
  ])('%s', (_, run, code) => {
    expect(run).toThrowError(expect.objectContaining({ code }));
  });
});
