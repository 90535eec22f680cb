/** A flame chart: each row's functions are called by those above, and are as wide as the time in them. */
import { escaped } from '../../src/search/explain-text.ts';
import { round } from '../../src/study/report/chart-scale.ts';
import type { TimeNode } from './profile-tree.ts';

const WIDTH = 1000;
const ROW = 22;
/** Narrower ones are left out. */
const LEAST_WIDTH = 2;
const LETTER = 6.4;
/** Ground of stages and of their functions, in turn; text on them is dark in any scheme. */
const COLOURS = ['#8ecae6', '#f7c59f', '#b7d7a8', '#d5c6e8', '#f4e1a1', '#f2b5c0', '#d3d7dc'];

/**
 * The chart as SVG text; the root is one query.
 *
 * @param milliseconds of a query
 */
export function flameSvg(root: TimeNode, milliseconds: number, title: string): string {
  const boxes: string[] = [];
  let rows = 0;
  const draw = (node: TimeNode, x: number, row: number, colour: string) => {
    const width = (WIDTH * node.time) / root.time;
    if (width < LEAST_WIDTH) return;
    rows = Math.max(rows, row + 1);
    const share = node.time / root.time;
    const text = `${node.name} ${(share * milliseconds).toPrecision(3)} ms`;
    const letters = Math.floor((width - 8) / LETTER);
    const label = text.length <= letters ? text : letters >= 4 ? `${text.slice(0, letters - 1)}…` : '';
    const [left, top] = [round(x), row * ROW];
    boxes.push(
      `<g><title>${escaped(`${text}, ${(100 * share).toFixed(1)} %`)}</title><rect x="${left}" y="${top}" width="${round(width - 0.6)}" height="${ROW - 1}" fill="${colour}"/>` +
        `${label && `<text x="${left + 4}" y="${top + 15}">${escaped(label)}</text>`}</g>`,
    );
    let start = x;
    for (const child of node.children.values()) {
      draw(child, start, row + 1, colour);
      start += (WIDTH * child.time) / root.time;
    }
  };
  draw({ ...root, children: new Map() }, 0, 0, COLOURS.at(-1)!);
  let start = 0;
  [...root.children.values()].forEach((stage, i) => {
    draw(stage, start, 1, COLOURS[i % COLOURS.length]);
    start += (WIDTH * stage.time) / root.time;
  });
  const height = rows * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="flame-title">`,
    `<title id="flame-title">${escaped(title)}</title>`,
    '<style>text{font:11.5px system-ui,"Noto Sans",sans-serif;fill:#11161d}</style>',
    ...boxes,
    '</svg>',
  ].join('\n');
}
