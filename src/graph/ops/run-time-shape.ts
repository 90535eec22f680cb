/**
 * Operators whose sizes are only known when the graph runs: sizes as values, and movements along axes with
 * named sizes. The caller says what the result's shape is called; ONNX Runtime computes what it is.
 */
import { axisOf, type Dim, type Shape } from '../shape.ts';
import { makeNode, makeNodes, scalar, type Tensor } from '../tensor.ts';
import { expand, sumTo } from './broadcast.ts';

/** The sizes of `x`, int64 [rank]. */
export function shapeOf(x: Tensor): Tensor {
  return makeNode('Shape', [x], 'int64', [x.shape.length]);
}

/** The size of one axis of `x`, int64 [1]. */
export function sizeOf(x: Tensor, axis: number): Tensor {
  const at = axisOf('sizeOf', axis, x.shape);
  return makeNode('Shape', [x], 'int64', [1], { attributes: { start: { int: at }, end: { int: at + 1 } } });
}

/** `x` in the shape that `target` (int64 [rank]) holds at run time; `shape` names it. */
export function reshapeAtRun(x: Tensor, target: Tensor, shape: Shape): Tensor {
  return makeNode('Reshape', [x, target], x.dtype, shape, {
    gradient: ([g]) => [g && reshapeAtRun(g, shapeOf(x), x.shape), undefined],
  });
}

/** `x` broadcast to the shape that `target` (int64) holds at run time; `shape` names the result's. */
export function expandAtRun(x: Tensor, target: Tensor, shape: Shape): Tensor {
  return makeNode('Expand', [x, target], x.dtype, shape, {
    gradient: ([g]) => [g && sumTo(g, x.shape), undefined],
  });
}

/** Joins tensors along `axis`, on which sizes may be named; `size` is the name or number of their sum. */
export function concatNamed(tensors: readonly Tensor[], axis: number, size: Dim): Tensor {
  const [first] = tensors;
  const at = axisOf('concatNamed', axis, first.shape);
  const shape = first.shape.map((dim, i) => (i === at ? size : dim));
  return makeNode('Concat', tensors, first.dtype, shape, {
    attributes: { axis: { int: at } },
    gradient: ([g]) => {
      if (!g) return tensors.map(() => undefined);
      const sizes = makeNode(
        'Concat',
        tensors.map((x) => sizeOf(x, at)),
        'int64',
        [tensors.length],
        { attributes: { axis: { int: 0 } } },
      );
      return splitNamed(
        g,
        sizes,
        tensors.map((x) => x.shape[at]),
        at,
      );
    },
  });
}

/** Cuts `x` along `axis` into parts of the sizes that `sizes` (int64) holds at run time; `dims` names them. */
export function splitNamed(x: Tensor, sizes: Tensor, dims: readonly Dim[], axis: number): Tensor[] {
  const at = axisOf('splitNamed', axis, x.shape);
  const parts = dims.map((size) => ({
    dtype: x.dtype,
    shape: x.shape.map((dim, i) => (i === at ? size : dim)),
  }));
  return makeNodes('Split', [x, sizes], parts, {
    attributes: { axis: { int: at } },
    gradient: (gs, node) => {
      const all = gs.map((g, i) => g ?? expand(scalar(0), node.outputs[i].shape));
      return [concatNamed(all, at, x.shape[at]), undefined];
    },
  });
}
