/** How long work runs, whatever the work is: device, threads, resuming, progress, stopping. */
import type { Device } from '../graph/index.ts';
import type { ProgressFactory } from '../progress.ts';

/** How work runs, whatever the work is. */
export interface WorkControl {
  readonly device?: Device;
  readonly threads?: number;
  readonly resume?: boolean;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** Hears how much of a measure is done, and stops it by throwing. */
export type OnPart = (done: number, total: number) => void;
