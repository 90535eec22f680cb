/** Encoders of unknown architectures, taken apart: against PyTorch, against ONNX Runtime, and opened again. */
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { compatibilityTable } from '../../test/compatibility.ts';
import { FOREIGN, IMPORTED_GOLDEN, importedFolder } from '../../test/imported-models.ts';
import { floats, int64s, type ModelParts, onnxModel } from '../../test/onnx-model.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { GraphSession, input } from '../graph/index.ts';
import { openGraph, takeApart } from './imported-graph.ts';

const folder = temporaryFolder();
const BATCH = ['batch', 'length'] as const;
const PARTS: ModelParts = {
  inputs: [
    ['input_ids', 'INT64', BATCH],
    ['attention_mask', 'INT64', BATCH],
  ],
  outputs: [['last_hidden_state', 'FLOAT', [...BATCH, 2]]],
  nodes: [
    ['Gather', ['table', 'input_ids'], ['rows']],
    ['Cast', ['attention_mask'], ['counts'], { to: 1 }],
    ['Unsqueeze', ['counts', 'last'], ['wide']],
    ['Mul', ['rows', 'wide'], ['last_hidden_state']],
  ],
  initialisers: [floats('table', [3, 2], [1, 2, 3, 4, 5, 6]), int64s('last', [2])],
};
const written = (name: string, parts: Partial<ModelParts> = {}) =>
  folder.write(name, onnxModel({ ...PARTS, ...parts }));
const reading = (op: string): Partial<ModelParts> => ({
  nodes: [
    ...PARTS.nodes.slice(0, -1),
    ['Mul', ['rows', 'wide'], ['h']],
    ['ReduceMax', ['table'], ['most'], { keepdims: 0 }],
    [op, ['h', 'most'], ['last_hidden_state']],
  ],
});

/** What docs/compatibility.md says of each: by how much a number of a hidden state may differ. */
const tolerances = new Map(compatibilityTable('imported').map(([name, , hidden]) => [name, Number(hidden)]));

describe.each(FOREIGN)('%s', (name) => {
  const tolerance = { relative: 0, absolute: tolerances.get(name)! };
  const place = importedFolder(name);
  const path = join(place, name === 'electra' ? 'onnx/model.onnx' : 'model.onnx');
  const { graph, tensors, hiddenSize } = takeApart(path);
  const again = openGraph(graph.onnx, 'encoder.onnx');

  it('gives the hidden states of PyTorch, with its graph opened again', async () => {
    const parameters = new Map(
      again.shapes.map(([each]) => [each, input(each, 'float32', tensors.get(each)!.shape)]),
    );
    const [ids, mask] = ['ids', 'mask'].map((each) => input(each, 'int32', ['B', 'L']));
    const session = await GraphSession.create({ hidden: again.build(parameters, ids, mask).hidden });
    for (const golden of IMPORTED_GOLDEN[name]) {
      const shape = [1, golden.ids.length];
      const { hidden } = await session.run({
        ...Object.fromEntries(tensors),
        ids: { data: Int32Array.from(golden.ids), shape },
        mask: { data: new Int32Array(golden.ids.length).fill(1), shape },
      });
      expect(hidden.shape).toEqual([golden.ids.length, hiddenSize]);
      expect(hidden.data, golden.text).toBeAllclose(golden.last_hidden_state, tolerance);
    }
    await session.close();
  });

  it('runs in ONNX Runtime as it is kept, fed with the weights', async () => {
    const session = await ort.InferenceSession.create(graph.onnx);
    const [{ ids, last_hidden_state: expected }] = IMPORTED_GOLDEN[name];
    const whole = (value: (id: number) => number) =>
      new ort.Tensor(
        'int64',
        BigInt64Array.from(ids, (id) => BigInt(value(id))),
        [1, ids.length],
      );
    const given: Record<string, ort.Tensor> = {
      input_ids: whole((id) => id),
      attention_mask: whole(() => 1),
      token_type_ids: whole(() => 0),
    };
    for (const [each, { data, shape }] of tensors) given[each] = new ort.Tensor('float32', data, shape);
    const known = Object.fromEntries(session.inputNames.map((each) => [each, given[each]]));
    const { last_hidden_state: found } = await session.run(known);
    expect(found.data as Float32Array).toBeAllclose(expected, tolerance);
    await session.release();
  });

  it('has its weights apart from its graph, which stays the same when it is opened again', () => {
    expect(graph.shapes.map(([each]) => each).sort()).toEqual([...tensors.keys()].sort());
    expect(again.identity).toBe(graph.identity);
    expect(JSON.stringify({ graph: again })).toBe(`{"graph":"${graph.identity}"}`);
    let bytes = 0;
    for (const { data } of tensors.values()) bytes += data.byteLength;
    expect(bytes).toBeGreaterThan(40_000);
    const floatsWithin = Buffer.from(graph.onnx).indexOf(
      Buffer.from(tensors.get('embeddings.word_embeddings.weight')!.data.slice(0, 8).buffer),
    );
    expect(floatsWithin).toBe(-1);
  });
});

describe('the identity of a graph', () => {
  const identity = (name: string, parts: Partial<ModelParts> = {}) =>
    takeApart(written(name, parts)).graph.identity;

  it('is that of the graph alone: not of its weights, their number of rows, or the file', () => {
    const wide = floats('table', [5, 2], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(identity('b.onnx', { initialisers: [wide, int64s('last', [2])] })).toBe(identity('a.onnx'));
  });

  it('differs for graphs that differ in one operator, with equal weights', () => {
    const ending = (op: string): Partial<ModelParts> => ({
      nodes: [
        ...PARTS.nodes.slice(0, -1),
        ['Mul', ['rows', 'wide'], ['h']],
        [op, ['h'], ['last_hidden_state']],
      ],
    });
    const [sine, cosine] = ['Tanh', 'Sigmoid'].map((op) => takeApart(written(`${op}.onnx`, ending(op))));
    expect(sine.tensors).toEqual(cosine.tensors);
    expect(sine.graph.identity).not.toBe(cosine.graph.identity);
  });
});

describe('what is refused', () => {
  it('a word table that is read otherwise too, or none', async () => {
    const both = await refusal(() => takeApart(written('both.onnx', reading('Add'))));
    expect(both).toMatchObject({ code: 'CHECKPOINT_FORMAT', at: join(folder.path, 'both.onnx') });
    expect(both.what).toContain('table is read in other ways than by input_ids');
    const turned: ModelParts['nodes'] = [
      ['Transpose', ['table'], ['columns'], { perm: [1, 0] }],
      ['Gather', ['columns', 'input_ids'], ['picked'], { axis: 1 }],
      ['Transpose', ['picked'], ['rows'], { perm: [1, 2, 0] }],
      ...PARTS.nodes.slice(1),
    ];
    const none = await refusal(() => takeApart(written('none.onnx', { nodes: turned })));
    expect(none.what).toContain('no table of word vectors is looked up by input_ids');
    expect(none.hint).toContain('one Gather');
  });

  it('a graph of another kind, or whose weights have no shape', async () => {
    const whole = onnxModel(PARTS);
    const other = await refusal(() => openGraph(whole, 'encoder.onnx'));
    expect(other.what).toContain('is not what input_ids look up');
    const loose = onnxModel({
      ...PARTS,
      inputs: [...PARTS.inputs, ['table', 'FLOAT', ['v', 2]]],
      initialisers: PARTS.initialisers!.slice(1),
    });
    expect((await refusal(() => openGraph(loose, 'encoder.onnx'))).what).toContain(
      'weight table has no fixed shape',
    );
    expect((await refusal(() => openGraph(whole.subarray(0, 60), 'encoder.onnx'))).code).toBe(
      'CHECKPOINT_FORMAT',
    );
  });

  it('or is read, whichever byte of a graph is changed, and never ends in another error', () => {
    const { onnx } = takeApart(join(importedFolder('albert'), 'model.onnx')).graph;
    let opened = 0;
    for (let i = 0; i < 200; i++) {
      const bytes = Uint8Array.from(onnx);
      const place = Math.floor(onnx.length * ((i + 0.5) / 200));
      bytes[place] ^= 1 << (i % 8);
      try {
        openGraph(bytes, 'encoder.onnx');
        opened++;
      } catch (error) {
        expect(error, `byte ${place}`).toMatchObject({ name: 'RefractError', code: 'CHECKPOINT_FORMAT' });
      }
    }
    expect(opened).toBeLessThan(200);
  });
});
