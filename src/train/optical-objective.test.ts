import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { GraphSession, gradients, input, unitVectors } from '../graph/index.ts';
import { NO_MASS } from '../transport/graph-plans.ts';
import { opticalLoss, type SolverSettings } from './optical-objective.ts';

interface Golden {
  N: number;
  m: number;
  n: number;
  dim: number;
  epsilon: number;
  tau: number;
  iterations: number;
  lengthsA: number[];
  lengthsB: number[];
  teacher: number[];
  raw: number[];
  cases: Record<'detached' | 'through' | 'unbalanced', { loss: number; gradient: number[] }>;
}
const golden: Golden = JSON.parse(
  readFileSync(new URL('../../test/fixtures/optical/golden.json', import.meta.url), 'utf8'),
);

async function lossAndGradient(transport: SolverSettings, throughPlan: boolean) {
  const { N, m, n, dim } = golden;
  const teacher = input('teacher', 'float32', ['N', 'm', dim]);
  const raw = input('raw', 'float32', ['N', 'n', dim]);
  const logA = input('logA', 'float32', ['N', 'm']);
  const logB = input('logB', 'float32', ['N', 'n']);
  const { loss, entropy } = opticalLoss(teacher, unitVectors(raw), logA, logB, { transport, throughPlan });
  const [gradient] = gradients(loss, [raw]);
  const session = await GraphSession.create({ loss, gradient, entropy }, { threads: 1 });
  const uniform = (lengths: number[], width: number) =>
    Float32Array.from(
      lengths.flatMap((k) => Array.from({ length: width }, (_, i) => (i < k ? -Math.log(k) : NO_MASS))),
    );
  const result = await session.run({
    teacher: { data: Float32Array.from(golden.teacher), shape: [N, m, dim] },
    raw: { data: Float32Array.from(golden.raw), shape: [N, n, dim] },
    logA: { data: uniform(golden.lengthsA, m), shape: [N, m] },
    logB: { data: uniform(golden.lengthsB, n), shape: [N, n] },
  });
  await session.close();
  return { loss: result.loss.data, gradient: result.gradient.data, entropy: result.entropy.data[0] };
}

describe("OPTICAL's loss and gradient agree with PyTorch", () => {
  const { epsilon, iterations, tau } = golden;
  const cases: [keyof Golden['cases'], SolverSettings, boolean][] = [
    ['detached', { solver: 'sinkhorn', epsilon, iterations }, false],
    ['through', { solver: 'sinkhorn', epsilon, iterations }, true],
    ['unbalanced', { solver: 'unbalanced', epsilon, tau, iterations }, false],
  ];
  for (const [name, transport, throughPlan] of cases) {
    it(name, async () => {
      const found = await lossAndGradient(transport, throughPlan);
      expect(found.loss).toBeAllclose([golden.cases[name].loss], { relative: 1e-4 });
      expect(found.gradient).toBeAllclose(golden.cases[name].gradient, { relative: 1e-4, ofScale: 1e-4 });
      expect(found.entropy).toBeGreaterThan(0);
      expect(found.entropy).toBeLessThan(1);
    });
  }
});
