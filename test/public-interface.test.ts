/** The public interface is enough to build a transport loss of one's own: plans as operators, and their gradient. */
import { describe, expect, it } from 'vitest';
import {
  graph,
  ipot,
  ipotPlans,
  NO_MASS,
  opticalLoss,
  planEntropy,
  RefractError,
  sinkhorn,
  sinkhornPlans,
  transportPlans,
  unbalancedPlans,
  unbalancedSinkhorn,
  uniformMarginal,
} from '../src/index.ts';

const { GraphSession, gradients, input } = graph;
const floats = (values: readonly number[], shape: number[]) => ({ data: Float32Array.from(values), shape });
const cost = input('cost', 'float32', ['N', 'm', 'n']);
const logA = input('logA', 'float32', ['N', 'm']);
const logB = input('logB', 'float32', ['N', 'n']);

describe('a plan in a graph', () => {
  // Two tokens against two, and a third that is padding.
  const costs = [0, 1, 1, 0.5];
  const half = Math.log(0.5);
  const feeds = {
    cost: floats([0, 1, 9, 1, 0.5, 9], [1, 2, 3]),
    logA: floats([half, half], [1, 2]),
    logB: floats([half, half, NO_MASS], [1, 3]),
  };
  const [a, b] = [uniformMarginal(2), uniformMarginal(2)];
  const matrix = Float64Array.from(costs);
  const epsilon = 0.2;
  const iterations = 60;

  it.each([
    [
      'sinkhorn',
      sinkhornPlans(cost, logA, logB, { epsilon, iterations }),
      sinkhorn(matrix, 2, 2, a, b, { epsilon, iterations }),
    ],
    [
      'unbalanced',
      unbalancedPlans(cost, logA, logB, { epsilon, tau: 0.3, iterations }),
      unbalancedSinkhorn(matrix, 2, 2, a, b, { epsilon, tau: 0.3, iterations }),
    ],
    [
      'unbalanced with tau Infinity, which is balanced',
      unbalancedPlans(cost, logA, logB, { epsilon, tau: Infinity, iterations }),
      sinkhorn(matrix, 2, 2, a, b, { epsilon, iterations }),
    ],
    [
      'ipot',
      ipotPlans(cost, logA, logB, { beta: 0.5, iterations }),
      ipot(matrix, 2, 2, a, b, { beta: 0.5, iterations }),
    ],
    [
      'a solver by its name',
      transportPlans(cost, logA, logB, { solver: 'ipot', beta: 0.5, iterations }),
      ipot(matrix, 2, 2, a, b, { beta: 0.5, iterations }),
    ],
  ])('is the plain one: %s', async (_, plan, plain) => {
    const session = await GraphSession.create({ plan }, { threads: 1 });
    const { data } = (await session.run(feeds)).plan;
    await session.close();
    const [t00, t01, padded0, t10, t11, padded1] = data;
    [t00, t01, t10, t11].forEach((mass, i) => {
      expect(mass).toBeCloseTo(plain.plan[i], 5);
    });
    expect([padded0, padded1]).toEqual([0, 0]);
    expect(planEntropy(data, 4)).toBeCloseTo(planEntropy(plain.plan), 4);
  });

  it.each([
    ['epsilon', () => sinkhornPlans(cost, logA, logB, { epsilon: 0, iterations })],
    ['iterations', () => sinkhornPlans(cost, logA, logB, { epsilon, iterations: 1.5 })],
    ['tau', () => unbalancedPlans(cost, logA, logB, { epsilon, tau: -1, iterations })],
    ['beta', () => ipotPlans(cost, logA, logB, { beta: Number.NaN, iterations })],
  ])('is refused with an %s that has no meaning', (name, build) => {
    expect(build).toThrow(RefractError);
    expect(build).toThrow(name);
  });
});

it('the gradient of the loss pulls a student vector to the mean of the teacher vectors it is matched with', async () => {
  const teacher = input('teacher', 'float32', [1, 2, 2]);
  const student = input('student', 'float32', [1, 2, 2]);
  const [massA, massB] = [input('a', 'float32', [1, 2]), input('b', 'float32', [1, 2])];
  const transport = { solver: 'sinkhorn', epsilon: 0.1, iterations: 30 } as const;
  const { loss, plan } = opticalLoss(teacher, student, massA, massB, { transport, throughPlan: false });
  const [pull] = gradients(loss, [student]);
  const session = await GraphSession.create({ plan, pull }, { threads: 1 });
  const t = [1, 0, 0, 1];
  const mass = floats([Math.log(0.5), Math.log(0.5)], [1, 2]);
  const result = await session.run({
    teacher: floats(t, [1, 2, 2]),
    student: floats([0.6, 0.8, 0.8, -0.6], [1, 2, 2]),
    a: mass,
    b: mass,
  });
  await session.close();
  // C_ij = 1 - t_i . s_j, so dL/ds_j = - sum_i T_ij t_i with the plan held fixed.
  for (let j = 0; j < 2; j++)
    for (let h = 0; h < 2; h++) {
      const expected = -[0, 1].reduce((sum, i) => sum + result.plan.data[i * 2 + j] * t[i * 2 + h], 0);
      expect(result.pull.data[j * 2 + h]).toBeCloseTo(expected, 6);
    }
});
