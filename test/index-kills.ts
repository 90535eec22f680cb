/** Killing a process that changes an index, and looking at what it leaves. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { RefractError } from '../src/errors.ts';
import { nodeFileSystem } from '../src/index/file-system.ts';
import { readManifest } from '../src/index/manifest.ts';
import { verifyIndex } from '../src/index/verify.ts';
import { IndexWriter } from '../src/index/writer/index-writer.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { DIM, OPERATIONS, type Operation, operate, prepareIndex } from './index-operations.ts';
import { ranking } from './index-passages.ts';

type Ranking = Awaited<ReturnType<typeof ranking>> | 'no index';

/** An operation without a kill: what is found before and after it, and how often it changes the disk. */
export interface Undisturbed {
  readonly operation: Operation;
  readonly before: Ranking;
  readonly after: Ranking;
  readonly steps: number;
  /** The index as it is before. */
  readonly base: string;
  readonly manifest: string;
}

/** When a process is killed: before a step, or after so many milliseconds. */
export type Kill = { readonly step: number } | { readonly milliseconds: number };

/** Does every operation once, in folders below `root`. */
export async function undisturbed(root: string): Promise<Undisturbed[]> {
  mkdirSync(root, { recursive: true });
  const prepared = join(root, 'prepared');
  await prepareIndex(prepared);
  const results: Undisturbed[] = [];
  for (const operation of OPERATIONS) {
    const base = operation === 'build' ? join(root, 'nothing') : prepared;
    const place = join(root, operation);
    if (existsSync(base)) cpSync(base, place, { recursive: true });
    const files = new FaultyFileSystem();
    const before = await found(place);
    await operate(operation, place, files);
    const manifest = readFileSync(join(place, 'manifest.json'), 'utf8');
    results.push({ operation, before, after: await found(place), steps: files.count, base, manifest });
    rmSync(place, { recursive: true });
  }
  return results;
}

/** What a kill left. */
export interface Aftermath {
  readonly state: 'before' | 'after';
  /** Whether the process ended before it was killed. */
  readonly finished: boolean;
  /** Files that the next writer removes. */
  readonly leftovers: number;
}

/**
 * Kills a process at its work on a copy of the index, then opens what is left, verifies it, and does the work again.
 *
 * @throws Error when a ranking is neither that before nor that after, a file is damaged or odd, or the work does not
 * lead to the same index afterwards
 */
export async function killed(root: string, trial: Undisturbed, kill: Kill): Promise<Aftermath> {
  const { operation, base, before, after } = trial;
  const place = join(root, 'killed');
  rmSync(place, { recursive: true, force: true });
  if (existsSync(base)) cpSync(base, place, { recursive: true });
  const finished = await processKilled(operation, place, kill);
  const fault = (what: string) => new Error(`${operation} killed at ${JSON.stringify(kill)}: ${what}`);
  const left = await found(place);
  const isBefore = isDeepStrictEqual(left, before);
  if (!isBefore && !isDeepStrictEqual(left, after))
    throw fault('the ranking is neither that before nor that after');
  let leftovers = 0;
  if (left !== 'no index') {
    const report = await verifyIndex(place);
    const bad = [...report.damaged.map(({ file }) => file), ...report.unexpected];
    if (bad.length > 0) throw fault(`verify finds ${bad.join(', ')}`);
    leftovers = report.leftovers.length;
    await (await IndexWriter.open(place)).close();
    const clean = await verifyIndex(place);
    if (clean.leftovers.length + clean.damaged.length > 0) throw fault('the next writer leaves it untidy');
    if (!isDeepStrictEqual(await found(place), left)) throw fault('the next writer changes the ranking');
  }
  if (isBefore) {
    await operate(operation, place, nodeFileSystem);
    if (!isDeepStrictEqual(await found(place), after)) throw fault('doing it again gives another ranking');
    const again = readFileSync(join(place, 'manifest.json'), 'utf8');
    if (again !== trial.manifest) throw fault('doing it again gives another index');
    if ((await verifyIndex(place)).damaged.length > 0) throw fault('doing it again gives a damaged index');
  }
  return { state: isBefore ? 'before' : 'after', finished, leftovers };
}

/** Whether the process had finished before. */
function processKilled(operation: Operation, place: string, kill: Kill): Promise<boolean> {
  const program = fileURLToPath(new URL('index-operations.ts', import.meta.url));
  const step = 'step' in kill ? [String(kill.step)] : [];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', program, operation, place, ...step], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.once('data', () => {
      if ('milliseconds' in kill) setTimeout(() => child.kill('SIGKILL'), kill.milliseconds);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve(code === 0);
      else reject(new Error(`${operation} ended with ${code ?? signal}`));
    });
  });
}

/** What the index at a place finds; there may be none. */
async function found(place: string): Promise<Ranking> {
  try {
    readManifest(place);
  } catch (error) {
    const none = error instanceof RefractError && /FILE_MISSING|CHECKPOINT_INCOMPLETE/.test(error.code);
    if (none) return 'no index';
    throw error;
  }
  return ranking(place, DIM);
}
