import { expect, it } from 'vitest';
import { groupWeights, packGroup, ROW, unpackGroup } from './weight-groups.ts';

const shapes: [string, number[]][] = [
  ['a.weight', [2, 3]],
  ['a.bias', [2]],
  ['b.weight', [4]],
  ['c.weight', [3, 3]],
  ['LayerNorm.weight', [1]],
];

it('puts tensors with and without decay apart, in their order, and fills whole rows', () => {
  const groups = groupWeights(shapes);
  expect(
    groups.map(({ places, decays, length }) => [places.map(({ name }) => name), decays, length]),
  ).toEqual([
    [['a.weight', 'b.weight', 'c.weight'], true, ROW],
    [['a.bias', 'LayerNorm.weight'], false, ROW],
  ]);
  expect(groups[0].places.map(({ at }) => at)).toEqual([0, 6, 10]);
});

it('begins a new group where one is full; a tensor of its own may have more', () => {
  const names = (most: number) =>
    groupWeights(shapes, most).map(({ places }) => places.map(({ name }) => name[0]));
  expect(names(10)).toEqual([['a', 'b'], ['c'], ['a', 'L']]);
  expect(names(5)).toEqual([['a'], ['b'], ['c'], ['a', 'L']]);
  expect(groupWeights([['w.weight', [ROW + 1]]], 5)[0].length).toBe(2 * ROW);
});

it('packs and unpacks', () => {
  const [group] = groupWeights(shapes);
  const tensors = new Map(
    shapes.map(([name, shape]) => [
      name,
      Float32Array.from({ length: shape.reduce((p, q) => p * q) }, (_, i) => i + 1),
    ]),
  );
  const flat = packGroup(group, (name) => tensors.get(name)!);
  expect([...flat.subarray(4, 12)]).toEqual([5, 6, 1, 2, 3, 4, 1, 2]);
  expect(flat.subarray(19).every((x) => x === 0)).toBe(true);
  unpackGroup(
    group,
    flat.map((x) => 2 * x),
    tensors,
  );
  expect([...tensors.get('b.weight')!]).toEqual([2, 4, 6, 8]);
  expect([...tensors.get('a.bias')!]).toEqual([1, 2]);
});
