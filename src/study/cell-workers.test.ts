/** Jobs in processes of their own: the same files as one process, errors and stops that come through, a process that dies. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { refract } from '../../test/command-line.ts';
import { temporaryFolder } from '../../test/temporary.ts';
import { RefractError } from '../errors.ts';
import { CellTable } from './cell.ts';
import type { CellMaker } from './cell-maker.ts';
import { CellWorkers, threadsOfEach } from './cell-workers.ts';
import { studySchema } from './checked-study.ts';
import { studyMatrix } from './matrix.ts';
import { runCells } from './run-cells.ts';
import { STUDY, writeStudyData } from './study.fixture.ts';
import { StudyFiles } from './study-files.ts';
import { heardError, toldError } from './worker-messages.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const run = (out: string, jobs: number, over = {}) =>
  refract(
    [
      'study',
      'run',
      folder.write('study.yaml', STUDY),
      '--out',
      at(out),
      '--threads',
      '1',
      '--jobs',
      `${jobs}`,
    ],
    over,
  );
/** Every file of a folder but records, which have times, by its path. */
function contentOf(place: string): Map<string, string> {
  const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return new Map(
    files
      .map((each) => join(each.parentPath, each.name))
      .filter(
        (name) =>
          /(safetensors|scores\.csv|run|json)$/.test(name) && !/(cell|refract)\.json$|report/.test(name),
      )
      .map((name) => [name.slice(place.length), readFileSync(name, 'latin1')] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

beforeAll(() => writeStudyData(folder));

describe('several jobs', () => {
  it('make the same files as one, and show progress with the name of the cell', async () => {
    expect((await run('one', 1)).code).toBe(0);
    const labels = new Set<string>();
    const progress = (label: string) => {
      labels.add(label);
      return { update() {}, end() {} };
    };
    expect((await run('two', 2, { progress })).code).toBe(0);
    const [expected, made] = [contentOf(at('one')), contentOf(at('two'))];
    expect([...made.keys()]).toEqual([...expected.keys()]);
    expect(made.size).toBeGreaterThan(20);
    for (const [name, content] of expected) expect(made.get(name) === content, name).toBe(true);
    expect(labels).toContain('pack-optical-1: training');
  }, 120_000);

  it('are stopped in a training, and go on from there', async () => {
    const stop = new AbortController();
    const progress = (label: string) => ({
      update(done: number) {
        if (label.endsWith(': training') && done >= 1) stop.abort();
      },
      end() {},
    });
    const stopped = await run('stopped', 2, { signal: stop.signal, progress });
    expect(stopped.err).toContain('[INTERRUPTED]');
    expect(stopped.code).toBe(130);
    expect(existsSync(at('stopped/scores.csv'))).toBe(false);
    expect((await run('stopped', 2)).code).toBe(0);
    expect(readFileSync(at('stopped/scores.csv'))).toEqual(readFileSync(at('one/scores.csv')));
  }, 120_000);

  it('fail with what a worker said, and a worker that dies is replaced', async () => {
    const files = await StudyFiles.open(studySchema.parse(parse(STUDY)), folder.path);
    const { cells } = studyMatrix(files);
    const chosen = cells.filter(({ name }) => ['teacher', 'index-desk-1'].includes(name));
    const out = at('died');
    const workers = await CellWorkers.start(files, { out, jobs: 1, threads: 1 });
    try {
      const [teacher] = chosen;
      // The teacher is not made yet.
      await expect(runCells([{ ...chosen[1], needs: [] }], { out, maker: workers })).rejects.toMatchObject({
        code: 'FILE_MISSING',
        what: expect.stringContaining('in cell index-desk-1'),
      });
      for (const pid of workerProcesses()) process.kill(pid, 'SIGKILL');
      await vi.waitFor(() => expect(workerProcesses()).toEqual([]));
      // Its end is heard of in a later turn.
      await new Promise((next) => setTimeout(next, 200));
      const records = await runCells(chosen, { out, maker: workers });
      expect(records.size).toBe(2);
      expect(records.get(teacher.name)?.memoryBytes).toBeGreaterThan(50e6);
    } finally {
      workers.close();
    }
    await vi.waitFor(() => expect(workerProcesses()).toEqual([]));
  }, 60_000);
});

/** Processes of this one that are workers. */
function workerProcesses(): number[] {
  const listed = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return listed.split('\n').flatMap((line) => {
    const [pid, parent, state, ...args] = line.trim().split(/\s+/);
    const is = Number(parent) === process.pid && !state.startsWith('Z') && /cell-worker/.test(args.join(' '));
    return is ? [Number(pid)] : [];
  });
}

describe('vectors that students share', () => {
  it('are computed by one worker, as long as others have something else to do', async () => {
    const log: string[] = [];
    const table = new CellTable();
    const add = (name: string, teacher?: string) =>
      table.add({
        ...{ name, kind: 'student', group: 'x', settings: name, data: {}, needs: [] },
        training: {
          steps: 1,
          evaluateEvery: 0,
          ...(teacher && { lookUps: { teacher, perStep: 1, draws: '' } }),
        },
        make: async () => ({}),
      });
    for (const name of ['a', 'b']) add(name, 'teacher-1');
    add('c', 'teacher-2');
    add('d');
    let holder = false;
    // The first one is at work until the last has begun, however slow the machine.
    let begun = () => {};
    const last = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const maker: CellMaker = {
      async make({ name, training }) {
        log.push(name);
        const holds = training?.lookUps?.teacher === 'teacher-1';
        if (holds) holder = true;
        if (name === 'd') begun();
        if (name === 'a') await last;
        if (holds) holder = false;
        mkdirSync(join(folder.path, 'shared/cells', name), { recursive: true });
        return {};
      },
      repeats: ({ training }) => holder && training?.lookUps?.teacher === 'teacher-1',
      peakMemory: () => 1,
    };
    await runCells(table.cells, { out: at('shared'), jobs: 2, maker });
    expect(log).toEqual(['a', 'c', 'd', 'b']);
  });
});

it('errors keep their code, place and way out from one process to another', () => {
  const error = new RefractError('LINE_FORMAT', 'no tab', { at: 'a.tsv', line: 3, hint: 'Put one in.' });
  expect(heardError(toldError(error))).toEqual(error);
  const fault = new TypeError('x is undefined');
  expect(heardError(toldError(fault)).stack).toBe(fault.stack);
  expect(heardError(toldError('text')).message).toBe('text');
});

it('cores are shared among jobs', () => {
  expect([threadsOfEach(1, 8), threadsOfEach(3, 8), threadsOfEach(9, 8)]).toEqual([8, 2, 1]);
});
