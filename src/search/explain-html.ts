/** An alignment as one self-contained HTML page: the passage, the heatmap and the same figures as a table. */
import { largestInRow, type TokenAlignment, type TokenLabels } from './explain-align.ts';
import { alignmentSvg, type HeatmapSettings, shownColumns } from './explain-svg.ts';
import { escaped } from './explain-text.ts';

/** What the page shows around the heatmap. */
export interface ExplainPage extends HeatmapSettings {
  /** The query as the user wrote it. */
  readonly query: string;
  /** The passage's id, title and text. */
  readonly passage: { readonly id: string; readonly title?: string; readonly text: string };
}

const STYLE = `
:root { color-scheme: light dark; --ink: #11161d; --soft: #55606e; --ground: #fff; --line: #d7dde4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eef2f6; --soft: #aab4c0; --ground: #14181d; --line: #343c46; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: var(--ink); background: var(--ground);
  font: 16px/1.55 system-ui, "Noto Sans", sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.35; margin: 0 0 .25rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
.soft { color: var(--soft); margin: 0 0 1rem; }
blockquote { margin: 0; padding: .25rem 1rem; border-inline-start: 3px solid var(--line); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { text-align: start; padding: .3rem 1.2rem .3rem 0; border-bottom: 1px solid var(--line); }
.figure { text-align: end; font-variant-numeric: tabular-nums; }`;

/**
 * The page as HTML text; it loads nothing, runs no script, and follows the light or dark scheme.
 *
 * @throws RefractError `GRAPH_SHAPE` when labels and alignment do not fit
 * @example
 * writeFileAtomic('why.html', alignmentHtml(alignment, labels, { query: 'maji safi', passage: index.passage(7) }));
 */
export function alignmentHtml(alignment: TokenAlignment, labels: TokenLabels, page: ExplainPage): string {
  const { query, passage, all = false } = page;
  const svg = alignmentSvg(alignment, labels, page);
  const shown = shownColumns(alignment, all).length;
  const left =
    shown < alignment.n
      ? ` ${shown} of ${alignment.n} passage tokens are shown: the best matches and their neighbours.`
      : '';
  const title = passage.title ? `<h2 dir="auto">${escaped(passage.title)}</h2>` : '<h2>Passage</h2>';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(query)}</title>
<style>${STYLE}
</style>
</head>
<body>
<h1 dir="auto">${escaped(query)}</h1>
<p class="soft">Passage <bdi>${escaped(passage.id)}</bdi>, score ${alignment.score.toFixed(3)}: the sum, over ${alignment.m} query tokens, of the similarity to the best passage token.</p>
${title}
<blockquote dir="auto">${escaped(passage.text)}</blockquote>
<h2>Alignment</h2>
<p class="soft">Rows are query tokens, columns passage tokens.${left} Point at a cell for its value.</p>
<div class="scroll">
${svg}
</div>
<h2>Figures</h2>
<div class="scroll">
${figures(alignment, labels)}
</div>
</body>
</html>
`;
}

function figures({ m, n, best, similarity, plan }: TokenAlignment, labels: TokenLabels): string {
  const heads = ['Query token', 'Best passage token', 'Position', 'Similarity'];
  if (plan !== undefined) heads.push('Most transport to', 'Share');
  const rows = Array.from({ length: m }, (_, i) => {
    const cells = [
      token(labels.query[i]),
      token(labels.passage[best[i]]),
      number(String(best[i] + 1)),
      number(similarity[i * n + best[i]].toFixed(3)),
    ];
    if (plan !== undefined) {
      const most = largestInRow(plan, n, i);
      cells.push(token(labels.passage[most]), number(`${Math.round(plan[i * n + most] * m * 100)} %`));
    }
    return `<tr>${cells.join('')}</tr>`;
  });
  const head = heads.map(
    (name, c) => `<th${c === 2 || c === 3 || c === 5 ? ' class="figure"' : ''}>${name}</th>`,
  );
  return `<table>\n<thead><tr>${head.join('')}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
}

function token(text: string): string {
  return `<td><bdi>${escaped(text)}</bdi></td>`;
}

function number(text: string): string {
  return `<td class="figure">${text}</td>`;
}
