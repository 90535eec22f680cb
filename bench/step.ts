/**
 * Time and memory of one training step (forward, backward, AdamW), to set beside bench/step_torch.py, which
 * does the same in PyTorch. Prints one JSON line.
 *
 *     npx tsx bench/step.ts --layers 4 --hidden 256 --batch 64 --tokens 32 [--steps 20] [--threads 2]
 *       [--profile PREFIX]
 *
 * With --profile, ONNX Runtime's trace of every operator goes to PREFIX_*.json, and the time by operator to stderr.
 */
import { parseArgs } from 'node:util';
import { input, mul, neg, reduceMean, reduceSum } from '../src/graph/index.ts';
import { colbertInputs, tokenVectors } from '../src/model/colbert.ts';
import { configOfSize } from '../src/model/config.ts';
import { RandomStream } from '../src/random.ts';
import { initialWeights } from '../src/train/initialise.ts';
import { Optimiser } from '../src/train/optimiser.ts';
import { placeWeights } from '../src/train/place-weights.ts';
import { GradientStep } from '../src/train/step.ts';
import { operatorTimes } from './operator-times.ts';

const { values } = parseArgs({
  options: {
    layers: { type: 'string', default: '4' },
    hidden: { type: 'string', default: '256' },
    batch: { type: 'string', default: '64' },
    tokens: { type: 'string', default: '32' },
    vocab: { type: 'string', default: '16000' },
    steps: { type: 'string', default: '20' },
    threads: { type: 'string', default: '2' },
    profile: { type: 'string' },
  },
});
const [layers, hidden, batch, tokens, vocab, steps, threads] = [
  values.layers,
  values.hidden,
  values.batch,
  values.tokens,
  values.vocab,
  values.steps,
  values.threads,
].map(Number);
const dim = 128;
/** Steps before the clock counts. */
const WARM_UP = 3;
const config = configOfSize('base', {
  vocabSize: vocab,
  hiddenSize: hidden,
  numHiddenLayers: layers,
  numAttentionHeads: hidden / 64,
  intermediateSize: 4 * hidden,
});
const weights = initialWeights(config, 1, dim);
const parameters = colbertInputs(config, dim);
const ids = input('ids', 'int32', ['B', 'L']);
const mask = input('mask', 'int32', ['B', 'L']);
const target = input('target', 'float32', ['B*L', dim]);
const { vectors, lookup } = tokenVectors(config, parameters, ids, mask);
const loss = neg(reduceMean(reduceSum(mul(vectors, target), [1]), [0]));
const trainable = new Set(parameters.keys());
placeWeights(weights, trainable);
const optimiser = new Optimiser(new Map([...weights].map(([name, t]) => [name, t.data])), {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
});
const step = await GradientStep.create({ loss, metrics: {}, parameters, lookups: [lookup] }, weights, {
  device: 'cpu',
  threads,
  trainable,
  into: optimiser.gradients,
  profile: values.profile,
});
const stream = new RandomStream(1, 'bench');
const shape = [batch, tokens];
const size = batch * tokens;
const feeds = {
  ids: { data: Int32Array.from({ length: size }, () => stream.below(vocab)), shape },
  mask: { data: new Int32Array(size).fill(1), shape },
  target: {
    data: Float32Array.from({ length: size * dim }, () => stream.normal() / Math.sqrt(dim)),
    shape: [size, dim],
  },
};
const times: { total: number; gradient: number }[] = [];
let last = 0;
for (let n = 1; n <= steps + WARM_UP; n++) {
  const start = performance.now();
  last = (await step.add({ feeds })).loss;
  const middle = performance.now();
  optimiser.update(step.take(), 1e-4, n, 1, 1);
  if (n > WARM_UP) times.push({ total: performance.now() - start, gradient: middle - start });
}
const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1];
console.log(
  JSON.stringify({
    engine: 'refract',
    layers,
    hidden,
    batch,
    tokens,
    threads,
    milliseconds: median(times.map((t) => t.total)),
    forwardBackward: median(times.map((t) => t.gradient)),
    peakMiB: process.resourceUsage().maxRSS / 1024,
    loss: last,
  }),
);
await step.close();
if (values.profile) console.error(operatorTimes(values.profile, WARM_UP));
