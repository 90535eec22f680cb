/** Axes and labels of charts: round ticks, and labels that do not cover one another. */

/** An axis. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** Decimals that tell the ticks apart. */
  readonly decimals: number;
}

/**
 * An axis that holds all values, with about `count` round ticks; its ends are ticks.
 *
 * @example axisOver([0.31, 0.42], 4).ticks // [0.3, 0.35, 0.4, 0.45]
 */
export function axisOver(values: readonly number[], count: number): Axis {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = Math.max(most - least, 0.01);
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough * 0.999) ?? rough;
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(most / step - 1e-9));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toFixed(decimals + 2)),
  );
  return { low: ticks[0], high: ticks[ticks.length - 1], ticks, decimals };
}

/**
 * Places for labels that want to stand at `wanted`: at least `gap` apart, within [top, bottom], moved as little as one
 * pass down and one up allow, in the order of the wanted places.
 *
 * @example spreadLabels([10, 12], 8, 0, 100) // [10, 18]
 */
export function spreadLabels(wanted: readonly number[], gap: number, top: number, bottom: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b] || a - b);
  const placed = [...wanted];
  let free = top;
  for (const i of order) {
    placed[i] = Math.max(placed[i], free);
    free = placed[i] + gap;
  }
  let limit = bottom;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i], limit);
    limit = placed[i] - gap;
  }
  return placed;
}

/** One decimal place, for coordinates. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
