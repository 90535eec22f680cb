/**
 * The whole way on the kit, as docs/lab.md reports it: for each seed a teacher, four head starts, four language
 * packs and all searches, and for all seeds a report with tests and the acceptance lines. Every stage leaves
 * cells (kit/cells.ts) that are skipped when they are finished, so that the run can be stopped and continued.
 * The test parts are read once, by the searches, and nothing is tuned on them.
 *
 *     npx tsx bench/kit.ts [--kit ../shared/kit] [--out runs/kit] [--seeds 1,2,3] [--threads 2]
 *       [--stage teacher,packs,search,report] [--adopt] [--redo]
 */
import { parseArgs } from 'node:util';
import { nearest, RefractError } from '../src/errors.ts';
import { streamProgress } from '../src/progress.ts';
import { Cells, codeCommit } from './kit/cells.ts';
import { KitFiles } from './kit/files.ts';
import { makePack, makeTeacher, type Workplace } from './kit/models.ts';
import { LANGUAGES, PACK_KINDS } from './kit/plan.ts';
import { writeReport } from './kit/report.ts';
import { searchBm25, searchSeed } from './kit/search.ts';

const USAGE = `npx tsx bench/kit.ts
  --kit <folder>     the experiment kit (default: ../shared/kit)
  --out <folder>     where models, runs and the report go (default: runs/kit)
  --seeds <1,2,3>    seeds (default: 1,2,3)
  --threads <count>  threads (default: 2)
  --stage <list>     of teacher,packs,search,report (default: all)
  --adopt            accept models without a record whose settings are today's
  --redo             make stale models again
`;
const STAGES = ['teacher', 'packs', 'search', 'report'];

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      kit: { type: 'string', default: '../shared/kit' },
      out: { type: 'string', default: 'runs/kit' },
      seeds: { type: 'string', default: '1,2,3' },
      threads: { type: 'string', default: '2' },
      stage: { type: 'string', default: STAGES.join(',') },
      adopt: { type: 'boolean', default: false },
      redo: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  const { kit, out, adopt, redo } = options;
  const seeds = options.seeds.split(',').map((text) => wholeNumber(text, '--seeds'));
  const threads = wholeNumber(options.threads, '--threads');
  const stages = options.stage.split(',').map(stageName);
  const commit = codeCommit();
  const say = (message: string) => process.stderr.write(`${message}\n`);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const place: Workplace = {
    kit: new KitFiles(kit),
    cells: new Cells(out, { threads, commit, adopt, redo, say }),
    threads,
    progress: streamProgress(process.stderr, 30),
    signal: stop.signal,
  };
  if (stages.includes('teacher')) for (const seed of seeds) await makeTeacher(place, seed);
  if (stages.includes('search')) await searchBm25(place);
  for (const seed of seeds) {
    if (stages.includes('packs'))
      for (const language of LANGUAGES)
        for (const kind of PACK_KINDS) await makePack(place, seed, kind, language);
    if (stages.includes('search')) await searchSeed(place, seed);
  }
  if (stages.includes('report')) process.stdout.write(await writeReport(place, seeds, out, commit));
}

function wholeNumber(text: string, option: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new RefractError('SETTING_INVALID', `${option}: "${text}" is not a whole number of at least 1`, {
    hint: 'Seeds are given like 1,2,3.',
  });
}

function stageName(name: string): string {
  if (STAGES.includes(name)) return name;
  const near = nearest(name, STAGES);
  throw new RefractError('SETTING_INVALID', `--stage: there is no stage "${name}"`, {
    hint: `${near ? `Did you mean ${near}? ` : ''}Stages are ${STAGES.join(', ')}.`,
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof RefractError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.code === 'INTERRUPTED' ? 130 : 1;
}
