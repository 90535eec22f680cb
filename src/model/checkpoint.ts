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
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDirectoryAtomic } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import {
  type Checkpoint,
  expectedShapes,
  optionalJson,
  PROJECTION,
  READER_WEIGHT,
  type RetrieverCheckpoint,
  readJson,
  requireFile,
} from './checkpoint-parts.ts';
import { isDifference, readDifference, type TeacherSource } from './difference-folder.ts';
import { MASKED_LM } from './families/family.ts';
import { familyOf, parseHuggingFaceConfig, toHuggingFaceConfig } from './families/index.ts';
import { READINGS_FILE, readReadings, writeReadings } from './readings-file.ts';
import { type FloatTensor, readSafetensors, writeSafetensors } from './safetensors.ts';
import { parseSettings, type Settings } from './settings.ts';
import { checkVocabulary, followTokenizerConfig, huggingFaceTokenizerFiles } from './tokenizer-files.ts';
import { selectTensors } from './weights.ts';

export {
  type Checkpoint,
  PROJECTION,
  READER_WEIGHT,
  type RetrieverCheckpoint,
} from './checkpoint-parts.ts';

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
  const { config, settings, tokenizerJson, readings } = checkpoint;
  checkVocabulary(tokenizerJson, config.vocabSize, join(directory, 'tokenizer.json'));
  const { tensors, heads } = selectTensors(
    new Map([...checkpoint.tensors, ...(checkpoint.heads ?? [])]),
    expectedShapes(config, settings),
    directory,
    familyOf(config),
  );
  await writeDirectoryAtomic(directory, async (fresh) => {
    const writeJson = (name: string, value: unknown) =>
      writeFileSync(join(fresh, name), `${JSON.stringify(value, null, 2)}\n`, { flush: true });
    const { classes, prefix, fileNames } = familyOf(config);
    const head = heads.has(READER_WEIGHT)
      ? 'reader'
      : heads.has(`${MASKED_LM.dense}.weight`)
        ? 'maskedLm'
        : 'encoder';
    // With a head the encoder's names have a prefix, as transformers' models with a head write and read them.
    const before = head !== 'encoder' && classes[head] !== undefined ? prefix : '';
    const inFile = (name: string) => fileNames?.get(name) ?? name;
    const named = [
      ...[...tensors].map(([name, tensor]) => [`${before}${inFile(name)}`, tensor] as const),
      ...[...heads].map(([name, tensor]) => [inFile(name), tensor] as const),
    ];
    writeJson('config.json', toHuggingFaceConfig(config, head));
    writeSafetensors(join(fresh, 'model.safetensors'), new Map(named));
    writeJson('tokenizer.json', tokenizerJson);
    const files = huggingFaceTokenizerFiles(tokenizerJson, config.maxPositionEmbeddings);
    writeJson('tokenizer_config.json', checkpoint.tokenizerConfig ?? files.tokenizerConfig);
    writeJson('special_tokens_map.json', checkpoint.specialTokensMap ?? files.specialTokensMap);
    if (settings !== undefined) writeJson('refract.json', settings);
    if (readings !== undefined) writeReadings(join(fresh, READINGS_FILE), readings);
  });
}

/**
 * Reads and checks a checkpoint folder. By default it must be a retriever (teacher or pack); with
 * `allowBase` any encoder of a known family will do, also one that another tool wrote, whose tensor names may begin
 * with the prefix of headed models and whose layer norms may be called `gamma` and `beta`. A pack that was saved as a
 * difference is put together with its teacher.
 *
 * Throws `TEACHER_MISSING` and `TEACHER_MISMATCH` (a difference without its teacher, or with another one), `FILE_MISSING` (no such folder), `CHECKPOINT_INCOMPLETE` (names the missing file or tensor),
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
  if (!existsSync(directory) || !statSync(directory).isDirectory())
    throw new RefractError('FILE_MISSING', 'no such folder', {
      at: directory,
      hint: 'Give the folder that refract teach or refract distill wrote.',
    });
  if (isDifference(directory)) return readDifference(directory, options.teacher);
  const config = parseHuggingFaceConfig(readJson(directory, 'config.json'), join(directory, 'config.json'));
  const settings = readSettings(directory, options.allowBase === true);
  const tokenizerConfig = optionalJson(directory, 'tokenizer_config.json');
  const written = readJson(directory, 'tokenizer.json');
  const tokenizerJson = settings === undefined ? followTokenizerConfig(written, tokenizerConfig) : written;
  const ids = checkVocabulary(tokenizerJson, config.vocabSize, join(directory, 'tokenizer.json'));
  const weights = join(directory, 'model.safetensors');
  requireFile(directory, 'model.safetensors');
  const second = settings !== undefined && 'readings' in settings && settings.readings;
  if (second) requireFile(directory, READINGS_FILE);
  const readings = second ? readReadings(join(directory, READINGS_FILE), config.vocabSize, ids) : undefined;
  return {
    config,
    settings,
    ...selectTensors(readSafetensors(weights), expectedShapes(config, settings), weights, familyOf(config)),
    tokenizerJson,
    tokenizerConfig,
    specialTokensMap: optionalJson(directory, 'special_tokens_map.json'),
    ...(readings && { readings }),
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

function readSettings(directory: string, allowBase: boolean): Settings | undefined {
  if (allowBase && !existsSync(join(directory, 'refract.json'))) return undefined;
  const settings = parseSettings(readJson(directory, 'refract.json'), join(directory, 'refract.json'));
  if (!allowBase && !('retrieval' in settings))
    throw new RefractError('CHECKPOINT_INCOMPLETE', `a ${settings.kind} encoder cannot retrieve yet`, {
      at: directory,
      hint: 'Train a teacher from it: refract teach --base.',
    });
  return settings;
}
