/** What is left of a model without its weights: that it runs with them as inputs, and holds nothing of them. */
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { floats, int64s, type ModelParts, onnxGraph, onnxModel } from '../../../test/onnx-model.ts';
import { temporaryFolder } from '../../../test/temporary.ts';
import { parseOnnxModel, readOnnxModel } from './index.ts';
import { withoutWeights } from './without-weights.ts';

const folder = temporaryFolder();
const PARTS: ModelParts = {
  inputs: [['x', 'FLOAT', ['n', 2]]],
  outputs: [
    ['y', 'FLOAT', undefined],
    ['pooled', 'FLOAT', undefined],
  ],
  nodes: [
    ['MatMul', ['x', 'onnx::MatMul_7'], ['h']],
    ['MatMul', ['h', 'twin'], ['g']],
    ['Add', ['g', 'shift'], ['y']],
    ['MatMul', ['y', 'pooler'], ['pooled']],
  ],
  initialisers: [
    floats('onnx::MatMul_7', [2, 2], [1, 2, 3, 4]),
    floats('twin', [2, 2], [1, 2, 3, 4]),
    floats('shift', [2], [0.5, 0.25]),
    floats('pooler', [2, 2], [9, 9, 9, 9]),
  ],
};
const WEIGHTS = new Map([
  ['onnx::MatMul_7', 'layer.weight'],
  ['twin', 'layer.weight'],
]);
const written = (parts: ModelParts) => readOnnxModel(folder.write('model.onnx', onnxModel(parts)));
const kept = { output: 'y', weights: WEIGHTS };

describe('withoutWeights', () => {
  it('takes the weights as inputs, of which two are one, and computes the same', async () => {
    const bytes = withoutWeights(written(PARTS), kept);
    const model = parseOnnxModel(bytes, 'encoder.onnx');
    expect(model.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['x', ['n', 2]],
      ['layer.weight', [2, 2]],
    ]);
    const x = new ort.Tensor('float32', [1, -1, 2, 0], [2, 2]);
    const [whole, apart] = await Promise.all(
      [onnxModel(PARTS), bytes].map((each) => ort.InferenceSession.create(each)),
    );
    const { y: expected } = await whole.run({ x });
    const { y } = await apart.run({ x, 'layer.weight': new ort.Tensor('float32', [1, 2, 3, 4], [2, 2]) });
    expect(y.data).toEqual(expected.data);
    expect([...(y.data as Float32Array)]).toEqual([-7.5, -11.75, 14.5, 20.25]);
    const other = new ort.Tensor('float32', [0, 0, 0, 0], [2, 2]);
    expect([...((await apart.run({ x, 'layer.weight': other })).y.data as Float32Array)]).toEqual([
      0.5, 0.25, 0.5, 0.25,
    ]);
  });

  it('leaves out what its output does not need', () => {
    const model = parseOnnxModel(withoutWeights(written(PARTS), kept), 'encoder.onnx');
    expect(model.graph.node.map(({ opType }) => opType)).toEqual(['MatMul', 'MatMul', 'Add']);
    expect([...model.initialisers.keys()]).toEqual(['shift']);
    expect(model.outputs.map(({ name }) => name)).toEqual(['y']);
  });

  it('is the same whatever the weights are, and another for another graph', () => {
    const of = (change: Partial<ModelParts>) =>
      Buffer.from(withoutWeights(written({ ...PARTS, ...change }), kept)).toString('hex');
    const [, , shift, pooler] = PARTS.initialisers!;
    const trained = ['onnx::MatMul_7', 'twin'].map((name) => floats(name, [2, 2], [5, 6, 7, 8]));
    expect(of({ initialisers: [...trained, shift, pooler] })).toBe(of({}));
    expect(of({ initialisers: [...trained, floats('shift', [2], [0, 0]), pooler] })).not.toBe(of({}));
    expect(of({ nodes: [...PARTS.nodes.slice(0, 2), ['Sub', ['g', 'shift'], ['y']]] })).not.toBe(of({}));
  });

  it('leaves a first size open where it is asked to', () => {
    const open = new Map([['layer.weight', 'rows']]);
    const model = parseOnnxModel(withoutWeights(written(PARTS), { ...kept, open }), 'encoder.onnx');
    expect(model.inputs[1].shape).toEqual(['rows', 2]);
  });

  it('renames what branches read', () => {
    const branch = (op: string) =>
      onnxGraph({
        inputs: [],
        outputs: [['o', 'FLOAT', undefined]],
        nodes: [[op, ['h', 'twin'], ['o']]],
      });
    const nodes: ModelParts['nodes'] = [
      ['Identity', ['x'], ['h']],
      [
        'If',
        ['yes'],
        ['y'],
        { then_branch: { graph: branch('MatMul') }, else_branch: { graph: branch('Add') } },
      ],
    ];
    const yes = { ...int64s('yes', []), dims: [], dataType: 9, int64Data: [], int32Data: [1] };
    const parts = {
      ...PARTS,
      nodes,
      outputs: PARTS.outputs.slice(0, 1),
      initialisers: [...PARTS.initialisers!, yes],
    };
    const model = parseOnnxModel(withoutWeights(written(parts), kept), 'encoder.onnx');
    expect(model.graph.node[1].attribute.map(({ g }) => g?.node[0].input)).toEqual([
      ['h', 'layer.weight'],
      ['h', 'layer.weight'],
    ]);
    expect([...model.initialisers.keys()]).toEqual(['yes']);
  });

  it('holds stored tensors whose data lie in another file, and no notes', () => {
    const model = readOnnxModel('test/fixtures/onnx-import/external/onnx/model.onnx');
    const [first] = model.initialisers.keys();
    const left = withoutWeights(model, { output: 'last_hidden_state', weights: new Map([[first, 'first']]) });
    const read = parseOnnxModel(left, folder.write('elsewhere.onnx', left));
    for (const [name, { data }] of read.initialisers)
      expect(data).toEqual(model.initialisers.get(name)?.data);
    expect(read.initialisers.size).toBeGreaterThan(20);
    const bytes = readFileSync('test/fixtures/imported/electra/onnx/model.onnx');
    const noted = parseOnnxModel(bytes, 'model.onnx');
    noted.graph.node[0].docString = 'made in a secret place';
    const text = Buffer.from(
      withoutWeights(noted, { output: 'last_hidden_state', weights: new Map() }),
    ).toString('latin1');
    expect(text).not.toContain('secret');
  });
});
