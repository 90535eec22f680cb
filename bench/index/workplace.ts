/** The folder in which bench/index.ts keeps its data, its indexes and what it measured; and processes of its own. */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { System } from '../turns.ts';

/** Something that was measured; printed as a line of JSON. */
export interface Measured {
  readonly stage: string;
  readonly [name: string]: unknown;
}

/** Choices of the command that several stages need. */
export interface Choices {
  readonly passages: number;
  readonly precision: string;
  readonly queries: string;
  readonly threads: readonly number[];
  /** Larger collections are streamed into the build and have no exact reference. */
  readonly mostKept: number;
  /** Where charts are written; by default the folder of work. */
  readonly figures?: string;
}

/** Folder `--work`. */
export class Workplace {
  readonly folder: string;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.folder = folder;
  }

  /** A place in it. */
  at(name: string): string {
    return join(this.folder, name);
  }

  /** Where the synthetic collection of a size lies, with its queries. */
  collection(passages: number): string {
    return this.at(`collection-${passages}`);
  }

  /** Where the index of a synthetic collection lies. */
  index(passages: number, precision: string): string {
    return this.at(`index-${passages}-${precision}`);
  }

  /** Prints what was measured, and keeps it. */
  report(record: Measured): void {
    const line = JSON.stringify(record, (_, value) =>
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value,
    );
    console.log(line);
    appendFileSync(this.at('measured.jsonl'), `${line}\n`);
  }

  /** All that was measured, in order. */
  measured(): Measured[] {
    const path = this.at('measured.jsonl');
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    return lines.map((line): Measured => JSON.parse(line));
  }

  /** The last that was measured with these values, or undefined. */
  last(wanted: Measured): Measured | undefined {
    return this.measured().findLast((record) =>
      Object.entries(wanted).every(([name, value]) => record[name] === value),
    );
  }
}

/** The path of a script of this folder. */
export function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** A script of this folder that takes turns. */
export function system<Turn>(name: string, ...args: readonly string[]): System<Turn> {
  return System.own([script(name), ...args]);
}

/** Runs a script of this folder to its end; what it printed, a line of JSON. */
export function child<Result>(name: string, ...args: readonly string[]): Promise<Result> {
  const started = spawn(process.execPath, ['--import', 'tsx', script(name), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  started.stdout.on('data', (data) => {
    printed += data;
  });
  return new Promise((resolve, reject) => {
    started.on('error', reject);
    started.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(printed.trim().split('\n').at(-1)!));
      else reject(new Error(`${name} ended with ${code}`));
    });
  });
}
