/** Values, analytic gradients and finite differences of a function of float32 tensors, computed by running its graph. */
import {
  constant,
  type Device,
  GraphSession,
  gradients,
  input,
  mul,
  reduceSum,
  type Tensor,
} from '../src/graph/index.ts';
import { RandomStream } from '../src/random.ts';
import type { GradientCase } from './gradient-cases.ts';

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

/** Fixed random weights of a case's output; the scalar loss is sum(weights * output). */
export function caseWeights(name: string, output: Tensor): Float32Array {
  const stream = new RandomStream(8, name);
  return Float32Array.from({ length: size(output) }, () => stream.uniform() * 2 - 1);
}

/**
 * A case whose function is the gradient of sum(weights * output^2) of another with respect to its first
 * input: checking it checks second derivatives, of the rules too (their result is linear in what flows back).
 */
export function twice(each: GradientCase): GradientCase {
  return {
    ...each,
    name: `${each.name} twice`,
    build: (...inputs) => {
      const output = each.build(...inputs);
      const weights = constant(caseWeights(each.name, output), output.shape as number[]);
      const product = mul(mul(output, output), weights);
      const loss = reduceSum(
        product,
        product.shape.map((_, i) => i),
      );
      return gradients(loss, inputs)[0];
    },
  };
}

/** Runs a case: output, and gradients of sum(weights * output). */
export async function runCase(each: GradientCase, device: Device = 'cpu') {
  const tensors = each.shapes.map((shape, i) => input(`x${i}`, 'float32', shape));
  const output = each.build(...tensors);
  const weights = caseWeights(each.name, output);
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
  const evaluate = (values: Float32Array[]) =>
    session.run(Object.fromEntries(values.map((data, i) => [`x${i}`, { data, shape: each.shapes[i] }])));
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
