import { describe, expect, it } from 'vitest';
import { GraphSession, input, type Tensor } from '../graph/index.ts';
import { RandomStream } from '../random.ts';
import { ipotPlans, NO_MASS, sinkhornPlans, unbalancedPlans } from './graph-plans.ts';
import { ipot } from './ipot.ts';
import { idfMarginal, uniformMarginal } from './marginals.ts';
import type { TransportPlan } from './plan.ts';
import { sinkhorn } from './sinkhorn.ts';
import { unbalancedSinkhorn } from './unbalanced.ts';

/** Two problems of different sizes padded into one batch, with uniform and IDF marginals. */
const SIZES = [
  { m: 5, n: 7 },
  { m: 3, n: 2 },
];
const M = 6;
const N = 8;

async function graphPlans(build: (cost: Tensor, logA: Tensor, logB: Tensor) => Tensor) {
  const stream = new RandomStream(3, 'plans');
  const cost = new Float32Array(SIZES.length * M * N).fill(0.3);
  const logA = new Float32Array(SIZES.length * M).fill(NO_MASS);
  const logB = new Float32Array(SIZES.length * N).fill(NO_MASS);
  const problems = SIZES.map(({ m, n }, k) => {
    const own = Float64Array.from({ length: m * n }, () => Math.fround(stream.uniform() * 2));
    const a = idfMarginal(
      Int32Array.from({ length: m }, (_, i) => i),
      Float64Array.from({ length: m }, () => 0.5 + stream.uniform()),
    );
    const b = uniformMarginal(n);
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) cost[(k * M + i) * N + j] = own[i * n + j];
    a.forEach((mass, i) => {
      logA[k * M + i] = Math.log(mass);
    });
    b.forEach((mass, j) => {
      logB[k * N + j] = Math.log(mass);
    });
    return { m, n, cost: own, a, b };
  });
  const plan = build(
    input('cost', 'float32', ['K', 'm', 'n']),
    input('logA', 'float32', ['K', 'm']),
    input('logB', 'float32', ['K', 'n']),
  );
  const session = await GraphSession.create({ plan }, { threads: 1 });
  const result = await session.run({
    cost: { data: cost, shape: [SIZES.length, M, N] },
    logA: { data: logA, shape: [SIZES.length, M] },
    logB: { data: logB, shape: [SIZES.length, N] },
  });
  await session.close();
  return { problems, plan: result.plan.data };
}

type Problem = Awaited<ReturnType<typeof graphPlans>>['problems'][number];

async function compare(
  build: (cost: Tensor, logA: Tensor, logB: Tensor) => Tensor,
  plain: (p: Problem) => TransportPlan,
): Promise<void> {
  const { problems, plan } = await graphPlans(build);
  problems.forEach((problem, k) => {
    const expected = plain(problem);
    for (let i = 0; i < M; i++) {
      for (let j = 0; j < N; j++) {
        const inside = i < problem.m && j < problem.n;
        const value = inside ? expected.plan[i * problem.n + j] : 0;
        expect(plan[(k * M + i) * N + j], `problem ${k} entry ${i},${j}`).toBeCloseTo(value, 5);
      }
    }
  });
}

describe('the graph form agrees with the plain form, padding included', () => {
  it('sinkhorn', () =>
    compare(
      (c, a, b) => sinkhornPlans(c, a, b, { epsilon: 0.1, iterations: 50 }),
      ({ cost, m, n, a, b }) => sinkhorn(cost, m, n, a, b, { epsilon: 0.1, iterations: 50 }),
    ));
  it('sinkhorn with a small epsilon', () =>
    compare(
      (c, a, b) => sinkhornPlans(c, a, b, { epsilon: 0.01, iterations: 20 }),
      ({ cost, m, n, a, b }) => sinkhorn(cost, m, n, a, b, { epsilon: 0.01, iterations: 20 }),
    ));
  it('unbalanced sinkhorn', () =>
    compare(
      (c, a, b) => unbalancedPlans(c, a, b, { epsilon: 0.1, tau: 0.5, iterations: 50 }),
      ({ cost, m, n, a, b }) =>
        unbalancedSinkhorn(cost, m, n, a, b, { epsilon: 0.1, tau: 0.5, iterations: 50 }),
    ));
  it('IPOT', () =>
    compare(
      (c, a, b) => ipotPlans(c, a, b, { beta: 0.5, iterations: 30 }),
      ({ cost, m, n, a, b }) => ipot(cost, m, n, a, b, { beta: 0.5, iterations: 30 }),
    ));
});
