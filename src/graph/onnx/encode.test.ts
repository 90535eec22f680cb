import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../../test/allclose.ts';
import { temporaryFolder } from '../../../test/temporary.ts';
import { encoderGraph, parameterInputs, parseHuggingFaceConfig } from '../../model/families/index.ts';
import {
  add,
  constant,
  type Dim,
  encodeOnnx,
  expand,
  GraphSession,
  gradients,
  input,
  mul,
  reduceSum,
  reshape,
  type Tensor,
  transpose,
} from '../index.ts';

const ramp = (...shape: number[]) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return { data: Float32Array.from({ length: size }, (_, i) => i), shape };
};

/** [B*L, H] -> heads [B, h, L, d], and back with a factor: everything but H is decided at run time. */
function heads(x: Tensor, batch: Dim, length: Dim) {
  const split = transpose(reshape(x, [batch, length, 2, 3]), [0, 2, 1, 3]);
  return { split, merged: reshape(split, [-1, 3]) };
}

describe('sizes that are named', () => {
  it('are taken from the inputs at run time, for any sizes', async () => {
    const ids = input('ids', 'int32', ['B', 'L']);
    const x = input('x', 'float32', ['B*L', 6]);
    const { split, merged } = heads(x, 'B', 'L');
    expect(split.shape).toEqual(['B', 2, 'L', 3]);
    expect(merged.shape).toEqual(['2*B*L', 3]);
    const flat = reshape(ids, [-1]);
    const session = await GraphSession.create({ split, merged, flat }, { threads: 1 });
    for (const [b, l] of [
      [1, 1],
      [2, 5],
      [4, 3],
    ]) {
      const values = ramp(b * l, 6);
      const result = await session.run({
        ids: { data: new Int32Array(b * l), shape: [b, l] },
        x: values,
      });
      expect(result.split.shape).toEqual([b, 2, l, 3]);
      expect(result.merged.shape).toEqual([2 * b * l, 3]);
      expect(result.flat.shape).toEqual([b * l]);
      // Element [b, h, l, d] comes from row b L + l, column 3 h + d.
      const at = (bb: number, h: number, ll: number, d: number) =>
        result.split.data[((bb * 2 + h) * l + ll) * 3 + d];
      expect(at(b - 1, 1, l - 1, 2)).toBe(values.data[b * l * 6 - 1]);
      expect(at(b - 1, 0, l - 1, 0)).toBe(values.data[b * l * 6 - 6]);
    }
    await session.close();
  });

  it('are computed where a shape needs several, with factors, also in gradients', async () => {
    const like = input('like', 'float32', ['B', 'L']);
    const x = input('x', 'float32', ['B', 1, 2]);
    const wide = reshape(expand(x, ['B', 'L', 2]), ['B', '2*L']);
    const loss = reduceSum(mul(wide, wide), [0, 1]);
    const both = add(reduceSum(like, [0, 1]), loss);
    const [g] = gradients(both, [x]);
    const session = await GraphSession.create({ wide, g, both }, { threads: 1 });
    const result = await session.run({ like: ramp(2, 3), x: ramp(2, 1, 2) });
    expect(result.wide.shape).toEqual([2, 6]);
    expect([...result.wide.data]).toEqual([0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3]);
    expect([...result.g.data]).toEqual([0, 6, 12, 18]);
    await session.close();
  });

  it('may be bound when the graph is encoded', async () => {
    const x = input('x', 'float32', ['B*L', 6]);
    const { merged } = heads(x, 'B', 'L');
    const session = await GraphSession.create({ merged }, { threads: 1, sizes: { B: 2, L: 3 } });
    expect((await session.run({ x: ramp(6, 6) })).merged.shape).toEqual([12, 3]);
    await session.close();
  });

  it('must be the size of an input', () => {
    const x = input('x', 'float32', ['B*L', 6]);
    expect(() => encodeOnnx(heads(x, 'B', 'L'))).toThrow(
      /size B is not a size of any input.*\[GRAPH_INVALID\]/,
    );
  });
});

describe('names', () => {
  it('of inputs are their own, and no output is called like an input', () => {
    const [x, twin] = [input('x', 'float32', [2]), input('x', 'float32', [2])];
    expect(() => encodeOnnx({ y: add(x, twin) })).toThrow(/two inputs are called x/);
    expect(() => encodeOnnx({ x: add(x, x) })).toThrow(/an output and an input are both called x/);
  });

  it('of inputs and outputs do not meet those within the model', async () => {
    const [t, c] = [input('t0', 'float32', [2]), input('c0', 'float32', [2])];
    const session = await GraphSession.create({ t1: add(mul(t, 2), c) }, { threads: 1 });
    const { t1 } = await session.run({ t0: ramp(2), c0: ramp(2) });
    expect([...t1.data]).toEqual([0, 3]);
    await session.close();
  });

  it('of one tensor may be several', async () => {
    const y = mul(input('x', 'float32', [2]), 3);
    const session = await GraphSession.create({ one: y, other: y }, { threads: 1 });
    const result = await session.run({ x: ramp(2) });
    expect([...result.one.data, ...result.other.data]).toEqual([0, 3, 0, 3]);
    await session.close();
  });
});

describe('initialisers', () => {
  it('become part of the model, which then does not ask for them', async () => {
    const y = mul(input('x', 'float32', ['B', 2]), input('w', 'float32', [2]));
    const w = { data: Float32Array.of(2, -1), shape: [2] };
    const session = await GraphSession.create({ y }, { threads: 1, initialisers: new Map([['w', w]]) });
    expect([...(await session.run({ x: ramp(2, 2) })).y.data]).toEqual([0, -1, 4, -3]);
    await session.close();
  });
});

describe('the bytes', () => {
  const build = () => {
    const x = input('x', 'float32', ['B', 'L', 3]);
    const y = mul(reshape(x, ['B*L', 3]), constant(Float32Array.of(1, 2, 3)));
    const loss = reduceSum(mul(y, y), [0, 1]);
    return encodeOnnx({ y, loss, g: gradients(loss, [x])[0] });
  };

  it('are the same for the same graph', () => {
    expect(build()).toEqual(build());
  });

  const python = process.env.REFRACT_ORACLE_PYTHON;
  const folder = temporaryFolder();
  it.skipIf(python === undefined)(
    "pass onnx's checker with its shape inference (needs REFRACT_ORACLE_PYTHON)",
    () => {
      const config = parseHuggingFaceConfig(
        JSON.parse(readFileSync('test/fixtures/bert/config.json', 'utf8')),
        'config.json',
      );
      const parameters = parameterInputs(config);
      const [ids, mask] = ['ids', 'mask'].map((name) => input(name, 'int32', ['B', 'L']));
      const { hidden } = encoderGraph(config, parameters, ids, mask);
      const loss = reduceSum(mul(hidden, hidden), [0, 1]);
      const outputs: Record<string, Tensor> = { hidden, loss };
      gradients(loss, [...parameters.values()]).forEach((g, i) => {
        outputs[`gradient/${i}`] = g;
      });
      const files = [
        folder.write('small.onnx', build()),
        folder.write('training.onnx', encodeOnnx(outputs)),
        folder.write('bound.onnx', encodeOnnx(outputs, { sizes: { B: 2, L: 7 } })),
      ];
      const script =
        'import onnx, sys; [onnx.checker.check_model(onnx.load(f), full_check=True) for f in sys.argv[1:]]';
      execFileSync(python!, ['-c', script, ...files], { encoding: 'utf8' });
    },
  );
});
