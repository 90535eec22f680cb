/**
 * Training steps on a device, weights resident there, to set beside bench/gpu_step_torch.py, which does the same in
 * PyTorch. Sizes are those of multilingual BERT unless said. Prints one JSON line: medians over steps after the
 * first few, in which shaders are compiled.
 *
 *     npx tsx bench/gpu-step.ts --task optical --device webgpu [--mixed-precision] [--batch 32] [--steps 30]
 *     npx tsx bench/gpu-step.ts --device cpu --layers 1 --hidden 64 --vocab 500 --batch 4 --tokens 8 --passage-tokens 16
 *
 * `colbert`: --batch queries of --tokens, twice as many passages of --passage-tokens. `optical`: --batch sentence pairs
 * of --tokens either side, and half as many anchors. Tokens a second count what the encoder reads.
 */
import { parseArgs } from 'node:util';
import { DEVICES, type Device, type Value } from '../src/graph/index.ts';
import { configOfSize } from '../src/model/config.ts';
import { RandomStream } from '../src/random.ts';
import { colbertObjective } from '../src/train/colbert-objective.ts';
import { initialWeights } from '../src/train/initialise.ts';
import { openUpdates } from '../src/train/open-updates.ts';
import { opticalObjective } from '../src/train/optical-objective.ts';

const { values } = parseArgs({
  options: {
    task: { type: 'string', default: 'colbert' },
    device: { type: 'string', default: 'webgpu' },
    'mixed-precision': { type: 'boolean', default: false },
    layers: { type: 'string', default: '12' },
    hidden: { type: 'string', default: '768' },
    vocab: { type: 'string', default: '119547' },
    batch: { type: 'string', default: '32' },
    tokens: { type: 'string', default: '32' },
    'passage-tokens': { type: 'string', default: '128' },
    steps: { type: 'string', default: '30' },
    threads: { type: 'string', default: '0' },
  },
});
const device = DEVICES.find((each) => each === values.device) as Device;
const [layers, hidden, vocab, batch, tokens, passageTokens, steps, threads] = [
  values.layers,
  values.hidden,
  values.vocab,
  values.batch,
  values.tokens,
  values['passage-tokens'],
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
const stream = new RandomStream(1, 'bench/gpu');
const int32 = (shape: number[], value: () => number): Value => ({
  data: Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value),
  shape,
});
const filled = (shape: number[], value: number): Value => ({
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
  shape,
});
const units = (shape: number[]): Value => {
  const value = filled(shape, 0);
  const data = value.data as Float32Array;
  for (let at = 0; at < data.length; at += dim) {
    const row = data.subarray(at, at + dim);
    row.forEach((_, i) => {
      row[i] = stream.normal();
    });
    const norm = Math.hypot(...row);
    row.forEach((x, i) => {
      row[i] = x / norm;
    });
  }
  return value;
};
const text = (name: string, shape: number[]) => ({
  [`${name}.ids`]: int32(shape, () => stream.below(vocab)),
  [`${name}.mask`]: int32(shape, () => 1),
});

const [passages, anchors] = [2 * batch, Math.ceil(batch / 2)];
const tasks = {
  colbert: {
    objective: colbertObjective(config, dim, 1),
    tokens: batch * tokens + passages * passageTokens,
    feeds: () => ({
      ...text('query', [batch, tokens]),
      ...text('passage', [passages, passageTokens]),
      'query.scored': int32([batch, tokens], () => 1),
      'passage.scored': int32([passages, passageTokens], () => 1),
      target: { data: Int32Array.from({ length: batch }, (_, q) => 2 * q), shape: [batch] },
      bias: filled([batch, passages], 0),
    }),
  },
  optical: {
    objective: opticalObjective(config, dim, {
      transport: { solver: 'sinkhorn', epsilon: 0.05, iterations: 20 },
      throughPlan: false,
      anchorWeight: 1,
    }),
    tokens: (batch + anchors) * tokens,
    feeds: () => ({
      ...text('pair', [batch, tokens]),
      'pair.teacher': units([batch, tokens, dim]),
      'pair.logA': filled([batch, tokens], -Math.log(tokens)),
      'pair.logB': filled([batch, tokens], -Math.log(tokens)),
      ...text('anchor', [anchors, tokens]),
      'anchor.teacher': units([anchors * tokens, dim]),
      'anchor.weight': filled([anchors * tokens], 1 / (anchors * tokens)),
    }),
  },
};
const task = tasks[values.task as keyof typeof tasks];
const mixedPrecision = values['mixed-precision'];
const parameters = initialWeights(config, 1, dim);
const trainable = new Set(parameters.keys());
const adamw = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
const opening = performance.now();
const updates = await openUpdates(
  { objective: task.objective, parameters, trainable },
  { adamw, device, threads, accumulate: 1, mixedPrecision },
);
const opened = performance.now();
const times: number[] = [];
let [loss, first, skipped] = [0, 0, 0];
for (let n = 1; n <= steps + WARM_UP; n++) {
  const feeds = task.feeds();
  const start = performance.now();
  ({ loss } = await updates.gradient(() => ({ feeds }), 1));
  if ((await updates.update(1e-5, n, 1)).skipped === true) skipped++;
  const time = performance.now() - start;
  if (n === 1) first = time;
  if (n > WARM_UP) times.push(time);
}
await updates.close();
const milliseconds = times.sort((a, b) => a - b)[times.length >> 1];
console.log(
  JSON.stringify({
    engine: 'refract',
    task: values.task,
    device,
    precision: mixedPrecision ? 'mixed' : 'float32',
    layers,
    hidden,
    vocab,
    batch,
    stepsPerSecond: 1000 / milliseconds,
    tokensPerSecond: (1000 * task.tokens) / milliseconds,
    milliseconds,
    firstStepSeconds: first / 1000,
    openSeconds: (opened - opening) / 1000,
    skipped,
    loss,
  }),
);
