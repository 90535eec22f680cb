/** The account of code switching, and the coverage of lexicons, as tables for people. */
import { languageName } from '../data/language.ts';
import type { CoverageReport } from '../data/switching/coverage.ts';
import type { SwitchReport } from '../data/switching/report.ts';

/**
 * Asked and realised shares, then a row for each language.
 *
 * @example io.out(switchTable(report))
 */
export function switchTable(report: SwitchReport): string {
  const { asked, realised, languages, settings } = report;
  const query = settings.draw === 'query';
  const shares = [
    ['', 'asked', 'realised'],
    ['p', number(asked.p), number(realised.p)],
    ['rho', query ? '' : number(asked.rho), number(realised.rho)],
    ...(query ? [['rho of texts', number(asked.textRho), number(realised.textRho)]] : []),
  ];
  const rows = [
    ['language', 'low', 'asked', 'realised', 'words', 'switches', 'texts', 'coverage', 'content words'],
    ...Object.entries(languages).map(([code, each]) => [
      `${code} ${languageName(code)}`,
      each.low ? 'yes' : '',
      number(asked.languages[code]),
      number(query ? each.texts! / Math.max(report.texts, 1) : realised.languages[code]),
      String(each.words),
      String(each.switches),
      String(query ? each.texts : each.switchedTexts),
      number(each.coverage.words),
      number(each.coverage.contentWords),
    ]),
  ];
  const totals = `${report.texts} texts, ${report.words} words: ${report.switches} switches of ${report.switchedWords} words in ${report.switchedTexts} texts`;
  return `${totals}\n\n${columns(shares)}\n${columns(rows)}`;
}

/** A row for each lexicon, and the most frequent words that none has. */
export function coverageTable(report: CoverageReport): string {
  const rows = [
    ['language', 'headwords', 'pairs', 'words', 'with phrases', 'content words', 'types'],
    ...Object.entries(report.languages).map(([code, each]) => [
      `${code} ${languageName(code)}`,
      String(each.lexicon.headwords),
      String(each.lexicon.pairs),
      number(each.words),
      number(each.withPhrases),
      number(each.contentWords),
      number(each.types),
    ]),
  ];
  const totals = `${report.texts} texts, ${report.words} words, ${report.contentWords} of them content words (${report.types} different)`;
  const unknown = report.unknown.map(({ word, count }) => `${word} ${count}`).join(', ');
  return `${totals}\n\n${columns(rows)}${unknown === '' ? '' : `\nContent words that no lexicon has: ${unknown}\n`}`;
}

function number(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(4);
}

/** Rows with their columns in line, the first to the left and the others to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  return rows
    .map((row) => {
      const cells = row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])));
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}
