/** Trends checked by hand. */
import { describe, expect, it } from 'vitest';
import { spearman, trendOver } from './trend.ts';

describe('spearman', () => {
  it.each([
    ['a rise', [0, 1, 2], [0.1, 0.2, 0.3], 1],
    ['a fall', [0, 1, 2], [9, 4, 1], -1],
    ['one swap of three: 1 - 6 * 2 / 24', [1, 2, 3], [10, 30, 20], 0.5],
    ['no variation', [1, 2, 3], [5, 5, 5], 0],
    // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3: 4.5 / sqrt(4.5 * 5).
    ['ties', [1, 2, 2, 3], [1, 2, 3, 4], 4.5 / Math.sqrt(22.5)],
  ])('of %s', (_, x, y, expected) => {
    expect(spearman(x, y)).toBeCloseTo(expected, 12);
  });
});

describe('trendOver', () => {
  it('averages slopes and correlations over seeds', () => {
    const trend = trendOver(
      [
        { shares: [0, 0.5, 1], figures: [0.2, 0.3, 0.4] },
        { shares: [0, 0.5, 1], figures: [0.3, 0.3, 0.3] },
      ],
      100,
      1,
    );
    expect(trend.slope).toBeCloseTo(0.1, 12);
    expect(trend.slopes[0]).toBeCloseTo(0, 12);
    expect(trend.slopes[1]).toBeCloseTo(0.2, 12);
    expect(trend.spearman).toBeCloseTo(0.5, 12);
  });

  it('has the p of all orders: one seed with three shares, 2 of 6 as extreme', () => {
    const { p } = trendOver([{ shares: [0, 0.5, 1], figures: [1, 2, 3] }], 20_000, 1);
    expect(p).toBeCloseTo(1 / 3, 1);
  });

  it('gains from further seeds: three of them, 2 of 216', () => {
    const curve = { shares: [0, 0.5, 1], figures: [1, 2, 3] };
    const { p } = trendOver([curve, curve, curve], 20_000, 1);
    expect(Math.abs(p - 2 / 216)).toBeLessThan(0.003);
  });
});
