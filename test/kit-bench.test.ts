/** What bench/kit.ts concludes: which cells are stale, what the tables compare, which lines are met. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { acceptance, type StageTime } from '../bench/kit/acceptance.ts';
import { type CellPlan, Cells } from '../bench/kit/cells.ts';
import { LANGUAGES, PROTOTYPE, SEARCHES, type System, systemsOf } from '../bench/kit/plan.ts';
import { adjust, type Row, type SystemValues, searchRows } from '../bench/kit/results.ts';
import { changes } from '../src/study/cell-identity.ts';
import { temporaryFolder } from './temporary.ts';

const folder = temporaryFolder();
const plan: CellPlan = {
  name: 'pack-sw-1',
  stage: 'packs',
  settings: { seed: 1, train: { rate: 0.1 } },
  data: { 'en-sw.tsv': 'abc' },
  from: { 'teacher-1': '12' },
};
const faster = { ...plan, settings: { seed: 1, train: { rate: 0.2 } } };

function cells(out: string, options: { adopt?: boolean; redo?: boolean; commit?: string } = {}) {
  const said: string[] = [];
  const defaults = { threads: 2, commit: 'abc1234', adopt: false, redo: false };
  return {
    said,
    cells: new Cells(join(folder.path, out), { ...defaults, ...options, say: (text) => said.push(text) }),
  };
}

function makeFolder(out: string, name: string): void {
  mkdirSync(join(folder.path, out, name), { recursive: true });
}

it('skips a finished cell, and refuses a stale one by naming what changed', () => {
  const { cells: first } = cells('stale');
  expect(first.finished(plan)).toBeUndefined();
  expect(() => first.require(plan)).toThrow(/--stage packs/);
  first.start(plan);
  makeFolder('stale', plan.name);
  expect(first.finished(plan)).toBeUndefined();
  first.finish(plan, { fingerprint: '34', trainingSeconds: 60, preparationSeconds: 5 });
  expect(first.finished(plan)).toMatchObject({ fingerprint: '34', commits: ['abc1234'], threads: 2 });
  expect(() => first.finished(faster)).toThrow(/stale: train.rate was 0.1, is 0.2/);
  expect(() => first.finished({ ...plan, data: { 'en-sw.tsv': 'abd' } })).toThrow(/data en-sw.tsv was "abc"/);
  expect(() => first.finished({ ...plan, from: {} })).toThrow(/made from teacher-1 was "12", is absent/);
  const again = cells('stale', { redo: true });
  expect(again.cells.finished(faster)).toBeUndefined();
  expect(again.said).toEqual(['pack-sw-1 is stale and is made again: train.rate was 0.1, is 0.2']);
});

it('continues a stopped run of the same plan only, and keeps its preparation and commits', () => {
  const { cells: first } = cells('stopped', { commit: 'one' });
  first.start(plan);
  first.start(plan, { preparationSeconds: 7 });
  expect(first.resumable(plan)).toBe(false);
  makeFolder('stopped', `${plan.name}.run`);
  expect(first.preparation(plan)).toBe(7);
  const { cells: second } = cells('stopped', { commit: 'two', redo: true });
  expect(second.resumable(plan)).toBe(true);
  expect(second.resumable(faster)).toBe(false);
  second.start(plan);
  expect(second.preparation(plan)).toBe(7);
  expect(second.finish(plan, {}).commits).toEqual(['one', 'two']);
  second.start(faster);
  expect(second.preparation(faster)).toBe(0);
  expect(second.finish(faster, {}).commits).toEqual(['two']);
});

it('takes a cell without a record only when it may adopt it', () => {
  makeFolder('adopted', plan.name);
  const adopt = () => ({ fingerprint: '34', trainingSeconds: 60 });
  expect(() => cells('adopted').cells.finished(plan, { adopt })).toThrow(/--adopt/);
  const { cells: adopting, said } = cells('adopted', { adopt: true });
  expect(adopting.finished(plan, { adopt })).toMatchObject({ adopted: true, commits: ['unknown'] });
  expect(said).toHaveLength(1);
  expect(cells('adopted').cells.finished(plan)).toMatchObject({ fingerprint: '34', adopted: true });
  const refuse = () => {
    throw new Error('made with other settings');
  };
  makeFolder('adopted', 'pack-so-1');
  expect(() => adopting.finished({ ...plan, name: 'pack-so-1' }, { adopt: refuse })).toThrow(
    /other settings/,
  );
});

it('names changed leaves, whatever the order of keys', () => {
  expect(changes({ a: 1, b: { c: [1], d: 2 } }, { b: { d: 2, c: [1] }, a: 1 })).toEqual([]);
  expect(changes({ a: 1, b: { c: [1] } }, { a: 1, b: { c: [1, 2] }, e: 'x' })).toEqual([
    'b.c was [1], is [1,2]',
    'e was absent, is "x"',
  ]);
});

/** Twelve queries whose values differ by `gain`, more for some than for others. */
function values(gain: number, seeds = 3): SystemValues {
  const perQuery = new Map(
    Array.from({ length: 12 }, (_, i) => [`q${i}`, 0.7 + gain * (0.85 + (i % 4) / 10)]),
  );
  return { perSeed: Array.from({ length: seeds }, () => 0.7 + gain), perQuery };
}

/** All rows, each system above the teacher by what `gain` says. */
function rows(gain: (system: System, language: string) => number): Row[] {
  return adjust(
    SEARCHES.flatMap((search) =>
      searchRows(
        search,
        new Map(systemsOf(search).map((system) => [system, values(gain(system, search.language))])),
      ),
    ),
  );
}

const times: StageTime[] = ['teacher-1', ...LANGUAGES.map((language) => `pack-${language}-1`)].map(
  (cell) => ({
    cell,
    trainingMinutes: 4,
    preparationMinutes: 0.5,
    minutes: 4.5,
  }),
);

it('compares with teacher and head start, and adjusts over the whole table', () => {
  const all = rows((system, language) => (system.startsWith('pack') && language !== 'en' ? 0.1 : 0));
  const pack = all.find(({ system, language }) => system === 'pack sw' && language === 'sw')!;
  expect(pack.againstTeacher?.difference).toBeCloseTo(0.1, 12);
  expect(pack.againstHeadStart?.difference).toBeCloseTo(0.1, 12);
  // 4 sets in English with 8 models, 5 searches in a language of a pack with 2.
  const comparisons = all.filter(({ againstTeacher }) => againstTeacher);
  expect(comparisons).toHaveLength(4 * 8 + 5 * 2);
  // All twelve queries gain: two of 2^12 assignments of signs are as extreme.
  expect(pack.againstTeacher?.p).toBeCloseTo(2 / 2 ** 12, 3);
  expect(pack.againstTeacher?.adjusted).toBeCloseTo(42 * pack.againstTeacher!.p, 12);
  const english = all.filter(({ equivalence }) => equivalence);
  expect(english).toHaveLength(4 * 8);
  expect(english.every(({ equivalence }) => equivalence?.equivalent)).toBe(true);
});

it('meets every line, or says which is missed', () => {
  const good = rows((system, language) =>
    system.startsWith('pack') ? (language === 'en' ? -0.01 : 0.1) : 0,
  );
  expect(acceptance(good, times, [1, 2, 3]).filter(({ met }) => !met)).toEqual([]);
  const bad = rows((system, language) => {
    if (system === 'teacher') return 0;
    if (language === 'en') return system === 'pack tl' ? -0.03 : 0;
    return system === 'pack so' ? -0.01 : 0.1;
  });
  const slow = times.map((time) => ({ ...time, minutes: time.minutes * 2 }));
  expect(
    acceptance(bad, slow, [1])
      .filter(({ met }) => !met)
      .map(({ what }) => what),
  ).toEqual([
    'seeds',
    'packs over the zero-shot teacher, indomain-ntrex',
    ...Object.keys(PROTOTYPE).map((set) => `English queries through each pack, ${set}`),
    'minutes of each pack',
  ]);
});
