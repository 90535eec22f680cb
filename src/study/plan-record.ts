/** `plan.json` in a study's output folder: what was predicted, kept to be set beside what it took. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import type { Cell } from './cell.ts';
import { cellBytes, readCell } from './cell-record.ts';
import type { Matrix } from './matrix.ts';
import type { StudyCost } from './plan.ts';

const PLAN_FILE = 'plan.json';

const recordSchema = z.object({
  jobs: z.number(),
  /** Peak resident memory of all processes. */
  memoryBytes: z.number(),
  /** By the cell's name. */
  cells: z.record(z.string(), z.object({ identity: z.string(), seconds: z.number(), bytes: z.number() })),
});
/** The content of `plan.json`. */
export type PlanRecord = z.output<typeof recordSchema>;

/**
 * Writes what was predicted for unfinished cells. Of finished ones the prediction that was made before stays, and so
 * do memory and jobs when all are finished.
 *
 * @throws RefractError what `readPlan` throws
 */
export function writePlan(out: string, { cells }: Matrix, cost: StudyCost): void {
  const before = readPlan(out);
  const finished = cost.cells.every((cell) => cell.finished);
  if (finished && before === undefined) return;
  const costs = new Map(cost.cells.map((each) => [each.name, each]));
  const record: PlanRecord = {
    jobs: finished && before ? before.jobs : cost.jobs,
    memoryBytes: finished && before ? before.memoryBytes : cost.memoryBytes,
    cells: Object.fromEntries(
      cells.flatMap(({ name, identity }) => {
        const { finished, seconds, bytes } = costs.get(name)!;
        const known = before?.cells[name];
        if (!finished) return [[name, { identity, seconds, bytes }]];
        return known?.identity === identity ? [[name, known]] : [];
      }),
    ),
  };
  writeFileAtomic(join(out, PLAN_FILE), `${JSON.stringify(record, null, 1)}\n`);
}

/**
 * The prediction in a study's output folder; undefined where none was made.
 *
 * @throws RefractError `FILE_FORMAT` when it cannot be read
 */
export function readPlan(out: string): PlanRecord | undefined {
  const path = join(out, PLAN_FILE);
  if (!existsSync(path)) return undefined;
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new RefractError('FILE_FORMAT', 'this is no prediction of refract study plan', {
      at: path,
      hint: 'Remove the file, or write it again with refract study plan.',
    });
  }
}

/** Predicted and actual cost of the finished cells of a kind, or of all; seconds are of cells, however many at a time. */
export interface PredictionCheck {
  /** Undefined for all kinds together. */
  readonly kind?: Cell['kind'];
  readonly cells: number;
  readonly predicted: { readonly seconds: number; readonly bytes: number };
  readonly actual: { readonly seconds: number; readonly bytes: number };
}

/** Predicted beside actual. */
export interface PlanCheck {
  /** By kind, then all together. */
  readonly checks: readonly PredictionCheck[];
  /** Peak memory; the actual one is the largest that a cell recorded. */
  readonly memory: { readonly predicted: number; readonly actual: number };
}

/**
 * Sets the prediction in `out` beside what its finished cells took; undefined without a prediction or such cells.
 *
 * @param redo pass over stale cells instead of refusing them
 * @throws RefractError what `readPlan` and `readCell` throw
 */
export function checkPlan(
  { cells }: Pick<Matrix, 'cells'>,
  out: string,
  redo?: boolean,
): PlanCheck | undefined {
  const plan = readPlan(out);
  if (plan === undefined) return undefined;
  const kinds = new Map<Cell['kind'], PredictionCheck>();
  let all: PredictionCheck = { cells: 0, predicted: NOTHING, actual: NOTHING };
  let memory = 0;
  for (const cell of cells) {
    const record = readCell(out, cell, redo);
    const predicted = plan.cells[cell.name];
    if (record?.state !== 'finished' || predicted?.identity !== cell.identity) continue;
    const actual = { seconds: record.seconds, bytes: cellBytes(out, cell) };
    const plus = (to: PredictionCheck): PredictionCheck => ({
      ...to,
      cells: to.cells + 1,
      predicted: sum(to.predicted, predicted),
      actual: sum(to.actual, actual),
    });
    const { kind } = cell;
    kinds.set(kind, plus(kinds.get(kind) ?? { kind, cells: 0, predicted: NOTHING, actual: NOTHING }));
    all = plus(all);
    memory = Math.max(memory, record.memoryBytes ?? 0);
  }
  if (all.cells === 0) return undefined;
  return { checks: [...kinds.values(), all], memory: { predicted: plan.memoryBytes, actual: memory } };
}

const NOTHING = { seconds: 0, bytes: 0 };

function sum(one: typeof NOTHING, other: typeof NOTHING): typeof NOTHING {
  return { seconds: one.seconds + other.seconds, bytes: one.bytes + other.bytes };
}
