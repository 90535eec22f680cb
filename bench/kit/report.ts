/** The report: `results.md` for people, `results.json` for programs. */
import { join } from 'node:path';
import { writeFileAtomic } from '../../src/data/atomic.ts';
import { mean } from '../../src/eval/index.ts';
import { type AcceptanceLine, acceptance, type StageTime, stageTimes } from './acceptance.ts';
import type { CellRecord } from './cells.ts';
import type { Workplace } from './models.ts';
import { LANGUAGES, MARGIN, MEASURE, type Search } from './plan.ts';
import { type Comparison, type Row, resultRows } from './results.ts';
import { requireAll } from './search.ts';

const figure = (x: number) => x.toFixed(3);
const probability = (p: number) => (p < 0.00005 ? '<.0001' : p.toFixed(4));
const difference = (c: Comparison) =>
  `${c.difference < 0 ? '-' : '+'}${figure(Math.abs(c.difference))} [${figure(c.low)}, ${figure(c.high)}]`;

/** Writes both files to `out` and returns the text of `results.md`. */
export async function writeReport(
  place: Workplace,
  seeds: readonly number[],
  out: string,
  commit: string,
): Promise<string> {
  const records = requireAll(place, seeds);
  const rows = await resultRows(place, seeds);
  const times = stageTimes(records);
  const lines = acceptance(rows, times, seeds);
  const cells = Object.fromEntries(
    [...records].map(([name, { settings: _settings, data: _data, ...rest }]) => [name, rest]),
  );
  const json = { measure: MEASURE, seeds, margin: MARGIN, commit, rows, times, cells, acceptance: lines };
  const text = formatReport(rows, records, times, lines, seeds, commit);
  writeFileAtomic(join(out, 'results.json'), `${JSON.stringify(json, null, 2)}\n`);
  writeFileAtomic(join(out, 'results.md'), text);
  return text;
}

function formatReport(
  rows: readonly Row[],
  records: ReadonlyMap<string, CellRecord>,
  times: readonly StageTime[],
  lines: readonly AcceptanceLine[],
  seeds: readonly number[],
  commit: string,
): string {
  const seedNames = seeds.map((seed) => `seed ${seed}`);
  const english = rows.filter(({ language }) => language === 'en');
  const other = rows.filter(({ language }) => language !== 'en');
  const compared = rows.filter(({ againstTeacher }) => againstTeacher).length;
  const packs = rows.filter(({ againstHeadStart }) => againstHeadStart);
  return `# ${MEASURE} on the kit, seeds ${seeds.join(' ')}

Report at commit ${commit}. "head start" is word alignment by IBM Model 1 alone, no transport. "pack" is the whole recipe: the head start, its words corrected by transport plans, and OPTICAL. A query's value is its mean over the seeds; p is of the paired randomisation test over queries, Holm's over the ${compared} comparisons with the teacher in both tables; in brackets the 95 % bootstrap interval. Passages are the teacher's vectors, never encoded again.

## English queries
"within ${MARGIN.toFixed(2)}" is an equivalence test (two one-sided t tests, margin fixed before the runs), with its p.

${table(
  ['set', 'system', ...seedNames, 'mean', 'against teacher', 'p', 'Holm', `within ${MARGIN.toFixed(2)}`],
  english.map((row) => [
    `${row.set} (${row.queryCount})`,
    row.system,
    ...seedCells(row, seeds),
    figure(row.mean),
    ...comparisonCells(row.againstTeacher),
    row.equivalence
      ? `${row.equivalence.equivalent ? 'yes' : 'not shown'} (${probability(row.equivalence.p)})`
      : '',
  ]),
)}

## Queries in other languages

${table(
  ['set', 'queries', 'system', ...seedNames, 'mean', 'against teacher', 'p', 'Holm'],
  [
    ...other.map((row) => [
      `${row.set} (${row.queryCount})`,
      row.language,
      row.system,
      ...seedCells(row, seeds),
      figure(row.mean),
      ...comparisonCells(row.againstTeacher),
    ]),
    ...macroRows(other, seeds),
  ],
)}

## What transport adds to word alignment
Holm's adjustment over these ${packs.length} comparisons.

${table(
  ['set', 'queries', 'pack', 'against head start', 'p', 'Holm'],
  packs.map((row) => [row.set, queriesName(row), row.system, ...comparisonCells(row.againstHeadStart)]),
)}

## Stages
Minutes as the runs recorded them, stops and resumes included; preparation is all but the training loop.
"best step" is the step whose weights were kept by the dev measure: 0 is before the first gradient step.

${table(
  ['cell', 'training', 'preparation', 'minutes', 'best dev', 'best step', 'threads', 'commit'],
  times.map(({ cell, trainingMinutes, preparationMinutes, minutes }) => {
    const { best, threads, commits, adopted } = records.get(cell)!;
    return [
      cell,
      trainingMinutes.toFixed(1),
      preparationMinutes?.toFixed(1) ?? 'not recorded',
      minutes.toFixed(1),
      best ? figure(best.value) : '',
      best ? String(best.step) : '',
      String(threads ?? ''),
      `${commits.join(', ')}${adopted ? ' (adopted)' : ''}`,
    ];
  }),
)}

## Acceptance

${table(
  ['what', 'target', 'figure', ''],
  lines.map(({ what, target, figure: reached, met }) => [what, target, reached, met ? 'met' : '**missed**']),
)}
`;
}

function seedCells({ system, perSeed }: Row, seeds: readonly number[]): string[] {
  return system === 'bm25' ? seeds.map(() => '') : perSeed.map(figure);
}

function comparisonCells(comparison: Comparison | undefined): string[] {
  if (!comparison) return ['', '', ''];
  return [difference(comparison), probability(comparison.p), probability(comparison.adjusted)];
}

/** The mean over the four languages of indomain-ntrex, for each kind of system. */
function macroRows(rows: readonly Row[], seeds: readonly number[]): string[][] {
  const own = rows.filter(({ set }) => set === 'indomain-ntrex');
  return ['teacher', 'head start', 'pack'].map((kind) => {
    const group = own.filter(({ system }) => system.startsWith(kind));
    const perSeed = seeds.map((_, s) => mean(group.map((row) => row.perSeed[s])));
    const label = `mean of ${LANGUAGES.join(' ')}`;
    return ['indomain-ntrex', label, kind, ...perSeed.map(figure), figure(mean(perSeed)), '', '', ''];
  });
}

function queriesName({ language, queries, field }: Search): string {
  return field ? `${language} of ${queries}` : language;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
