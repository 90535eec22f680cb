/** Who updates the weights of a run: the device itself on webgpu, the CPU otherwise, or where it has to help out. */
import { RefractError } from '../errors.ts';
import type { Device } from '../graph/index.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import type { AdamWSettings } from './adamw.ts';
import { DeviceUpdates } from './device-updates.ts';
import { HostUpdates } from './host-updates.ts';
import type { Batch, Objective } from './objective.ts';
import type { OptimiserState, WeightUpdates } from './weight-updates.ts';

/** What updates weights, and how. */
export interface UpdateSettings {
  readonly adamw: AdamWSettings;
  /** Batches whose gradients are averaged for one update. */
  readonly accumulate: number;
  readonly device: Device;
  readonly threads: number;
  /** Products in float16, on webgpu; weights and moments stay float32. */
  readonly mixedPrecision?: boolean;
  /** Go on with the CPU where the memory of the device does not suffice for the first step. */
  readonly deviceFallback?: boolean;
}

/** An objective and the weights that it is reached with. */
export interface UpdatedWeights {
  readonly objective: Objective;
  /** Initial weights; updated in place. */
  readonly parameters: ReadonlyMap<string, FloatTensor>;
  /** Names of the weights that are trained. */
  readonly trainable: ReadonlySet<string>;
}

/**
 * Compiles a task's gradient and update. Errors: `SETTING_INVALID` for mixed precision elsewhere than on webgpu;
 * `DEVICE_UNAVAILABLE`, `DEVICE_MEMORY`.
 *
 * @param earlier the state of a run that goes on
 * @param tell hears that the CPU takes over
 */
export async function openUpdates(
  task: UpdatedWeights,
  settings: UpdateSettings,
  earlier?: OptimiserState,
  tell: (sentence: string) => void = () => {},
): Promise<WeightUpdates> {
  const { objective, parameters, trainable } = task;
  const { adamw, threads, accumulate, mixedPrecision = false, deviceFallback = false } = settings;
  const onHost = (device: Device) =>
    HostUpdates.create(objective, parameters, adamw, { device, threads, trainable }, earlier);
  if (mixedPrecision) checkMixedPrecision(settings.device);
  const open = (): Promise<WeightUpdates> =>
    settings.device === 'webgpu'
      ? DeviceUpdates.create(
          objective,
          parameters,
          adamw,
          { device: 'webgpu', threads, trainable, accumulate: accumulate > 1, mixedPrecision },
          earlier,
        )
      : onHost(settings.device);
  if (!deviceFallback || settings.device === 'cpu') return open();
  return new FallingBack(open, (error) => {
    tell(`${error.what}; the CPU goes on instead.`);
    return onHost('cpu');
  });
}

/** Refuses, with `SETTING_INVALID`, mixed precision on a device that has none here. */
export function checkMixedPrecision(device: Device): void {
  if (device === 'webgpu') return;
  throw new RefractError('SETTING_INVALID', `mixed precision is for webgpu, not ${device}`, {
    hint: 'Leave out --mixed-precision, or use --device webgpu.',
  });
}

/** Is the device's until its memory fails before the first update, and then the CPU's, with the same batches. */
export class FallingBack implements WeightUpdates {
  private readonly open: () => Promise<WeightUpdates>;
  private readonly instead: (error: RefractError) => Promise<WeightUpdates>;
  private current: WeightUpdates | undefined;
  private updated = false;

  constructor(open: () => Promise<WeightUpdates>, instead: (error: RefractError) => Promise<WeightUpdates>) {
    this.open = open;
    this.instead = instead;
  }

  async gradient(next: () => Batch | Promise<Batch>, count: number) {
    if (this.updated) return (await this.opened()).gradient(next, count);
    const drawn: Batch[] = [];
    const remembered = async () => {
      const batch = await next();
      drawn.push(batch);
      return batch;
    };
    try {
      return await (await this.opened()).gradient(remembered, count);
    } catch (error) {
      if (!(error instanceof RefractError) || error.code !== 'DEVICE_MEMORY') throw error;
      await this.current?.close();
      this.current = await this.instead(error);
      return this.current.gradient(() => drawn.shift() ?? next(), count);
    }
  }

  async update(rate: number, step: number, clipNorm: number) {
    this.updated = true;
    return (await this.opened()).update(rate, step, clipNorm);
  }

  async fetchWeights(): Promise<void> {
    await this.current?.fetchWeights();
  }

  async state(): Promise<OptimiserState> {
    return (await this.opened()).state();
  }

  async close(): Promise<void> {
    await this.current?.close();
  }

  private async opened(): Promise<WeightUpdates> {
    this.current ??= await this.open();
    return this.current;
  }
}
