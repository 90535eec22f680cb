/** The tables of docs/compatibility.md whose rows are cases of tests. */
import { readFileSync } from 'node:fs';

/**
 * The rows of the table after the comment `name`, cells without backticks.
 *
 * @example compatibilityTable('read')[0] // ['stanford', 'colbert-ai 0.2.22, transformers 4.53', '1e-5', '1e-5']
 */
export function compatibilityTable(name: string): string[][] {
  const text = readFileSync(new URL('../docs/compatibility.md', import.meta.url), 'utf8');
  const [, table = ''] = text.split(`<!-- ${name} -->\n`);
  const [, , ...rows] = table.split('\n\n')[0].split('\n');
  return rows.map((row) =>
    row
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}
