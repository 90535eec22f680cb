/**
 * One case for each differentiable operator: inputs and a function to a tensor. The same cases, by name,
 * are checked against finite differences and against PyTorch (`test/oracles/gradients.py`).
 */
import {
  abs,
  add,
  cast,
  clamp,
  concat,
  constant,
  detach,
  div,
  equal,
  erf,
  exp,
  expand,
  gather,
  gatherElements,
  gelu,
  geluTanh,
  gemm,
  greater,
  identity,
  layerNorm,
  linear,
  linearLast,
  log,
  logSoftmax,
  logSumExp,
  matmul,
  maxFirst,
  maximum,
  minimum,
  mul,
  neg,
  pad,
  pick,
  pow,
  reciprocal,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  scatterAdd,
  sigmoid,
  slice,
  softmax,
  split,
  sqrt,
  squeeze,
  sub,
  sumRows,
  sumTo,
  sumToOne,
  swapLast,
  type Tensor,
  tanh,
  transpose,
  unitVectors,
  unsqueeze,
  where,
} from '../src/graph/index.ts';

/** A differentiable function of float32 inputs with the given shapes. */
export interface GradientCase {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  /** Inputs are drawn positive, for log, sqrt and division. */
  readonly positive?: boolean;
  readonly build: (...inputs: Tensor[]) => Tensor;
}

const ids = (values: number[], shape = [values.length]) => constant(Int32Array.from(values), shape);

export const GRADIENT_CASES: readonly GradientCase[] = [
  { name: 'add', shapes: [[2, 3], [3]], build: add },
  {
    name: 'sub',
    shapes: [
      [2, 1, 3],
      [4, 1],
    ],
    build: sub,
  },
  {
    name: 'mul',
    shapes: [
      [2, 3],
      [2, 1],
    ],
    build: mul,
  },
  { name: 'div', shapes: [[2, 3], [3]], positive: true, build: div },
  { name: 'neg', shapes: [[5]], build: neg },
  { name: 'exp', shapes: [[5]], build: exp },
  { name: 'log', shapes: [[5]], positive: true, build: log },
  { name: 'sqrt', shapes: [[5]], positive: true, build: sqrt },
  { name: 'reciprocal', shapes: [[5]], positive: true, build: reciprocal },
  { name: 'abs', shapes: [[6]], build: abs },
  { name: 'pow', shapes: [[5]], positive: true, build: (x) => pow(x, 2.5) },
  { name: 'tanh', shapes: [[5]], build: tanh },
  { name: 'sigmoid', shapes: [[5]], build: sigmoid },
  { name: 'erf', shapes: [[5]], build: erf },
  { name: 'cast', shapes: [[5]], build: (x) => mul(cast(cast(x, 'float16'), 'float32'), x) },
  { name: 'identity', shapes: [[5]], build: (x) => mul(identity(x), x) },
  { name: 'detach', shapes: [[5]], build: (x) => mul(detach(x), x) },
  { name: 'gelu', shapes: [[9]], build: gelu },
  { name: 'geluTanh', shapes: [[9]], build: geluTanh },
  { name: 'relu', shapes: [[9]], build: relu },
  { name: 'reshape', shapes: [[2, 6]], build: (x) => reshape(x, [3, -1]) },
  { name: 'transpose', shapes: [[2, 3, 4]], build: (x) => transpose(x, [2, 0, 1]) },
  { name: 'unsqueeze', shapes: [[2, 3]], build: (x) => unsqueeze(x, 1) },
  { name: 'squeeze', shapes: [[2, 1, 3]], build: (x) => squeeze(x, 1) },
  {
    name: 'concat',
    shapes: [
      [2, 1],
      [2, 3],
    ],
    build: (a, b) => concat([a, b], 1),
  },
  {
    name: 'split',
    shapes: [[2, 5]],
    build: (x) => mul(...(split(x, [2, 1, 2], 1).slice(0, 2) as [Tensor, Tensor])),
  },
  { name: 'slice', shapes: [[4, 3]], build: (x) => slice(x, 0, 1, 3) },
  { name: 'pad', shapes: [[2, 3]], build: (x) => pad(x, 1, 2, 1) },
  { name: 'expand', shapes: [[3, 1]], build: (x) => expand(x, [2, 3, 4]) },
  { name: 'reduceSum', shapes: [[2, 3, 4]], build: (x) => reduceSum(x, [0, 2]) },
  { name: 'sumRows', shapes: [[2, 3, 4]], build: sumRows },
  { name: 'sumTo', shapes: [[2, 3, 4]], build: (x) => sumTo(x, [3, 1]) },
  { name: 'reduceMean', shapes: [[2, 3, 4]], build: (x) => reduceMean(x, [-1], true) },
  { name: 'reduceMax', shapes: [[2, 5]], build: (x) => reduceMax(x, 1) },
  { name: 'maxFirst', shapes: [[2, 5, 3]], build: (x) => maxFirst(x, 1) },
  { name: 'logSumExp', shapes: [[2, 5]], build: (x) => logSumExp(x, -1) },
  {
    name: 'matmul',
    shapes: [
      [2, 1, 3, 4],
      [3, 4, 2],
    ],
    build: matmul,
  },
  { name: 'linear', shapes: [[3, 4], [2, 4], [2]], build: linear },
  { name: 'linearLast', shapes: [[2, 3, 4], [2, 4], [2]], build: linearLast },
  {
    name: 'gemm',
    shapes: [
      [4, 3],
      [2, 4],
    ],
    build: (a, b) => gemm(a, b, true, true),
  },
  { name: 'swapLast', shapes: [[2, 3, 4]], build: swapLast },
  {
    name: 'matmulSwapped',
    shapes: [
      [2, 4, 3],
      [3, 2, 4],
    ],
    build: (a, b) => {
      const wide = reshape(b, [2, 3, 4]);
      return mul(matmul(swapLast(a), swapLast(wide)), sumTo(swapLast(swapLast(a)), [1]));
    },
  },
  { name: 'softmax', shapes: [[2, 5]], build: (x) => softmax(x) },
  { name: 'softmaxFirst', shapes: [[3, 2]], build: (x) => softmax(x, 0) },
  { name: 'logSoftmax', shapes: [[2, 5]], build: (x) => logSoftmax(x) },
  { name: 'layerNorm', shapes: [[2, 3, 6], [6], [6]], build: (x, s, b) => layerNorm(x, s, b, 1e-5) },
  { name: 'unitVectors', shapes: [[3, 4]], build: (x) => unitVectors(x) },
  { name: 'sumToOne', shapes: [[3, 4]], positive: true, build: sumToOne },
  {
    name: 'where',
    shapes: [[2, 3], [3]],
    build: (a, b) => where(equal(ids([0, 1, 0, 1, 1, 0], [2, 3]), ids([1])), a, b),
  },
  {
    name: 'maximum',
    shapes: [
      [2, 3],
      [2, 1],
    ],
    build: maximum,
  },
  {
    name: 'minimum',
    shapes: [
      [2, 3],
      [2, 1],
    ],
    build: minimum,
  },
  { name: 'clamp', shapes: [[9]], build: (x) => clamp(x, -0.5, 0.7) },
  { name: 'greater', shapes: [[4], [4]], build: (a, b) => mul(cast(greater(a, b), 'float32'), add(a, b)) },
  { name: 'gather', shapes: [[5, 3]], build: (table) => gather(table, ids([0, 2, 2, 4, 0, 1], [2, 3])) },
  {
    name: 'scatterAdd',
    shapes: [[4, 3]],
    build: (updates) => scatterAdd([5, 3], ids([0, 2, 2, 4]), updates),
  },
  { name: 'pick', shapes: [[3, 4]], build: (x) => pick(x, ids([3, 0, 2])) },
  {
    name: 'gatherElements',
    shapes: [[3, 4]],
    build: (x) => gatherElements(x, ids([3, 3, 0, 1, 2, 2], [3, 2]), 1),
  },
];
