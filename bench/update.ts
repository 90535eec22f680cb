/**
 * Time of the optimiser's update alone (norm of the gradient, clipping, AdamW) on tensors of BERT-base's shapes, with
 * weights and gradients in the kernel's memory and elsewhere, in turn. Prints a JSON line for each: medians of wall
 * and processor milliseconds, the fastest round, and a hash of the weights, which must be the same.
 *
 *     npx tsx bench/update.ts [--layers 12] [--hidden 768] [--vocab 30522] [--rows 512] [--rounds 7]
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { configOfSize } from '../src/model/config.ts';
import { parameterShapes } from '../src/model/families/index.ts';
import type { FloatTensor } from '../src/model/safetensors.ts';
import { Optimiser } from '../src/train/optimiser.ts';
import { placeWeights } from '../src/train/place-weights.ts';

const { values } = parseArgs({
  options: {
    layers: { type: 'string', default: '12' },
    hidden: { type: 'string', default: '768' },
    vocab: { type: 'string', default: '30522' },
    rows: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '7' },
  },
});
const [layers, hidden, vocab, rows, rounds] = [
  values.layers,
  values.hidden,
  values.vocab,
  values.rows,
  values.rounds,
].map(Number);
const TABLE = 'embeddings.word_embeddings.weight';
const shapes = parameterShapes(
  configOfSize('base', {
    vocabSize: vocab,
    hiddenSize: hidden,
    numHiddenLayers: layers,
    numAttentionHeads: hidden / 64,
    intermediateSize: 4 * hidden,
  }),
);
const length = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
/** Numbers in (-1, 1) without a pattern that a processor could learn; quick to make. */
const fill = (x: Float32Array, scale: number) => {
  for (let i = 0, state = x.length; i < x.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    x[i] = (state / 2 ** 31) * scale;
  }
  return x;
};
const gradients = new Map<string, Float32Array>();
for (const [name, shape] of shapes) {
  if (name !== TABLE) gradients.set(name, fill(new Float32Array(length(shape)), 1e-3));
}
const ids = Int32Array.from({ length: rows }, (_, i) => (i * 41) % vocab);
const gradient = { ids, rows: fill(new Float32Array(rows * hidden), 1e-3) };
const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
const runs = [true, false].map((placed) => {
  const tensors = new Map(
    shapes.map(([name, shape]): [string, FloatTensor] => {
      const data = fill(new Float32Array(length(shape)), 0.02);
      return [name, { dtype: 'F32', shape, data }];
    }),
  );
  if (placed) placeWeights(tensors, tensors.keys());
  const parameters = new Map([...tensors].map(([name, { data }]) => [name, data]));
  const optimiser = new Optimiser(parameters, settings);
  const dense = new Map(gradients);
  if (placed) {
    for (const [name, g] of gradients) {
      optimiser.gradients.get(name)!.set(g);
      dense.set(name, optimiser.gradients.get(name)!);
    }
  }
  return { placed, parameters, optimiser, dense, wall: [] as number[], busy: [] as number[] };
});
// Two rounds go untimed: they compile and touch memory.
for (let round = 1; round <= rounds + 2; round++) {
  for (const { optimiser, dense, wall, busy } of runs) {
    const used = process.cpuUsage();
    const start = performance.now();
    optimiser.update({ dense, rows: { name: TABLE, gradient } }, 1e-4, round, 1, 1);
    if (round <= 2) continue;
    wall.push(performance.now() - start);
    const { user, system } = process.cpuUsage(used);
    busy.push((user + system) / 1000);
  }
}
const median = (list: readonly number[]) => Math.round([...list].sort((a, b) => a - b)[list.length >> 1]);
for (const { placed, parameters, wall, busy } of runs) {
  const hash = createHash('sha256');
  for (const x of parameters.values()) hash.update(new Uint8Array(x.buffer, x.byteOffset, x.byteLength));
  const weights = hash.digest('hex').slice(0, 12);
  const fastest = Math.round(Math.min(...wall));
  console.log(
    JSON.stringify({ placed, milliseconds: median(wall), fastest, processor: median(busy), weights }),
  );
}
