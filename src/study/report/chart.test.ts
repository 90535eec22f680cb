/** Axes, labels, and what a chart says in grey and without sight. */
import { describe, expect, it } from 'vitest';
import { robustnessSvg } from './chart.ts';
import { axisOver, spreadLabels } from './chart-scale.ts';

describe('axisOver', () => {
  it.each([
    [
      [0.31, 0.42],
      [0.3, 0.35, 0.4, 0.45],
    ],
    [
      [0, 1],
      [0, 0.5, 1],
    ],
    [[0.5, 0.5], [0.5, 0.505, 0.51].slice(0, 1)],
    [
      [-0.02, 0.04],
      [-0.02, 0, 0.02, 0.04],
    ],
  ])('over %j', (values, ticks) => {
    const axis = axisOver(values, 4);
    expect(axis.ticks.slice(0, ticks.length)).toEqual(ticks);
    expect(axis.low).toBeLessThanOrEqual(Math.min(...values));
    expect(axis.high).toBeGreaterThanOrEqual(Math.max(...values));
  });
});

describe('spreadLabels', () => {
  it('keeps labels apart and inside', () => {
    expect(spreadLabels([10, 12], 8, 0, 100)).toEqual([10, 18]);
    expect(spreadLabels([99, 98], 8, 0, 100)).toEqual([100, 92]);
    expect(spreadLabels([5, 50], 8, 0, 100)).toEqual([5, 50]);
  });
});

describe('robustnessSvg', () => {
  const line = (group: 'low' | 'high', design: string) => ({
    group,
    design,
    points: [0, 0.5, 1].map((share) => ({
      share,
      mean: 0.3 + 0.1 * share,
      band: { low: 0.28 + 0.1 * share, high: 0.32 + 0.1 * share },
    })),
  });
  const svg = robustnessSvg({
    id: 'r',
    title: 'nDCG@10 <of> “switched”',
    description: 'rises',
    measure: 'nDCG@10',
    panels: [
      {
        title: 'ntrex & co',
        lines: [line('low', 'natural'), line('low', 'matched'), line('high', 'natural')],
        references: [
          { label: 'zero-shot', group: 'low', value: 0.25 },
          { label: 'English', group: 'english', value: 0.95 },
        ],
      },
    ],
  });

  it('is named and described, and escaped', () => {
    expect(svg).toContain('aria-labelledby="r-title r-desc"');
    expect(svg).toContain('<title id="r-title">nDCG@10 &lt;of&gt; “switched”</title>');
    expect(svg).toContain('ntrex &amp; co');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('tells groups apart by marker and designs by dashes and filling', () => {
    expect(svg.match(/<circle class="mark low" /g)).toHaveLength(3 + 1);
    expect(svg.match(/<circle class="mark low hollow" /g)).toHaveLength(3 + 1 + 1);
    expect(svg.match(/<path class="mark high" /g)).toHaveLength(3 + 1);
    expect(svg).toContain('class="curve low d1"');
    expect(svg).toContain('stroke-dasharray');
  });

  it('names a reference that is far away instead of drawing it', () => {
    expect(svg.match(/class="reference low"/g)).toHaveLength(1);
    expect(svg).not.toContain('class="reference english"');
    expect(svg).toContain('English 0.95 ↑');
  });

  it('loads nothing and follows the scheme', () => {
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|url\(|<script|@import/,
    );
    expect(svg).toContain('prefers-color-scheme:dark');
  });
});
