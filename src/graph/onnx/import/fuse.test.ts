/** What exporters take apart is put together again; that the values are the same is shown by the other tests. */
import { describe, expect, it } from 'vitest';
import { onnxModel } from '../../../../test/onnx-model.ts';
import { OPERATOR_CASES, STORED } from '../../../../test/onnx-operator-cases.ts';
import { temporaryFolder } from '../../../../test/temporary.ts';
import { importEncoder } from '../../../model/onnx-encoder.ts';
import { topologicalOrder } from '../../gradient.ts';
import { input, type Tensor } from '../../index.ts';
import { importOnnx } from './import.ts';
import { readOnnxModel } from './read-model.ts';

const folder = temporaryFolder();

/** How often each operator occurs in what a tensor needs. */
function counts(tensor: Tensor): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { op } of topologicalOrder([tensor])) found[op] = (found[op] ?? 0) + 1;
  return found;
}

function encoderCounts(file: string): Record<string, number> {
  const encoder = importEncoder(`test/fixtures/onnx-import/${file}`);
  const [ids, mask] = ['ids', 'mask'].map((name) => input(name, 'int32', ['B', 'L']));
  return counts(encoder.build(encoder.parameterInputs(), ids, mask).hidden);
}

describe('an encoder of two layers has', () => {
  it.each(['bert-script-11.onnx', 'bert-script-17.onnx', 'bert-dynamo-18.onnx', 'distilbert-script-14.onnx'])(
    'five layer normalisations, two GELUs and twelve products with their bias in %s',
    (file) => {
      const found = encoderCounts(file);
      expect([found.LayerNormalization, found.Gelu, found.Gemm]).toEqual([5, 2, 12]);
      expect([found.Erf, found.Sqrt, found.ReduceMean]).toEqual([undefined, undefined, undefined]);
      // Two for each layer's attention; the bias of every Gemm is its third input.
      expect(found.MatMul).toBe(4);
    },
  );
});

it('leaves alone what only looks like a layer normalisation', () => {
  const each = OPERATOR_CASES.find(({ name }) => name === 'what is nearly a layer normalisation')!;
  const model = readOnnxModel(
    folder.write(
      'model.onnx',
      onnxModel({
        inputs: [['x', 'FLOAT', ['B', 'L', 4]]],
        outputs: [['y', 'FLOAT', undefined]],
        nodes: each.nodes,
        initialisers: STORED,
      }),
    ),
  );
  const x = input('x', 'float32', ['B', 'L', 4]);
  const found = counts(
    importOnnx(model, { inputs: new Map([['x', x]]), parameters: new Map() }).outputs.get('y')!,
  );
  expect(found.LayerNormalization).toBeUndefined();
  expect(found.Sqrt).toBe(1);
});

it('works shapes out at import, so that none is put together when the graph runs', () => {
  const found = encoderCounts('bert-script-14.onnx');
  expect([found.Concat, found.ConstantOfShape]).toEqual([undefined, undefined]);
});
