import { expect, it } from 'vitest';
import * as g from './index.ts';

const a = g.input('a', 'float32', [2]);
const b = g.input('b', 'float32', [2]);

it('puts a tensor in place of an input, and leaves the rest of the graph alone', async () => {
  const flat = g.input('flat', 'float32', [4]);
  const untouched = g.mul(b, 3);
  const { y, z } = g.substitute(
    { y: g.add(g.mul(a, 2), b), z: untouched },
    new Map([[a, g.slice(flat, 0, 1, 3)]]),
  );
  expect(z).toBe(untouched);
  const session = await g.GraphSession.create({ y }, { threads: 1 });
  const found = await session.run({
    flat: { data: Float32Array.of(9, 1, 2, 9), shape: [4] },
    b: { data: Float32Array.of(10, 20), shape: [2] },
  });
  expect([...found.y.data]).toEqual([12, 24]);
  await session.close();
});

it('keeps attributes, targets and all outputs of a node', () => {
  const parts = g.split(g.reshape(a, [1, 2]), [1, 1], 1);
  const { y } = g.substitute({ y: g.add(parts[1], 1) }, new Map([[a, b]]));
  const [split] = y.node.inputs;
  expect(split.node.outputs.indexOf(split)).toBe(1);
  expect(split.node.attributes).toEqual({ axis: { int: 1 } });
  expect(split.node.inputs[0].node.target).toEqual([1, 2]);
});
