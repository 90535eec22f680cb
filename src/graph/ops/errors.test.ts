/** Mistakes are refused while the graph is built, and the message prints every shape involved. */
import { describe, expect, it } from 'vitest';
import { RefractError } from '../../errors.ts';
import * as g from '../index.ts';

const x = g.input('x', 'float32', ['B', 3]);
const y = g.input('y', 'float32', ['B', 4]);
const cube = g.input('cube', 'float32', [2, 3, 4]);
const ids = g.input('ids', 'int32', ['B', 3]);
const row = g.input('row', 'int32', ['K']);
const vector = g.input('vector', 'float32', [5]);

/** What is built, and the shapes that its message must show. */
const mistakes: [name: string, build: () => unknown, shapes: string[]][] = [
  ['add', () => g.add(x, y), ['[B, 3]', '[B, 4]']],
  ['mul', () => g.mul(x, cube), ['[B, 3]', '[2, 3, 4]']],
  ['maximum', () => g.maximum(x, y), ['[B, 3]', '[B, 4]']],
  ['greater', () => g.greater(x, y), ['[B, 3]', '[B, 4]']],
  ['where', () => g.where(g.greater(x, x), x, y), ['[B, 3]', '[B, 4]']],
  ['reshape', () => g.reshape(x, ['B', 4]), ['[B, 3]', '[B, 4]']],
  ['reshape to a size that cannot be inferred', () => g.reshape(x, [-1, 4]), ['[B, 3]', '[-1, 4]']],
  ['transpose', () => g.transpose(cube, [0, 1, 1]), ['[2, 3, 4]']],
  ['unsqueeze and squeeze', () => g.squeeze(cube, 1), ['[2, 3, 4]']],
  ['concat', () => g.concat([cube, g.unsqueeze(x, 0)], 0), ['[2, 3, 4]', '[1, B, 3]']],
  ['concat along a named size', () => g.concat([x, y], 0), ['[B, 3]', '[B, 4]']],
  ['split', () => g.split(cube, [1, 1], 1), ['[2, 3, 4]']],
  ['slice', () => g.slice(cube, 1, 2, 5), ['[2, 3, 4]']],
  ['pad', () => g.pad(x, 0, 1, 1), ['[B, 3]']],
  ['expand', () => g.expand(x, ['B', 4]), ['[B, 3]', '[B, 4]']],
  ['reduceSum', () => g.reduceSum(cube, [3]), ['[2, 3, 4]']],
  ['reduceMean', () => g.reduceMean(cube, [-4]), ['[2, 3, 4]']],
  ['reduceMax', () => g.reduceMax(cube, 3), ['[2, 3, 4]']],
  ['maxFirst', () => g.maxFirst(cube, 3), ['[2, 3, 4]']],
  ['matmul', () => g.matmul(x, y), ['[B, 3]', '[B, 4]']],
  ['matmul of a vector', () => g.matmul(x, vector), ['[B, 3]', '[5]']],
  ['linear', () => g.linear(x, y), ['[B, 3]', '[B, 4]']],
  ['the bias of linear', () => g.linear(x, x, vector), ['[B, 3]', '[5]']],
  ['gemm', () => g.gemm(x, y, false, true), ['[B, 3]', '[B, 4]']],
  ['gemm of more than matrices', () => g.gemm(cube, x, false, false), ['[2, 3, 4]', '[B, 3]']],
  ['softmax', () => g.softmax(x, 2), ['[B, 3]']],
  ['layerNorm', () => g.layerNorm(x, vector, vector), ['[B, 3]', '[5]']],
  ['gather', () => g.gather(g.scalar(1), row), ['[]', '[K]']],
  ['scatterAdd', () => g.scatterAdd([7, 3], row, x), ['[7, 3]', '[K]', '[B, 3]']],
  ['replaceRows', () => g.replaceRows(x, row, cube), ['[B, 3]', '[K]', '[2, 3, 4]']],
  ['pick', () => g.pick(x, row), ['[B, 3]', '[K]']],
  ['gatherElements', () => g.gatherElements(x, row, 1), ['[B, 3]', '[K]']],
  ['gradients', () => g.gradients(x, [x]), ['[B, 3]']],
];

describe('shapes that do not fit', () => {
  it.each(mistakes)('%s', (_, build, shapes) => {
    let error: unknown;
    try {
      build();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(RefractError);
    expect((error as RefractError).code).toBe('GRAPH_SHAPE');
    for (const shape of shapes) expect((error as RefractError).what).toContain(shape);
  });
});

describe('types that have no meaning', () => {
  it.each([
    ['add', () => g.add(ids, ids)],
    ['exp', () => g.exp(ids)],
    ['matmul', () => g.matmul(ids, x)],
    ['softmax', () => g.softmax(ids)],
    ['reduceMean', () => g.reduceMean(ids, [0])],
  ])('%s of integers', (_, build) => {
    expect(build).toThrow(/floating-point tensors, got ids int32\[B, 3\].*\[GRAPH_INVALID\]/s);
  });

  it('constants whose values do not fill their shape', () => {
    expect(() => g.constant(new Float32Array(5), [2, 3])).toThrow(/5 values given shape \[2, 3\]/);
  });

  it('gradients of what the loss does not depend on, where its size is named', () => {
    const loss = g.reduceSum(cube, [0, 1, 2]);
    expect(() => g.gradients(loss, [x])).toThrow(/does not depend on x float32\[B, 3\]/);
    expect(g.gradients(loss, [vector])[0].shape).toEqual([5]);
  });
});
