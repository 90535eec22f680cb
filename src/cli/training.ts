/** What the commands that train share: options, settings, the place of the result, and how it is told. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { z } from 'zod';
import { isFreePlace } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import { clock } from '../progress.ts';
import type { TrainingReport } from '../train/loop.ts';
import { checkMixedPrecision } from '../train/open-updates.ts';
import { hasLoopState } from '../train/resume.ts';
import { runFolder } from '../train/run-folder.ts';
import type { WorkControl } from '../train/work.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption } from './device.ts';
import type { CommandIo } from './io.ts';
import { notesOf, progressOf, quietOption, threadsOption, wholeNumber } from './options.ts';
import { resolveSettings, type SettingTree } from './settings.ts';

/** Options that every training command has. */
export interface TrainingArguments extends DeviceArguments {
  readonly out: string;
  readonly config?: string;
  readonly set?: readonly string[];
  readonly seed?: number;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly threads?: number;
  readonly mixedPrecision?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Collects the values of an option that may be repeated. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** File names of a list that commas separate, over all uses of an option. */
export function fileList(values: readonly string[] = []): string[] {
  return values.flatMap((value) => value.split(',')).filter((name) => name !== '');
}

/** Adds the options of `TrainingArguments` but `--out`. */
export function addTrainingOptions(command: Command): Command {
  return command
    .option('--config <file>', 'settings as YAML')
    .option('--set <name=value>', 'one setting, such as train.steps=500; may be repeated', collect)
    .option(
      '--seed <number>',
      'seed of every random draw (short for --set seed=...)',
      wholeNumber('--seed', 0),
    )
    .option('--resume', 'go on with the run that was stopped, to the same result')
    .option('--overwrite', 'replace the model that is at --out')
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .option('--mixed-precision', 'on webgpu: products in float16, weights in float32')
    .addOption(threadsOption())
    .option('--json', 'print the result as JSON')
    .addOption(quietOption());
}

/** Settings of a training command: defaults, `--config`, `--set`, `--seed`. Errors: `resolveSettings`. */
export function trainingSettings<Schema extends z.ZodType>(
  schema: Schema,
  defaults: SettingTree,
  given: TrainingArguments,
): Promise<z.output<Schema>> {
  const sets = [...(given.set ?? [])];
  if (given.seed !== undefined) sets.push(`seed=${given.seed}`);
  return resolveSettings(schema, defaults, { configFile: given.config, sets });
}

/**
 * The same for a command with sizes. The size comes from `--size`, or else from `--set size=` or the file, and
 * brings its defaults with it.
 */
export async function sizedSettings<Schema extends z.ZodType<{ size: Size }>, Size extends string>(
  schema: Schema,
  defaults: (size: Size) => SettingTree,
  usual: Size,
  given: TrainingArguments & { readonly size?: Size },
): Promise<z.output<Schema>> {
  const sets = given.size === undefined ? given.set : [...(given.set ?? []), `size=${given.size}`];
  const said = await trainingSettings(schema, defaults(usual), { ...given, set: sets });
  return trainingSettings(schema, defaults(said.size), { ...given, set: sets });
}

/** How the work runs. Errors: `DEVICE_UNAVAILABLE`, `SETTING_INVALID` for mixed precision on a device without it. */
export async function controlOf(given: TrainingArguments, io: CommandIo): Promise<WorkControl> {
  const { threads, resume, quiet, deviceFallback } = given;
  const device = await deviceOf(given, io);
  // Where the CPU was taken in place of a card, it computes as it does.
  const mixedPrecision = given.mixedPrecision === true && (device === given.device || device === 'webgpu');
  if (mixedPrecision) checkMixedPrecision(device);
  return {
    device,
    deviceFallback,
    mixedPrecision,
    threads,
    resume,
    progress: progressOf(io, quiet),
    tell: notesOf(io, quiet),
    signal: io.signal,
  };
}

/**
 * Refuses, with `OUTPUT_EXISTS`, a place that holds something; with `--overwrite` only what is no model. A file
 * where the unfinished run would be kept is refused, too. Says so when a run that was stopped is going to be lost.
 */
export function checkModelPlace(out: string, given: TrainingArguments, io: CommandIo): void {
  const run = runFolder(out);
  if (given.resume !== true && hasLoopState(run))
    io.err(`${run} holds a run that was stopped; it starts anew (--resume would go on with it).\n`);
  if (isFreePlace(out)) return;
  const isModel = existsSync(join(out, 'refract.json'));
  if (isModel && given.overwrite === true) return;
  throw new RefractError(
    'OUTPUT_EXISTS',
    isModel ? 'there is already a model here' : 'there is already something here that is no model',
    { at: out, hint: isModel ? 'Choose another place, or add --overwrite.' : 'Choose another place.' },
  );
}

/** `600 steps in 4:10, best dev RR@10 .512 at step 450`. */
export function describeReport(report: TrainingReport, measure: string): string {
  const { steps, seconds, best, stoppedEarly, finalLoss } = report;
  const value = best ? `, best dev ${measure} ${best.value.toFixed(3)} at step ${best.step}` : '';
  const early = stoppedEarly ? ' (stopped early)' : '';
  const loss = Number.isNaN(finalLoss) ? '' : `, loss ${finalLoss.toFixed(3)}`;
  return `${steps} steps${early} in ${clock(seconds)}${loss}${value}`;
}
