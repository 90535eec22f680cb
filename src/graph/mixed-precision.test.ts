/** Mixed precision: which operators compute in float16, and that results stay near those of float32. */
import { expect, it } from 'vitest';
import '../../test/allclose.ts';
import { keepRoundings } from '../../test/kept-roundings.ts';
import { RandomStream } from '../random.ts';
import { topologicalOrder } from './gradient.ts';
import * as g from './index.ts';

const x = g.input('x', 'float32', ['B', 8]);
const scale = g.input('scale', 'float32', [8]);
const w = g.input('w', 'float32', [4, 8]);
const b = g.input('b', 'float32', [4]);
const ids = g.input('ids', 'int32', ['B']);
const hidden = g.gelu(g.mul(g.linear(g.layerNorm(x, scale, scale), w, b), 0.5));
const loss = g.neg(g.reduceMean(g.pick(g.logSoftmax(g.matmul(hidden, w)), ids), [0]));
const [dw, db, dx] = g.gradients(loss, [w, b, x]);
const graph = { loss, dw, db, dx, seen: ids };

/** Types of the results of each operator. */
function typesOf(outputs: Record<string, g.Tensor>): Map<string, Set<string>> {
  const types = new Map<string, Set<string>>();
  for (const { op, outputs: made } of topologicalOrder(Object.values(outputs)))
    types.set(op, (types.get(op) ?? new Set()).add(made[0].dtype));
  return types;
}

it('computes products in float16, and what sums or divides in float32', () => {
  const types = typesOf(g.toMixedPrecision(graph));
  expect(types.get('MatMul')).toEqual(new Set(['float16']));
  // Gradients of biases are products with ones: sums.
  expect(types.get('Gemm')).toEqual(new Set(['float16', 'float32']));
  expect(types.get('Gelu')).toEqual(new Set(['float16']));
  for (const op of ['LayerNormalization', 'LogSoftmax', 'ReduceMean', 'ReduceSum', 'Exp', 'Div'])
    expect(types.get(op), op).toEqual(new Set(['float32']));
});

it('takes and gives the types it did, and is near float32', async () => {
  const half = g.toMixedPrecision(graph);
  for (const [name, tensor] of Object.entries(half)) {
    expect(tensor.dtype, name).toBe(graph[name as keyof typeof graph].dtype);
    expect(tensor.shape, name).toEqual(graph[name as keyof typeof graph].shape);
  }
  const stream = new RandomStream(1, 'half');
  const value = (shape: number[]) => ({
    data: Float32Array.from({ length: shape.reduce((p, q) => p * q, 1) }, () => stream.normal()),
    shape,
  });
  const feeds = {
    x: value([3, 8]),
    scale: value([8]),
    w: value([4, 8]),
    b: value([4]),
    ids: { data: Int32Array.of(1, 7, 0), shape: [3] },
  };
  const run = async (outputs: Record<string, g.Tensor>) => {
    const session = await g.GraphSession.create(outputs, { threads: 1 });
    const found = await session.run(feeds);
    await session.close();
    return found;
  };
  const [there, here] = [await run(keepRoundings(half)), await run(graph)];
  for (const name of ['loss', 'dw', 'db', 'dx']) {
    expect(there[name].data, name).toBeAllclose(here[name].data, { relative: 0, ofScale: 1e-2 });
    expect([...there[name].data], name).not.toEqual([...here[name].data]);
  }
});

it('computes similarities of unit vectors, and their gradients, in float32', () => {
  const vectors = g.unitVectors(g.linear(x, w));
  const similarity = g.gemm(vectors, g.input('others', 'float32', ['N', 4]), false, true);
  const [slope] = g.gradients(g.reduceSum(similarity, [0, 1]), [w]);
  const half = g.toMixedPrecision({ similarity, slope });
  expect(half.similarity.node.op).toBe('Gemm');
  // The weight's gradient is a product with the layer's input, which was rounded for the layer.
  const products = topologicalOrder([half.similarity, half.slope]).filter(({ op }) => op === 'Gemm');
  expect(products.map(({ outputs: [y] }) => y.dtype)).toEqual(['float16', 'float32', 'float32', 'float16']);
});

it('leaves a graph without products as it is', () => {
  const y = g.softmax(g.add(x, 1));
  expect(g.toMixedPrecision({ y }).y).toBe(y);
});

it('does not round numbers that float16 does not hold', () => {
  const product = g.linear(x, w);
  const masked = g.toMixedPrecision({ y: g.add(product, -1e9), z: g.mul(product, 0.125) });
  expect(typesOf({ y: masked.y }).get('Add')).toEqual(new Set(['float32']));
  expect(typesOf({ z: masked.z }).get('Mul')).toEqual(new Set(['float16']));
});
