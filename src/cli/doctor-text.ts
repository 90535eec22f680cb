/** The report of `refract doctor` for a terminal: a line for each aspect, then its figures and findings. */
import { languageName } from '../data/language.ts';
import type { DoctorReport } from '../doctor/examine.ts';
import { type Aspect, count, type Finding, type PairExample, VERDICT_WORDS } from '../doctor/finding.ts';
import { displayWidth, isolated, printable, shortened } from '../search/explain-text.ts';
import { DEFAULT_COLUMNS } from './hits.ts';

/** Narrower terminals get lines that are too long. */
const LEAST_COLUMNS = 60;
const SIGNS: Readonly<Record<Finding['weight'], string>> = { note: '-', care: '!', unfit: '✗' };
/** Examples that fit on a line stand beside each other. */
const APART = '   ';

/**
 * The report as text of at most `columns` columns.
 *
 * @example io.out(doctorText(await examine('models/teacher', { language: 'so', texts })))
 */
export function doctorText(report: DoctorReport, columns = DEFAULT_COLUMNS): string {
  const width = Math.max(columns, LEAST_COLUMNS);
  const { language, text, aspects, verdict, model } = report;
  const sampled =
    text.sampled < text.texts ? `, ${count(text.sampled)} of them drawn to be looked at closely` : '';
  return [
    `${languageName(language)} (${language}) with ${model}`,
    `${count(text.texts)} texts, ${count(text.characters)} characters from ${text.from}${sampled}`,
    '',
    ...overview(aspects, width),
    '',
    `Overall: ${VERDICT_WORDS[verdict]}`,
    '',
    ...aspects.flatMap((aspect) => [...section(aspect, width), '']),
  ].join('\n');
}

function overview(aspects: readonly Aspect[], width: number): string[] {
  const names = widest(aspects.map(({ name }) => name));
  const words = widest(aspects.map(({ verdict }) => VERDICT_WORDS[verdict]));
  return aspects.flatMap(({ name, verdict, summary }) =>
    folded(summary, `${name.padEnd(names)}  ${VERDICT_WORDS[verdict].padEnd(words)}  `, width),
  );
}

function section({ name, verdict, facts, findings }: Aspect, width: number): string[] {
  const labels = widest(facts.map(([label]) => label));
  return [
    `${name}: ${VERDICT_WORDS[verdict]}`,
    ...facts.flatMap(([label, value]) => folded(value, `  ${label.padEnd(labels)}  `, width)),
    ...findings.flatMap((finding) => findingLines(finding, width)),
  ];
}

function findingLines({ weight, what, remedy, examples = [] }: Finding, width: number): string[] {
  return [
    ...folded(what, `  ${SIGNS[weight]} `, width),
    ...exampleLines(examples, width),
    ...(remedy === undefined ? [] : folded(remedy, '    → ', width)),
  ];
}

/** Short examples beside each other, long ones a line each. */
function exampleLines(examples: NonNullable<Finding['examples']>, width: number): string[] {
  const room = width - 6;
  const lines: string[] = [];
  let line = '';
  for (const example of examples) {
    const one = typeof example === 'string' ? shown(example, room) : shownPair(example, room);
    if (line !== '' && displayWidth(`${line}${APART}${one}`) <= room) line = `${line}${APART}${one}`;
    else {
      if (line !== '') lines.push(line);
      line = one;
    }
  }
  if (line !== '') lines.push(line);
  return lines.map((each) => `      ${each}`);
}

/** Both sides of a pair on one line, each with half of the room. */
function shownPair({ line, pivot, target }: PairExample, room: number): string {
  const head = `line ${line}: `;
  const half = Math.floor((room - head.length - 3) / 2);
  return `${head}${shown(pivot, half)} | ${shown(target, half)}`;
}

/** Text after `head`, folded at spaces, with later lines under its begin. */
function folded(text: string, head: string, width: number): string[] {
  const room = Math.max(width - displayWidth(head), 20);
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(/ (?!%)/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  const indent = ' '.repeat(displayWidth(head));
  return lines.map((each, i) => `${i === 0 ? head : indent}${isolated(each)}`.trimEnd());
}

function shown(text: string, room: number): string {
  return isolated(shortened(printable(text), Math.max(room, 20)));
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(displayWidth));
}
