/** A plan that was kept, beside what a run of a tiny study took. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { refract } from '../../test/command-line.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { CellTable } from './cell.ts';
import { readCell, writeCell } from './cell-record.ts';
import { studySchema } from './checked-study.ts';
import { studyMatrix } from './matrix.ts';
import type { StudyCost } from './plan.ts';
import { checkPlan, readPlan, writePlan } from './plan-record.ts';
import { STUDY, writeStudyData } from './study.fixture.ts';
import { StudyFiles } from './study-files.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
beforeAll(() => writeStudyData(folder));

describe('plan.json', () => {
  const args = (action: string, ...more: string[]) =>
    refract(['study', action, at('study.yaml'), '--out', at('out'), '--threads', '1', '--quiet', ...more]);

  it('is set beside what a run took; finished cells cost nothing, and memory decides no identity', async () => {
    folder.write('study.yaml', STUDY.replace(/^ {2}(oracle|shift|both|psq):.*\n/gm, ''));
    const planned = await args('plan', '--json');
    expect(planned.code).toBe(0);
    const before: StudyCost = JSON.parse(planned.out);
    expect(before.cells.every(({ seconds, bytes }) => seconds > 0 && bytes > 0)).toBe(true);
    const kept = readPlan(at('out'))!;
    expect(Object.keys(kept.cells)).toEqual(before.cells.map(({ name }) => name));

    expect((await args('run')).code).toBe(0);
    const study = studySchema.parse(parseYaml(readFileSync(at('study.yaml'), 'utf8')));
    const matrix = studyMatrix(await StudyFiles.open(study, folder.path));
    const records = matrix.cells.map((cell) => readCell(at('out'), cell)!);
    records.forEach((record, i) => {
      expect(record.memoryBytes).toBeGreaterThan(1e7);
      expect(record.identity).toBe(matrix.cells[i].identity);
    });
    const check = checkPlan(matrix, at('out'))!;
    const all = check.checks.at(-1)!;
    expect(all.cells).toBe(matrix.cells.length);
    expect(all.actual.seconds).toBeCloseTo(records.reduce((sum, { seconds }) => sum + seconds, 0));
    expect(all.predicted.seconds).toBeCloseTo(before.cells.reduce((sum, { seconds }) => sum + seconds, 0));
    expect(check.memory.actual).toBe(Math.max(...records.map(({ memoryBytes }) => memoryBytes!)));
    expect(readFileSync(at('out/report.md'), 'utf8').split('## Cost')[1]).toContain(
      'Predicted by refract study plan',
    );

    const again = await args('plan');
    expect(again.out).toContain('all\t');
    expect(again.out).toContain('4 arms: 0:00, 0 MB of memory, 0.0 MB on disk\n');
    expect(again.out).not.toContain('from a probe');
    expect(readPlan(at('out'))).toEqual(kept);
    const [cell] = matrix.cells;
    writeCell(at('out'), cell, 'started', 1);
    expect(readCell(at('out'), cell)!.memoryBytes).toBeUndefined();
  }, 120_000);

  it('is of other cells after a change, and refused when damaged', async () => {
    const teacher = new CellTable().add({
      ...{ name: 'teacher', kind: 'teacher', group: 'teacher', settings: {}, data: {}, needs: [] },
      make: async () => ({}),
    });
    const matrix = { rows: [], cells: [teacher] };
    const cost = { kind: 'teacher', finished: false, seconds: 8, processor: 9, bytes: 10 } as const;
    const plan = { seconds: 8, processor: 9, bytes: 10, memoryBytes: 11, jobs: 1, probeSeconds: 1 };
    writePlan(at('changed'), matrix, { ...plan, cells: [{ name: 'teacher', ...cost }] });
    writeCell(at('changed'), teacher, 'finished', 4);
    expect(checkPlan(matrix, at('changed'))!.checks[0]).toMatchObject({
      predicted: { seconds: 8, bytes: 10 },
      actual: { seconds: 4, bytes: 0 },
    });
    const other = new CellTable().add({ ...teacher, settings: { name: 'other' } });
    writeCell(at('changed'), other, 'finished', 4);
    expect(checkPlan({ cells: [other] }, at('changed'))).toBeUndefined();
    expect(checkPlan(matrix, at('nowhere'))).toBeUndefined();
    writeFileSync(at('changed/plan.json'), '{');
    expect((await refusal(() => readPlan(at('changed')))).code).toBe('FILE_FORMAT');
  });
});
