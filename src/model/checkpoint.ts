/**
 * A model on disk: a Hugging Face folder with Refract's settings beside it.
 *
 *     config.json               the encoder's configuration
 *     model.safetensors         the encoder's tensors; a retriever's projection as linear.weight
 *     tokenizer.json            with tokenizer_config.json and special_tokens_map.json for AutoTokenizer
 *     refract.json              retrieval settings, languages, teacher (settings.ts)
 *     readings.safetensors      of packs and their readers: which tokens have a second word vector (readings.ts)
 *
 * A checkpoint that has been read is complete: every tensor is there, has the shape that the configuration
 * says, and is finite.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeDirectoryAtomic } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import type { EncoderConfig } from './config.ts';
import { writeEncoderFiles, writeJson } from './encoder-files.ts';
import { familyOf, parameterShapes, parseHuggingFaceConfig } from './families/index.ts';
import { type Layout, layoutOf, PROJECTION } from './layouts/index.ts';
import type { Readings } from './readings.ts';
import { READINGS_FILE, readReadings, writeReadings } from './readings-file.ts';
import type { FloatTensor } from './safetensors.ts';
import { parseSettings, type RetrieverSettings, SETTINGS_VERSION, type Settings } from './settings.ts';
import { checkVocabulary, followTokenizerConfig, type JsonObject, withLowerCase } from './tokenizer-files.ts';
import { readWeights } from './weight-files.ts';
import { selectTensors } from './weights.ts';

export { PROJECTION };

/** An encoder on disk or about to be written there. */
export interface Checkpoint {
  readonly config: EncoderConfig;
  /** Absent for a folder that another tool wrote. */
  readonly settings?: Settings;
  /** The encoder's tensors by their names in `parameterShapes`, and `linear.weight` where there is one. */
  readonly tensors: ReadonlyMap<string, FloatTensor>;
  /** Second word vectors of tokens; their rows follow those of the tokenizer's ids in the word table. */
  readonly readings?: Readings;
  /** Further tensors by name, such as a language-model or reader head. */
  readonly heads?: ReadonlyMap<string, FloatTensor>;
  /** The content of `tokenizer.json`; of another tool's folder, in line with its `tokenizer_config.json`. */
  readonly tokenizerJson: JsonObject;
  /** The content of `tokenizer_config.json`; derived from `tokenizerJson` when a new one is written. */
  readonly tokenizerConfig?: JsonObject;
  /** The content of `special_tokens_map.json`; derived likewise. */
  readonly specialTokensMap?: JsonObject;
}

/** A teacher or a pack: its settings are there, and so is its projection. */
export interface RetrieverCheckpoint extends Checkpoint {
  readonly settings: RetrieverSettings;
}

/**
 * Writes a checkpoint folder atomically; an older folder at `directory` is replaced when all is written.
 * Throws what `readCheckpoint` would throw for the same tensors, and `DISK_FULL`.
 *
 * @example await writeCheckpoint('teacher', { config, settings, tensors, tokenizerJson })
 */
export async function writeCheckpoint(directory: string, checkpoint: Checkpoint): Promise<void> {
  const { config, settings, tokenizerJson, readings } = checkpoint;
  checkVocabulary(tokenizerJson, config.vocabSize, join(directory, 'tokenizer.json'));
  const { tensors, heads } = selectTensors(
    new Map([...checkpoint.tensors, ...(checkpoint.heads ?? [])]),
    expectedShapes(config, settings),
    directory,
    familyOf(config),
  );
  await writeDirectoryAtomic(directory, async (fresh) => {
    writeEncoderFiles(fresh, { ...checkpoint, tensors, heads });
    if (settings !== undefined) writeJson(fresh, 'refract.json', settings);
    if (readings !== undefined) writeReadings(join(fresh, READINGS_FILE), readings);
  });
}

/**
 * Reads and checks a checkpoint folder: one of Refract's, or one that another tool wrote (layouts/). By default it must
 * be a retriever: a teacher, a pack, or a model of Stanford's ColBERT, of PyLate or of Sentence-Transformers with token
 * vectors. With `allowBase` any encoder will do, whose tensor names may begin with its family's prefix and whose layer
 * norms may be called `gamma` and `beta`.
 *
 * Throws `FILE_MISSING` (no such folder), `CHECKPOINT_INCOMPLETE` (names the missing file or tensor),
 * `CHECKPOINT_SHAPE` (names the tensor and both shapes), `TOKENIZER_MISMATCH` (more ids than word vectors),
 * `CHECKPOINT_FORMAT`, `VERSION_MISMATCH`.
 *
 * @example readCheckpoint('teacher').settings.retrieval.dim // 64
 */
export function readCheckpoint(directory: string, options?: { allowBase?: false }): RetrieverCheckpoint;
export function readCheckpoint(directory: string, options: { allowBase: true }): Checkpoint;
export function readCheckpoint(directory: string, options: { allowBase?: boolean } = {}): Checkpoint {
  if (!existsSync(directory) || !statSync(directory).isDirectory())
    throw new RefractError('FILE_MISSING', 'no such folder', {
      at: directory,
      hint: 'Give the folder that refract teach or refract distill wrote.',
    });
  if (isForeign(directory)) return readForeign(directory, layoutOf(directory), options.allowBase === true);
  const settings = readSettings(directory, options.allowBase === true);
  const { config, ids, tokenizerJson, ...files } = readEncoderFiles(directory);
  const { tensors: found, at } = readWeights(directory);
  const second = 'readings' in settings && settings.readings;
  if (second) requireFile(directory, READINGS_FILE);
  const readings = second ? readReadings(join(directory, READINGS_FILE), config.vocabSize, ids) : undefined;
  return {
    config,
    settings,
    ...selectTensors(found, expectedShapes(config, settings), at, familyOf(config)),
    tokenizerJson,
    ...files,
    ...(readings && { readings }),
  };
}

/** Whether another tool wrote the folder. */
export function isForeign(directory: string): boolean {
  return !existsSync(join(directory, 'refract.json'));
}

function readForeign(directory: string, layout: Layout, allowBase: boolean): Checkpoint {
  const { encoder: place, retriever, lowerCase } = layout;
  if (!allowBase && retriever === undefined) requireFile(directory, 'refract.json');
  const { config, tokenizerJson: written, tokenizerConfig, specialTokensMap } = readEncoderFiles(place);
  const followed = followTokenizerConfig(written, tokenizerConfig);
  const tokenizerJson = lowerCase ? withLowerCase(followed) : followed;
  const { tensors: found, at } = readWeights(place);
  const { tensors, heads } = selectTensors(found, expectedShapes(config), at, familyOf(config));
  const files = { config, tokenizerJson, tokenizerConfig, specialTokensMap };
  if (retriever === undefined) return { ...files, settings: undefined, tensors, heads };
  const made = retriever({ config, tensors, heads, tokenizerJson, tokenizerConfig: tokenizerConfig ?? {} });
  heads.delete(PROJECTION);
  const settings: RetrieverSettings = {
    version: SETTINGS_VERSION,
    createdWith: made.tool,
    languages: [],
    training: {},
    kind: 'teacher',
    retrieval: made.retrieval,
  };
  return { ...files, settings, tensors: made.tensors, heads };
}

/** The configuration and the tokenizer of the encoder in `place`, and the number of the tokenizer's ids. */
function readEncoderFiles(place: string) {
  const config = parseHuggingFaceConfig(readJson(place, 'config.json'), join(place, 'config.json'));
  const optional = (name: string) => (existsSync(join(place, name)) ? readJson(place, name) : undefined);
  const tokenizerJson = readJson(place, 'tokenizer.json');
  return {
    config,
    tokenizerJson,
    ids: checkVocabulary(tokenizerJson, config.vocabSize, join(place, 'tokenizer.json')),
    tokenizerConfig: optional('tokenizer_config.json'),
    specialTokensMap: optional('special_tokens_map.json'),
  };
}

/**
 * The projection [dim, hidden] of an encoder that is a retriever, as Refract's teachers and the checkpoints of
 * Stanford's ColBERT are. Undefined for other encoders.
 *
 * @example projectionOf(readCheckpoint('teacher'))?.shape[0] // 64
 */
export function projectionOf({ tensors, heads, config }: Checkpoint): FloatTensor | undefined {
  const found = tensors.get(PROJECTION) ?? heads?.get(PROJECTION);
  return found?.shape.length === 2 && found.shape[1] === config.hiddenSize ? found : undefined;
}

function expectedShapes(config: EncoderConfig, settings?: Settings): Map<string, number[]> {
  const shapes = new Map(parameterShapes(config));
  if (settings !== undefined && 'retrieval' in settings)
    shapes.set(PROJECTION, [settings.retrieval.dim, config.hiddenSize]);
  return shapes;
}

function readSettings(directory: string, allowBase: boolean): Settings {
  const settings = parseSettings(readJson(directory, 'refract.json'), join(directory, 'refract.json'));
  if (!allowBase && !('retrieval' in settings))
    throw new RefractError('CHECKPOINT_INCOMPLETE', `a ${settings.kind} encoder cannot retrieve yet`, {
      at: directory,
      hint: 'Train a teacher from it: refract teach --base.',
    });
  return settings;
}

function requireFile(directory: string, name: string): void {
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

function readJson(directory: string, name: string): JsonObject {
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
