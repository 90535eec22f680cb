/** What a model on disk consists of: its record in memory, its tensors and their shapes, and its JSON files. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RefractError } from '../errors.ts';
import { CHARACTER_MODELS_FILE, type CharacterModels, readCharacterModels } from './character-models-file.ts';
import type { EncoderConfig } from './config.ts';
import { parameterShapes } from './families/index.ts';
import { PROJECTION } from './layouts/index.ts';
import type { ModelSource } from './model-source.ts';
import type { Readings } from './readings.ts';
import type { FloatTensor } from './safetensors.ts';
import type { RetrieverSettings, Settings } from './settings.ts';
import type { JsonObject } from './tokenizer-files.ts';

/** An encoder on disk or about to be written there. */
export interface Checkpoint {
  readonly config: EncoderConfig;
  /** Absent for a folder that another tool wrote. */
  readonly settings?: Settings;
  /** The encoder's tensors by their names in `parameterShapes`, and `linear.weight` where there is one. */
  readonly tensors: ReadonlyMap<string, FloatTensor>;
  /** Second word vectors of tokens; their rows follow those of the tokenizer's ids in the word table. */
  readonly readings?: Readings;
  /** Of a pack: how its languages and the teacher's are told apart by their letters. */
  readonly characterModels?: CharacterModels;
  /** Further tensors by name, such as a language-model or reader head. */
  readonly heads?: ReadonlyMap<string, FloatTensor>;
  /** The content of `tokenizer.json`; of another tool's folder, in line with its `tokenizer_config.json`. */
  readonly tokenizerJson: JsonObject;
  /** The content of `tokenizer_config.json`; derived from `tokenizerJson` when a new one is written. */
  readonly tokenizerConfig?: JsonObject;
  /** The content of `special_tokens_map.json`; derived likewise. */
  readonly specialTokensMap?: JsonObject;
  /** The model of the hub that it was read from; not written with it. */
  readonly source?: ModelSource;
}

/** A teacher or a pack: its settings are there, and so is its projection. */
export interface RetrieverCheckpoint extends Checkpoint {
  readonly settings: RetrieverSettings;
}

/** Every tensor of a model, with the projection of one that retrieves: name to shape. */
export function expectedShapes(config: EncoderConfig, settings?: Settings): Map<string, number[]> {
  const shapes = new Map(parameterShapes(config));
  if (settings !== undefined && 'retrieval' in settings)
    shapes.set(PROJECTION, [settings.retrieval.dim, config.hiddenSize]);
  return shapes;
}

/**
 * Refuses, with `CHECKPOINT_SHAPE`, settings by which texts are longer than the encoder has positions. `at` is the
 * model's folder.
 */
export function checkLengths(
  settings: Settings | undefined,
  { maxPositionEmbeddings: most }: EncoderConfig,
  at: string,
): void {
  const lengths =
    settings === undefined || settings.kind === 'pretrained'
      ? {}
      : settings.kind === 'reader'
        ? { 'reading.windowTokens': settings.reading.windowTokens }
        : {
            'retrieval.queryMaxTokens': settings.retrieval.queryMaxTokens,
            'retrieval.passageMaxTokens': settings.retrieval.passageMaxTokens,
            'retrieval.augmentedTokens': settings.retrieval.augmentedTokens ?? 0,
          };
  const beyond = Object.entries(lengths).find(([, tokens]) => tokens > most);
  if (beyond === undefined) return;
  throw new RefractError(
    'CHECKPOINT_SHAPE',
    `${beyond[0]} is ${beyond[1]}, the encoder has ${most} positions (config.json)`,
    { at: join(at, 'refract.json'), hint: 'Take config.json and refract.json from the same model.' },
  );
}

/**
 * The character models of a folder with these settings; none where it says that it has none.
 *
 * @throws RefractError `CHECKPOINT_INCOMPLETE`, `CHECKPOINT_FORMAT`
 */
export function characterModelsOf(directory: string, settings: Settings): CharacterModels | undefined {
  if (settings.kind !== 'pack' || settings.characterModels === undefined) return undefined;
  requireFile(directory, CHARACTER_MODELS_FILE);
  return readCharacterModels(join(directory, CHARACTER_MODELS_FILE), settings.characterModels);
}

/** Refuses, with `CHECKPOINT_INCOMPLETE`, a folder without the file `name`. */
export function requireFile(directory: string, name: string): void {
  if (existsSync(join(directory, name))) return;
  throw new RefractError('CHECKPOINT_INCOMPLETE', `the folder has no ${name}`, {
    at: directory,
    hint:
      name === 'refract.json'
        ? 'It is no teacher or pack, and no retriever of another tool: give one, or make a teacher of this encoder with refract teach --base.'
        : name === 'tokenizer.json'
          ? 'Save the tokenizer in transformers as a fast one (save_pretrained); a vocabulary alone does not say all.'
          : 'Copy the whole folder again; a folder without it is unfinished.',
  });
}

/**
 * The JSON object in a file of a folder.
 *
 * @throws RefractError `CHECKPOINT_INCOMPLETE`, `CHECKPOINT_FORMAT`
 */
export function readJson(directory: string, name: string): JsonObject {
  requireFile(directory, name);
  const path = join(directory, name);
  let value: unknown;
  let cause: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    cause = error;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new RefractError('CHECKPOINT_FORMAT', 'the file is not a JSON object', {
    at: path,
    hint: 'Copy or export it again.',
    cause,
  });
}

/** The same, or undefined where there is no such file. */
export function optionalJson(directory: string, name: string): JsonObject | undefined {
  return existsSync(join(directory, name)) ? readJson(directory, name) : undefined;
}
