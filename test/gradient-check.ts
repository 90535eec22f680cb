/** Values, analytic gradients and finite differences of a function of float32 tensors, computed by running its graph. */
import { constant, GraphSession, gradients, input, mul, reduceSum, type Tensor } from '../src/graph/index.ts';
import { RandomStream } from '../src/random.ts';
import type { GradientCase } from './gradient-cases.ts';

export interface Checked {
  inputs: Float32Array[];
  /** Fixed random weights; the scalar loss is sum(weights * output). */
  weights: Float32Array;
  output: Float32Array;
  gradients: Float32Array[];
}

/** Inputs of a case, drawn from a stream named after it; spaced so that no two are nearly equal. */
export function caseInputs(each: GradientCase): Float32Array[] {
  const stream = new RandomStream(7, each.name);
  const total = each.shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const grid = stream.shuffle(Array.from({ length: total }, (_, i) => ((i + 0.5) / total) * 3 - 1.43));
  let at = 0;
  return each.shapes.map((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = grid.slice(at, at + size).map((x) => (each.positive ? x + 2 : x));
    at += size;
    return Float32Array.from(values);
  });
}

function size(tensor: Tensor): number {
  return (tensor.shape as number[]).reduce((a, b) => a * b, 1);
}

/** Runs a case: output, and gradients of sum(weights * output). */
export async function runCase(each: GradientCase, device: 'cpu' | 'webgpu' = 'cpu') {
  const tensors = each.shapes.map((shape, i) => input(`x${i}`, 'float32', shape));
  const output = each.build(...tensors);
  const stream = new RandomStream(8, each.name);
  const weights = Float32Array.from({ length: size(output) }, () => Math.fround(stream.uniform() * 2 - 1));
  const product = mul(output, constant(weights, output.shape as number[]));
  const loss = reduceSum(
    product,
    product.shape.map((_, i) => i),
  );
  const found = gradients(loss, tensors);
  const outputs: Record<string, Tensor> = { output, loss };
  found.forEach((g, i) => {
    outputs[`g${i}`] = g;
  });
  const session = await GraphSession.create(outputs, { threads: 1, device });
  const evaluate = async (inputs: Float32Array[]) =>
    session.run(Object.fromEntries(inputs.map((data, i) => [`x${i}`, { data, shape: each.shapes[i] }])));
  const inputs = caseInputs(each);
  const result = await evaluate(inputs);
  return {
    inputs,
    weights,
    output: result.output.data,
    gradients: found.map((_, i) => result[`g${i}`].data),
    /** Central differences of the loss in float64 over float32 runs, step 1e-2. */
    async finiteDifferences(step = 1e-2): Promise<Float64Array[]> {
      const all: Float64Array[] = [];
      for (let i = 0; i < inputs.length; i++) {
        const differences = new Float64Array(inputs[i].length);
        for (let k = 0; k < inputs[i].length; k++) {
          const at = async (delta: number) => {
            const moved = inputs.map((data) => data.slice());
            moved[i][k] += delta;
            const { output: y } = await evaluate(moved);
            let total = 0;
            for (let n = 0; n < y.data.length; n++) total += y.data[n] * weights[n];
            return { total, x: moved[i][k] };
          };
          const [up, down] = [await at(step), await at(-step)];
          differences[k] = (up.total - down.total) / (up.x - down.x);
        }
        all.push(differences);
      }
      return all;
    },
    close: () => session.close(),
  };
}
