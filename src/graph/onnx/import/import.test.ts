/** Imported graphs against ONNX Runtime running the same file, and their gradients against finite differences of it. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import '../../../../test/allclose.ts';
import { onnxModel } from '../../../../test/onnx-model.ts';
import type { OperatorCase } from '../../../../test/onnx-movement-cases.ts';
import { OPERATOR_CASES, STORED } from '../../../../test/onnx-operator-cases.ts';
import { temporaryFolder } from '../../../../test/temporary.ts';
import { RandomStream } from '../../../random.ts';
import { GraphSession, gradients, input, mul, reduceSum, type Tensor } from '../../index.ts';
import { importOnnx } from './import.ts';
import { readOnnxModel } from './read-model.ts';

const folder = temporaryFolder();

function modelOf({ nodes, opset }: OperatorCase): Uint8Array {
  const used = new Set(nodes.flatMap(([, inputs]) => inputs));
  return onnxModel({
    inputs: [
      ['x', 'FLOAT', ['B', 'L', 4]],
      ['ids', 'INT64', ['B', 'L']],
    ],
    outputs: [['y', 'FLOAT', undefined]],
    nodes,
    initialisers: STORED.filter(({ name }) => used.has(name!)),
    opset,
  });
}

async function reference(
  bytes: Uint8Array,
): Promise<(x: Float32Array, b: number, l: number) => Promise<ort.Tensor>> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  return async (data, b, l) => {
    const feeds: Record<string, ort.Tensor> = {};
    for (const name of session.inputNames)
      feeds[name] =
        name === 'x'
          ? new ort.Tensor('float32', data, [b, l, 4])
          : new ort.Tensor('int64', idsOf(b, l), [b, l]);
    return (await session.run(feeds)).y;
  };
}

function idsOf(b: number, l: number): BigInt64Array {
  return BigInt64Array.from({ length: b * l }, (_, i) => BigInt((i * 5 + 2) % 6));
}

/** Numbers apart from each other and from where operators have corners. */
function numbers(size: number, positive: boolean | undefined): Float32Array {
  const order = new RandomStream(5, 'import').shuffle(Array.from({ length: size }, (_, i) => i));
  return Float32Array.from(order, (i) => ((i + 0.5) / size) * 3 - 1.43 + (positive ? 2 : 0));
}

describe.each(OPERATOR_CASES)('$name', (each) => {
  const bytes = modelOf(each);
  const x = input('x', 'float32', ['B', 'L', 4]);
  const ids = input('ids', 'int64', ['B', 'L']);
  const model = readOnnxModel(folder.write('model.onnx', bytes));
  const { outputs } = importOnnx(model, {
    inputs: new Map([
      ['x', x],
      ['ids', ids],
    ]),
    parameters: new Map(),
  });
  const y = outputs.get('y')!;

  it.each([
    [2, 3],
    [1, 1],
    [3, 5],
  ])('agrees for batch %i and length %i, in values and gradient', async (b, l) => {
    if (l === 1 && /Split of a named|before its end|named axis with a step/.test(each.name)) return; // nothing is left
    const run = await reference(bytes);
    const data = numbers(b * l * 4, each.positive);
    const expected = await run(data, b, l);
    const weights = numbers(expected.data.length, false);
    const w = input('w', 'float32', y.shape);
    const loss = reduceSum(
      mul(y, w),
      y.shape.map((_, i) => i),
    );
    const graph: Record<string, Tensor> = { result: y };
    if (!each.flat) [graph.g] = gradients(loss, [x]);
    const session = await GraphSession.create(graph, { threads: 1 });
    const result = await session.run({
      x: { data, shape: [b, l, 4] },
      ids: { data: idsOf(b, l), shape: [b, l] },
      w: { data: weights, shape: expected.dims },
    });
    await session.close();
    expect(result.result.shape).toEqual(expected.dims);
    expect(result.result.data).toBeAllclose(expected.data as Float32Array, { absolute: 1e-5 });
    if (each.flat) return;
    const differences = new Float64Array(data.length);
    for (let k = 0; k < data.length; k++) {
      const at = async (delta: number) => {
        const moved = data.slice();
        moved[k] += delta;
        const values = (await run(moved, b, l)).data as Float32Array;
        return { x: moved[k], total: values.reduce((sum, value, n) => sum + value * weights[n], 0) };
      };
      const [up, down] = [await at(2e-3), await at(-2e-3)];
      differences[k] = (up.total - down.total) / (up.x - down.x);
    }
    expect(result.g.data).toBeAllclose(differences, { absolute: 3e-3, relative: 3e-3, ofScale: 2e-3 });
  });
});
