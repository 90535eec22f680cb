/** Passages whose vectors students share: how many are encoded for each cell, and what one takes. */
import type { Cell } from './cell.ts';
import { ratio } from './extrapolation.ts';
import type { ProbePasses, WorkTime } from './probe.ts';

/**
 * How many different passages are expected in `draws` draws.
 *
 * @example expectedPassages(1000, 1000) // 632.3...
 */
export function expectedPassages(draws: number, passages: number): number {
  return passages === 0 ? 0 : passages * (1 - (1 - 1 / passages) ** draws);
}

/** Passages that are encoded for cells made in this order. */
export interface FreshPassages {
  /** By cell; none for cells that are not there. */
  readonly of: ReadonlyMap<Cell, number>;
  /** The most whose vectors are held at a time. */
  readonly held: number;
}

/**
 * Of students that share passage vectors only the first with its draws has passages to encode, and one that draws on
 * for longer the rest of them. What is known is forgotten when another teacher's student comes.
 *
 * @param passages how many there are to draw from
 */
export function freshPassages(cells: readonly Cell[], passages: number): FreshPassages {
  let teacher: string | undefined;
  let draws = 0;
  let held = 0;
  const drawn = new Map<string, number>();
  const of = new Map<Cell, number>();
  for (const cell of cells) {
    const { steps, lookUps } = cell.training ?? { steps: 0 };
    if (lookUps === undefined) continue;
    if (lookUps.teacher !== teacher) {
      drawn.clear();
      draws = 0;
    }
    teacher = lookUps.teacher;
    const before = drawn.get(lookUps.draws) ?? 0;
    const more = steps * lookUps.perStep - before;
    if (more <= 0) continue;
    drawn.set(lookUps.draws, before + more);
    const known = expectedPassages(draws, passages);
    draws += more;
    const all = expectedPassages(draws, passages);
    of.set(cell, all - known);
    held = Math.max(held, all);
  }
  return { of, held };
}

/**
 * Time to encode a passage: what the first of two students that look up the same passages took longer. Further groups
 * of the probe find the vectors of the first.
 */
export function encodingTime(
  { training: { groups } }: Pick<ProbePasses, 'training'>,
  passages: number,
): WorkTime {
  const pair = [...groups.values()].find((made) => made.length > 1 && made[0].cell.training?.lookUps);
  const [one, two] = pair ?? [];
  const { steps = 0, lookUps } = one?.cell.training ?? {};
  if (!one?.training || !two?.training || lookUps === undefined) return { seconds: 0, processor: 0 };
  const timed =
    expectedPassages(steps * lookUps.perStep, passages) - expectedPassages(lookUps.perStep, passages);
  const seconds = (Math.max(0, one.training.step - two.training.step) * (steps - 1)) / Math.max(1, timed);
  return { seconds, processor: seconds * ratio(one, 'processor') };
}
