/** A reader from its folder. */
import { RefractError } from '../errors.ts';
import { readCheckpoint } from './checkpoint.ts';
import { readerShapes } from './reader.ts';
import type { FloatTensor } from './safetensors.ts';
import { type ReadingSettings, SETTINGS_VERSION } from './settings.ts';
import type { ReaderCheckpoint } from './span-reader.ts';

/** BERT's settings of reading, as far as the encoder's positions allow. */
export function readingDefaults({
  maxPositionEmbeddings,
}: {
  maxPositionEmbeddings: number;
}): ReadingSettings {
  const windowTokens = Math.min(384, maxPositionEmbeddings);
  const third = Math.floor(windowTokens / 3);
  return {
    windowTokens,
    questionTokens: Math.min(64, third),
    strideTokens: Math.min(128, third),
    answerTokens: 30,
  };
}

/**
 * Reads a reader's folder: one that `trainReader` wrote, or a `BertForQuestionAnswering` of another tool, which gets
 * `readingDefaults`. Errors: those of `readCheckpoint`; `CHECKPOINT_INCOMPLETE` when it has no reader's head,
 * `CHECKPOINT_SHAPE` when the head has another shape.
 *
 * @example const reader = await SpanReader.fromCheckpoint(readReader('reader'))
 */
export function readReader(directory: string): ReaderCheckpoint {
  const checkpoint = readCheckpoint(directory, { allowBase: true });
  const heads = new Map<string, FloatTensor>();
  for (const [name, shape] of readerShapes(checkpoint.config)) {
    const tensor = checkpoint.heads?.get(name);
    if (tensor === undefined)
      throw new RefractError('CHECKPOINT_INCOMPLETE', `the model has no reader: tensor ${name} is missing`, {
        at: directory,
        hint: 'Train a reader on this encoder: refract train-reader --base.',
      });
    if (tensor.shape.join() !== shape.join())
      throw new RefractError(
        'CHECKPOINT_SHAPE',
        `tensor ${name} is [${tensor.shape.join(', ')}], a reader on this encoder needs [${shape.join(', ')}]`,
        { at: directory, hint: 'Take config.json and model.safetensors from the same model.' },
      );
    heads.set(name, tensor);
  }
  const { settings } = checkpoint;
  if (settings?.kind === 'reader') return { ...checkpoint, settings, heads };
  const own = {
    version: SETTINGS_VERSION,
    createdWith: 'another tool',
    languages: [],
    training: {},
    kind: 'reader' as const,
    reading: readingDefaults(checkpoint.config),
    readings: false,
  };
  return { ...checkpoint, settings: own, heads };
}
