/** A report as one HTML page that loads nothing, runs no script, and follows the light or dark scheme. */
import { escaped } from '../../search/explain-text.ts';
import {
  cellBelow,
  cellText,
  type ReportBlock,
  type ReportDocument,
  type ReportSection,
  type ReportTable,
} from './document.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #11161d; --soft: #55606e; --ground: #fff; --line: #d7dde4; --mark: #eaf1f8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eef2f6; --soft: #aab4c0; --ground: #14181d; --line: #343c46; --mark: #1d2833; }
}
body { margin: 2rem auto 4rem; max-width: 84rem; padding: 0 1rem; color: var(--ink); background: var(--ground);
  font: 16px/1.55 system-ui, "Noto Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.3; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); }
p, ul { max-width: 48rem; }
p { margin: 0 0 .75rem; }
a { color: inherit; }
nav { margin: 1rem 0; color: var(--soft); font-size: .9rem; }
nav a { margin-inline-end: 1rem; white-space: nowrap; }
.soft, figcaption, caption { color: var(--soft); }
.lead { background: var(--mark); border-inline-start: 4px solid #0072b2; padding: .75rem 1rem; font-size: 1.05rem; }
figure { margin: 1rem 0 1.5rem; }
figcaption { font-size: .9rem; max-width: 48rem; }
.scroll { overflow-x: auto; margin: .75rem 0 1.5rem; }
table { border-collapse: collapse; font-size: .84rem; }
caption { text-align: start; padding-bottom: .35rem; }
th, td { text-align: start; vertical-align: baseline; padding: .25rem .75rem .25rem 0;
  border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { white-space: normal; vertical-align: bottom; line-height: 1.25; }
tbody th { font-weight: 400; }
td small { color: var(--soft); }
.figure { text-align: end; font-variant-numeric: tabular-nums; }
@media print { .scroll { overflow: visible; } nav { display: none; } }`;

/**
 * The page.
 *
 * @example writeFileAtomic('report.html', reportHtml(document))
 */
export function reportHtml({ title, question, sections }: ReportDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p class="soft">${escaped(question)}</p>
<main>
${sections
  .map(sectionHtml)
  .join('\n')
  .replace('</section>', `</section>\n${contents(sections)}`)}
</main>
</body>
</html>
`;
}

function contents([, ...sections]: readonly ReportSection[]): string {
  const links = sections.map(({ id, title }) => `<a href="#${id}">${escaped(title)}</a>`);
  return `<nav aria-label="Sections">${links.join(' ')}</nav>`;
}

function sectionHtml({ id, title, blocks }: ReportSection): string {
  return `<section id="${id}">\n<h2>${escaped(title)}</h2>\n${blocks.map(blockHtml).join('\n')}\n</section>`;
}

function blockHtml(block: ReportBlock): string {
  switch (block.kind) {
    case 'text':
      return `<p${block.lead === true ? ' class="lead"' : ''}>${escaped(block.text)}</p>`;
    case 'list':
      return `<ul>\n${block.items.map((item) => `<li>${escaped(item)}</li>`).join('\n')}\n</ul>`;
    case 'figure':
      return `<figure>\n<div class="scroll">\n${block.svg}\n</div>\n<figcaption>${escaped(block.caption)}</figcaption>\n</figure>`;
    case 'table':
      return tableHtml(block.table);
  }
}

function tableHtml({ caption, columns, names, rows }: ReportTable): string {
  const kind = (c: number) => (c < names ? '' : ' class="figure"');
  const head = columns.map((name, c) => `<th scope="col"${kind(c)}>${escaped(name)}</th>`).join('');
  const body = rows.map((row) => {
    const cells = row.map((cell, c) => {
      const text = escaped(cellText(cell));
      const below = cellBelow(cell);
      const shown = `${typeof cell !== 'string' && cell.strong ? `<strong>${text}</strong>` : text}${below === undefined ? '' : `<br><small>${escaped(below)}</small>`}`;
      return c === 0 && names > 0 ? `<th scope="row">${shown}</th>` : `<td${kind(c)}>${shown}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="scroll">\n<table>\n<caption>${escaped(caption)}</caption>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>\n</div>`;
}
