/**
 * A model on disk: a Hugging Face folder with Refract's settings beside it.
 *
 *     config.json               the encoder's configuration
 *     encoder.onnx              the graph of an encoder of no family, without weights (imported-graph.ts)
 *     model.safetensors         the encoder's tensors; a retriever's projection as linear.weight
 *     tokenizer.json            with tokenizer_config.json and special_tokens_map.json for AutoTokenizer
 *     refract.json              retrieval settings, languages, teacher (settings.ts)
 *     character-models.safetensors  of packs: how their languages are told from others (character-models-file.ts)
 *     readings.safetensors      of packs and their readers: which tokens have a second word vector (readings.ts)
 *
 * A checkpoint that has been read is complete: every tensor is there, has the shape that the configuration
 * says, and is finite.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeDirectoryAtomic } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import { CHARACTER_MODELS_FILE, writeCharacterModels } from './character-models-file.ts';
import {
  type Checkpoint,
  characterModelsOf,
  checkLengths,
  expectedShapes,
  type RetrieverCheckpoint,
  readJson,
  requireFile,
} from './checkpoint-parts.ts';
import { isDifference, readDifference, type TeacherSource } from './difference-folder.ts';
import { writeEncoderFiles, writeJson } from './encoder-files.ts';
import { readEncoderFolder } from './encoder-folder.ts';
import { familyOf } from './families/index.ts';
import { type Layout, layoutOf, PROJECTION } from './layouts/index.ts';
import { READINGS_FILE, readReadings, writeReadings } from './readings-file.ts';
import type { FloatTensor } from './safetensors.ts';
import { parseSettings, type RetrieverSettings, SETTINGS_VERSION, type Settings } from './settings.ts';
import { checkVocabulary, followTokenizerConfig, withLowerCase } from './tokenizer-files.ts';
import { selectTensors } from './weights.ts';

export type { Checkpoint, RetrieverCheckpoint } from './checkpoint-parts.ts';
export { PROJECTION };

/** How a folder is read. */
export interface ReadCheckpointOptions {
  /** The teacher of a pack that is saved as a difference from it; asked for only where the folder is one. */
  readonly teacher?: TeacherSource;
}

/**
 * Writes a checkpoint folder atomically; an older folder at `directory` is replaced when all is written.
 * Throws what `readCheckpoint` would throw for the same tensors, and `DISK_FULL`.
 *
 * @example await writeCheckpoint('teacher', { config, settings, tensors, tokenizerJson })
 */
export async function writeCheckpoint(directory: string, checkpoint: Checkpoint): Promise<void> {
  const { config, settings, tokenizerJson, readings, characterModels } = checkpoint;
  checkVocabulary(tokenizerJson, config.vocabSize, join(directory, 'tokenizer.json'));
  checkLengths(settings, config, directory);
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
    if (characterModels !== undefined)
      writeCharacterModels(join(fresh, CHARACTER_MODELS_FILE), characterModels);
  });
}

/**
 * Reads and checks a checkpoint folder: one of Refract's, or one that another tool wrote (layouts/). By default it must
 * be a retriever: a teacher, a pack, or a model of Stanford's ColBERT, of PyLate or of Sentence-Transformers with token
 * vectors. With `allowBase` any encoder will do, whose tensor names may begin with its family's prefix and whose layer
 * norms may be called `gamma` and `beta`; of a family that Refract does not know, one that has an ONNX model. A pack that was saved as a difference is put together with its teacher.
 *
 * Throws `TEACHER_MISSING` and `TEACHER_MISMATCH` (a difference without its teacher, or with another one), `FILE_MISSING` (no such folder), `FILE_FORMAT` (an ONNX file instead of its folder), `CHECKPOINT_INCOMPLETE` (names the missing file or tensor),
 * `CHECKPOINT_SHAPE` (names the tensor and both shapes), `TOKENIZER_MISMATCH` (more ids than word vectors),
 * `CHECKPOINT_FORMAT`, `VERSION_MISMATCH`.
 *
 * @example readCheckpoint('teacher').settings.retrieval.dim // 64
 */
export function readCheckpoint(
  directory: string,
  options?: ReadCheckpointOptions & { allowBase?: false },
): RetrieverCheckpoint;
export function readCheckpoint(
  directory: string,
  options: ReadCheckpointOptions & { allowBase: true },
): Checkpoint;
export function readCheckpoint(
  directory: string,
  options: ReadCheckpointOptions & { allowBase?: boolean } = {},
): Checkpoint {
  if (directory.endsWith('.onnx') && existsSync(directory) && statSync(directory).isFile())
    throw new RefractError('FILE_FORMAT', 'a model is a folder, this is a file of one', {
      at: directory,
      hint: 'Give the folder that holds it as model.onnx or onnx/model.onnx, with tokenizer.json.',
    });
  if (!existsSync(directory) || !statSync(directory).isDirectory())
    throw new RefractError('FILE_MISSING', existsSync(directory) ? 'a file, no folder' : 'no such folder', {
      at: directory,
      hint: 'Give the folder that refract teach or refract distill wrote.',
    });
  if (isDifference(directory)) return readDifference(directory, options.teacher);
  if (isForeign(directory)) return readForeign(directory, layoutOf(directory), options.allowBase === true);
  const settings = readSettings(directory, options.allowBase === true);
  const { config, ids, weights, ...files } = readEncoderFolder(directory, false);
  checkLengths(settings, config, directory);
  const second = 'readings' in settings && settings.readings;
  if (second) requireFile(directory, READINGS_FILE);
  const readings = second ? readReadings(join(directory, READINGS_FILE), config.vocabSize, ids) : undefined;
  const characterModels = characterModelsOf(directory, settings);
  return {
    config,
    settings,
    ...selectTensors(weights.tensors, expectedShapes(config, settings), weights.at, familyOf(config)),
    ...files,
    ...(readings && { readings }),
    ...(characterModels && { characterModels }),
  };
}

/** Whether another tool wrote the folder. */
export function isForeign(directory: string): boolean {
  return !existsSync(join(directory, 'refract.json'));
}

function readForeign(directory: string, layout: Layout, allowBase: boolean): Checkpoint {
  const { encoder: place, retriever, lowerCase } = layout;
  if (!allowBase && retriever === undefined) requireFile(directory, 'refract.json');
  const { config, weights, tokenizerConfig, specialTokensMap, ...read } = readEncoderFolder(place, true);
  const followed = followTokenizerConfig(read.tokenizerJson, tokenizerConfig);
  const tokenizerJson = lowerCase ? withLowerCase(followed) : followed;
  const { tensors, heads } = selectTensors(
    weights.tensors,
    expectedShapes(config),
    weights.at,
    familyOf(config),
  );
  const files = { config, tokenizerJson, tokenizerConfig, specialTokensMap };
  if (retriever === undefined) return { ...files, settings: undefined, tensors, heads };
  const made = retriever({ ...files, tensors, heads, tokenizerConfig: tokenizerConfig ?? {} });
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

function readSettings(directory: string, allowBase: boolean): Settings {
  const settings = parseSettings(readJson(directory, 'refract.json'), join(directory, 'refract.json'));
  if (!allowBase && !('retrieval' in settings))
    throw new RefractError('CHECKPOINT_INCOMPLETE', `a ${settings.kind} encoder cannot retrieve yet`, {
      at: directory,
      hint: 'Train a teacher from it: refract teach --base.',
    });
  return settings;
}
