/** How long the cells that wait will take, by what cells of their groups have taken. */
import { clock } from '../progress.ts';
import type { Cell } from './cell.ts';

/** Learns from finished cells. */
export class TimeLeft {
  private readonly groups = new Map<string, { seconds: number; cells: number }>();

  /** A cell of the group took so long. */
  add({ group }: Pick<Cell, 'group'>, seconds: number): void {
    const known = this.groups.get(group) ?? { seconds: 0, cells: 0 };
    this.groups.set(group, { seconds: known.seconds + seconds, cells: known.cells + 1 });
  }

  /**
   * Time left with `jobs` cells at a time, in words; `more than` where some are of groups that nothing is known of;
   * undefined where this are all.
   *
   * @example left.of(waiting, 2) // 'more than 1:20:00 left'
   */
  of(waiting: Iterable<Pick<Cell, 'group'>>, jobs: number): string | undefined {
    let seconds = 0;
    let unknown = false;
    for (const { group } of waiting) {
      const known = this.groups.get(group);
      if (known) seconds += known.seconds / known.cells;
      else unknown = true;
    }
    if (seconds === 0) return undefined;
    return `${unknown ? 'more than ' : ''}${clock(seconds / jobs)} left`;
  }
}
