import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { add, GraphSession, gather, input, matmul, mul } from './index.ts';

const folder = temporaryFolder();
const floats = (values: number[], shape: number[]) => ({ data: Float32Array.from(values), shape });

const a = input('a', 'float32', ['B', 2]);
const b = input('b', 'float32', [2, 'B']);
const session = await GraphSession.create({ product: matmul(a, b), twice: mul(a, 2) }, { threads: 1 });
afterAll(() => session.close());

const fit = { a: floats([1, 2], [1, 2]), b: floats([3, 4], [2, 1]) };

describe('what is fed', () => {
  it('may have any size that agrees', async () => {
    expect([...(await session.run(fit)).product.data]).toEqual([11]);
    const { product } = await session.run({
      a: floats([1, 0, 0, 1], [2, 2]),
      b: floats([1, 2, 3, 4], [2, 2]),
    });
    expect(product).toEqual({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] });
  });

  it.each([
    ['a missing input', { a: fit.a }, 'GRAPH_INVALID', 'input b was not given'],
    [
      'another rank',
      { ...fit, b: floats([3, 4], [2]) },
      'GRAPH_SHAPE',
      'b float32[2, B]: given [2], another rank',
    ],
    [
      'another size',
      { ...fit, a: floats([1, 2, 3], [1, 3]) },
      'GRAPH_SHAPE',
      'given [1,3], axis 1 should be 2',
    ],
    [
      'named sizes that differ',
      { ...fit, b: floats([1, 2, 3, 4], [2, 2]) },
      'GRAPH_SHAPE',
      'given [2,2], axis 1 should be 1',
    ],
    ['too few values', { ...fit, a: floats([1], [1, 2]) }, 'GRAPH_SHAPE', 'given [1,2], but 1 values'],
  ])('is refused with %s', async (_, feeds, code, text) => {
    const error = await refusal(() => session.run(feeds as typeof fit));
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it('must agree with sizes that were bound and with their products', async () => {
    const x = input('x', 'float32', ['B', 'L']);
    const flat = input('flat', 'float32', ['B*L']);
    const bound = await GraphSession.create(
      { x2: mul(x, 2), flat2: mul(flat, 2) },
      { threads: 1, sizes: { L: 3 } },
    );
    const error = await refusal(() => bound.run({ x: floats([1, 2], [1, 2]), flat: floats([1, 2], [2]) }));
    expect(error.message).toContain('axis 1 should be 3');
    const product = await refusal(() =>
      bound.run({ x: floats([1, 2, 3], [1, 3]), flat: floats([1, 2], [2]) }),
    );
    expect(product.message).toContain('flat float32[B*L]: given [2], axis 0 should be 3');
    await bound.close();
  });
});

it('a row that a table lacks is an error of sizes, not of the runtime', async () => {
  const look = await GraphSession.create({
    y: gather(input('table', 'float32', [3, 1]), input('i', 'int32', ['N'])),
  });
  const error = await refusal(() =>
    look.run({ table: floats([1, 2, 3], [3, 1]), i: { data: Int32Array.of(0, 7), shape: [2] } }),
  );
  await look.close();
  expect(error).toMatchObject({ code: 'GRAPH_SHAPE', what: 'row 7 of a table whose last one is 2' });
});

describe('outputs', () => {
  it('are written into arrays of the caller, again and again', async () => {
    const into = { twice: floats([0, 0], [1, 2]) };
    const { twice, product } = await session.run(fit, into);
    expect(twice).toBe(into.twice);
    expect([...into.twice.data]).toEqual([2, 4]);
    expect([...product.data]).toEqual([11]);
    await session.run({ ...fit, a: floats([5, 6], [1, 2]) }, into);
    expect([...into.twice.data]).toEqual([10, 12]);
  });

  it.each<[string, Record<string, ReturnType<typeof floats>>, string, string]>([
    [
      'of another size',
      { twice: floats([0, 0, 0], [1, 3]) },
      'GRAPH_SHAPE',
      'output twice: the array given is [1, 3], the result is [1, 2]',
    ],
    [
      'of a size that fits other inputs',
      { product: floats([0, 0, 0, 0], [2, 2]) },
      'GRAPH_SHAPE',
      'output product: the array given is [2, 2], the result is [1, 1]',
    ],
    ['of another rank', { twice: floats([0, 0], [2]) }, 'GRAPH_SHAPE', 'is [2], the result is [1, 2]'],
    ['with too few values', { twice: floats([0], [1, 2]) }, 'GRAPH_SHAPE', 'is [1, 2], but has 1 values'],
    ['of no such name', { thrice: floats([0], [1]) }, 'GRAPH_INVALID', 'there is no output thrice'],
  ])('are refused an array %s', async (_, into, code, text) => {
    const error = await refusal(() => session.run(fit, into));
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    expect(Object.values(into).every(({ data }) => data.every((x) => x === 0))).toBe(true);
  });

  it('keep integers as they are', async () => {
    const ids = input('ids', 'int32', ['N']);
    const rows = gather(input('table', 'float32', [3, 1]), ids);
    const lookup = await GraphSession.create({ rows, used: ids }, { threads: 1 });
    const result = await lookup.run({
      ids: { data: Int32Array.of(2, 0), shape: [2] },
      table: floats([5, 6, 7], [3, 1]),
    });
    expect([...result.rows.data]).toEqual([7, 5]);
    expect(result.used.data).toEqual(Int32Array.of(2, 0));
    const feeds = { ids: { data: Int32Array.of(1), shape: [1] }, table: floats([5, 6, 7], [3, 1]) };
    const error = await refusal(() => lookup.run(feeds, { used: floats([0], [1]) }));
    expect(error.message).toContain('output used is int32 and cannot be written into floats');
    await lookup.close();
  });
});

describe('options', () => {
  it('give the same numbers with and without the arena', async () => {
    const plain = await GraphSession.create({ y: add(a, 1) }, { threads: 1, arena: false });
    expect([...(await plain.run({ a: fit.a })).y.data]).toEqual([2, 3]);
    await plain.close();
  });

  it('write a profile on close', async () => {
    const prefix = join(folder.path, 'trace');
    const profiled = await GraphSession.create({ y: add(a, 1) }, { threads: 1, profile: prefix });
    await profiled.run({ a: fit.a });
    await profiled.close();
    expect(readdirSync(folder.path).some((name) => name.startsWith('trace') && name.endsWith('.json'))).toBe(
      true,
    );
  });
});
