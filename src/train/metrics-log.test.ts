import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary.ts';
import { MetricsLog, readMetrics } from './metrics-log.ts';

const folder = temporaryFolder();

it('writes one JSON line a call and makes the folder', () => {
  const directory = join(folder.path, 'deep', 'run');
  const log = new MetricsLog(directory, 0);
  log.write({ step: 1, loss: 0.5 });
  log.write({ step: 2, loss: 0.25, dev: 0.1 });
  log.close();
  const path = join(directory, 'metrics.jsonl');
  expect(readFileSync(path, 'utf8')).toBe('{"step":1,"loss":0.5}\n{"step":2,"loss":0.25,"dev":0.1}\n');
  expect(readMetrics(path)).toEqual([
    { step: 1, loss: 0.5 },
    { step: 2, loss: 0.25, dev: 0.1 },
  ]);
});

it('drops the lines past the step it continues from, and the unfinished last line of a killed run', () => {
  const directory = join(folder.path, 'resumed');
  const log = new MetricsLog(directory, 0);
  for (let step = 1; step <= 5; step++) log.write({ step, loss: 1 / step });
  log.close();
  const path = join(directory, 'metrics.jsonl');
  appendFileSync(path, '{"step":6,"lo');
  expect(readMetrics(path)).toHaveLength(5);

  const resumed = new MetricsLog(directory, 3);
  resumed.write({ step: 4, loss: 9 });
  resumed.close();
  expect(readMetrics(path).map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  expect(readMetrics(path)[3].loss).toBe(9);
});

it('empties the log of an earlier run where a run starts anew', () => {
  const directory = join(folder.path, 'anew');
  for (const loss of [1, 2]) {
    const log = new MetricsLog(directory, 0);
    log.write({ step: 1, loss });
    log.close();
  }
  expect(readMetrics(join(directory, 'metrics.jsonl'))).toEqual([{ step: 1, loss: 2 }]);
});

it('names the place where it cannot write', () => {
  const file = folder.write('occupied', 'not a folder');
  expect(() => new MetricsLog(file, 0)).toThrow(/occupied/);
});
