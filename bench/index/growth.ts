/** How cost grows with the collection: build, opening, memory, latency and bytes, as JSON and as a chart. */
import { mkdirSync } from 'node:fs';
import { writeFileAtomic } from '../../src/data/atomic.ts';
import { type GrowthPoint, growthSvg } from './growth-chart.ts';
import { recall } from './recall.ts';
import { bestOf, build, data, figures, searching } from './stages.ts';
import type { Choices, Workplace } from './workplace.ts';

/** Queries for which every window is scored. */
const WHOLE = 10;

/** Measures each size and draws them; `docs/figures/index-growth.svg` is the chart. */
export async function growth(work: Workplace, choices: Choices, sizes: readonly number[]): Promise<void> {
  const points: GrowthPoint[] = [];
  for (const passages of sizes) {
    const own = { ...choices, passages };
    await data(work, own);
    const built = await build(work, own);
    const best = await bestOf(work, own);
    const { open, loaded } = await searching(work, own, Math.max(...choices.threads));
    const turn = await open.turn('{}');
    const whole = await open.turn(JSON.stringify({ effort: 1, first: WHOLE }));
    open.end();
    const { p50, p95, recall10 } = figures([turn], best);
    const found10 = recall(turn.found, whole.found, 10);
    const point: GrowthPoint = {
      passages,
      buildSeconds: Number(built.seconds),
      buildPeakMiB: Number(built.peakMiB),
      bytes: Number(built.bytes),
      openSeconds: loaded.openSeconds,
      openMiB: loaded.openMiB,
      openPeakMiB: loaded.peakMiB,
      ...{ p50, p95, found10 },
      ...(recall10 !== undefined && { recall10 }),
    };
    points.push(point);
    work.report({ stage: 'growth', precision: choices.precision, ...point });
  }
  writeFileAtomic(work.at('growth.json'), `${JSON.stringify(points, null, 2)}\n`);
  if (points.length < 2) return;
  const folder = choices.figures ?? work.folder;
  mkdirSync(folder, { recursive: true });
  writeFileAtomic(`${folder}/index-growth.svg`, `${growthSvg(points)}\n`);
}
