/** Looking up and scattering by index. Indices are int32; they carry no gradient. */
import { axisOf, type Dim, type Shape, sameShape, shapeError } from '../shape.ts';
import { constant, makeNode, scalar, type Tensor } from '../tensor.ts';
import { expand } from './broadcast.ts';
import { cast } from './elementwise.ts';
import { reshape, squeeze, unsqueeze } from './layout.ts';

/**
 * Rows of `table` [V, ...]: ids of any shape -> [...ids, ...]. The gradient with respect to the table is
 * dense; to update only the rows used, ask `gradients` for the result of `gather` instead of the table.
 */
export function gather(table: Tensor, ids: Tensor): Tensor {
  if (table.shape.length === 0) throw shapeError('gather', [table.shape, ids.shape], 'the table is a scalar');
  const rest = table.shape.slice(1);
  return makeNode('Gather', [table, ids], table.dtype, [...ids.shape, ...rest], {
    attributes: { axis: { int: 0 } },
    gradient: ([g]) => {
      if (!g) return [undefined, undefined];
      return [scatterAdd(table.shape, reshape(ids, [-1]), reshape(g, [-1, ...rest])), undefined];
    },
  });
}

/** Zeros of `shape` [V, ...] to whose rows ids [N] the rows of `updates` [N, ...] are added. */
export function scatterAdd(shape: Shape, ids: Tensor, updates: Tensor): Tensor {
  if (ids.shape.length !== 1 || !sameShape(updates.shape, [ids.shape[0], ...shape.slice(1)])) {
    throw shapeError('scatterAdd', [shape, ids.shape, updates.shape], 'needs ids [N] and updates [N, ...]');
  }
  const zeros = expand(scalar(0), shape);
  const indices = cast(unsqueeze(ids, 1), 'int64');
  return makeNode('ScatterND', [zeros, indices, updates], updates.dtype, shape, {
    attributes: { reduction: { text: 'add' } },
    gradient: ([g]) => [undefined, undefined, g && gather(g, ids)],
  });
}

/** `table` [V, ...] with the rows `ids` [N], none of them twice, replaced by `rows` [N, ...]. It carries no gradient. */
export function replaceRows(table: Tensor, ids: Tensor, rows: Tensor): Tensor {
  if (ids.shape.length !== 1 || !sameShape(rows.shape, [ids.shape[0], ...table.shape.slice(1)])) {
    throw shapeError('replaceRows', [table.shape, ids.shape, rows.shape], 'needs ids [N] and rows [N, ...]');
  }
  return makeNode('ScatterND', [table, cast(unsqueeze(ids, 1), 'int64'), rows], table.dtype, table.shape);
}

/** One element of each row: x [N, C], ids [N] -> [N], y_n = x[n, ids_n]. */
export function pick(x: Tensor, ids: Tensor): Tensor {
  if (x.shape.length !== 2 || !sameShape(ids.shape, [x.shape[0]])) {
    throw shapeError('pick', [x.shape, ids.shape], 'needs x [N, C] and ids [N]');
  }
  return squeeze(gatherElements(x, unsqueeze(ids, 1), 1), 1);
}

/** Elements along `axis` chosen by `ids`, which has x's rank. */
export function gatherElements(x: Tensor, ids: Tensor, axis: number): Tensor {
  const at = axisOf('gatherElements', axis, x.shape);
  if (ids.shape.length !== x.shape.length) {
    throw shapeError('gatherElements', [x.shape, ids.shape], 'x and ids must have the same rank');
  }
  return makeNode('GatherElements', [x, ids], x.dtype, ids.shape, {
    attributes: { axis: { int: at } },
    gradient: ([g]) => {
      if (!g) return [undefined, undefined];
      const zeros = expand(scalar(0), x.shape);
      const scattered = makeNode('ScatterElements', [zeros, ids, g], g.dtype, x.shape, {
        attributes: { axis: { int: at }, reduction: { text: 'add' } },
        gradient: ([h]) => [undefined, undefined, h && gatherElements(h, ids, at)],
      });
      return [scattered, undefined];
    },
  });
}

/**
 * The numbers 0 to n - 1 (int32) where n may be a named size.
 * @example gather(positionTable, count('L')) // [L, H]
 */
export function count(n: Dim): Tensor {
  if (typeof n === 'number') return constant(Int32Array.from({ length: n }, (_, i) => i));
  const ones = expand(constant(Int32Array.of(1), []), [n]);
  return makeNode('CumSum', [ones, constant(Int32Array.of(0), [])], 'int32', [n], {
    attributes: { exclusive: { int: 1 } },
  });
}
