/** A run's log: one JSON line a step in `metrics.jsonl`. A resumed run drops lines past its checkpoint. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { asWriteError, writeFileAtomic } from '../data/atomic.ts';

/** Numbers of one step or measurement, by name. */
export type MetricsLine = Readonly<Record<string, number>>;

/** Appends lines to `directory`/metrics.jsonl. */
export class MetricsLog {
  private readonly path: string;
  private readonly file: number;

  /** Continues a log at `step`: later lines, of a run that went on past its checkpoint, are dropped. */
  constructor(directory: string, step: number) {
    this.path = join(directory, 'metrics.jsonl');
    try {
      mkdirSync(directory, { recursive: true });
      const kept = existsSync(this.path) ? readMetrics(this.path).filter((line) => line.step <= step) : [];
      writeFileAtomic(this.path, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
      this.file = openSync(this.path, 'a');
    } catch (error) {
      throw asWriteError(error, this.path);
    }
  }

  write(line: MetricsLine): void {
    try {
      writeSync(this.file, `${JSON.stringify(line)}\n`);
    } catch (error) {
      throw asWriteError(error, this.path);
    }
  }

  close(): void {
    closeSync(this.file);
  }
}

/** The lines of a metrics log; an unfinished last line (a killed run) is left out. */
export function readMetrics(path: string): MetricsLine[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((text) => text.endsWith('}'))
    .map((text) => JSON.parse(text) as MetricsLine);
}
