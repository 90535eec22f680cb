/** A report as Markdown; its charts are the SVG files beside it. */
import {
  cellBelow,
  cellText,
  type ReportBlock,
  type ReportCell,
  type ReportDocument,
  type ReportTable,
} from './document.ts';

/** The folder of the charts, beside the report. */
export const FIGURES_FOLDER = 'figures';

/**
 * The report as Markdown.
 *
 * @example writeFileAtomic('report.md', reportMarkdown(document))
 */
export function reportMarkdown({ title, question, sections }: ReportDocument): string {
  const body = sections.map(
    (section) => `## ${escapedText(section.title)}\n\n${section.blocks.map(blockMarkdown).join('\n')}`,
  );
  return `# ${escapedText(title)}\n\n${escapedText(question)}\n\n${body.join('\n')}`;
}

function blockMarkdown(block: ReportBlock): string {
  switch (block.kind) {
    case 'text':
      return `${block.lead === true ? '> ' : ''}${escapedText(block.text)}\n`;
    case 'list':
      return `${block.items.map((item) => `- ${escapedText(item)}`).join('\n')}\n`;
    case 'figure':
      return `![${escapedText(block.caption)}](${FIGURES_FOLDER}/${block.name}.svg)\n\n${escapedText(block.caption)}\n`;
    case 'table':
      return tableMarkdown(block.table);
  }
}

function tableMarkdown({ caption, columns, names, rows }: ReportTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const rule = columns.map((_, c) => (c < names ? '---' : '---:'));
  return `${escapedText(caption)}:\n\n${line(columns.map(escapedText))}${line(rule)}${rows.map((row) => line(row.map(cellMarkdown))).join('')}`;
}

function cellMarkdown(cell: ReportCell): string {
  const text = escapedText(cellText(cell));
  const below = cellBelow(cell);
  const shown = typeof cell !== 'string' && cell.strong ? `**${text}**` : text;
  return below === undefined ? shown : `${shown} ${escapedText(below)}`;
}

/** Characters that Markdown would read as more than themselves. */
function escapedText(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_|<>[\]#]/g, (character) => `\\${character}`);
}
