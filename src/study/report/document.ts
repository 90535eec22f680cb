/** A report as sections of text, lists, tables and figures: what the HTML page and the Markdown file both say. */

/** A cell of a table: its text; `strong` where it is the best of its column; `below` it, smaller, such as an interval. */
export type ReportCell =
  | string
  | { readonly text: string; readonly strong: boolean; readonly below?: string };

/** A table; columns whose cells are figures stand to the right. */
export interface ReportTable {
  readonly caption: string;
  readonly columns: readonly string[];
  /** Columns before this one are names. */
  readonly names: number;
  readonly rows: readonly (readonly ReportCell[])[];
}

/** A piece of a section. */
export type ReportBlock =
  | { readonly kind: 'text'; readonly text: string; readonly lead?: boolean }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'table'; readonly table: ReportTable }
  /** `name` is that of its file, without `.svg`. */
  | { readonly kind: 'figure'; readonly name: string; readonly svg: string; readonly caption: string };

/** A paragraph. */
export function text(content: string): ReportBlock {
  return { kind: 'text', text: content };
}

/** A section under a heading. */
export interface ReportSection {
  /** Stable, for links. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly ReportBlock[];
}

/** A whole report. */
export interface ReportDocument {
  readonly title: string;
  readonly question: string;
  readonly sections: readonly ReportSection[];
}

/** The text of a cell. */
export function cellText(cell: ReportCell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** What stands below the text of a cell, if anything. */
export function cellBelow(cell: ReportCell): string | undefined {
  return typeof cell === 'string' ? undefined : cell.below;
}

/** Three decimals: `0.412`; an en dash where there is nothing. */
export function figure(value: number | undefined): string {
  return value === undefined
    ? '–'
    : value
        .toFixed(3)
        .replace(/^-(0\.0+)$/, '$1')
        .replace('-', '−');
}

/** With its sign: `+0.041`, `−0.020`, `0.000`. */
export function signed(value: number): string {
  const text = figure(value);
  return value > 0 && !/^0\.0+$/.test(text) ? `+${text}` : text;
}

/** `−0.010 to +0.031`: the least and the greatest of some differences; once where both are written alike. */
export function signedRange(values: readonly number[]): string {
  const [low, high] = [signed(Math.min(...values)), signed(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
}

/** `[−0.010, 0.031]`. */
export function bracketed(low: number, high: number): string {
  return `[${figure(low)}, ${figure(high)}]`;
}

/** A p-value: `0.0123`, `< 0.0001`. */
export function probability(p: number): string {
  if (Number.isNaN(p)) return '–';
  return p < 0.0001 ? '< 0.0001' : p.toFixed(4);
}

/** `a, b and c`. */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}
