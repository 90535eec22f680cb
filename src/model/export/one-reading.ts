/** Packs whose tokens have two word vectors, for tools that know one: each token keeps that which it takes when it stands alone. */
import { RefractError } from '../../errors.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { WORD_TABLE } from '../families/index.ts';
import { withOneReading } from '../readings.ts';

/**
 * The model with one word vector a token, and what it loses by that, a sentence each; itself where it has no more.
 *
 * @param allowed whether something may be lost
 * @throws RefractError `EXPORT_INCOMPLETE` when it has second word vectors and none may be lost
 * @example const { model, lost } = inOneReading(readCheckpoint('packs/sw'), true)
 */
export function inOneReading<Model extends Checkpoint>(
  checkpoint: Model,
  allowed = false,
): { model: Model; lost: string[] } {
  const { readings, config, settings } = checkpoint;
  if (readings === undefined) return { model: checkpoint, lost: [] };
  const second = readings.rows.reduce((count, row, token) => count + Number(row !== token), 0);
  if (!allowed)
    throw new RefractError(
      'EXPORT_INCOMPLETE',
      `${second} tokens have two word vectors, between which the words around them decide; other tools know one`,
      {
        hint: 'Add --one-reading to give each token the vector that it takes when it stands alone; what is lost is then told. Or distill a pack with --set align.twoReadings=false.',
      },
    );
  const { table, taken } = withOneReading(checkpoint.tensors.get(WORD_TABLE)!, readings);
  return {
    model: {
      ...checkpoint,
      readings: undefined,
      config: { ...config, vocabSize: table.shape[0] },
      tensors: new Map([...checkpoint.tensors, [WORD_TABLE, table]]),
      settings: settings && 'readings' in settings ? { ...settings, readings: false } : settings,
    },
    lost: [
      `of ${second} tokens with two word vectors ${taken} keep the pack's and ${second - taken} the teacher's, whatever stands around them`,
    ],
  };
}
