/**
 * float16 on the CPU. ONNX Runtime's CPU provider computes products of float16 in float32 and drops the casts on
 * the way, so that nothing is rounded. A copy behind each cast to float16 makes it keep these.
 */
import { rewrite, withInputs } from '../src/graph/rewrite.ts';
import { makeNode, type Tensor } from '../src/graph/tensor.ts';

/** The graph with every rounding to float16 done, also by the CPU provider; what products give stays float32. */
export function keepRoundings(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return rewrite(outputs, (node, inputs) => {
    if (node.op !== 'Cast' || node.outputs[0].dtype !== 'float16' || node.outputs[0].shape.length === 0)
      return undefined;
    const [half] = withInputs(node, inputs);
    return [makeNode('Concat', [half], 'float16', half.shape, { attributes: { axis: { int: 0 } } })];
  });
}
