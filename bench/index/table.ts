/** What issue 5 asks of the index beside what was measured, as tables in Markdown. */
import type { Measured } from './workplace.ts';

/** A row of the table of goals. */
export interface GoalRow {
  readonly figure: string;
  readonly goal: string;
  readonly measured: string;
  /** Undefined where it was not measured. */
  readonly met: boolean | undefined;
}

/** Passages of the collection that most goals are about. */
const SIZE = 100_000;
const LARGE = 1_000_000;
const KIB = 1024;

/** The goals, by the last of `records` that speaks of each; `passages` is another size than 100,000 for trials. */
export function goalRows(records: readonly Measured[], queries: string, passages = SIZE): GoalRow[] {
  const last = (wanted: Measured): Readonly<Record<string, number | undefined>> =>
    (records.findLast((record) => Object.entries(wanted).every(([name, value]) => record[name] === value)) ??
      {}) as Readonly<Record<string, number | undefined>>;
  const found = last({
    ...{ stage: 'search', passages, precision: '4bit', queries, threads: 2, effort: 'default' },
  });
  const [four, two] = ['4bit', '2bit'].map((precision) => last({ stage: 'build', passages, precision }));
  const [added, deleted] = ['add', 'delete'].map((operation) =>
    last({ stage: 'changes', passages, operation }),
  );
  const large = last({ stage: 'growth', passages: LARGE });
  const kill = last({ stage: 'kill' });
  const n = passages.toLocaleString('en');
  return [
    row(`recall@10, ${n}, 4 bit`, 'at least .95', found.recall10, 3, (x) => x >= 0.95),
    row(`recall@100, ${n}, 4 bit`, 'at least .90', found.recall100, 3, (x) => x >= 0.9),
    row('query p50, ms', 'at most 40', found.p50, 1, (x) => x <= 40),
    row('query p95, ms', 'at most 80', found.p95, 1, (x) => x <= 80),
    rivalRow(records, queries, passages),
    row('KiB a passage, 4 bit', 'at most 4.8', over(four.bytesPerPassage, KIB), 2, (x) => x <= 4.8),
    row('KiB a passage, 2 bit', 'at most 2.8', over(two.bytesPerPassage, KIB), 2, (x) => x <= 2.8),
    row('build, s', 'at most 360', four.seconds, 0, (x) => x <= 360),
    row('build, peak MiB', 'at most 1,536', four.peakMiB, 0, (x) => x <= 1536),
    row('add 1 %, share of the build', 'at most .05', added.buildShare, 4, (x) => x <= 0.05),
    row('delete 1 %, share of the build', 'at most .01', deleted.buildShare, 4, (x) => x <= 0.01),
    row('open 1,000,000, peak MiB', 'at most 8,192', large.openPeakMiB, 0, (x) => x <= 8192),
    row('query over 1,000,000, p50 ms', 'at most 250', large.p50, 1, (x) => x <= 250),
    {
      figure: 'kills that left another state than before or after',
      goal: '0 of 200',
      measured: kill.kills === undefined ? '-' : `${kill.failures} of ${kill.kills}`,
      met: kill.kills === undefined ? undefined : kill.failures === 0 && kill.kills >= 200,
    },
  ];
}

/** Whether each setting of LanceDB is beaten by one of ours in the last run: as good or better, and faster. */
function rivalRow(records: readonly Measured[], queries: string, passages: number): GoalRow {
  const compared = records.filter(
    (record) => record.stage === 'rivals' && record.queries === queries && record.passages === passages,
  );
  // Times of different runs say nothing beside each other.
  const run = compared.at(-1)?.run;
  const all: RivalFigures[] = compared
    .filter((record) => record.run === run)
    .map(({ system, recall10, p50 }) => ({
      ...{ system: String(system), recall10: Number(recall10), p50: Number(p50) },
    }));
  const of = (name: string) => all.filter(({ system }) => system.startsWith(name));
  const [own, lance] = [of('refract'), of('lancedb')];
  const beaten = lance.map((theirs) =>
    own.some(({ recall10, p50 }) => recall10 >= theirs.recall10 && p50 < theirs.p50),
  );
  const said = [...own, ...lance].map(
    ({ system, recall10, p50 }) => `${system} ${recall10.toFixed(3)} in ${p50.toFixed(1)} ms`,
  );
  return {
    figure: 'recall@10 and p50 beside LanceDB',
    goal: 'faster at equal or better recall',
    measured: said.join('; ') || '-',
    met: own.length === 0 || lance.length === 0 ? undefined : beaten.every(Boolean),
  };
}

/** What counts beside a rival. */
interface RivalFigures {
  readonly system: string;
  readonly recall10: number;
  readonly p50: number;
}

function row(
  figure: string,
  goal: string,
  value: number | undefined,
  decimals: number,
  met: (value: number) => boolean,
): GoalRow {
  if (value === undefined) return { figure, goal, measured: '-', met: undefined };
  return { figure, goal, measured: value.toFixed(decimals), met: met(value) };
}

function over(value: number | undefined, unit: number): number | undefined {
  return value === undefined ? undefined : value / unit;
}

/** The table in Markdown. */
export function goalTable(rows: readonly GoalRow[]): string {
  const lines = rows.map(({ figure, goal, measured, met }) =>
    line([figure, goal, measured, met === undefined ? '-' : met ? 'yes' : 'no']),
  );
  return [line(['figure', 'goal', 'measured', 'met']), line(['---', '---', '---', '---']), ...lines].join(
    '\n',
  );
}

/** The last records of a stage for each distinct `keys`, as a table of `columns`. */
export function stageTable(
  records: readonly Measured[],
  stage: string,
  keys: readonly string[],
  columns: readonly string[],
): string {
  const latest = new Map<string, Measured>();
  for (const record of records)
    if (record.stage === stage) latest.set(keys.map((key) => record[key]).join(), record);
  if (latest.size === 0) return '';
  const all = [...keys, ...columns];
  const rows = [...latest.values()].map((record) => line(all.map((name) => cell(record[name]))));
  return [`${stage}:`, line(all), line(all.map(() => '---')), ...rows].join('\n');
}

/** Where the time of a query goes, by the last profile of a size. */
export function timesTable(records: readonly Measured[], passages: number): string {
  const last = records.findLast((record) => record.stage === 'profile' && record.passages === passages);
  if (last === undefined) return '';
  const times = Object.entries(last.stagesMs as Readonly<Record<string, number>>);
  const all = times.reduce((sum, [, ms]) => sum + ms, 0);
  const rows = times.map(([stage, ms]) => line([stage, ms.toFixed(2), (ms / all).toFixed(3)]));
  return ['one query, one thread:', line(['part', 'ms', 'share']), line(['---', '---', '---']), ...rows].join(
    '\n',
  );
}

function cell(value: unknown): string {
  if (typeof value !== 'number') return value === undefined ? '-' : String(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
