/**
 * Operators that move elements without arithmetic: reshape, transpose, concat, slice, pad.
 * Each rule sends the gradient back along the inverse movement.
 */
import { axisOf, type Dim, product, type Shape, sameShape, shapeError } from '../shape.ts';
import { constant, int64s, makeNode, makeNodes, type Tensor } from '../tensor.ts';

/**
 * The same elements in another shape. At most one size may be -1 (inferred where the product is exact).
 * @example reshape(x, ['B*L', 256]); // x: [B, L, 256]
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const target = shape.includes(-1) ? inferShape(x, shape) : shape;
  if (product(target) !== product(x.shape)) {
    throw shapeError(
      'reshape',
      [x.shape, shape],
      `${product(x.shape)} elements do not fill ${product(target)}`,
    );
  }
  if (sameShape(target, x.shape)) return x;
  return makeNode('Reshape', [x], x.dtype, target, {
    target,
    gradient: ([g]) => [g && reshape(g, x.shape)],
  });
}

function inferShape(x: Tensor, shape: Shape): Shape {
  const names = new Map<string, number>();
  const count = (dims: Shape, sign: number) => {
    for (const dim of dims) {
      if (typeof dim === 'string') {
        for (const name of dim.split('*')) {
          if (!/^\d+$/.test(name)) names.set(name, (names.get(name) ?? 0) + sign);
        }
      }
    }
  };
  const rest = shape.filter((dim) => dim !== -1);
  count(x.shape, 1);
  count(rest, -1);
  const numbers = (dims: Shape) => {
    const value = product(dims);
    return typeof value === 'number' ? value : Number(/^\d+/.exec(value)?.[0] ?? 1);
  };
  const factor = numbers(x.shape) / numbers(rest);
  if (!Number.isInteger(factor) || [...names.values()].some((times) => times < 0)) {
    throw shapeError('reshape', [x.shape, shape], 'the size -1 cannot be inferred');
  }
  const left = [...names].flatMap(([name, times]) => Array<Dim>(times).fill(name));
  return shape.map((dim) => (dim === -1 ? product([factor, ...left]) : dim));
}

/** Axes in another order: result axis i is `x`'s axis `order[i]`. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  if (order.length !== x.shape.length || new Set(order).size !== order.length) {
    throw shapeError('transpose', [x.shape], `order [${order}] is not a permutation of its axes`);
  }
  const axes = order.map((axis) => axisOf('transpose', axis, x.shape));
  return makeNode(
    'Transpose',
    [x],
    x.dtype,
    axes.map((axis) => x.shape[axis]),
    {
      attributes: { perm: { ints: axes } },
      gradient: ([g]) => [
        g &&
          transpose(
            g,
            axes.map((_, i) => axes.indexOf(i)),
          ),
      ],
    },
  );
}

/** Inserts an axis of size 1 at `axis`. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  const at = axis < 0 ? axis + x.shape.length + 1 : axis;
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** Removes an axis of size 1. */
export function squeeze(x: Tensor, axis: number): Tensor {
  const at = axisOf('squeeze', axis, x.shape);
  if (x.shape[at] !== 1)
    throw shapeError('squeeze', [x.shape], `axis ${axis} has size ${x.shape[at]}, not 1`);
  return reshape(
    x,
    x.shape.filter((_, i) => i !== at),
  );
}

/** Joins tensors along `axis`; their other sizes agree. Sizes along the axis must be numbers. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const first = tensors[0];
  const at = axisOf('concat', axis, first.shape);
  let total = 0;
  for (const tensor of tensors) {
    const size = tensor.shape[at];
    const rest = (shape: Shape) => shape.filter((_, i) => i !== at);
    if (typeof size !== 'number' || !sameShape(rest(tensor.shape), rest(first.shape))) {
      throw shapeError(
        'concat',
        tensors.map((each) => each.shape),
        'sizes differ off the axis, or are named on it',
      );
    }
    total += size;
  }
  const shape = first.shape.map((dim, i) => (i === at ? total : dim));
  return makeNode('Concat', tensors, first.dtype, shape, {
    attributes: { axis: { int: at } },
    gradient: ([g]) => {
      if (!g) return tensors.map(() => undefined);
      return split(
        g,
        tensors.map((tensor) => tensor.shape[at] as number),
        at,
      );
    },
  });
}

/** Cuts `x` along `axis` into parts of the given sizes. */
export function split(x: Tensor, sizes: readonly number[], axis: number): Tensor[] {
  const at = axisOf('split', axis, x.shape);
  if (sizes.reduce((a, b) => a + b, 0) !== x.shape[at]) {
    throw shapeError('split', [x.shape], `parts [${sizes}] do not add up to axis ${axis}`);
  }
  const shapes = sizes.map((size) => ({
    dtype: x.dtype,
    shape: x.shape.map((dim, i) => (i === at ? size : dim)),
  }));
  return makeNodes('Split', [x, int64s(sizes)], shapes, {
    attributes: { axis: { int: at } },
    gradient: (gs) => {
      // A part that nothing flows back to has gradient zero; pad the others into place and let them add up.
      let start = 0;
      const starts = sizes.map((size) => {
        start += size;
        return start - size;
      });
      if (gs.every((g) => g !== undefined)) return [concat(gs as Tensor[], at), undefined];
      const whole = x.shape[at] as number;
      const padded = gs.flatMap((g, i) => (g ? [pad(g, at, starts[i], whole - starts[i] - sizes[i])] : []));
      return [padded.length === 0 ? undefined : padded.reduce(sum), undefined];
    },
  });
}

function sum(a: Tensor, b: Tensor): Tensor {
  return makeNode('Add', [a, b], a.dtype, a.shape, { gradient: ([g]) => [g, g] });
}

/** Elements `start` (included) to `end` (excluded) along `axis`; both are numbers. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const at = axisOf('slice', axis, x.shape);
  const size = x.shape[at];
  if (start < 0 || end <= start || (typeof size === 'number' && end > size)) {
    throw shapeError('slice', [x.shape], `[${start}, ${end}) is not inside axis ${axis}`);
  }
  const shape = x.shape.map((dim, i) => (i === at ? end - start : dim));
  return makeNode('Slice', [x, int64s([start]), int64s([end]), int64s([at])], x.dtype, shape, {
    gradient: ([g]) => {
      if (typeof size !== 'number') throw shapeError('slice', [x.shape], 'no gradient along a named size');
      return [g && pad(g, at, start, size - end), undefined, undefined, undefined];
    },
  });
}

/** Adds `before` and `after` zeros along `axis`. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  const at = axisOf('pad', axis, x.shape);
  const size = x.shape[at];
  if (typeof size !== 'number') throw shapeError('pad', [x.shape], `axis ${axis} is a named size`);
  const widths = [
    ...x.shape.map((_, i) => (i === at ? before : 0)),
    ...x.shape.map((_, i) => (i === at ? after : 0)),
  ];
  const shape = x.shape.map((dim, i) => (i === at ? size + before + after : dim));
  return makeNode('Pad', [x, int64s(widths)], x.dtype, shape, {
    gradient: ([g]) => [g && slice(g, at, before, before + size), undefined],
  });
}

/** The numbers 0 to n - 1 (int32) as a constant. */
export function range(n: number): Tensor {
  return constant(Int32Array.from({ length: n }, (_, i) => i));
}
