/** Cells: identical work is one cell, names are not shared, several jobs keep to the needs, a failure stops what needs it. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { RefractError } from '../errors.ts';
import { interruption } from '../stage.ts';
import { VERSION } from '../version.ts';
import { type Cell, type CellPlan, CellTable } from './cell.ts';
import { failureOf } from './cell-failure.ts';
import { cellFolder } from './cell-record.ts';
import { runCells } from './run-cells.ts';

const folder = temporaryFolder();

/** A table whose cells say when they begin and end. */
function logged() {
  const log: string[] = [];
  const table = new CellTable();
  const add = (name: string, needs: readonly Cell[], over: Partial<CellPlan> = {}) =>
    table.add({
      name,
      kind: 'student',
      group: 'any',
      settings: { name },
      data: {},
      needs,
      async make({ folder: place, folderOf }) {
        for (const need of needs) expect(existsSync(folderOf(need))).toBe(true);
        log.push(`+${name}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        mkdirSync(place, { recursive: true });
        log.push(`-${name}`);
        return {};
      },
      ...over,
    });
  return { log, table, add };
}

it('makes identical work once, and refuses one name for two', async () => {
  const { table, add } = logged();
  const teacher = add('teacher', []);
  const one = add('one', [teacher], { settings: { seed: 1, rho: 0 } });
  expect(add('two', [teacher], { settings: { rho: 0, seed: 1 } })).toBe(one);
  expect(add('three', [teacher], { settings: { rho: 0.5, seed: 1 } })).not.toBe(one);
  expect(add('other data', [teacher], { settings: { seed: 1, rho: 0 }, data: { a: 'b' } })).not.toBe(one);
  expect(table.cells).toHaveLength(4);
  const error = await refusal(() => add('one', [], { settings: 'another' }));
  expect(error.code).toBe('SETTING_INVALID');
});

it('makes what is needed first, several at a time', async () => {
  const { log, table, add } = logged();
  const teacher = add('teacher', []);
  const [a, b] = [add('a', [teacher]), add('b', [teacher])];
  add('runs', [a, b]);
  const out = `${folder.path}/jobs`;
  const records = await runCells(table.cells, { out, jobs: 2 });
  expect(log).toEqual(['+teacher', '-teacher', '+a', '+b', '-a', '-b', '+runs', '-runs']);
  expect([...records.values()].every(({ state }) => state === 'finished')).toBe(true);
  await runCells(table.cells, { out });
  expect(log).toHaveLength(8);
});

it('says how long the rest will take, once a cell of the same group is finished', async () => {
  const { table, add } = logged();
  for (const name of ['a', 'b', 'c']) add(name, []);
  const told: string[] = [];
  await runCells(table.cells, { out: `${folder.path}/left`, tell: (text) => told.push(text) });
  expect(told).toEqual(['1/3 a', '2/3 b (0:00 left)', '3/3 c (0:00 left)']);
});

it('keeps what is finished when a cell fails, begins none that needs it, and goes on from there', async () => {
  const { log, table, add } = logged();
  const good = add('good', []);
  let faults = 1;
  const bad = add('bad', [], {
    async make({ folder: place, control }) {
      log.push(`bad, resume ${control.resume}`);
      if (faults-- > 0) throw new Error('out of memory');
      mkdirSync(place, { recursive: true });
      return {};
    },
  });
  add('last', [good, bad]);
  const out = `${folder.path}/failed`;
  await expect(runCells(table.cells, { out })).rejects.toThrow('out of memory');
  expect(existsSync(cellFolder(out, good))).toBe(true);
  await runCells(table.cells, { out });
  expect(log).toEqual(['+good', '-good', 'bad, resume false', 'bad, resume true', '+last', '-last']);
});

it('refuses a cell of another version, keeps the others, and makes it again when asked to', async () => {
  const { log, table, add } = logged();
  const teacher = add('teacher', []);
  const pack = add('pack', [teacher]);
  const out = `${folder.path}/versions`;
  await runCells(table.cells, { out });
  const path = `${cellFolder(out, pack)}.cell.json`;
  const record = readFileSync(path, 'utf8');
  writeFileSync(path, record.replace(`"version": "${VERSION}"`, '"version": "0.0.0"'));
  const error = await refusal(() => runCells(table.cells, { out }));
  expect([error.code, error.at]).toEqual(['RESUME_MISMATCH', path]);
  expect(error.what).toBe(`the cell is stale: it was made by 0.0.0, this is ${VERSION}`);
  expect(log).toEqual(['+teacher', '-teacher', '+pack', '-pack']);
  await runCells(table.cells, { out, redo: true });
  expect(log.slice(4)).toEqual(['+pack', '-pack']);
  expect(JSON.parse(readFileSync(path, 'utf8')).version).toBe(VERSION);
});

describe('when a cell fails', () => {
  const full = new RefractError('DISK_FULL', 'no room', { at: 'x', hint: 'Make room.' });
  const missing = new RefractError('FILE_MISSING', 'it is gone', { at: 'q.jsonl', line: 3, hint: 'Get it.' });
  const failing = (error: Error): Partial<CellPlan> => ({
    make: () => Promise.reject(error),
  });

  it.each([1, 2])('independent cells go on, and the first error names all, with %i jobs', async (jobs) => {
    const { log, table, add } = logged();
    const teacher = add('teacher', []);
    const bad = add('bad', [teacher], failing(missing));
    const worse = add('worse', [teacher], failing(new Error('a fault')));
    const runs = add('runs', [bad]);
    add('scores', [runs, worse]);
    const good = add('good', [teacher]);
    add('more', [good]);
    const told: string[] = [];
    const options = { out: `${folder.path}/several-${jobs}`, jobs, tell: (text: string) => told.push(text) };
    const error = await refusal(() => runCells(table.cells, options));
    expect(log.filter((each) => each.startsWith('-'))).toEqual(['-teacher', '-good', '-more']);
    expect(error).toMatchObject({ code: 'FILE_MISSING', at: 'q.jsonl', line: 3, hint: 'Get it.' });
    expect(error.what).toBe(
      'it is gone (in cell bad; also failed: worse; not begun, as they need a failed cell: runs, scores)',
    );
    expect(told).toContain('bad failed, others go on: it is gone');
    expect(told).toContain('worse failed, others go on: a fault');
  });

  it('a full disk stops all, and so does an interruption', async () => {
    for (const [name, error] of [
      ['full', full],
      ['stopped', interruption('stopped at step 3', undefined)],
    ] as const) {
      const { log, table, add } = logged();
      add('bad', [], failing(error));
      add('other', []);
      await expect(runCells(table.cells, { out: `${folder.path}/${name}` })).rejects.toBe(error);
      expect(log).toEqual([]);
    }
  });

  it('a disk that takes no record either is waited out: cells in hand come to their end', async () => {
    const { table, add } = logged();
    const out = `${folder.path}/no-record`;
    let ended = false;
    add('bad', [], {
      async make() {
        await new Promise((next) => setImmediate(next));
        rmSync(`${out}/cells`, { recursive: true });
        writeFileSync(`${out}/cells`, '');
        throw full;
      },
    });
    add('slow', [], {
      async make() {
        for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
        ended = true;
        return {};
      },
    });
    await expect(runCells(table.cells, { out, jobs: 2 })).rejects.toBe(full);
    expect(ended).toBe(true);
  });

  it('the work can still be stopped between two cells', async () => {
    const { log, table, add } = logged();
    const stop = new AbortController();
    add('bad', [], {
      make() {
        stop.abort();
        return Promise.reject(missing);
      },
    });
    add('other', []);
    const options = { out: `${folder.path}/aborted`, signal: stop.signal };
    const error = await refusal(() => runCells(table.cells, options));
    expect(error.code).toBe('INTERRUPTED');
    expect(log).toEqual([]);
  });
});

describe('the error of failed cells', () => {
  it('keeps the stack of a fault, and counts names that are too many', () => {
    const fault = new TypeError('x is undefined');
    const cells = Array.from({ length: 30 }, (_, i) => ({ name: `c${i}` }));
    const error = failureOf([{ cell: { name: 'a' }, error: fault }], cells);
    expect(error.cause).toBe(fault);
    expect(error.stack).toContain(fault.stack);
    expect(error.message).toContain('x is undefined (in cell a; not begun');
    expect(error.message).toContain('c19 and 10 more)');
  });
});
