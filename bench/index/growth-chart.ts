/** Cost against the size of the collection as small multiples, both axes logarithmic: linear growth is a slope of 1. */
import { escaped } from '../../src/search/explain-text.ts';
import { round } from '../../src/study/report/chart-scale.ts';
import { CHART_STYLE } from '../../src/study/report/chart-style.ts';

/** A collection's size and what it costs. */
export interface GrowthPoint {
  readonly passages: number;
  readonly buildSeconds: number;
  readonly buildPeakMiB: number;
  readonly bytes: number;
  /** From opening to the first answer. */
  readonly openSeconds: number;
  /** Memory of the process when it is open, and at most until then. */
  readonly openMiB: number;
  readonly openPeakMiB: number;
  /** Milliseconds of a query. */
  readonly p50: number;
  readonly p95: number;
  readonly recall10?: number;
  /** Of the ten best that scoring every window finds, the share that the usual effort finds. */
  readonly found10?: number;
}

interface Curve {
  readonly label: string;
  readonly values: readonly number[];
}

const PLOT = { width: 190, height: 150 };
const LEFT = 52;
const RIGHT = 74;
const TOP = 34;
const BOTTOM = 40;
const PANEL = { width: LEFT + PLOT.width + RIGHT, height: TOP + PLOT.height + BOTTOM };
const COLUMNS = 2;
const GROUPS = ['low', 'high'];

/** The chart as SVG text, for points by rising size. */
export function growthSvg(points: readonly GrowthPoint[]): string {
  const of = (label: string, value: (point: GrowthPoint) => number): Curve => ({
    label,
    values: points.map(value),
  });
  const panels: [string, Curve[]][] = [
    ['query, ms', [of('p95', ({ p95 }) => p95), of('p50', ({ p50 }) => p50)]],
    ['build and opening, s', [of('build', (p) => p.buildSeconds), of('open', (p) => p.openSeconds)]],
    ['memory, MiB', [of('build', (p) => p.buildPeakMiB), of('open', (p) => p.openMiB)]],
    ['on the disk, MiB', [of('all files', ({ bytes }) => bytes / 2 ** 20)]],
  ];
  const sizes = points.map(({ passages }) => passages);
  const [width, height] = [COLUMNS * PANEL.width, Math.ceil(panels.length / COLUMNS) * PANEL.height];
  const said = points.map((p) => `${p.passages} passages: p50 ${p.p50.toPrecision(3)} ms`).join('; ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="robustness" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="growth-title growth-desc">`,
    '<title id="growth-title">Cost of the index by the size of the collection</title>',
    `<desc id="growth-desc">${escaped(said)}</desc>`,
    `<style>${CHART_STYLE}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...panels.map(([title, curves], i) => {
      const [x, y] = [(i % COLUMNS) * PANEL.width, Math.floor(i / COLUMNS) * PANEL.height];
      return `<g transform="translate(${x} ${y})">\n${panelSvg(title, curves, sizes)}\n</g>`;
    }),
    '</svg>',
  ].join('\n');
}

function panelSvg(title: string, curves: readonly Curve[], sizes: readonly number[]): string {
  const xs = powers(sizes);
  const ys = powers(curves.flatMap(({ values }) => values));
  const x = (value: number) => round(LEFT + PLOT.width * share(value, xs));
  const y = (value: number) => round(TOP + PLOT.height * (1 - share(value, ys)));
  return [
    `<text class="name" x="${LEFT}" y="18">${escaped(title)}</text>`,
    ...ys.flatMap((tick) => [
      `<path class="grid" d="M${LEFT} ${y(tick)}H${LEFT + PLOT.width}"/>`,
      `<text class="small end" x="${LEFT - 7}" y="${round(y(tick) + 4)}">${short(tick)}</text>`,
    ]),
    `<path class="axis" d="M${LEFT} ${TOP + PLOT.height}H${LEFT + PLOT.width}"/>`,
    ...xs.flatMap((tick) => [
      `<path class="axis" d="M${x(tick)} ${TOP + PLOT.height}v4"/>`,
      `<text class="small middle" x="${x(tick)}" y="${TOP + PLOT.height + 18}">${short(tick)}</text>`,
    ]),
    `<text class="small middle" x="${LEFT + PLOT.width / 2}" y="${TOP + PLOT.height + 34}">passages</text>`,
    ...curves.map(({ label, values }, c) => {
      const places = values.map((value, i) => `${x(sizes[i])} ${y(value)}`);
      const marks = values.map(
        (value, i) =>
          `<g><title>${escaped(`${label}, ${sizes[i]} passages: ${value.toPrecision(3)}`)}</title><circle class="mark ${GROUPS[c]}${c === 0 ? '' : ' hollow'}" cx="${x(sizes[i])}" cy="${y(value)}" r="4"/></g>`,
      );
      const last = values[values.length - 1];
      const name = `<text class="small" x="${round(x(sizes[sizes.length - 1]) + 9)}" y="${round(y(last) + 4)}">${escaped(label)}</text>`;
      return `<path class="curve ${GROUPS[c]} d${c}" d="M${places.join('L')}"/>${marks.join('')}${name}`;
    }),
  ].join('\n');
}

/** Powers of ten from below the least to above the most. */
function powers(values: readonly number[]): number[] {
  const first = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

function share(value: number, ticks: readonly number[]): number {
  const [low, high] = [Math.log10(ticks[0]), Math.log10(ticks[ticks.length - 1])];
  return (Math.log10(value) - low) / (high - low);
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1e3) return `${value / 1e3}k`;
  return String(Number(value.toPrecision(3)));
}
