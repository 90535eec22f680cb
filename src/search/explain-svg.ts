/**
 * An alignment as a heatmap: query tokens as rows, passage tokens as columns, in blocks that fit a page.
 * One SVG that needs nothing from outside, follows the reader's light or dark scheme, and keeps its order
 * of lightness when printed in grey.
 */
import { checkLabels, largestInRow, type TokenAlignment, type TokenLabels } from './explain-align.ts';
import { displayWidth, escaped, isolated, printable, runsRightToLeft, shortened } from './explain-text.ts';

/** Choices for the picture. */
export interface HeatmapSettings {
  /** Show every passage token; by default those that win, and their neighbours. */
  readonly all?: boolean;
  /** Columns of one block (default 24). */
  readonly columns?: number;
}

const CELL = 30;
const GAP = 14;
const CHARACTER = 8.2;
const LABEL_COLUMNS = 16;
const LEVELS = 10;
const LEGEND_WIDTH = 390;
/** Lightness falls (light scheme) or rises (dark scheme) evenly from the smallest similarity to the largest. */
const LIGHT = [
  '#f3f6fa',
  '#dfe8f2',
  '#c9d9ea',
  '#b0c9e1',
  '#94b6d6',
  '#769fc9',
  '#5886b9',
  '#3c6ca4',
  '#255189',
  '#123766',
];
const DARK = [
  '#20262e',
  '#26323f',
  '#2d4052',
  '#344f67',
  '#3c607d',
  '#477395',
  '#5889ae',
  '#70a1c7',
  '#92bbdd',
  '#bcd8f0',
];
/** First level on which figures are written in the other ink, so that each has a contrast of 4.5 or more. */
const LIGHT_TURN = 7;
const DARK_TURN = 6;

/** Passage tokens to show: all, or each winner (of similarity and of transport) with its neighbours. */
export function shownColumns({ m, n, best, plan }: TokenAlignment, all = false): number[] {
  const shown = new Set<number>();
  const winners = [...best];
  if (plan !== undefined) for (let i = 0; i < m; i++) winners.push(largestInRow(plan, n, i));
  for (const j of winners) for (const near of [j - 1, j, j + 1]) if (near >= 0 && near < n) shown.add(near);
  return Array.from({ length: n }, (_, j) => j).filter((j) => all || shown.has(j));
}

/** One block of columns: passage tokens, with a gap in front of each that does not follow the one before. */
interface Block {
  readonly columns: readonly number[];
  readonly places: readonly number[];
  readonly width: number;
}

/** Cuts the shown columns into blocks of at most `size`, of near equal length. */
function blocksOf(shown: readonly number[], size: number): Block[] {
  const count = Math.ceil(shown.length / size);
  const length = Math.ceil(shown.length / count);
  return Array.from({ length: count }, (_, b) => {
    const columns = shown.slice(b * length, (b + 1) * length);
    let x = 0;
    const places = columns.map((j, c) => {
      if (c > 0 && columns[c - 1] !== j - 1) x += GAP;
      x += CELL;
      return x - CELL;
    });
    return { columns, places, width: x };
  });
}

/**
 * The heatmap as SVG text. A passage token's column is outlined where it wins; a circle's area is the mass
 * of the transport plan (a full circle: all mass of the query token). Hovering names both tokens and values.
 *
 * @throws RefractError `GRAPH_SHAPE` when labels and alignment do not fit
 * @example writeFileAtomic('alignment.svg', alignmentSvg(alignment, labels));
 */
export function alignmentSvg(
  alignment: TokenAlignment,
  labels: TokenLabels,
  { all = false, columns = 24 }: HeatmapSettings = {},
): string {
  checkLabels(alignment, labels);
  const blocks = blocksOf(shownColumns(alignment, all), columns);
  const rightToLeft = runsRightToLeft(labels.passage);
  const shownLabels = blocks.flatMap((block) => block.columns.map((j) => label(labels.passage[j])));
  const left = 16 + pixels(labels.query.map(label));
  const head = 20 + pixels(shownLabels) * Math.sin(Math.PI / 3);
  const tail = Math.max(24, pixels(shownLabels) * Math.cos(Math.PI / 3) + 12);
  const blockHeight = head + alignment.m * CELL + 26;
  const width = Math.ceil(left + Math.max(...blocks.map((block) => block.width + tail), LEGEND_WIDTH));
  const height = Math.ceil(blocks.length * blockHeight + 44);
  const levelOf = levels(alignment.similarity);
  const body = blocks.map((block, b) => {
    const x = (place: number) => left + (rightToLeft ? block.width - CELL - place : place);
    return drawBlock(alignment, labels, block, { x, top: b * blockHeight + head, left, levelOf });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="alignment" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Similarity of query tokens (rows) and passage tokens (columns)">`,
    `<style>${style()}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...body,
    drawLegend(alignment, left, blocks.length * blockHeight),
    '</svg>',
  ].join('\n');
}

interface Placement {
  readonly x: (place: number) => number;
  readonly top: number;
  readonly left: number;
  readonly levelOf: (value: number) => number;
}

function drawBlock(
  { m, n, similarity, best, plan }: TokenAlignment,
  labels: TokenLabels,
  { columns, places }: Block,
  { x, top, left, levelOf }: Placement,
): string {
  const parts: string[] = [];
  for (const [c, j] of columns.entries()) {
    const [px, py] = [x(places[c]) + CELL / 2 + 3, top - 8];
    const winner = best.includes(j) ? ' class="won"' : '';
    parts.push(
      `<text${winner} transform="translate(${round(px)} ${round(py)}) rotate(-60)">${text(labels.passage[j])}</text>`,
    );
  }
  for (let i = 0; i < m; i++) {
    const y = top + i * CELL;
    parts.push(
      `<text class="row" x="${left - 8}" y="${round(y + CELL / 2 + 5)}">${text(labels.query[i])}</text>`,
    );
    for (const [c, j] of columns.entries()) {
      const value = similarity[i * n + j];
      const level = levelOf(value);
      const [px, py] = [round(x(places[c])), round(y)];
      const mass = plan === undefined ? 0 : plan[i * n + j] * m;
      const shared = plan === undefined ? '' : `, transport ${Math.round(mass * 100)} %`;
      const name = `${isolated(escaped(labels.query[i]))} · ${isolated(escaped(labels.passage[j]))}`;
      const won = best[i] === j;
      parts.push(
        `<g><title>${name}: ${value.toFixed(3)}${shared}</title>`,
        `<rect class="c${level}${won ? ' best' : ''}" x="${px + 1}" y="${py + 1}" width="${CELL - 2}" height="${CELL - 2}" rx="3"/>`,
      );
      if (mass > 0.005) {
        const radius = (Math.sqrt(mass) * (CELL - 7)) / 2;
        parts.push(
          `<circle class="k${level}" cx="${px + CELL / 2}" cy="${py + CELL / 2}" r="${round(radius)}"/>`,
        );
      }
      if (won) {
        parts.push(
          `<text class="figure k${level}" x="${px + CELL / 2}" y="${py + CELL / 2 + 4}">${figure(value)}</text>`,
        );
      }
      parts.push('</g>');
    }
  }
  return parts.join('\n');
}

function drawLegend({ similarity, plan }: TokenAlignment, left: number, top: number): string {
  const [low, high] = range(similarity);
  const boxes = Array.from(
    { length: LEVELS },
    (_, level) =>
      `<rect class="c${level}" x="${round(left + level * 14)}" y="${round(top)}" width="14" height="12"/>`,
  );
  const note = plan === undefined ? 'outlined: best match' : 'outlined: best match; circle: transport';
  return [
    ...boxes,
    `<text class="small" x="${left}" y="${round(top + 28)}">${figure(low)}</text>`,
    `<text class="small end" x="${left + 14 * LEVELS}" y="${round(top + 28)}">${figure(high)}</text>`,
    `<text class="small" x="${left + 14 * LEVELS + 12}" y="${round(top + 11)}">${note}</text>`,
  ].join('\n');
}

function style(): string {
  const fills = (colours: readonly string[], ink: (level: number) => string) =>
    colours
      .map(
        (colour, level) =>
          `.alignment .c${level}{fill:${colour}}.alignment text.k${level}{fill:${ink(level)}}.alignment circle.k${level}{stroke:${ink(level)}}`,
      )
      .join('');
  return [
    '.alignment{font:14px system-ui,"Noto Sans",sans-serif}',
    '.alignment text{fill:#3a4350}.alignment .won{font-weight:600;fill:#11161d}',
    '.alignment .row{text-anchor:end;fill:#11161d}.alignment .small{font-size:12px}.alignment .end{text-anchor:end}',
    '.alignment .figure{font-size:11px;font-weight:600;text-anchor:middle}',
    '.alignment .ground{fill:#fff}.alignment .best{stroke:#c2410c;stroke-width:2.5}',
    '.alignment circle{fill:none;stroke-width:1.5}',
    fills(LIGHT, (level) => (level < LIGHT_TURN ? '#11161d' : '#fff')),
    '@media (prefers-color-scheme:dark){',
    '.alignment text{fill:#aab4c0}.alignment .won,.alignment .row{fill:#eef2f6}',
    '.alignment .ground{fill:#14181d}.alignment .best{stroke:#fb923c}',
    fills(DARK, (level) => (level < DARK_TURN ? '#fff' : '#0b0e12')),
    '}',
  ].join('');
}

function levels(similarity: Float64Array): (value: number) => number {
  const [low, high] = range(similarity);
  const span = high - low || 1;
  return (value) => Math.min(LEVELS - 1, Math.floor(((value - low) / span) * LEVELS));
}

function range(values: Float64Array): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}

function label(token: string): string {
  return shortened(printable(token), LABEL_COLUMNS);
}

function text(token: string): string {
  return isolated(escaped(label(token)));
}

function pixels(labels: readonly string[]): number {
  return Math.max(...labels.map((token) => displayWidth(token) * CHARACTER));
}

/** `.87`, `-.05`, `1.00`: two decimals without a leading zero, to fit a cell. */
function figure(value: number): string {
  return value.toFixed(2).replace(/^(-?)0\./, '$1.');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
