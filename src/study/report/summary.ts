/** Every figure of a report's curves as CSV, for other people's plots. */
import { formatTable } from '../../eval/table.ts';
import type { StudyFigures } from './figures.ts';

/**
 * A row for each measure, test set, group of languages and condition; every digit kept.
 *
 * @example writeFileAtomic('summary.csv', summaryCsv(figures))
 */
export function summaryCsv({ points }: StudyFigures): string {
  return formatTable(
    {
      columns: [
        ...['measure', 'test', 'group', 'arm', 'design', 'rho', 'realised rho', 'mean', 'low', 'high'],
        ...['seeds', 'lowest seed', 'highest seed', 'questions'],
      ],
      rows: points.map(({ condition, ...point }) => [
        ...[point.measure, point.test, point.group, condition.arm, condition.design, condition.rho],
        ...[condition.rho === undefined ? undefined : point.realised, point.mean],
        ...[point.interval.low, point.interval.high, point.bySeed.length],
        ...[Math.min(...point.bySeed), Math.max(...point.bySeed), point.questions],
      ]),
    },
    'csv',
  );
}
