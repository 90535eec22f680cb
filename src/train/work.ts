/** How long work runs, whatever the work is: device, threads, resuming, progress, stopping. */
import type { Device } from '../graph/index.ts';
import type { ProgressFactory } from '../progress.ts';

/** How work runs, whatever the work is. */
export interface WorkControl {
  readonly device?: Device;
  /** Go on with the CPU where the memory of the device does not suffice. */
  readonly deviceFallback?: boolean;
  /** Train with products in float16, on webgpu. */
  readonly mixedPrecision?: boolean;
  readonly threads?: number;
  readonly resume?: boolean;
  readonly progress?: ProgressFactory;
  /** Hears a sentence about what is not as it was asked for. */
  readonly tell?: (sentence: string) => void;
  readonly signal?: AbortSignal;
}

/** Hears how much of a measure is done, and stops it by throwing. */
export type OnPart = (done: number, total: number) => void;
