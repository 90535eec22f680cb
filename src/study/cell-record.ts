/** `NAME.cell.json` beside a cell's folder: what the cell was made from, whether it is finished, what it gave. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import { VERSION } from '../version.ts';
import type { Cell } from './cell.ts';
import { describeChanges } from './cell-identity.ts';
import { type CellResult, resultSchema } from './cell-result.ts';

const recordSchema = z.object({
  identity: z.string(),
  version: z.string(),
  state: z.enum(['started', 'finished']),
  /** Of all the work on it, stops included. */
  seconds: z.number(),
  /** Peak resident memory of all processes up to the cell's end, so that the last cell has that of all; once finished. */
  memoryBytes: z.number().optional(),
  result: resultSchema,
  settings: z.unknown(),
  data: z.record(z.string(), z.string()),
  from: z.record(z.string(), z.string()),
});
/** The content of `NAME.cell.json`. */
export type CellRecord = z.output<typeof recordSchema>;

/** The folder of a cell in the study's output folder. */
export function cellFolder(out: string, { name }: Pick<Cell, 'name'>): string {
  return join(out, 'cells', name);
}

/**
 * The record of a cell. Errors: `RESUME_MISMATCH` when the record is damaged, of another version, or of other
 * settings, data or cells than today's; none of these when `redo` is set: the cell then counts as not made.
 */
export function readCell(out: string, cell: Cell, redo = false): CellRecord | undefined {
  const path = `${cellFolder(out, cell)}.cell.json`;
  if (!existsSync(path)) return undefined;
  const parsed = recordSchema.safeParse(parseJson(readFileSync(path, 'utf8')));
  const wrong = parsed.success
    ? parsed.data.version === VERSION
      ? describeChanges(parsed.data, cell)
      : [`it was made by ${parsed.data.version}, this is ${VERSION}`]
    : ['its record cannot be read'];
  if (wrong.length === 0 && parsed.success) return parsed.data;
  if (redo) return undefined;
  throw new RefractError('RESUME_MISMATCH', `the cell is stale: ${wrong.join('; ')}`, {
    at: path,
    hint: '--redo makes stale cells again; or choose another --out.',
  });
}

/** Writes the record of a cell; `made` is what a finished one gave. */
export function writeCell(
  out: string,
  cell: Cell,
  state: CellRecord['state'],
  seconds: number,
  { result = {}, memoryBytes }: { readonly result?: CellResult; readonly memoryBytes?: number } = {},
): CellRecord {
  const { identity, settings, data, from } = cell;
  const record: CellRecord = {
    identity,
    version: VERSION,
    state,
    seconds,
    memoryBytes,
    result: resultSchema.parse(result),
    from: { ...from },
    data: { ...data },
    settings,
  };
  writeFileAtomic(`${cellFolder(out, cell)}.cell.json`, `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** The most memory that this process has held so far, in bytes. */
export function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** Bytes of the files in a cell's folder; 0 when it is not there. */
export function cellBytes(out: string, cell: Pick<Cell, 'name'>): number {
  const folder = cellFolder(out, cell);
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((total, entry) => total + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
