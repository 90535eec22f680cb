/** An alignment as a table for the terminal. */
import { checkLabels, largestInRow, type TokenAlignment, type TokenLabels } from './explain-align.ts';
import { displayWidth, isolated, printable, shortened } from './explain-text.ts';

/** Columns that a token may take. */
const TOKEN_COLUMNS = 24;
const BAR_COLUMNS = 20;

/**
 * One line a query token: its best passage token, where that stands (1-based), their similarity as a figure
 * and a bar; with a transport plan also the passage token that gets most of its mass, and the share.
 *
 * @throws RefractError `GRAPH_SHAPE` when labels and alignment do not fit
 * @example
 * process.stdout.write(alignmentTable(alignTokens(q, d, 64), { query: ['maji'], passage: ['the', 'water'] }));
 */
export function alignmentTable(alignment: TokenAlignment, labels: TokenLabels): string {
  checkLabels(alignment, labels);
  const { m, n, similarity, best, plan, score } = alignment;
  const rows = [['query', 'passage', 'at', 'similarity', '', ...(plan ? ['transport', 'share'] : [])]];
  for (let i = 0; i < m; i++) {
    const value = similarity[i * n + best[i]];
    const row = [
      label(labels.query[i]),
      label(labels.passage[best[i]]),
      String(best[i] + 1),
      value.toFixed(3),
      '█'.repeat(Math.round(Math.min(1, Math.max(0, value)) * BAR_COLUMNS)),
    ];
    if (plan !== undefined) {
      const most = largestInRow(plan, n, i);
      row.push(label(labels.passage[most]), `${Math.round(plan[i * n + most] * m * 100)} %`);
    }
    rows.push(row);
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column]))));
  const figures = new Set([2, 3, 6]);
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(widths[column] - displayWidth(cell));
        return figures.has(column) ? space + cell : isolated(cell) + space;
      })
      .join('  ')
      .trimEnd(),
  );
  const rule = '─'.repeat(Math.max(...rows.map((_, r) => displayWidth(lines[r]))));
  return `${[lines[0], rule, ...lines.slice(1), rule].join('\n')}\nscore ${score.toFixed(3)} = sum over ${m} query tokens of the best similarity\n`;
}

function label(token: string): string {
  return shortened(printable(token), TOKEN_COLUMNS);
}
