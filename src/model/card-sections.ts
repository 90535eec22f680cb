/**
 * The parts of a model card (`README.md`) that Refract changes again: the front matter, and sections between comments.
 * All else belongs to whoever edits it.
 */
import { parseDocument, stringify } from 'yaml';
import { RefractError } from '../errors.ts';

/** Fields of the front matter, in Hugging Face's names. */
export interface FrontMatter {
  readonly [field: string]: unknown;
}

const FENCE = /^---\r?\n([\s\S]*?)\r?\n---\r?\n/;

/** A front matter as it stands at the head of a card. */
export function frontMatter(fields: FrontMatter): string {
  return `---\n${stringify(fields, { lineWidth: 0 })}---\n`;
}

/**
 * The card with `fields` set in its front matter; others stay, with their comments.
 *
 * @param at the file, for messages
 * @throws RefractError `FILE_FORMAT` when the front matter is not YAML
 * @example withFields(card, { license: 'apache-2.0' }, 'packs/sw/README.md')
 */
export function withFields(card: string, fields: FrontMatter, at: string): string {
  if (Object.keys(fields).length === 0) return card;
  const found = FENCE.exec(card);
  if (found === null) return `${frontMatter(fields)}\n${card}`;
  const document = parseDocument(found[1]);
  if (document.errors.length > 0)
    throw new RefractError('FILE_FORMAT', 'the front matter is not YAML', {
      at,
      hint: 'Correct what stands between the lines of three dashes, or remove the file to have it written anew.',
      cause: document.errors[0],
    });
  for (const [field, value] of Object.entries(fields)) document.set(field, value);
  return `---\n${document.toString({ lineWidth: 0 })}---\n${card.slice(found[0].length)}`;
}

/** A section that can be replaced. */
export function section(name: string, body: string): string {
  return `<!-- refract:${name} -->\n${body}\n<!-- /refract:${name} -->`;
}

/**
 * The card with another body in the section `name`, or with the section at its end where it has none.
 *
 * @example withSection(card, 'scores', '| set | nDCG@10 |\n...')
 */
export function withSection(card: string, name: string, body: string): string {
  const [open, close] = [`<!-- refract:${name} -->`, `<!-- /refract:${name} -->`];
  const from = card.indexOf(open);
  const to = card.indexOf(close, from);
  if (from < 0 || to < 0) return `${card.trimEnd()}\n\n${section(name, body)}\n`;
  return `${card.slice(0, from)}${section(name, body)}${card.slice(to + close.length)}`;
}

/** A Markdown table; a cell is one line, with its bars escaped. */
export function table(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replace(/\s+/gu, ' ')).join(' | ')} |`;
  return [line(columns), `|${' --- |'.repeat(columns.length)}`, ...rows.map(line)].join('\n');
}
