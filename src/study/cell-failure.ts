/** What a study says when cells fail: the first error, and which cells there are no results of. */
import { RefractError } from '../errors.ts';
import type { Cell } from './cell.ts';

/** A cell and what making it threw. */
export interface FailedCell {
  readonly cell: Pick<Cell, 'name'>;
  readonly error: unknown;
}

/** Names that are listed; further ones are counted. */
const LISTED = 20;

/** Whether an error ends a whole study: it was stopped, or no cell could be written any more. */
export function stopsStudy(error: unknown): boolean {
  return error instanceof RefractError && (error.code === 'INTERRUPTED' || error.code === 'DISK_FULL');
}

/**
 * The error of the first cell that failed, with the names of all that did and of those that were not begun because they
 * need one. A user's mistake keeps its code, place and way out.
 *
 * @example failureOf([{ cell: { name: 'a' }, error: new Error('x') }], []).message // 'x (in cell a)'
 */
export function failureOf(
  [first, ...others]: readonly FailedCell[],
  notBegun: readonly Pick<Cell, 'name'>[],
): Error {
  const { cell, error } = first;
  const where = [
    `in cell ${cell.name}`,
    ...(others.length > 0 ? [`also failed: ${listed(others.map((each) => each.cell))}`] : []),
    ...(notBegun.length > 0 ? [`not begun, as they need a failed cell: ${listed(notBegun)}`] : []),
  ].join('; ');
  if (error instanceof RefractError) {
    const { code, what, at, line, hint } = error;
    return new RefractError(code, `${what} (${where})`, { at, line, hint, cause: error });
  }
  const fault = new Error(`${messageOf(error)} (${where})`, { cause: error });
  // Where the fault is, not where cells are run.
  if (error instanceof Error && error.stack) fault.stack = `${fault.message}\n${error.stack}`;
  return fault;
}

/** What an error says, without place and way out. */
export function messageOf(error: unknown): string {
  if (error instanceof RefractError) return error.what;
  return error instanceof Error ? error.message : String(error);
}

function listed(cells: readonly Pick<Cell, 'name'>[]): string {
  const names = cells.slice(0, LISTED).map(({ name }) => name);
  const more = cells.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
