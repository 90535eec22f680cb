/** Cases of `onnx-operator-cases.ts`: operators that move elements, reduce, and compute shapes; and whole patterns. */
import { type ModelNode, onnxGraph } from './onnx-model.ts';

/** A graph to y, in a few nodes. */
export interface OperatorCase {
  readonly name: string;
  readonly nodes: readonly ModelNode[];
  readonly opset?: number;
  /** x is drawn positive. */
  readonly positive?: boolean;
  /** No gradient flows to x. */
  readonly flat?: boolean;
}

const branch = (op: string) =>
  onnxGraph({ inputs: [], outputs: [['out', 'FLOAT', ['B', 'L', 4]]], nodes: [[op, ['x'], ['out']]] });

export const MOVEMENT_CASES: readonly OperatorCase[] = [
  { name: 'Transpose', nodes: [['Transpose', ['x'], ['y'], { perm: [2, 1, 0] }]] },
  {
    name: 'Unsqueeze and Squeeze by attributes',
    nodes: [
      ['Unsqueeze', ['x'], ['u'], { axes: [0, 2] }],
      ['Squeeze', ['u'], ['y'], { axes: [2] }],
    ],
    opset: 11,
  },
  {
    name: 'Concat along a named axis',
    nodes: [
      ['Mul', ['x', 'x'], ['xx']],
      ['Concat', ['x', 'xx', 'x'], ['y'], { axis: 1 }],
    ],
  },
  { name: 'Slice of the last axis', nodes: [['Slice', ['x', '1', '-1', '2'], ['y']]] },
  { name: 'Slice backwards', nodes: [['Slice', ['x', '-1', 'least', '2', '-1'], ['y']]] },
  { name: 'Slice with a step', nodes: [['Slice', ['x', '0', 'far', '2', '2'], ['y']]] },
  { name: 'Slice of a named axis from its start', nodes: [['Slice', ['x', '0', '1', '1'], ['y']]] },
  { name: 'Slice of a named axis to before its end', nodes: [['Slice', ['x', '0', '-1', '1'], ['y']]] },
  { name: 'Slice of a named axis from its end', nodes: [['Slice', ['x', '-1', 'far', '1'], ['y']]] },
  { name: 'Slice of a named axis with a step', nodes: [['Slice', ['x', '1', 'far', '1', '2'], ['y']]] },
  {
    name: 'Slice by attributes',
    nodes: [['Slice', ['x'], ['y'], { starts: [1], ends: [3], axes: [2] }]],
    opset: 9,
  },
  {
    name: 'Slice to a length',
    nodes: [
      ['Shape', ['ids'], ['s']],
      ['Slice', ['s', '1', '2', '0'], ['l']],
      ['Slice', ['table', '0', 'l', '0'], ['positions']],
      ['Add', ['x', 'positions'], ['y']],
    ],
  },
  {
    name: 'Split',
    nodes: [
      ['Split', ['x', '1,2,1'], ['a', 'b', 'c'], { axis: 2 }],
      ['Mul', ['b', 'c'], ['y']],
    ],
  },
  {
    name: 'Split in equal parts',
    nodes: [
      ['Split', ['x'], ['a', 'b'], { axis: -1 }],
      ['Mul', ['a', 'b'], ['y']],
    ],
    opset: 11,
  },
  {
    name: 'Split of a named axis',
    nodes: [
      ['Shape', ['ids'], ['s'], { start: 1 }],
      ['Sub', ['s', '1'], ['rest']],
      ['Concat', ['1', 'rest'], ['sizes'], { axis: 0 }],
      ['Split', ['x', 'sizes'], ['first', 'others'], { axis: 1 }],
      ['Add', ['others', 'first'], ['y']],
    ],
  },
  { name: 'Tile', nodes: [['Tile', ['x', '1,1,2'], ['y']]] },
  {
    name: 'Tile by a named size',
    nodes: [
      ['Shape', ['ids'], ['s']],
      ['Slice', ['s', '1', '2', '0'], ['l']],
      ['Concat', ['1', 'l', '2'], ['repeats'], { axis: 0 }],
      ['Tile', ['x', 'repeats'], ['y']],
    ],
  },
  {
    name: 'EyeLike',
    nodes: [
      ['EyeLike', ['ids'], ['e'], { dtype: 1 }],
      ['Unsqueeze', ['e', '2'], ['u']],
      ['Mul', ['u', 'x'], ['y']],
    ],
  },
  { name: 'Pad', nodes: [['Pad', ['x', 'pads'], ['y']]] },
  {
    name: 'Pad of a named axis, its widths turned round as the TorchScript exporter does',
    nodes: [
      ['Reshape', ['widths', '-1,2'], ['pairs']],
      ['Slice', ['pairs', '-1', 'least', '0', '-1'], ['turned']],
      ['Transpose', ['turned'], ['t'], { perm: [1, 0] }],
      ['Reshape', ['t', '-1'], ['line']],
      ['Pad', ['x', 'line', 'fill'], ['y']],
    ],
  },
  { name: 'Trilu', nodes: [['Trilu', ['x', 'one'], ['y'], { upper: 0 }]] },
  { name: 'CumSum', nodes: [['CumSum', ['x', 'one'], ['y'], { exclusive: 1 }]] },
  { name: 'Gather of one', nodes: [['Gather', ['x', 'three'], ['y'], { axis: 2 }]] },
  { name: 'Gather of one of a named axis', nodes: [['Gather', ['x', 'zero'], ['y'], { axis: 1 }]] },
  { name: 'Gather along the last axis', nodes: [['Gather', ['x', '1,3'], ['y'], { axis: -1 }]] },
  {
    name: 'Gather in a table',
    nodes: [
      ['Gather', ['table', 'ids'], ['rows']],
      ['Mul', ['rows', 'x'], ['y']],
    ],
  },
  {
    name: 'GatherElements',
    nodes: [
      ['Unsqueeze', ['ids', '2'], ['u']],
      ['Mod', ['u', '4'], ['m']],
      ['GatherElements', ['x', 'm'], ['y'], { axis: 2 }],
    ],
  },
  {
    name: 'ScatterElements',
    nodes: [
      ['Gather', ['x', '1,3'], ['some'], { axis: 2 }],
      ['Mul', ['some', 'some'], ['updates']],
      ['Unsqueeze', ['ids', '2'], ['u']],
      ['Mod', ['u', '2'], ['m']],
      ['Sub', ['1', 'm'], ['other']],
      ['Concat', ['m', 'other'], ['chosen'], { axis: 2 }],
      ['ScatterElements', ['x', 'chosen', 'updates'], ['y'], { axis: 2 }],
    ],
  },
  { name: 'GatherND', nodes: [['GatherND', ['x', 'places'], ['y']]] },
  {
    name: 'ScatterND of whole numbers',
    nodes: [
      ['Unsqueeze', ['one', '0'], ['u']],
      ['Concat', ['u', 'u'], ['updates'], { axis: 0 }],
      ['ScatterND', ['ids', 'places', 'updates'], ['scattered']],
      ['Cast', ['scattered'], ['f'], { to: 1 }],
      ['Unsqueeze', ['f', '2'], ['g']],
      ['Mul', ['g', 'x'], ['y']],
    ],
  },
  { name: 'ReduceSum', nodes: [['ReduceSum', ['x', '0,1'], ['y'], { keepdims: 0 }]] },
  { name: 'ReduceSum by attributes', nodes: [['ReduceSum', ['x'], ['y'], { axes: [-1] }]], opset: 11 },
  { name: 'ReduceMean of a named axis', nodes: [['ReduceMean', ['x'], ['y'], { axes: [1] }]] },
  { name: 'ReduceMean (operator set 18)', nodes: [['ReduceMean', ['x', '-1'], ['y']]], opset: 18 },
  { name: 'ReduceMax', nodes: [['ReduceMax', ['x'], ['y'], { axes: [1, 2], keepdims: 0 }]] },
  { name: 'ReduceMin', nodes: [['ReduceMin', ['x'], ['y'], { axes: [2] }]] },
  { name: 'ReduceL1', nodes: [['ReduceL1', ['x'], ['y'], { axes: [2] }]] },
  { name: 'ReduceL2', nodes: [['ReduceL2', ['x'], ['y'], { axes: [2] }]] },
  { name: 'ReduceSumSquare', nodes: [['ReduceSumSquare', ['x'], ['y']]] },
  { name: 'ReduceLogSum', nodes: [['ReduceLogSum', ['x'], ['y'], { axes: [2] }]], positive: true },
  { name: 'ReduceLogSumExp', nodes: [['ReduceLogSumExp', ['x'], ['y'], { axes: [0, 2] }]] },
  {
    name: 'LayerNormalization without a bias',
    nodes: [['LayerNormalization', ['x', 'v'], ['y'], { epsilon: { float: 1e-3 } }]],
  },
  {
    name: 'a layer normalisation by parts',
    nodes: [
      ['ReduceMean', ['x'], ['mean'], { axes: [-1] }],
      ['Sub', ['x', 'mean'], ['c']],
      ['Pow', ['c', 'two'], ['cc']],
      ['ReduceMean', ['cc'], ['variance'], { axes: [-1] }],
      ['Add', ['variance', 'half'], ['ve']],
      ['Sqrt', ['ve'], ['deviation']],
      ['Div', ['c', 'deviation'], ['z']],
      ['Mul', ['z', 'v'], ['zv']],
      ['Add', ['zv', 'row'], ['y']],
    ],
  },
  {
    name: 'what is nearly a layer normalisation',
    nodes: [
      ['ReduceMean', ['x'], ['mean'], { axes: [-1] }],
      ['Sub', ['x', 'mean'], ['c']],
      ['Mul', ['c', 'x'], ['cx']],
      ['ReduceMean', ['cx'], ['variance'], { axes: [-1] }],
      ['Add', ['variance', 'two'], ['ve']],
      ['Sqrt', ['ve'], ['deviation']],
      ['Div', ['c', 'deviation'], ['z']],
      ['Mul', ['z', 'v'], ['zv']],
      ['Add', ['zv', 'row'], ['y']],
    ],
  },
  {
    name: 'Expand to a computed shape',
    nodes: [
      ['Shape', ['x'], ['s']],
      ['ReduceMean', ['x'], ['m'], { axes: [1] }],
      ['Expand', ['m', 's'], ['e']],
      ['Mul', ['e', 'x'], ['y']],
    ],
  },
  {
    name: 'Range, ConstantOfShape, Equal and Mod',
    nodes: [
      ['Shape', ['ids'], ['s']],
      ['Gather', ['s', 'one'], ['l']],
      ['Range', ['zero', 'l', 'one'], ['r']],
      ['Mod', ['r', 'three'], ['m']],
      ['Equal', ['m', 'one'], ['e']],
      ['Cast', ['e'], ['f'], { to: 1 }],
      ['Unsqueeze', ['f', '1'], ['u']],
      ['ConstantOfShape', ['s'], ['zeros']],
      ['Unsqueeze', ['zeros', '2'], ['zz']],
      ['Add', ['u', 'zz'], ['a']],
      ['Mul', ['a', 'x'], ['y']],
    ],
  },
  {
    name: 'a shape that only the data says',
    nodes: [
      ['ReduceMax', ['ids'], ['most'], { keepdims: 0 }],
      ['Range', ['zero', 'most', 'one'], ['r']],
      ['Cast', ['r'], ['f'], { to: 1 }],
      ['Unsqueeze', ['f', '1'], ['u']],
      ['Mul', ['u', 'v'], ['uv']],
      ['ReduceSum', ['uv', '0'], ['total'], { keepdims: 0 }],
      ['Mul', ['total', 'x'], ['y']],
    ],
  },
  {
    name: 'a size that is added to and taken from',
    nodes: [
      ['Size', ['ids'], ['n']],
      ['Add', ['n', 'three'], ['n3']],
      ['Sub', ['n3', 'three'], ['n0']],
      ['Reshape', ['n0', '1'], ['rows']],
      ['Concat', ['rows', '4'], ['target'], { axis: 0 }],
      ['Reshape', ['x', 'target'], ['flat']],
      ['MatMul', ['flat', 'w'], ['y']],
    ],
  },
  {
    name: 'a reshape that only the data says',
    nodes: [
      ['ReduceMax', ['ids'], ['most'], { keepdims: 0 }],
      ['Mul', ['most', 'zero'], ['nothing']],
      ['Add', ['nothing', 'two_'], ['two_by_data']],
      ['Unsqueeze', ['two_by_data', '0'], ['pairs']],
      ['Concat', ['-1', 'pairs', 'pairs'], ['target'], { axis: 0 }],
      ['Reshape', ['x', 'target'], ['shaped']],
      ['Mul', ['shaped', 'shaped'], ['squares']],
      ['ReduceSum', ['squares', '1'], ['y']],
    ],
  },
  {
    name: 'If with a condition that the shape decides',
    nodes: [
      ['Shape', ['x'], ['s']],
      ['Gather', ['s', 'two_'], ['width']],
      ['Equal', ['width', 'four_'], ['is4']],
      [
        'If',
        ['is4'],
        ['y'],
        { then_branch: { graph: branch('Sin') }, else_branch: { graph: branch('Cos') } },
      ],
    ],
  },
  {
    name: 'Identity and Dropout',
    nodes: [
      ['Identity', ['x'], ['i']],
      ['Dropout', ['i'], ['y']],
    ],
  },
];
