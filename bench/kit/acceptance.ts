/** The lines that the experiment must reach, each met or missed with its figure. */
import { mean } from '../../src/eval/index.ts';
import type { CellRecord } from './cells.ts';
import { LANGUAGES, MARGIN, MOST_MINUTES, PACK_KINDS, PROTOTYPE, SEEDS } from './plan.ts';
import type { Row } from './results.ts';

/** One requirement. */
export interface AcceptanceLine {
  readonly what: string;
  readonly target: string;
  readonly figure: string;
  readonly met: boolean;
}

/** The time of a stage that made a model. */
export interface StageTime {
  readonly cell: string;
  readonly trainingMinutes: number;
  /** Undefined where it was not recorded. */
  readonly preparationMinutes?: number;
  /** Of both, as far as they are known. */
  readonly minutes: number;
}

const LEVEL = 0.05;
const signed = (x: number) => `${x < 0 ? '-' : '+'}${Math.abs(x).toFixed(4)}`;

/** Checks every line. Figures are compared as they are, not as they are printed. */
export function acceptance(
  rows: readonly Row[],
  times: readonly StageTime[],
  seeds: readonly number[],
): AcceptanceLine[] {
  return [
    {
      what: 'seeds',
      target: SEEDS.join(' '),
      figure: seeds.join(' '),
      met: SEEDS.every((seed) => seeds.includes(seed)),
    },
    ...teacherLines(rows),
    ...packLines(rows),
    ...englishLines(rows),
    ...(['teacher', 'pack'] as const).map((kind) => timeLine(kind, times)),
  ];
}

function teacherLines(rows: readonly Row[]): AcceptanceLine[] {
  return Object.entries(PROTOTYPE).map(([set, target]) => {
    const row = rowOf(rows, set, 'en', 'teacher');
    const seeds = row.perSeed.length > 1 ? ` (${row.perSeed.map((x) => x.toFixed(4)).join(', ')})` : '';
    return {
      what: `teacher, English queries, ${set}`,
      target: `at least ${target.toFixed(3)}`,
      figure: `${row.mean.toFixed(4)}${seeds}`,
      met: row.mean >= target,
    };
  });
}

function packLines(rows: readonly Row[]): AcceptanceLine[] {
  const gains = LANGUAGES.map((language) => ({
    language,
    gain: rowOf(rows, 'indomain-ntrex', language, `pack ${language}`).againstTeacher!,
  }));
  const sure = gains.filter(({ gain }) => gain.difference > 0 && gain.p < LEVEL);
  const adjusted = gains.filter(({ gain }) => gain.difference > 0 && gain.adjusted < LEVEL);
  const swahili = rowOf(rows, 'ood-afriqa', 'sw', 'pack sw').againstTeacher!;
  return [
    {
      what: 'packs over the zero-shot teacher, indomain-ntrex',
      target: 'higher for each language',
      figure: gains.map(({ language, gain }) => `${language} ${signed(gain.difference)}`).join(', '),
      met: gains.every(({ gain }) => gain.difference > 0),
    },
    {
      what: 'of these, with p < .05',
      target: 'at least three',
      figure: `${sure.length} (${adjusted.length} after Holm)`,
      met: sure.length >= 3,
    },
    {
      what: 'Swahili pack over the zero-shot teacher, ood-afriqa',
      target: 'higher',
      figure: `${signed(swahili.difference)}, p ${swahili.p.toFixed(4)} (Holm ${swahili.adjusted.toFixed(4)})`,
      met: swahili.difference > 0,
    },
  ];
}

function englishLines(rows: readonly Row[]): AcceptanceLine[] {
  return Object.keys(PROTOTYPE).map((set) => {
    const packs = LANGUAGES.map((language) => rowOf(rows, set, 'en', `pack ${language}`));
    const worst = packs.reduce((a, b) =>
      b.againstTeacher!.difference < a.againstTeacher!.difference ? b : a,
    );
    const { difference } = worst.againstTeacher!;
    const shown = packs.filter(({ equivalence }) => equivalence?.equivalent).length;
    return {
      what: `English queries through each pack, ${set}`,
      target: `at most ${MARGIN.toFixed(2)} below the teacher`,
      figure: `worst ${signed(difference)} (${worst.system}); equivalence shown for ${shown} of ${packs.length}`,
      met: difference >= -MARGIN,
    };
  });
}

function timeLine(kind: 'teacher' | 'pack', times: readonly StageTime[]): AcceptanceLine {
  const own = times.filter(({ cell }) => cell.startsWith(`${kind}-`));
  const longest = own.reduce((a, b) => (b.minutes > a.minutes ? b : a));
  const partial = own.some(({ preparationMinutes }) => preparationMinutes === undefined);
  return {
    what: `minutes of each ${kind}`,
    target: `at most ${MOST_MINUTES[kind]}`,
    figure: `longest ${longest.minutes.toFixed(1)} (${longest.cell}), mean ${mean(own.map(({ minutes }) => minutes)).toFixed(1)}${partial ? '; without preparation where it was not recorded' : ''}`,
    met: longest.minutes <= MOST_MINUTES[kind],
  };
}

/** The times of all models, from their records. */
export function stageTimes(records: ReadonlyMap<string, CellRecord>): StageTime[] {
  const kinds = ['teacher', ...PACK_KINDS].map((kind) => kind.replaceAll(' ', '-'));
  return [...records]
    .filter(([cell]) => kinds.some((kind) => cell.startsWith(`${kind}-`)))
    .map(([cell, { trainingSeconds = 0, preparationSeconds }]) => ({
      cell,
      trainingMinutes: trainingSeconds / 60,
      preparationMinutes: preparationSeconds === undefined ? undefined : preparationSeconds / 60,
      minutes: (trainingSeconds + (preparationSeconds ?? 0)) / 60,
    }));
}

function rowOf(rows: readonly Row[], set: string, language: string, system: string): Row {
  return rows.find((row) => row.set === set && row.language === language && row.system === system)!;
}
