/**
 * The index beside its goals: recall, latency, bytes, build, changes, growth, and rivals over the same vectors.
 *
 *     npx tsx bench/index.ts --work FOLDER [STAGE ...] [--passages 100000] [--precision 4bit] [--queries dev|test]
 *
 * Stages, in this order when none is named: `data` (synthetic vectors and the exact best), `build`, `search`, `rivals`
 * (`--modules PLACE` with @lancedb/lancedb, its `--lance` settings, `--python PYTHON` with fast-plaid, own settings `--own`), `changes`, `growth` (`--sizes`), `profile`,
 * `real` (`--teacher FOLDER`, `--kit FOLDER`), `kill`, `table`. FOLDER keeps data, indexes and what was measured; what is
 * there is used again (`--rebuild` builds again). Tune on `dev`, report `test` once. Prints JSON lines, then tables.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { growth } from './index/growth.ts';
import { profile } from './index/profile.ts';
import { real } from './index/real.ts';
import { rivals } from './index/rivals.ts';
import { build, changes, data, search } from './index/stages.ts';
import { goalRows, goalTable, stageTable, timesTable } from './index/table.ts';
import { type Choices, script, Workplace } from './index/workplace.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    work: { type: 'string' },
    passages: { type: 'string', default: '100000' },
    precision: { type: 'string', default: '4bit' },
    queries: { type: 'string', default: 'dev' },
    threads: { type: 'string', default: '1,2' },
    rebuild: { type: 'boolean', default: false },
    'most-kept': { type: 'string', default: '200000' },
    sizes: { type: 'string', default: '10000,100000,1000000' },
    modules: { type: 'string' },
    python: { type: 'string' },
    lance: { type: 'string', default: ';refine=20' },
    own: { type: 'string', default: ';effort=0.5;4bit+float16;4bit+float16,effort=0.7' },
    rounds: { type: 'string', default: '3' },
    teacher: { type: 'string' },
    kit: { type: 'string', default: '../shared/kit' },
    'real-most': { type: 'string' },
    kills: { type: 'string', default: '200' },
    figures: { type: 'string' },
  },
});
if (!values.work) throw new Error('Give --work, a folder that keeps data, indexes and measurements.');
const work = new Workplace(values.work);
const choices: Choices = {
  passages: Number(values.passages),
  precision: values.precision,
  queries: values.queries,
  threads: values.threads.split(',').map(Number),
  mostKept: Number(values['most-kept']),
  figures: values.figures,
};
const { teacher, kit, modules, python } = values;
const most = values['real-most'] === undefined ? undefined : Number(values['real-most']);

const STAGES: Readonly<Record<string, () => unknown>> = {
  data: () => data(work, choices),
  build: () => build(work, choices, values.rebuild),
  search: () => search(work, choices),
  rivals: () =>
    rivals(work, choices, {
      ...{ modules, python, lance: values.lance.split(';'), own: values.own.split(';') },
      rounds: Number(values.rounds),
    }),
  changes: () => changes(work, choices),
  growth: () => growth(work, choices, values.sizes.split(',').map(Number)),
  profile: () => profile(work, choices),
  real() {
    if (teacher && existsSync(kit)) return real(work, choices, { teacher, kit, most });
    console.error('real: left out; it needs --teacher and the kit (--kit)');
  },
  kill() {
    const run = ['--import', 'tsx', script('../index-kill.ts'), '--kills', values.kills];
    const { stdout, status } = spawnSync(process.execPath, run, { encoding: 'utf8', stdio: [0, 'pipe', 2] });
    if (status !== 0) throw new Error('a kill left something else than the state before or after');
    work.report({ stage: 'kill', ...JSON.parse(stdout.trim().split('\n').at(-1)!) });
  },
  table,
};

function table(): void {
  const records = work.measured();
  const { passages, queries } = choices;
  const place = ['passages', 'precision'];
  const found = ['recall10', 'recall100', 'p50', 'p95'];
  const tables = [
    goalTable(goalRows(records, queries, passages)),
    stageTable(records, 'build', place, ['seconds', 'peakMiB', 'bytesPerPassage', 'segments']),
    stageTable(records, 'search', [...place, 'queries', 'threads', 'effort'], found),
    stageTable(records, 'rivals', ['passages', 'queries', 'system'], [...found, 'buildSeconds']),
    stageTable(records, 'changes', [...place, 'operation'], ['seconds', 'buildShare', 'peakMiB', 'damaged']),
    stageTable(records, 'growth', place, [
      'buildSeconds',
      'bytes',
      'openSeconds',
      'openMiB',
      'p50',
      'p95',
      'found10',
    ]),
    timesTable(records, passages),
    stageTable(records, 'profile', place, ['p50', 'readMs', 'multiplyMs', 'limitMs', 'ratio']),
    stageTable(records, 'real', ['name', 'precision', 'threads'], [...found, 'bytesPerPassage']),
  ];
  console.log(`\n${tables.filter((each) => each !== '').join('\n\n')}`);
}

const wanted = positionals.length > 0 ? positionals : Object.keys(STAGES);
for (const stage of wanted)
  if (!STAGES[stage]) throw new Error(`no stage ${stage}; there are ${Object.keys(STAGES).join(', ')}`);
for (const stage of wanted) await STAGES[stage]();
if (!wanted.includes('table')) table();
