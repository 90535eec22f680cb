/** The folder of a run that is not finished, beside the place of its result; and what ends such a run. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { writeFileAtomic } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import { CARD_FILE, modelCard } from '../model/card.ts';
import { type Checkpoint, writeCheckpoint } from '../model/checkpoint.ts';
import { isDifference } from '../model/difference-folder.ts';
import { modelFingerprint } from '../model/fingerprint.ts';
import { removeRun } from './resume.ts';

/**
 * Where the state and the log of a run for `out` lie until it is finished: `out`.unfinished. Throws
 * `OUTPUT_EXISTS` when that is a file.
 *
 * @example runFolder('packs/sw') // 'packs/sw.unfinished'
 */
export function runFolder(out: string): string {
  const run = join(out, '..', `${basename(resolve(out))}.unfinished`);
  if (existsSync(run) && !statSync(run).isDirectory()) {
    throw new RefractError('OUTPUT_EXISTS', 'there is a file where the unfinished run would be kept', {
      at: run,
      hint: 'Move the file away, or choose another place for the result.',
    });
  }
  return run;
}

/**
 * Writes the model that a run made to `out`, with the run's log and, of a teacher or a pack, a card in it, and removes the run. `write` writes it where it
 * is not to be a whole checkpoint. Errors: those of `writeCheckpoint` or `write`; the run then stays.
 */
export async function finishRun(
  run: string,
  out: string,
  checkpoint: Checkpoint,
  write: () => Promise<void> = () => writeCheckpoint(out, checkpoint),
): Promise<void> {
  await write();
  const { settings } = checkpoint;
  if (settings !== undefined && 'retrieval' in settings) {
    const retriever = { ...checkpoint, settings };
    const fingerprint = settings.kind === 'teacher' ? modelFingerprint(retriever) : undefined;
    const written = isDifference(out) ? { ...settings, difference: 1 as const } : settings;
    writeFileAtomic(join(out, CARD_FILE), modelCard(written, fingerprint));
  }
  writeFileAtomic(join(out, 'metrics.jsonl'), readFileSync(join(run, 'metrics.jsonl')));
  removeRun(run);
}
