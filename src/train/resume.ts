/**
 * The state of an unfinished run: weights, moments, best weights and the batch source's position, in
 * `resume/` of the run directory (safetensors and JSON), replaced atomically.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { asWriteError } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import { type FloatTensor, readSafetensors, writeSafetensors } from '../model/safetensors.ts';
import type { Moments } from './adamw.ts';
import type { OptimiserState } from './weight-updates.ts';

/** Everything a run needs to go on as if it had never stopped. */
export interface LoopState extends OptimiserState {
  /** Settings and data; a run resumes only under the same. */
  readonly identity: string;
  readonly step: number;
  readonly seconds: number;
  readonly batches: unknown;
  readonly best: { readonly value: number; readonly step: number; readonly misses: number };
  /** The dev measure of this step was due and had not been taken. */
  readonly unmeasured: boolean;
  readonly smoothLoss: number;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly bestWeights: ReadonlyMap<string, Float32Array>;
}

const FOLDER = 'resume';

/** Writes `state` to `directory`/resume, replacing an older one only when all is written. */
export function writeLoopState(directory: string, state: LoopState): void {
  const place = join(directory, FOLDER);
  const fresh = `${place}.tmp`;
  const old = `${place}.old.tmp`;
  try {
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true });
    const tensors = new Map<string, FloatTensor>();
    const put = (name: string, data: Float32Array) =>
      tensors.set(name, { dtype: 'F32', shape: [data.length], data });
    for (const [name, x] of state.parameters) put(`weight/${name}`, x);
    for (const [name, { m, v }] of state.moments) {
      put(`m/${name}`, m);
      put(`v/${name}`, v);
    }
    for (const [name, x] of state.bestWeights) put(`best/${name}`, x);
    writeSafetensors(join(fresh, 'state.safetensors'), tensors);
    const { identity, step, seconds, batches, unmeasured, smoothLoss, lossScale } = state;
    const best = { ...state.best, value: Number.isFinite(state.best.value) ? state.best.value : null };
    const json = {
      identity,
      step,
      seconds,
      batches,
      best,
      unmeasured,
      smoothLoss: Number.isNaN(smoothLoss) ? null : smoothLoss,
      lossScale,
    };
    writeFileSync(join(fresh, 'state.json'), `${JSON.stringify(json)}\n`, { flush: true });
    rmSync(old, { recursive: true, force: true });
    if (existsSync(place)) renameSync(place, old);
    renameSync(fresh, place);
    rmSync(old, { recursive: true, force: true });
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw asWriteError(error, place);
  }
}

/**
 * Removes a run whose result has been written, so that nothing of it is mistaken for unfinished work. A file in
 * `directory` that is none of the run's stays, and the folder with it.
 */
export function removeRun(directory: string): void {
  removeLoopState(directory);
  rmSync(join(directory, 'tokenizer.json'), { force: true });
  if (existsSync(directory) && readdirSync(directory).length === 0) rmdirSync(directory);
}

/** Whether `directory` holds the state of an unfinished run. */
export function hasLoopState(directory: string): boolean {
  return statePlace(directory) !== undefined;
}

function statePlace(directory: string): string | undefined {
  return [join(directory, FOLDER), join(directory, `${FOLDER}.old.tmp`)].find((path) =>
    existsSync(join(path, 'state.json')),
  );
}

/** Removes the state and the log of an earlier run, before a new one begins in the same place. */
export function removeLoopState(directory: string): void {
  for (const name of [FOLDER, `${FOLDER}.tmp`, `${FOLDER}.old.tmp`, 'metrics.jsonl']) {
    rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** The error of a run that cannot be resumed from `at`, since that is another run's. */
export function otherRun(at: string): RefractError {
  return new RefractError(
    'RESUME_MISMATCH',
    'the settings or the data are not those of the run that was stopped',
    {
      at,
      hint: 'Give the same files and settings as before (the rate and the clipping may change), or start again without --resume.',
    },
  );
}

/** The state in `directory`, or undefined when there is none. Throws RESUME_MISMATCH when it is another run's. */
export function readLoopState(directory: string, identity: string): LoopState | undefined {
  const place = statePlace(directory);
  if (place === undefined) return undefined;
  const json = JSON.parse(readFileSync(join(place, 'state.json'), 'utf8'));
  if (json.identity !== identity) throw otherRun(place);
  const parameters = new Map<string, Float32Array>();
  const m = new Map<string, Float32Array>();
  const v = new Map<string, Float32Array>();
  const bestWeights = new Map<string, Float32Array>();
  const groups: Record<string, Map<string, Float32Array>> = { weight: parameters, m, v, best: bestWeights };
  for (const [name, tensor] of readSafetensors(join(place, 'state.safetensors'))) {
    const slash = name.indexOf('/');
    groups[name.slice(0, slash)]?.set(name.slice(slash + 1), tensor.data as Float32Array);
  }
  const moments = new Map(
    [...m].map(([name, first]): [string, Moments] => [name, { m: first, v: v.get(name)! }]),
  );
  const best = { ...json.best, value: json.best.value ?? -Infinity };
  const smoothLoss = json.smoothLoss ?? Number.NaN;
  return { ...json, best, smoothLoss, parameters, moments, bestWeights };
}
