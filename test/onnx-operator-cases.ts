/**
 * Small ONNX graphs of x [B, L, 4] (float32) and ids [B, L] (int64) to y, one or more for each operator that can
 * be imported beyond those that every exported encoder has. Stored tensors: see `STORED`.
 */

import { floats, int64s, type ModelParts } from './onnx-model.ts';
import { MOVEMENT_CASES, type OperatorCase } from './onnx-movement-cases.ts';

/** Stored tensors that cases name. */
export const STORED: NonNullable<ModelParts['initialisers']> = [
  floats('w', [4, 3], [0.5, -1, 0.25, 1, 0.75, -0.5, -0.25, 0.125, 1.5, 2, -1.25, 0.3]),
  floats(
    'square',
    [4, 4],
    Array.from({ length: 16 }, (_, i) => Math.sin(i)),
  ),
  floats('v', [4], [1, -0.5, 0.25, 2]),
  floats('row', [4], [0.2, 0.4, -0.6, 0.8]),
  floats('half', [], [0.5]),
  floats('two', [], [2]),
  floats(
    'table',
    [6, 4],
    Array.from({ length: 24 }, (_, i) => Math.cos(i)),
  ),
  int64s('zero', [0], []),
  int64s('one', [1], []),
  int64s('three', [3], []),
  int64s('two_', [2], []),
  int64s('four_', [4], []),
  int64s('least', [-Number.MAX_SAFE_INTEGER]),
  int64s('-1,4', [-1, 4]),
  int64s('0', [0]),
  int64s('1', [1]),
  int64s('2', [2]),
  int64s('-1', [-1]),
  int64s('4', [4]),
  int64s('far', [Number.MAX_SAFE_INTEGER]),
  int64s('0,1', [0, 1]),
  int64s('1,3', [1, 3]),
  int64s('1,2,1', [1, 2, 1]),
  int64s('1,1,2', [1, 1, 2]),
  int64s('-1,2', [-1, 2]),
  int64s('widths', [0, 1, 2, 0, 0, 0]),
  floats('fill', [], [0]),
  int64s('pads', [0, 0, 1, 0, 0, 2]),
  int64s('places', [0, 0, 0, 0], [2, 2]),
];

const unary = (op: string, attributes = {}, positive = false): OperatorCase => ({
  name: op,
  nodes: [[op, ['x'], ['y'], attributes]],
  positive,
});

export const OPERATOR_CASES: readonly OperatorCase[] = [
  unary('Sin'),
  unary('Cos'),
  unary('Exp'),
  unary('Log', {}, true),
  unary('Sqrt', {}, true),
  unary('Reciprocal', {}, true),
  unary('Neg'),
  unary('Abs'),
  unary('Erf'),
  unary('Relu'),
  unary('Softplus'),
  unary('Softsign'),
  unary('Elu', { alpha: { float: 0.5 } }),
  unary('Selu'),
  unary('LeakyRelu', { alpha: { float: 0.1 } }),
  unary('HardSigmoid'),
  unary('HardSwish'),
  { ...unary('Mish'), opset: 18 },
  { ...unary('Gelu'), opset: 20 },
  { ...unary('Gelu', { approximate: 'tanh' }), name: 'Gelu by tanh', opset: 20 },
  unary('LogSoftmax'),
  { ...unary('Softmax', { axis: 1 }), name: 'Softmax over two axes (operator set 11)', opset: 11 },
  { ...unary('Softmax', { axis: 1 }), name: 'Softmax over an axis (operator set 13)', opset: 13 },
  unary('LpNormalization', { axis: -1 }),
  { ...unary('Floor'), flat: true },
  { ...unary('Ceil'), flat: true },
  { ...unary('Round'), flat: true },
  { ...unary('Sign'), flat: true },
  { name: 'Pow of a tensor', nodes: [['Pow', ['x', 'v'], ['y']]], positive: true },
  { name: 'Pow by a half', nodes: [['Pow', ['x', 'half'], ['y']]], positive: true },
  { name: 'Sum', nodes: [['Sum', ['x', 'v', 'half'], ['y']]] },
  { name: 'Mean', nodes: [['Mean', ['x', 'v'], ['y']]] },
  { name: 'Max', nodes: [['Max', ['x', 'row', 'half'], ['y']]] },
  { name: 'Min', nodes: [['Min', ['x', 'row'], ['y']]] },
  { name: 'Clip', nodes: [['Clip', ['x', '', 'half'], ['y']]] },
  {
    name: 'Clip by attributes',
    nodes: [['Clip', ['x'], ['y'], { min: { float: -0.5 }, max: { float: 0.7 } }]],
    opset: 9,
  },
  {
    name: 'Where, Greater, Not and And',
    nodes: [
      ['Greater', ['x', 'row'], ['above']],
      ['LessOrEqual', ['x', 'half'], ['below']],
      ['Not', ['below'], ['over']],
      ['Or', ['above', 'over'], ['either']],
      ['Where', ['either', 'x', 'v'], ['y']],
    ],
  },
  { name: 'MatMul by weights', nodes: [['MatMul', ['x', 'w'], ['y']]] },
  { name: 'MatMul by a vector', nodes: [['MatMul', ['x', 'v'], ['y']]] },
  {
    name: 'MatMul of a vector',
    nodes: [
      ['Transpose', ['x'], ['t'], { perm: [0, 2, 1] }],
      ['MatMul', ['v', 't'], ['y']],
    ],
  },
  {
    name: 'MatMul by transposed weights, with bias',
    nodes: [
      ['Transpose', ['square'], ['t'], { perm: [1, 0] }],
      ['MatMul', ['x', 't'], ['m']],
      ['Add', ['row', 'm'], ['y']],
    ],
  },
  {
    name: 'Gemm',
    nodes: [
      ['Flatten', ['x'], ['flat'], { axis: 2 }],
      ['Gemm', ['flat', 'square', 'half'], ['y'], { transB: 1, alpha: { float: 0.5 }, beta: { float: 3 } }],
    ],
  },
  {
    name: 'Gemm with a bias',
    nodes: [
      ['Reshape', ['x', '-1'], ['line']],
      ['Reshape', ['line', '-1,4'], ['flat']],
      ['Gemm', ['flat', 'square', 'v'], ['y']],
    ],
  },
  { name: 'Einsum', nodes: [['Einsum', ['x', 'w'], ['y'], { equation: 'bld,dk->kbl' }]] },
  ...MOVEMENT_CASES,
];
