/** Which ONNX files are taken for encoders, and what is said of those that are not. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import {
  floats,
  int64s,
  type ModelNode,
  type ModelParts,
  onnxGraph,
  onnxModel,
} from '../../test/onnx-model.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { GraphSession, gradients, input, reduceSum } from '../graph/index.ts';
import { importEncoder } from './onnx-encoder.ts';

const folder = temporaryFolder();

const BATCH = ['batch', 'length'] as const;
const INPUTS: ModelParts['inputs'] = [
  ['input_ids', 'INT64', BATCH],
  ['attention_mask', 'INT64', BATCH],
];
const table = floats(
  'table',
  [5, 2],
  Array.from({ length: 10 }, (_, i) => i / 10),
);
/** Vectors of a table, those of padding zero. */
const LOOK_UP: readonly ModelNode[] = [
  ['Gather', ['table', 'input_ids'], ['rows']],
  ['Cast', ['attention_mask'], ['counts'], { to: 1 }],
  ['Unsqueeze', ['counts', 'last'], ['wide']],
  ['Mul', ['rows', 'wide'], ['last_hidden_state']],
];
const HIDDEN: ModelParts['outputs'] = [['last_hidden_state', 'FLOAT', [...BATCH, 2]]];

function written(name: string, parts: Partial<ModelParts>): string {
  const initialisers = [table, int64s('last', [2]), ...(parts.initialisers ?? [])];
  const whole = { inputs: INPUTS, outputs: HIDDEN, nodes: LOOK_UP, ...parts, initialisers };
  return folder.write(name, onnxModel(whole));
}

const withHidden = (...nodes: ModelNode[]): readonly ModelNode[] => [
  ...LOOK_UP.slice(0, -1),
  ['Mul', ['rows', 'wide'], ['h']],
  ...nodes,
];

describe('an encoder', () => {
  it('may name its one output of rank 3 as it likes', () => {
    const nodes = withHidden(
      ['Identity', ['h'], ['token_embeddings']],
      ['ReduceMean', ['h'], ['sentence'], { axes: [1], keepdims: 0 }],
    );
    const outputs: ModelParts['outputs'] = [
      ['sentence', 'FLOAT', undefined],
      ['token_embeddings', 'FLOAT', undefined],
    ];
    const encoder = importEncoder(written('named.onnx', { nodes, outputs }));
    expect([encoder.hiddenSize, encoder.vocabSize, encoder.wordTable, encoder.hasTypes]).toEqual([
      2,
      5,
      'table',
      false,
    ]);
  });

  it('may be given by its folder, as optimum and transformers.js lay them out', () => {
    written('a/onnx/model.onnx', {});
    written('b/model.onnx', {});
    for (const name of ['a', 'b']) expect(importEncoder(join(folder.path, name)).hiddenSize).toBe(2);
  });

  it('may ask for positions and types, which are made where they are not given', async () => {
    const nodes = withHidden(
      ['Gather', ['places', 'position_ids'], ['p']],
      ['Gather', ['kinds', 'token_type_ids'], ['k']],
      ['Add', ['h', 'p'], ['hp']],
      ['Add', ['hp', 'k'], ['last_hidden_state']],
    );
    const inputs: ModelParts['inputs'] = [
      ...INPUTS,
      ['position_ids', 'INT64', BATCH],
      ['token_type_ids', 'INT32', BATCH],
    ];
    const initialisers = [
      floats('places', [3, 2], [0, 1, 10, 11, 20, 21]),
      floats('kinds', [2, 2], [100, 200, 300, 400]),
    ];
    const encoder = importEncoder(written('positions.onnx', { nodes, inputs, initialisers }));
    expect(encoder.hasTypes).toBe(true);
    const [ids, mask] = ['ids', 'mask'].map((name) => input(name, 'int32', ['B', 'L']));
    const { hidden } = encoder.build(encoder.parameterInputs(), ids, mask);
    const session = await GraphSession.create({ hidden }, { threads: 1 });
    const zeros = { data: new Int32Array(4), shape: [2, 2] };
    const result = await session.run({ ...Object.fromEntries(encoder.parameters), ids: zeros, mask: zeros });
    await session.close();
    expect([...result.hidden.data]).toEqual([100, 201, 110, 211, 100, 201, 110, 211]);
  });

  it('has one weight where the file holds a matrix twice, with the gradient of both uses', async () => {
    const values = [1, 2, 3, 4];
    const nodes = withHidden(
      ['MatMul', ['h', 'first'], ['m']],
      ['MatMul', ['m', 'second'], ['last_hidden_state']],
    );
    const initialisers = [floats('first', [2, 2], values), floats('second', [2, 2], values)];
    const encoder = importEncoder(written('tied.onnx', { nodes, initialisers }));
    expect([...encoder.parameters.keys()]).toEqual(['table', 'first']);
    const parameters = encoder.parameterInputs();
    const [ids, mask] = ['ids', 'mask'].map((name) => input(name, 'int32', ['B', 'L']));
    const loss = reduceSum(encoder.build(parameters, ids, mask).hidden, [0, 1]);
    const session = await GraphSession.create({ loss, g: gradients(loss, [parameters.get('first')!])[0] });
    const one = { data: Int32Array.of(1), shape: [1, 1] };
    const at = async (w: number[]) =>
      session.run({
        ...Object.fromEntries(encoder.parameters),
        first: { data: Float32Array.from(w), shape: [2, 2] },
        ids: one,
        mask: one,
      });
    const { g } = await at(values);
    for (const k of [0, 1, 2, 3]) {
      const [up, down] = await Promise.all(
        [0.01, -0.01].map((d) => at(values.map((x, i) => (i === k ? x + d : x)))),
      );
      expect(g.data[k]).toBeCloseTo((up.loss.data[0] - down.loss.data[0]) / 0.02, 2);
    }
    await session.close();
  });

  it('keeps what is to be frozen, frequencies and masks out of its weights', () => {
    const nodes = withHidden(
      ['Sin', ['angles'], ['waves']],
      ['Add', ['h', 'waves'], ['hw']],
      ['Min', ['hw', 'most'], ['hm']],
      ['Mul', ['hm', 'cosines'], ['hc']],
      ['Mul', ['hc', 'scale'], ['last_hidden_state']],
    );
    const initialisers = [
      floats('angles', [2], [1, 2]),
      floats('most', [2], [3e38, 3e38]),
      floats('cosines', [2], [0.5, 0.6]),
      floats('scale', [2], [2, 3]),
    ];
    const path = written('frozen.onnx', { nodes, initialisers });
    const names = (frozen?: Set<string>) => [...importEncoder(path, { frozen }).parameters.keys()];
    expect(names()).toEqual(['table', 'cosines', 'scale']);
    expect(names(new Set(['cosines']))).toEqual(['table', 'scale']);
  });

  it('has no word table where the table is read in other ways too', () => {
    const nodes = withHidden(
      ['Gather', ['table', 'zero'], ['first']],
      ['Add', ['h', 'first'], ['last_hidden_state']],
    );
    const encoder = importEncoder(written('dense.onnx', { nodes, initialisers: [int64s('zero', [0], [])] }));
    expect([encoder.wordTable, encoder.vocabSize]).toEqual([undefined, undefined]);
  });
});

const out = (op: string) =>
  onnxGraph({ inputs: [], outputs: [['o', 'FLOAT', [...BATCH, 2]]], nodes: [[op, ['h'], ['o']]] });

describe('what is refused, and how it is said:', () => {
  const cases: [what: string, parts: Partial<ModelParts>, message: RegExp][] = [
    [
      'an operator that is unknown',
      { nodes: withHidden(['Conv', ['h', 'h'], ['last_hidden_state']]) },
      /Conv node_4.*operator Conv is not supported[\s\S]*Operators that are: Abs, Add,.*Where/,
    ],
    [
      'a custom domain',
      { domain: 'com.microsoft' },
      /com\.microsoft\.Gather node_0: operators of the domain com\.microsoft/,
    ],
    [
      'a loop',
      { nodes: withHidden(['Loop', ['', '', 'h'], ['last_hidden_state'], { body: { graph: out('Sin') } }]) },
      /operator Loop is not supported/,
    ],
    [
      'a branch that depends on the data',
      {
        nodes: withHidden(
          ['ReduceMax', ['input_ids'], ['most'], { keepdims: 0 }],
          ['Cast', ['most'], ['truth'], { to: 9 }],
          [
            'If',
            ['truth'],
            ['last_hidden_state'],
            { then_branch: { graph: out('Sin') }, else_branch: { graph: out('Cos') } },
          ],
        ),
      },
      /If node_6: a branch that depends on the input/,
    ],
    [
      'dynamic quantisation',
      { nodes: withHidden(['DynamicQuantizeLinear', ['h'], ['q', 's', 'z']]) },
      /quantised \(DynamicQuantizeLinear, node node_4\)[\s\S]*no gradient/,
    ],
    [
      'quantised products',
      { nodes: withHidden(['MatMulInteger', ['h', 'h'], ['last_hidden_state']]) },
      /quantised \(MatMulInteger/,
    ],
    [
      'no hidden states',
      {
        outputs: [['logits', 'FLOAT', undefined]],
        nodes: withHidden(['ReduceMax', ['h'], ['logits'], { axes: [2], keepdims: 0 }]),
      },
      /no output last_hidden_state[\s\S]*It has: logits FLOAT\[rank unsaid\]/,
    ],
    [
      'several outputs that could be meant',
      {
        outputs: [
          ['a', 'FLOAT', undefined],
          ['b', 'FLOAT', [...BATCH, 2]],
        ],
        nodes: withHidden(['Sin', ['h'], ['a']], ['Cos', ['h'], ['b']]),
      },
      /several outputs that could be hidden states[\s\S]*a FLOAT\[rank unsaid\], b FLOAT\[batch, length, 2\]/,
    ],
    [
      'hidden states of another shape',
      { nodes: withHidden(['Transpose', ['h'], ['last_hidden_state'], { perm: [1, 0, 2] }]) },
      /last_hidden_state is .*\[L, B, 2\], not hidden states/,
    ],
    [
      'no mask',
      { inputs: INPUTS.slice(0, 1), nodes: [['Gather', ['table', 'input_ids'], ['last_hidden_state']]] },
      /no input attention_mask[\s\S]*input_ids INT64/,
    ],
    [
      'an unknown input',
      { inputs: [...INPUTS, ['task_id', 'INT64', []]] },
      /input task_id INT64\[\] is none/,
    ],
    [
      'a fixed length',
      { inputs: [INPUTS[0], ['attention_mask', 'INT64', ['batch', 128]]] },
      /attention_mask INT64\[batch, 128\] was exported for one batch or length/,
    ],
    [
      'a length that is fixed within',
      {
        nodes: withHidden(['Reshape', ['h', 'shape'], ['last_hidden_state']]),
        initialisers: [int64s('shape', [1, 8, 2])],
      },
      /Reshape node_4: \[B, L, 2\] does not fill \[1, 8, 2\][\s\S]*dynamic batch and length/,
    ],
    ['an operator set of the past', { opset: 7 }, /operator set 7[\s\S]*9 to 23/],
    ['an operator set of the future', { opset: 99 }, /operator set 99/],
    [
      'an input made by no node',
      { nodes: withHidden(['Sin', ['ghost'], ['last_hidden_state']]) },
      /its input ghost is made by no earlier node/,
    ],
    [
      'a cycle',
      { nodes: withHidden(['Sin', ['b'], ['a']], ['Sin', ['a'], ['b']]) },
      /its input b is made by no earlier node/,
    ],
    ['an output made by no node', { nodes: withHidden() }, /output last_hidden_state is made by no node/],
    [
      'an axis that is not there',
      { initialisers: [int64s('far', [7])], nodes: withHidden(['Unsqueeze', ['h', 'far'], ['o']]) },
      /Unsqueeze node_4: axes 7 are none of 4/,
    ],
    ['a value made twice', { nodes: withHidden(['Sin', ['h'], ['wide']]) }, /two values are called wide/],
    ['a tensor stored twice', { initialisers: [table] }, /two tensors are called table/],
    [
      'sizes that do not fit',
      { nodes: withHidden(['MatMul', ['h', 'table'], ['last_hidden_state']]) },
      /MatMul node_4: matmul\(\[B, L, 2\], \[5, 2\]\): inner sizes 2 and 5 differ/,
    ],
    [
      'an axis beyond memory that is cut up',
      {
        nodes: withHidden(
          ['ConstantOfShape', ['huge'], ['zeros']],
          ['Slice', ['zeros', 'start', 'huge', 'start', 'step'], ['some']],
          ['ReduceSum', ['some'], ['total'], { keepdims: 0 }],
          ['Add', ['h', 'total'], ['last_hidden_state']],
        ),
        initialisers: [int64s('huge', [2 ** 45]), int64s('start', [0]), int64s('step', [2])],
      },
      /Slice node_5: axis 0 of 35184372088832 elements is too long/,
    ],
    [
      'a shape with more axes than memory',
      {
        nodes: withHidden(
          ['ConstantOfShape', ['huge'], ['sizes'], { value: { tensor: int64s('', [1]) } }],
          ['Reshape', ['h', 'sizes'], ['last_hidden_state']],
        ),
        initialisers: [int64s('huge', [2 ** 45])],
      },
      /Reshape node_5: a result whose number of axes depends/,
    ],
    [
      'no weights',
      {
        nodes: [
          ['Cast', ['attention_mask'], ['f'], { to: 1 }],
          ['Unsqueeze', ['f', 'last'], ['u']],
          ['Concat', ['u', 'u'], ['last_hidden_state'], { axis: 2 }],
        ],
      },
      /no weights/,
    ],
    [
      'a mask that training needs',
      { nodes: withHidden(['Dropout', ['h'], ['last_hidden_state', 'dropped']]) },
      /Dropout node_4: its mask[\s\S]*eval\(\)/,
    ],
  ];

  it.each(cases)('%s', async (_, parts, message) => {
    const path = written('refused.onnx', parts);
    const error = await refusal(() => importEncoder(path));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(path);
  });

  it('an output that is asked for and is not there', async () => {
    const error = await refusal(() => importEncoder(written('refused.onnx', {}), { output: 'pooled' }));
    expect(error.message).toMatch(/no output pooled[\s\S]*last_hidden_state FLOAT/);
  });

  it('a file or folder that is not there', async () => {
    expect((await refusal(() => importEncoder(join(folder.path, 'none.onnx')))).code).toBe('FILE_MISSING');
    mkdirSync(join(folder.path, 'empty'));
    expect((await refusal(() => importEncoder(join(folder.path, 'empty')))).code).toBe(
      'CHECKPOINT_INCOMPLETE',
    );
  });
});
