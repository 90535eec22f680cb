/** What the cells of each arm cost: the one part of a report in which two runs of a study differ. */

import { counted } from '../../counted.ts';
import { clock } from '../../progress.ts';
import type { Cell } from '../cell.ts';
import { cellBytes, readCell } from '../cell-record.ts';
import type { Matrix } from '../matrix.ts';
import type { PlanCheck } from '../plan-record.ts';
import type { ReportTable } from './document.ts';

/** The cost of the cells that one arm alone needs, or of those of a kind that several arms share. */
export interface ArmCost {
  readonly name: string;
  readonly shared: boolean;
  readonly cells: number;
  readonly finished: number;
  /** Of work, stops left out. */
  readonly seconds: number;
  readonly bytes: number;
}

/**
 * Time and disk of each arm's own cells, then of shared cells by kind. Every cell counts once, so the sum is the
 * study's cost.
 */
export function armCosts({ rows, cells }: Matrix, out: string): ArmCost[] {
  const users = new Map<Cell, Set<string>>(cells.map((cell) => [cell, new Set()]));
  const visit = (cell: Cell, arm: string) => {
    const arms = users.get(cell);
    if (arms === undefined || arms.has(arm)) return;
    arms.add(arm);
    for (const need of cell.needs) visit(need, arm);
  };
  for (const { arm, scores } of rows) visit(scores, arm);
  const costs = new Map<string, ArmCost>();
  for (const arm of new Set(rows.map((row) => row.arm)))
    costs.set(`arm ${arm}`, { name: arm, shared: false, cells: 0, finished: 0, seconds: 0, bytes: 0 });
  for (const [cell, arms] of users) {
    const shared = arms.size !== 1;
    const name = shared ? `shared: ${cell.kind}` : [...arms][0];
    const key = shared ? name : `arm ${name}`;
    const cost = costs.get(key) ?? { name, shared, cells: 0, finished: 0, seconds: 0, bytes: 0 };
    const record = readCell(out, cell);
    costs.set(key, {
      ...cost,
      cells: cost.cells + 1,
      finished: cost.finished + (record?.state === 'finished' ? 1 : 0),
      seconds: cost.seconds + (record?.seconds ?? 0),
      bytes: cost.bytes + cellBytes(out, cell),
    });
  }
  return [...costs.values()];
}

/** The costs as a table with their sum. */
export function costTable(costs: readonly ArmCost[]): ReportTable {
  const sum = (of: (cost: ArmCost) => number) => costs.reduce((total, cost) => total + of(cost), 0);
  const line = (name: string, cells: string, seconds: number, bytes: number) => [
    ...[name, cells, clock(seconds), `${(bytes / 1e6).toFixed(1)} MB`],
  ];
  return {
    caption: 'Time of work and size on disk; a cell that several arms need counts once, as shared',
    names: 1,
    columns: ['arm', 'cells', 'time', 'disk'],
    rows: [
      ...costs.map(({ name, cells, finished, seconds, bytes }) =>
        line(
          name,
          finished === cells ? String(cells) : `${finished} of ${counted(cells, 'cell')}`,
          seconds,
          bytes,
        ),
      ),
      line(
        'all',
        String(sum(({ cells }) => cells)),
        sum(({ seconds }) => seconds),
        sum(({ bytes }) => bytes),
      ),
    ],
  };
}

/** What `refract study plan` predicted beside what finished cells took, with predicted / actual. */
export function predictionTable({ checks, memory }: PlanCheck): ReportTable {
  const ratio = (predicted: number, actual: number) => (actual > 0 ? (predicted / actual).toFixed(2) : '–');
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  return {
    caption:
      'Predicted by refract study plan, and actual: time of work on finished cells, disk, and peak memory of all processes',
    names: 1,
    columns: ['kind', 'cells', 'predicted time', 'actual', 'ratio', 'predicted size', 'actual', 'ratio'],
    rows: [
      ...checks.map(({ kind = 'all', cells, predicted, actual }) => [
        ...[kind, String(cells)],
        ...[clock(predicted.seconds), clock(actual.seconds), ratio(predicted.seconds, actual.seconds)],
        ...[megabytes(predicted.bytes), megabytes(actual.bytes), ratio(predicted.bytes, actual.bytes)],
      ]),
      [
        ...['memory', '', '', '', ''],
        ...(memory.actual > 0
          ? [megabytes(memory.predicted), megabytes(memory.actual), ratio(memory.predicted, memory.actual)]
          : [megabytes(memory.predicted), '–', '–']),
      ],
    ],
  };
}
