/** Which bases teachers and pretrained encoders can begin from: those with one word vector for each token. */
import { RefractError } from '../errors.ts';
import type { Checkpoint } from '../model/checkpoint.ts';

/**
 * Refuses a base whose tokens have second word vectors (model/readings.ts), which only packs and readers keep: what
 * its words mean in the pack's languages would be lost without a word.
 *
 * @throws RefractError `TEACHER_MISMATCH`
 * @example checkOneReading(readCheckpoint('teacher')) // passes
 */
export function checkOneReading({ readings }: Pick<Checkpoint, 'readings'>): void {
  if (readings === undefined) return;
  throw new RefractError(
    'TEACHER_MISMATCH',
    'the base has second word vectors, as language packs have them; they would be lost',
    {
      hint: 'Begin from the teacher of the pack, or from a pack that was distilled with align.twoReadings=false.',
    },
  );
}
