import { describe, expect, it } from 'vitest';
import { IdTable } from './id-table.ts';

describe('IdTable', () => {
  it('keeps the first line of every id, also when it grows', () => {
    const ids = new IdTable();
    let repeated = 0;
    for (let i = 0; i < 50_000; i++) if (ids.add(`${i}#${i % 7}`, i + 1) !== undefined) repeated++;
    expect([ids.size, repeated]).toEqual([50_000, 0]);
    expect(ids.add('40000#2', 99_999)).toBe(40_001);
    expect([ids.has('123#4'), ids.has('123#5')]).toEqual([true, false]);
  });

  it('tells ids apart that differ in one character, in any script', () => {
    const ids = new IdTable();
    const all = ['', '0', '00', 'ab', 'ba', 'p1', 'p2', 'मा', 'माँ', 'ẹ́', 'ẹ', '\t', 'a\tb', 'ab\t'];
    for (const [i, id] of all.entries()) expect(ids.add(id, i)).toBeUndefined();
    expect(ids.size).toBe(all.length);
  });
});
