/** Jobs in processes of their own: the same files as one process, errors and stops that come through, a process that dies. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { refract } from '../../test/command-line.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { RefractError } from '../errors.ts';
import { type Cell, CellTable } from './cell.ts';
import { CellWorkers, threadsOfEach } from './cell-workers.ts';
import { studyMatrix } from './matrix.ts';
import { runCells } from './run-cells.ts';
import { STUDY, writeStudyData } from './study.fixture.ts';
import { StudyFiles } from './study-files.ts';
import { studySchema } from './study-schema.ts';
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
const openStudy = async (text = STUDY) => StudyFiles.open(studySchema.parse(parse(text)), folder.path);

/** Every file of a folder but records, which have times, by its path. */
function contentOf(place: string): Map<string, string> {
  const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return new Map(
    files
      .map((each) => join(each.parentPath, each.name))
      .filter((name) => /(safetensors|scores\.csv|run|json)$/.test(name) && !/cell\.json$|report/.test(name))
      .map((name) => [name.slice(place.length), readFileSync(name, 'latin1')] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

beforeAll(() => writeStudyData(folder));

describe('several jobs', () => {
  it('make the same files as one, and show progress with the name of the cell', async () => {
    expect((await run('one', 1)).code).toBe(0);
    const labels: string[] = [];
    const progress = (label: string) => (labels.push(label), { update() {}, end() {} });
    const two = await run('two', 2, { progress });
    expect(two.code).toBe(0);
    const [expected, made] = [contentOf(at('one')), contentOf(at('two'))];
    expect([...made.keys()]).toEqual([...expected.keys()]);
    expect(made.size).toBeGreaterThan(40);
    for (const [name, content] of expected)
      if (!/refract\.json$/.test(name)) expect(made.get(name) === content, name).toBe(true);
    expect(labels).toContain('pack-optical-1: training');
  }, 120_000);
});
