/**
 * Robustness curves as small multiples: a panel for each test set, a figure against the realised share. Groups of
 * languages differ in colour and shape of marker, designs in dashes and filling, so that grey print reads the same.
 * The SVG needs nothing from outside and follows the reader's light or dark scheme.
 */
import { escaped } from '../../search/explain-text.ts';
import { type Axis, axisOver, round, spreadLabels } from './chart-scale.ts';
import { CHART_STYLE } from './chart-style.ts';
import type { Interval } from './resampling.ts';

/** What lines and references are about: low-resource languages, the others, or English. */
export type ChartGroup = 'low' | 'high' | 'english';
/** What a group is called in legends and descriptions. */
export const GROUP_LABELS: Readonly<Record<ChartGroup, string>> = {
  low: 'low-resource',
  high: 'high-resource',
  english: 'English',
};

/** One line of a panel. */
export interface ChartLine {
  readonly group: ChartGroup;
  /** What differs within a group: the first drawn solid and filled, the second dashed and hollow. */
  readonly design: string;
  /** By rising share. */
  readonly points: readonly { readonly share: number; readonly mean: number; readonly band: Interval }[];
}

/** A horizontal line for an arm without shares. */
export interface ChartReference {
  readonly label: string;
  readonly group: ChartGroup;
  readonly value: number;
}

/** A panel. */
export interface ChartPanel {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly references: readonly ChartReference[];
}

/** A chart of panels that share a legend. */
export interface RobustnessChart {
  /** Distinct within a page. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly measure: string;
  readonly panels: readonly ChartPanel[];
}

const PLOT = { width: 214, height: 168 };
const LEFT = 46;
const RIGHT = 112;
const TOP = 46;
const BOTTOM = 44;
const PANEL_WIDTH = LEFT + PLOT.width + RIGHT;
const PANEL_HEIGHT = TOP + PLOT.height + BOTTOM;
const COLUMNS = 3;
const LEGEND_ROW = 20;
const LABEL_GAP = 13;
const SHARE_TICKS = [0, 0.25, 0.5, 0.75, 1];
/** A reference farther from the curves than this many of their ranges is named at the edge instead of drawn. */
const FAR = 1.2;
/** A panel shows at least this range of figures, so that noise does not look like an effect. */
const LEAST_SPAN = 0.1;

/**
 * The chart as SVG text.
 *
 * @example writeFileAtomic('robustness.svg', robustnessSvg({ id: 'r', title: 'nDCG@10', description: '', measure: 'nDCG@10', panels }))
 */
export function robustnessSvg({ id, title, description, measure, panels }: RobustnessChart): string {
  const columns = Math.min(panels.length === 4 ? 2 : COLUMNS, Math.max(1, panels.length));
  const rows = Math.ceil(panels.length / columns);
  const width = Math.max(columns * PANEL_WIDTH, 560);
  const designs = [...new Set(panels.flatMap(({ lines }) => lines.map(({ design }) => design)))];
  const legend = legendOf(panels, designs, width);
  const top = 14 + LEGEND_ROW * Math.max(1, ...legend.map(({ row }) => row + 1));
  const height = top + rows * PANEL_HEIGHT;
  const body = panels.map((panel, i) => {
    const [x, y] = [(i % columns) * PANEL_WIDTH, top + Math.floor(i / columns) * PANEL_HEIGHT];
    return `<g transform="translate(${x} ${y})">\n${panelSvg(panel, measure, designs)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="robustness" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">`,
    `<title id="${id}-title">${escaped(title)}</title>`,
    `<desc id="${id}-desc">${escaped(description)}</desc>`,
    `<style>${CHART_STYLE}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    legendSvg(legend),
    ...body,
    '</svg>',
  ].join('\n');
}

function panelSvg(
  { title, lines, references }: ChartPanel,
  measure: string,
  designs: readonly string[],
): string {
  const inside = lines.flatMap(({ points }) => points.flatMap(({ band }) => [band.low, band.high]));
  const near = nearReferences(references, inside);
  const axis = axisOver(widened([...inside, ...near.map(({ value }) => value)]), 4);
  const x = (share: number) => round(LEFT + share * PLOT.width);
  const y = (value: number) =>
    round(TOP + PLOT.height - ((value - axis.low) / (axis.high - axis.low)) * PLOT.height);
  return [
    `<text class="name" x="${LEFT}" y="16">${escaped(title)}</text>`,
    `<text class="small" x="${LEFT}" y="34">${escaped(measure)}</text>`,
    axesSvg(axis, x, y),
    ...references
      .filter((each) => near.includes(each))
      .map(
        ({ group, value }) =>
          `<path class="reference ${group}" d="M${LEFT} ${y(value)}H${LEFT + PLOT.width}"/>`,
      ),
    labelsSvg(references, near, y),
    ...lines.map((line) => bandSvg(line, x, y)),
    ...lines.map((line) => lineSvg(line, designs.indexOf(line.design), x, y)),
  ].join('\n');
}

/** The ends of some figures, at least the least span apart and not beyond 0 and 1 unless the figures are. */
function widened(values: readonly number[]): [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const more = Math.max(0, LEAST_SPAN - (most - least)) / 2;
  return [Math.min(least, Math.max(0, least - more)), Math.max(most, Math.min(1, most + more))];
}

/** References that fit without pressing the curves flat. */
function nearReferences(references: readonly ChartReference[], inside: readonly number[]): ChartReference[] {
  if (inside.length === 0) return [...references];
  const [least, most] = [Math.min(...inside), Math.max(...inside)];
  const room = Math.max(most - least, LEAST_SPAN) * FAR;
  return references.filter(({ value }) => value <= most + room && value >= least - room);
}

function axesSvg(axis: Axis, x: (share: number) => number, y: (value: number) => number): string {
  const [right, bottom] = [LEFT + PLOT.width, TOP + PLOT.height];
  return [
    ...axis.ticks.flatMap((tick) => [
      `<path class="grid" d="M${LEFT} ${y(tick)}H${right}"/>`,
      `<text class="small end" x="${LEFT - 7}" y="${round(y(tick) + 4)}">${tick.toFixed(axis.decimals)}</text>`,
    ]),
    `<path class="axis" d="M${LEFT} ${bottom}H${right}"/>`,
    ...SHARE_TICKS.flatMap((tick) => [
      `<path class="axis" d="M${x(tick)} ${bottom}v4"/>`,
      `<text class="small middle" x="${x(tick)}" y="${bottom + 17}">${tick}</text>`,
    ]),
    `<text class="small middle" x="${x(0.5)}" y="${bottom + 33}">realised rho (share of low-resource)</text>`,
  ].join('\n');
}

/** Names of the references at the right edge, spread so that none covers another; far ones with an arrow. */
function labelsSvg(
  references: readonly ChartReference[],
  near: readonly ChartReference[],
  y: (value: number) => number,
): string {
  const [top, bottom] = [TOP, TOP + PLOT.height];
  const clamp = (value: number) => Math.min(bottom, Math.max(top, y(value)));
  const places = spreadLabels(
    references.map(({ value }) => clamp(value)),
    LABEL_GAP,
    top,
    bottom,
  );
  const right = LEFT + PLOT.width;
  return references
    .map((reference, i) => {
      const { label, group, value } = reference;
      const drawn = near.includes(reference);
      const arrow = drawn ? '' : y(value) < top ? ` ${value.toFixed(2)} ↑` : ` ${value.toFixed(2)} ↓`;
      const lead = drawn
        ? `<path class="lead" d="M${right + 1} ${y(value)}L${right + 8} ${round(places[i])}"/>`
        : '';
      const sign = group === 'english' ? '' : markerSvg(group, false, right + 14, round(places[i]), 3);
      const at = group === 'english' ? right + 10 : right + 21;
      return `${lead}${sign}<text class="small" x="${at}" y="${round(places[i] + 4)}">${escaped(label)}${arrow}</text>`;
    })
    .join('\n');
}

function bandSvg(
  { group, points }: ChartLine,
  x: (share: number) => number,
  y: (value: number) => number,
): string {
  const upper = points.map(({ share, band }) => `${x(share)} ${y(band.high)}`);
  const lower = points.map(({ share, band }) => `${x(share)} ${y(band.low)}`).reverse();
  return `<path class="band ${group}" d="M${[...upper, ...lower].join('L')}Z"/>`;
}

function lineSvg(
  { group, design, points }: ChartLine,
  place: number,
  x: (share: number) => number,
  y: (value: number) => number,
): string {
  const path = points.map(({ share, mean }) => `${x(share)} ${y(mean)}`).join('L');
  const markers = points.map(({ share, mean, band }) => {
    const text = `${design}, ${GROUP_LABELS[group]}, share ${share.toFixed(2)}: ${mean.toFixed(3)} [${band.low.toFixed(3)}, ${band.high.toFixed(3)}]`;
    return `<g><title>${escaped(text)}</title>${markerSvg(group, place === 0, x(share), y(mean), 4)}</g>`;
  });
  return `<path class="curve ${group} d${place}" d="M${path}"/>\n${markers.join('\n')}`;
}

/** A circle for low-resource languages, a diamond for the others, a square for English; hollow or filled. */
function markerSvg(group: ChartGroup, filled: boolean, x: number, y: number, size: number): string {
  const kind = `class="mark ${group}${filled ? '' : ' hollow'}"`;
  if (group === 'low') return `<circle ${kind} cx="${x}" cy="${y}" r="${size}"/>`;
  if (group === 'english')
    return `<rect ${kind} x="${round(x - size)}" y="${round(y - size)}" width="${2 * size}" height="${2 * size}"/>`;
  const half = size * 1.25;
  return `<path ${kind} d="M${x} ${round(y - half)}L${round(x + half)} ${y}L${x} ${round(y + half)}L${round(x - half)} ${y}Z"/>`;
}

/** An entry of the legend and its place. */
interface LegendEntry {
  readonly group: ChartGroup;
  readonly design: number;
  readonly text: string;
  readonly x: number;
  readonly row: number;
}

/** The entries, as many in a row as the width has room for. */
function legendOf(panels: readonly ChartPanel[], designs: readonly string[], width: number): LegendEntry[] {
  const groups = (['low', 'high', 'english'] as const).filter((group) =>
    panels.some(({ lines }) => lines.some((line) => line.group === group)),
  );
  let [x, row] = [LEFT, 0];
  return groups.flatMap((group) =>
    designs.map((name, design) => {
      const text = `${GROUP_LABELS[group]}${name === '' ? '' : `, ${name}`}`;
      const length = 41 + text.length * 6.6;
      if (x > LEFT && x + length > width) [x, row] = [LEFT, row + 1];
      const entry = { group, design, text, x: round(x), row };
      x += length + 22;
      return entry;
    }),
  );
}

function legendSvg(entries: readonly LegendEntry[]): string {
  return entries
    .map(({ group, design, text, x, row }) => {
      const y = 14 + row * LEGEND_ROW;
      return `<path class="curve ${group} d${design}" d="M${x} ${y}H${x + 34}"/>${markerSvg(group, design === 0, x + 17, y, 4)}<text class="small" x="${x + 41}" y="${y + 4}">${escaped(text)}</text>`;
    })
    .join('\n');
}
