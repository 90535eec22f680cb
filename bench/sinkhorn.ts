/**
 * Time of the transport plans of a batch in graph form, to set beside a training step of bench/step.ts.
 *
 *     npx tsx bench/sinkhorn.ts [--plans 32] [--tokens 32] [--iterations 50] [--threads 2]
 */
import { parseArgs } from 'node:util';
import { GraphSession, input } from '../src/graph/index.ts';
import { RandomStream } from '../src/random.ts';
import { ipotPlans, sinkhornPlans, unbalancedPlans } from '../src/transport/graph-plans.ts';

const { values } = parseArgs({
  options: {
    plans: { type: 'string', default: '32' },
    tokens: { type: 'string', default: '32' },
    iterations: { type: 'string', default: '50' },
    threads: { type: 'string', default: '2' },
    runs: { type: 'string', default: '50' },
  },
});
const [plans, tokens, iterations, threads, runs] = [
  values.plans,
  values.tokens,
  values.iterations,
  values.threads,
  values.runs,
].map(Number);
const cost = input('cost', 'float32', ['N', 'm', 'n']);
const logA = input('logA', 'float32', ['N', 'm']);
const logB = input('logB', 'float32', ['N', 'n']);
const stream = new RandomStream(1, 'bench');
const uniform = { data: new Float32Array(plans * tokens).fill(-Math.log(tokens)), shape: [plans, tokens] };
const feeds = {
  cost: {
    data: Float32Array.from({ length: plans * tokens * tokens }, () => stream.uniform() * 2),
    shape: [plans, tokens, tokens],
  },
  logA: uniform,
  logB: uniform,
};
const solvers = {
  sinkhorn: sinkhornPlans(cost, logA, logB, { epsilon: 0.05, iterations }),
  unbalanced: unbalancedPlans(cost, logA, logB, { epsilon: 0.05, tau: 0.5, iterations }),
  ipot: ipotPlans(cost, logA, logB, { beta: 0.1, iterations }),
};
for (const [solver, plan] of Object.entries(solvers)) {
  const session = await GraphSession.create({ plan }, { threads });
  const times: number[] = [];
  for (let n = 0; n < runs + 3; n++) {
    const start = performance.now();
    await session.run(feeds);
    if (n >= 3) times.push(performance.now() - start);
  }
  await session.close();
  const milliseconds = times.sort((a, b) => a - b)[runs >> 1];
  console.log(JSON.stringify({ solver, plans, tokens, iterations, threads, milliseconds }));
}
