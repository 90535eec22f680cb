/** The rules that change the precision of a graph that runs alone. */
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { RandomStream } from '../random.ts';
import { topologicalOrder } from './gradient.ts';
import { halfPrecision } from './half-precision.ts';
import {
  add,
  gather,
  gelu,
  gemm,
  input,
  layerNorm,
  linear,
  mul,
  reduceSum,
  softmax,
  type Tensor,
} from './index.ts';
import { int8Layers, quantiseRows } from './int8.ts';
import { encodeOnnx } from './onnx/encode.ts';
import { take } from './ops/take.ts';
import { rewrite, type Weights } from './rewrite.ts';
import { GraphSession } from './session.ts';
import { constant, makeNode } from './tensor.ts';

const stream = new RandomStream(3, 'rewrite');
const normal = (...shape: number[]) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal()),
});
const weights: Weights = new Map([
  ['table', normal(50, 24)],
  ['wide', normal(40, 24)],
  ['wideBias', normal(40)],
  ['narrow', normal(24, 40)],
  ['scale', normal(24)],
  ['shift', normal(24)],
  ['last', normal(8, 24)],
]);
const weight = (name: string) => input(name, 'float32', weights.get(name)!.shape);

/** A layer over looked-up rows: [N, 8]. */
function layer(): Tensor {
  const hidden = gather(weight('table'), input('ids', 'int32', ['N']));
  const wide = gelu(linear(hidden, weight('wide'), weight('wideBias')));
  const normed = layerNorm(add(linear(wide, weight('narrow')), hidden), weight('scale'), weight('shift'));
  return softmax(linear(normed, weight('last')));
}

async function run(outputs: Record<string, Tensor>, values: Weights, ids: readonly number[]) {
  const session = await GraphSession.create(outputs, { threads: 1, initialisers: values });
  const result = await session.run({ ids: { data: Int32Array.from(ids), shape: [ids.length] } });
  await session.close();
  return result.y.data;
}

const ops = (tensor: Tensor) => topologicalOrder([tensor]).map(({ op }) => op);

describe('rewrite', () => {
  it('replaces what the rule names, and keeps all else as it was', async () => {
    const x = input('x', 'float32', ['N', 3]);
    const untouched = mul(x, 2);
    const y = add(gelu(untouched), untouched);
    const changed = rewrite({ y, same: untouched }, (node, [a]) => (node.op === 'Gelu' ? [a] : undefined));
    expect(changed.same).toBe(untouched);
    expect(ops(changed.y)).toEqual(['Input', 'Constant', 'Mul', 'Add']);
    expect(changed.y.shape).toEqual(['N', 3]);
    const session = await GraphSession.create({ y: changed.y }, { threads: 1 });
    const { y: found } = await session.run({ x: { data: Float32Array.of(1, -2, 3), shape: [1, 3] } });
    await session.close();
    expect([...found.data]).toEqual([4, -8, 12]);
    expect(ops(y)).toContain('Gelu');
  });
});

describe('quantiseRows', () => {
  it('rounds each row by its largest magnitude; a row of zeros stays zero', () => {
    const { data, scales } = quantiseRows(Float32Array.of(1, -2, 0, 0, 0.5, -0.5), 2);
    expect([...data]).toEqual([64, -127, 0, 0, 127, -127]);
    expect([...scales]).toEqual([Math.fround(2 / 127), 0, Math.fround(0.5 / 127)]);
  });

  it('moves no number by more than half a step', () => {
    const { data: values } = normal(20, 30);
    const { data, scales } = quantiseRows(values, 30);
    values.forEach((value, i) => {
      const scale = scales[Math.floor(i / 30)];
      expect(Math.abs(value - data[i] * scale)).toBeLessThanOrEqual(scale * 0.5001);
    });
  });
});

describe('int8Layers', () => {
  const ids = [3, 0, 49, 7, 7];

  it('computes nearly the same in integers, and exactly what the rounded numbers say', async () => {
    const y = linear(input('x', 'float32', ['N', 24]), weight('wide'), weight('wideBias'));
    const { outputs, values } = int8Layers({ y }, weights);
    const session = await GraphSession.create(outputs, { threads: 1, initialisers: values });
    const x = normal(4, 24);
    const { y: found } = await session.run({ x });
    await session.close();
    const rounded = quantiseRows(x.data, 24);
    const w = quantiseRows(weights.get('wide')!.data, 24);
    const bias = weights.get('wideBias')!.data;
    const expected = Float32Array.from({ length: 4 * 40 }, (_, i) => {
      const [r, c] = [Math.floor(i / 40), i % 40];
      let sum = 0;
      for (let k = 0; k < 24; k++) sum += rounded.data[r * 24 + k] * w.data[c * 24 + k];
      return sum * rounded.scales[r] * w.scales[c] + bias[c];
    });
    // Where a number lies half-way between two integers, ONNX Runtime may take the other: one step of one term.
    expect(found.data).toBeAllclose(expected, { absolute: 0.03, relative: 0 });
    const exact = Array.from(found.data).filter((value, i) => Math.abs(value - expected[i]) < 1e-5).length;
    expect(exact).toBeGreaterThan(150);
  });

  it('computes the same of a layer whose weight stands as [in, out]', async () => {
    const { data, shape } = weights.get('wide')!;
    const [out, into] = shape;
    const turned = Float32Array.from(data, (_, i) => data[(i % out) * into + Math.floor(i / out)]);
    const both = new Map([...weights, ['turned', { data: turned, shape: [into, out] }]]);
    const x = input('x', 'float32', ['N', 24]);
    const y = linear(x, weight('wide'), weight('wideBias'));
    const z = gemm(x, input('turned', 'float32', [into, out]), false, false, weight('wideBias'));
    const { outputs, values } = int8Layers({ y, z }, both);
    const session = await GraphSession.create(outputs, { threads: 1, initialisers: values });
    const found = await session.run({ x: normal(4, 24) });
    await session.close();
    expect(values.has('turned')).toBe(false);
    expect(found.z.data).toEqual(found.y.data);
  });

  it('leaves look-ups of other tensors, and along other axes, as they are', async () => {
    const three = normal(2, 3, 4);
    const all: Weights = new Map([...weights, ['three', three]]);
    const ids = input('ids', 'int32', ['N']);
    const columns = take(weight('narrow'), ids, 1);
    const slices = gather(input('three', 'float32', three.shape), ids);
    const { outputs, values } = int8Layers({ columns, slices }, all);
    const session = await GraphSession.create(outputs, { threads: 1, initialisers: values });
    const found = await session.run({ ids: { data: Int32Array.of(1), shape: [1] } });
    await session.close();
    const { data } = weights.get('narrow')!;
    expect(found.columns.data).toEqual(Float32Array.from({ length: 24 }, (_, row) => data[row * 40 + 1]));
    expect(found.slices.data).toEqual(three.data.slice(12));
  });

  it('replaces all layers and look-ups but those to keep, and rounds once what several read', async () => {
    const { outputs, values } = int8Layers({ y: layer() }, weights, new Set(['last']));
    expect([...values.keys()].sort()).toEqual(
      [
        'last',
        'scale',
        'shift',
        'wideBias',
        ...['narrow', 'table', 'wide'].flatMap((n) => [`${n}_int8`, `${n}_scale`]),
      ].sort(),
    );
    const found = ops(outputs.y);
    expect(found.filter((op) => op === 'MatMulIntegerToFloat')).toHaveLength(2);
    expect(found.filter((op) => op === 'Gemm')).toHaveLength(1);
    const [float, integer] = [
      await run({ y: layer() }, weights, ids),
      await run(outputs, values as Weights, ids),
    ];
    expect(integer).toBeAllclose(float, { absolute: 0.03 });
    expect(integer).not.toBeAllclose(float, { absolute: 1e-6 });
    const x = input('x', 'float32', ['N', 24]);
    const both = add(linear(x, weight('wide')), linear(x, weight('wide'), weight('wideBias')));
    const roundings = ops(int8Layers({ both }, weights).outputs.both).filter((op) => op === 'QuantizeLinear');
    expect(roundings).toHaveLength(1);
  });

  it('rounds a weight once that several layers share, and keeps it where another use needs its floats', async () => {
    const x = input('x', 'float32', ['N', 24]);
    const shared = weight('last');
    const once = int8Layers({ y: linear(linear(x, weight('wide')), weight('narrow')) }, weights);
    expect(once.values.has('last')).toBe(false);
    const y = add(linear(x, shared), linear(mul(x, 2), shared));
    const scaled = mul(linear(x, shared), reduceSum(shared, [0, 1]));
    const { outputs, values } = int8Layers({ y, scaled }, weights);
    const names = [...new Set(topologicalOrder([outputs.y, outputs.scaled]))].flatMap(
      ({ name }) => name ?? [],
    );
    expect(names.sort()).toEqual(['last', 'last_int8', 'last_scale', 'x']);
    const session = await GraphSession.create(outputs, { threads: 1, initialisers: values });
    const found = await session.run({ x: normal(3, 24) });
    await session.close();
    expect(found.y.data.every(Number.isFinite)).toBe(true);
  });

  it('gives a row the same alone and beside others that are a thousand times as large', async () => {
    const y = linear(input('x', 'float32', ['N', 24]), weight('wide'));
    const { outputs, values } = int8Layers({ y }, weights);
    const session = await GraphSession.create(outputs, { threads: 1, initialisers: values });
    const small = normal(1, 24).data;
    const alone = await session.run({ x: { data: small, shape: [1, 24] } });
    const data = Float32Array.from([
      ...small,
      ...normal(1, 24).data.map((value) => 1000 * value),
      ...new Float32Array(24),
    ]);
    const together = await session.run({ x: { data, shape: [3, 24] } });
    await session.close();
    expect(together.y.data.subarray(0, 40)).toEqual(alone.y.data);
    expect(together.y.data.subarray(80).every((value) => value === 0)).toBe(true);
  });
});

describe('halfPrecision', () => {
  it('computes in halves, softmax and kept layers in float32, and gives float32', async () => {
    const { outputs, values } = halfPrecision({ y: layer() }, weights, new Set(['last']));
    expect(outputs.y.dtype).toBe('float32');
    const types = (op: string) =>
      topologicalOrder([outputs.y])
        .filter((node) => node.op === op)
        .map((node) => node.outputs[0].dtype);
    expect(types('Softmax')).toEqual(['float32']);
    expect(types('Gemm')).toEqual(['float16', 'float16', 'float32']);
    expect(types('LayerNormalization')).toEqual(['float16']);
    expect(values.get('wide')!.data).toBeInstanceOf(Uint16Array);
    expect(values.get('last')!.data).toBeInstanceOf(Float32Array);
    const ids = [3, 0, 49, 7, 7];
    const session = await GraphSession.create(outputs, { threads: 1, initialisers: values });
    const { y } = await session.run({ ids: { data: Int32Array.from(ids), shape: [5] } });
    await session.close();
    expect(y.data).toBeAllclose(await run({ y: layer() }, weights, ids), { absolute: 2e-2 });
    expect(y.data).not.toBeAllclose(await run({ y: layer() }, weights, ids), { absolute: 1e-7, relative: 0 });
  });

  it('refuses weights that a half cannot hold, but where they are kept', () => {
    const large: Weights = new Map([
      ...weights,
      ['wide', { shape: [40, 24], data: new Float32Array(960).fill(-1e5) }],
    ]);
    expect(() => halfPrecision({ y: layer() }, large)).toThrow(
      /tensor wide holds -100000, too large for float16 \[SETTING_INVALID\]/,
    );
    expect(() => halfPrecision({ y: layer() }, large, new Set(['wide']))).not.toThrow();
  });

  it('sums in float32 what a half cannot hold, and masks without NaN', async () => {
    const x = input('x', 'float32', ['N', 4]);
    const w = { shape: [4, 4], data: Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 300 : 0)) };
    const scores = linear(x, input('w', 'float32', [4, 4]));
    const masked = softmax(add(scores, constant(Float32Array.of(0, 0, -1e9, -1e9))));
    const { outputs, values } = halfPrecision({ masked, sum: reduceSum(scores, [1]) }, new Map([['w', w]]));
    const session = await GraphSession.create(outputs, { threads: 1, initialisers: values });
    const result = await session.run({ x: { data: new Float32Array(4).fill(200), shape: [1, 4] } });
    await session.close();
    expect([...result.masked.data]).toEqual([0.5, 0.5, 0, 0]);
    // 4 x 60,000 is more than the 65,504 of a half.
    expect(result.sum.data[0]).toBeCloseTo(240_000, -2);
  });
});

it('leaves out statistics of a normalisation that nobody reads', () => {
  const x = input('x', 'float32', ['N', 24]);
  const y = layerNorm(x, weight('scale'), weight('shift'));
  const plain = encodeOnnx({ y }).length;
  const withMean = encodeOnnx({ y, mean: makeNode('Neg', [y.node.outputs[1]], 'float32', ['N', 1]) }).length;
  expect(plain).toBeLessThan(withMean - 40);
});
