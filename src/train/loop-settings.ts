/** From validated settings to what the training loop takes. */
import { createHash } from 'node:crypto';
import { RefractError } from '../errors.ts';
import type { EncoderConfig } from '../model/config.ts';
import { silent } from '../progress.ts';
import { VERSION } from '../version.ts';
import type { LoopControl, LoopSettings } from './loop.ts';
import type { TrainSettings } from './train-settings.ts';
import type { WorkControl } from './work.ts';

/** Settings of the loop for a run. */
export function loopSettings(
  train: TrainSettings,
  control: Pick<WorkControl, 'device' | 'threads' | 'mixedPrecision' | 'deviceFallback'>,
): LoopSettings {
  const { steps, rate, warmupSteps, decay, floor, beta1, beta2, epsilon, weightDecay } = train;
  const { clipNorm, accumulate, evaluateEvery, patience, checkpointEvery } = train;
  return {
    steps,
    schedule: { rate, warmupSteps, decay, floor },
    adamw: { beta1, beta2, epsilon, weightDecay },
    clipNorm,
    accumulate,
    evaluateEvery,
    patience,
    checkpointEvery,
    device: control.device ?? 'cpu',
    threads: control.threads ?? 0,
    mixedPrecision: control.mixedPrecision,
    deviceFallback: control.deviceFallback,
  };
}

/** What watches the loop of a run in the folder `directory`. */
export function loopControl(directory: string, identity: string, control: WorkControl): LoopControl {
  const { resume = false, progress = silent, signal, tell } = control;
  return { directory, identity, resume, progress, signal, tell };
}

/** Tables that only some families of encoders have; freezing one that is not there asks for nothing. */
const SOME_HAVE = ['embeddings.position_embeddings.weight', 'embeddings.token_type_embeddings.weight'];

/**
 * The tensors that are trained: all whose name contains none of the frozen parts. Throws `SETTING_INVALID`
 * when a part occurs in no name that any encoder has, which is a misspelling.
 */
export function trainableNames(
  names: Iterable<string>,
  { freeze }: Pick<TrainSettings, 'freeze'>,
): Set<string> {
  const all = [...names];
  const idle = freeze.find((part) => ![...all, ...SOME_HAVE].some((name) => name.includes(part)));
  if (idle !== undefined) {
    throw new RefractError(
      'SETTING_INVALID',
      `train.freeze names "${idle}", which occurs in no tensor's name`,
      {
        hint: `Tensors are called, for example, ${all.slice(0, 4).join(', ')}.`,
      },
    );
  }
  return new Set(all.filter((name) => !freeze.some((part) => name.includes(part))));
}

/**
 * What must be the same for a run to be resumed: settings, data and the version of Refract. The rate and
 * the clipping may change: lowering them is the way out of a loss that is not finite.
 */
export function runIdentity(
  settings: { readonly train: TrainSettings },
  data: Readonly<Record<string, readonly unknown[]>>,
): string {
  const { rate: _rate, clipNorm: _clip, ...fixed } = settings.train;
  const hash = createHash('sha256').update(JSON.stringify([VERSION, { ...settings, train: fixed }]));
  for (const [section, records] of Object.entries(data)) {
    hash.update(`\n#${section} ${records.length}\n`);
    for (const record of records) hash.update(`${JSON.stringify(record)}\n`);
  }
  return hash.digest('hex');
}

/** What tells the graph of an imported base in the identity of a run; nothing for bases of a family. */
export function graphIdentity({ graph }: Pick<EncoderConfig, 'graph'>): readonly [string, string][] {
  return graph === undefined ? [] : [['graph', graph.identity]];
}

/** SHA-256 of the bytes of an array, in hexadecimal. */
export function sha256(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}
