import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../random.ts';
import { QuotaTable } from './quota-table.ts';

const KINDS = [
  { mask: 0b01, count: 3 },
  { mask: 0b11, count: 3 },
];

describe('QuotaTable', () => {
  it('gives out its quotas to the word in every cycle, whatever is drawn', () => {
    for (const uniform of [0, 0.5, 0.999999]) {
      const table = new QuotaTable(KINDS, [3, 2]);
      expect(table.allocated).toEqual([3, 2]);
      for (let cycle = 0; cycle < 3; cycle++) {
        const given = [0, 0];
        for (const mask of [1, 3, 3, 1, 1, 3]) {
          const l = table.draw(mask, uniform);
          if (l >= 0) given[l]++;
        }
        expect(given).toEqual([3, 2]);
      }
    }
  });

  it('makes every choice of words equally likely: 2 of 4 words, 6 ways', () => {
    const stream = new RandomStream(1, 'quota-table.test');
    const table = new QuotaTable([{ mask: 1, count: 4 }], [2]);
    const ways = new Map<string, number>();
    for (let cycle = 0; cycle < 3000; cycle++) {
      const way = Array.from({ length: 4 }, () => table.draw(1, stream.uniform())).join(' ');
      ways.set(way, (ways.get(way) ?? 0) + 1);
    }
    expect(ways.size).toBe(6);
    for (const count of ways.values()) expect(Math.abs(count - 500)).toBeLessThan(80); // 4 standard deviations
  });

  it('lets phrases take words in place of others, or refuses and changes nothing', () => {
    const table = new QuotaTable(KINDS, [3, 2]);
    const l = table.draw(3, 0); // one of three words that both know
    const before = table.save();
    expect(table.take(1, 1, [3, 3])).toBe(false); // its quota is 2 words in all
    expect(table.save()).toEqual(before);
    expect(table.take(1, 1, [])).toBe(true);
    const left = table.save().reduce((sum, [, , , second]) => sum + second, 0);
    expect(left).toBe(2 - (l === 1 ? 1 : 0) - 1);
  });

  it('knows no quota for kinds of words it has not counted', () => {
    const table = new QuotaTable(KINDS, [1, 1]);
    expect([table.draw(0, 0), table.draw(0b10, 0)]).toEqual([-1, -1]);
  });
});
