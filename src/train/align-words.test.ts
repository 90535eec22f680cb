import { describe, expect, it } from 'vitest';
import { alignWordVectors } from './align-words.ts';

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

describe('alignWordVectors', () => {
  const pairs = [pair([0, 2], [3, 2]), pair([1, 2], [4, 2]), pair([0], [3]), pair([1], [4])];

  it('moves words of the new language to their translations, keeping the mean length', async () => {
    const t = table();
    const moved = await alignWordVectors(t, pairs, [5, 5, 50, 0, 0, 0], { iterations: 10, protection: 1 });
    expect(moved).toBe(2);
    const [x, y] = row(t, 3);
    expect(x).toBeGreaterThan(0.8);
    expect(Math.abs(y)).toBeLessThan(0.3);
    const [u, v] = row(t, 4);
    expect(v).toBeGreaterThan(0.8);
    expect(Math.abs(u)).toBeLessThan(0.3);
  });

  it("leaves the teacher's words, and words it never saw, where they are", async () => {
    const t = table();
    await alignWordVectors(t, pairs, [5, 5, 50, 0, 0, 0], { iterations: 10, protection: 1 });
    expect(row(t, 0)).toEqual([1, 0]);
    expect(row(t, 5)).toEqual([0.5, 0.5]);
    // A name that both languages use is aligned with itself: same direction.
    const [x, y] = row(t, 2);
    expect(x).toBeLessThan(-0.9);
    expect(Math.abs(y)).toBeLessThan(0.1);
  });
});
