/** The runs in the folder of a `runs` cell. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEntry } from '../data/records.ts';
import { readRun, writeRun } from '../data/runs.ts';

/** Reads the run of a language; none where nothing was found for any query, as BM25 does for another script. */
export async function readRunOf(folder: string, language: string): Promise<RunEntry[]> {
  const file = runFile(folder, language);
  return statSync(file).size === 0 ? [] : readRun(file);
}

/** Writes the run of a language. */
export function writeRunOf(
  folder: string,
  language: string,
  entries: Iterable<RunEntry>,
  system: string,
): void {
  writeRun(runFile(folder, language), entries, system);
}

function runFile(folder: string, language: string): string {
  return join(folder, `${language}.run`);
}
