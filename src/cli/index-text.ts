/** What the index commands print. */
import { counted } from '../counted.ts';
import type { IndexStats } from '../index/stats.ts';
import type { TextsReport } from '../index/texts-report.ts';
import type { VerifyReport } from '../index/verify.ts';

/** Sentences on long and empty passages, a line each; nothing where there were none. */
export function describeTexts({ split, windows, truncated, tokensLeftOut, skipped }: TextsReport): string {
  const lines = [
    [split, `${passages(split)} longer than the teacher reads: split into ${windows} windows`],
    [truncated, `${passages(truncated)} longer than the teacher reads: ${tokensLeftOut} tokens left out`],
    [skipped, `${passages(skipped)} without words: left out`],
  ] as const;
  return lines.flatMap(([count, line]) => (count > 0 ? [`${line}\n`] : [])).join('');
}

function passages(count: number): string {
  return counted(count, 'passage');
}

/** A size in the unit that suits it. */
export function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return bytes >= 1e3 ? `${(bytes / 1e3).toFixed(1)} kB` : `${bytes} bytes`;
}

/** The numbers of an index as a page. */
export function describeStats(stats: IndexStats): string {
  const { generation, precision, dim, deleted, windows, tokens, bytes, bytesPerPassage } = stats;
  const parts = Object.entries(stats.bytesByPart).sort(([, a], [, b]) => b - a);
  const width = Math.max(...parts.map(([name]) => name.length), 0);
  const lines = [
    `generation ${generation}: ${passages(stats.passages)}, ${deleted} deleted, ${windows} windows, ${tokens} vectors of ${dim} ${precision} numbers`,
    `${size(bytes)}, ${Math.round(bytesPerPassage)} bytes a passage`,
    ...parts.map(([name, of]) => `  ${name.padEnd(width)}  ${size(of)}`),
    counted(stats.segments.length, 'segment'),
    ...stats.segments.map(
      ({ name, passages: live, deleted: gone, bytes: of, fit }) =>
        `  ${name}  ${passages(live)}${gone > 0 ? `, ${gone} deleted` : ''}, ${size(of)}${fit ? `, |x - centroid|^2 ${fit.residual.toFixed(3)}` : ''}`,
    ),
    ...(stats.trained
      ? [`centroids were trained at |x - centroid|^2 ${stats.trained.residual.toFixed(3)}`]
      : []),
    ...stats.advice,
  ];
  return `${lines.join('\n')}\n${describeTexts(stats.texts)}`;
}

/** What a check found, a line each. */
export function describeVerify(index: string, report: VerifyReport): string {
  const { damaged, unexpected, leftovers, building, writer, files, bytes, generation } = report;
  const lines = [
    ...damaged.map(({ file, what }) => `${file}: ${what}`),
    ...unexpected.map((file) => `${file}: is none of the index's files`),
    ...leftovers.map((file) => `${file}: left by a writer; the next one removes it`),
    ...(building ? ['building: an unfinished build, which the same command goes on with'] : []),
    ...(writer === undefined ? [] : [`process ${writer} is changing the index`]),
  ];
  if (damaged.length === 0)
    lines.push(`${index}: generation ${generation} is whole: ${files} files, ${size(bytes)}`);
  return lines.map((line) => `${line}\n`).join('');
}
