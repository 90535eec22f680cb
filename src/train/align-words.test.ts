import { describe, expect, it } from 'vitest';
import { trainModel1 } from '../lexical/ibm-model1.ts';
import { takeMeanings } from './align-words.ts';
import { countUse } from './token-use.ts';

const pair = (pivot: number[], target: number[]) => ({
  pivot: Int32Array.from(pivot),
  target: Int32Array.from(target),
});

/** Six tokens of width 2: 0 water, 1 goat, 2 Kenya (both languages), 3 maji, 4 mbuzi, 5 never seen. */
function table() {
  const data = Float32Array.from([1, 0, 0, 1, -1, 0, 0.1, -1, -0.2, -1, 0.5, 0.5]);
  return { dtype: 'F32' as const, shape: [6, 2], data };
}
const row = (t: ReturnType<typeof table>, id: number) => [...t.data.subarray(2 * id, 2 * id + 2)];

const pairs = [pair([0, 2], [3, 2]), pair([1, 2], [4, 2]), pair([0], [3]), pair([1], [4])];

async function moved() {
  const t = table();
  const teacher = t.data.slice();
  const translations = await trainModel1(
    pairs.map(({ pivot, target }) => ({ e: pivot, f: target })),
    { iterations: 10, threshold: 0.001 },
  );
  const use = { ...countUse(pairs, [], 6), pivot: Float64Array.of(5, 5, 50, 0, 0, 0) };
  return {
    t,
    teacher,
    translations,
    use,
    count: takeMeanings(t, teacher, translations, use, { protection: 1 }),
  };
}

describe('takeMeanings', () => {
  it('moves words of the new language to their translations, keeping the mean length', async () => {
    const { t, count } = await moved();
    expect(count).toBe(2);
    const [x, y] = row(t, 3);
    expect(x).toBeGreaterThan(0.8);
    expect(Math.abs(y)).toBeLessThan(0.3);
    const [u, v] = row(t, 4);
    expect(v).toBeGreaterThan(0.8);
    expect(Math.abs(u)).toBeLessThan(0.3);
  });

  it("leaves the teacher's words, and words it never saw, where they are", async () => {
    const { t } = await moved();
    expect(row(t, 0)).toEqual([1, 0]);
    expect(row(t, 5)).toEqual([0.5, 0.5]);
    // A name that both languages use is copied wherever it occurs: n_f = 0.
    expect(row(t, 2)).toEqual([-1, 0]);
  });

  it("starts from the teacher's rows each time, and follows w = n / (n + k m)", async () => {
    const { t, teacher, use } = await moved();
    const certain = new Map([[3, [{ e: 1, p: 1 }]]]);
    const rare = { ...use, pivot: Float64Array.of(0, 0, 0, 2, 0, 0) };
    expect(takeMeanings(t, teacher, certain, rare, { protection: 3 })).toBe(0);
    // maji occurs n = 2 times, m = 2, k = 3: w = 1/4 towards goat at the mean length of rows.
    const length = (2 + 1 + Math.hypot(0.1, 1) + Math.hypot(0.2, 1) + Math.hypot(0.5, 0.5)) / 6;
    expect(row(t, 3)[0]).toBeCloseTo(0.75 * 0.1, 6);
    expect(row(t, 3)[1]).toBeCloseTo(-0.75 + 0.25 * length, 6);
    expect(row(t, 4)).toEqual([...teacher.subarray(8, 10)]);
  });

  it('moves second vectors alone where tokens have them, and whole without protection', () => {
    const t = table();
    const teacher = t.data.slice();
    const more = { ...t, shape: [8, 2], data: new Float32Array(16) };
    const rows = Int32Array.from([0, 1, 2, 6, 7, 5]);
    const use = { foreign: Float64Array.of(0, 0, 0, 2, 1, 0), pivot: Float64Array.of(0, 0, 0, 9, 0, 0) };
    const certain = new Map([[3, [{ e: 0, p: 1 }]]]);
    expect(takeMeanings(more, teacher, certain, use, { protection: 0, rows })).toBe(1);
    expect([...more.data.subarray(0, 12)]).toEqual([...teacher]);
    const length = (3 + Math.hypot(0.1, 1) + Math.hypot(0.2, 1) + Math.hypot(0.5, 0.5)) / 6;
    expect(more.data[12]).toBeCloseTo(length, 6);
    expect(more.data[13]).toBeCloseTo(0, 6);
    // A token without a translation begins with the teacher's vector.
    expect([...more.data.subarray(14)]).toEqual([...teacher.subarray(8, 10)]);
  });
});
