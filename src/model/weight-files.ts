/**
 * An encoder's weights on disk: `model.safetensors`, or, where they are split, several shards with an index
 * `model.safetensors.index.json` that says which tensor lies in which file. Pickled weights (`.bin`) are programs,
 * which are not run here.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { encodeBfloat16, tensorToFloat16 } from '../data/half.ts';
import { RefractError } from '../errors.ts';
import {
  type FloatTensor,
  readSafetensors,
  type StoredTensor,
  type Tensor,
  writeSafetensors,
} from './safetensors.ts';

/** Weights in one file, and the index of those in several. */
export const WEIGHTS = 'model.safetensors';
export const WEIGHTS_INDEX = 'model.safetensors.index.json';

/** The float types in which weights can be written, by the name that `config.json` has for them. */
export const PRECISIONS = ['float32', 'float16', 'bfloat16'] as const;
export type Precision = (typeof PRECISIONS)[number];

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** Weights and the file that they, or their index, lie in. */
export interface WeightsRead {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly at: string;
}

/**
 * Reads the weights in `folder`, from one file or from shards.
 *
 * Throws `CHECKPOINT_INCOMPLETE` (no weights, only pickled ones, a shard or a tensor of the index is missing) and
 * `CHECKPOINT_FORMAT` (a damaged file, an index that names files outside its folder, a tensor in two shards).
 *
 * @example readWeights('models/mbert').tensors.size // 199
 */
export function readWeights(folder: string): WeightsRead {
  const one = join(folder, WEIGHTS);
  if (existsSync(one)) return { tensors: readSafetensors(one), at: one };
  const index = join(folder, WEIGHTS_INDEX);
  if (existsSync(index)) return { tensors: readShards(folder, index), at: index };
  throw noWeights(folder);
}

function readShards(folder: string, index: string): Map<string, Tensor> {
  const shards = new Map<string, string[]>();
  for (const [tensor, file] of Object.entries(weightMap(index))) {
    if (!/^[^/\\]+\.safetensors$/.test(file) || file.startsWith('..'))
      throw badIndex(index, `tensor ${tensor} is said to lie in "${file}", which is no file of this folder`);
    const tensors = shards.get(file);
    if (tensors === undefined) shards.set(file, [tensor]);
    else tensors.push(tensor);
  }
  const missing = [...shards.keys()].filter((file) => !existsSync(join(folder, file)));
  if (missing.length > 0)
    throw new RefractError('CHECKPOINT_INCOMPLETE', `the folder has no ${missing.join(', ')}`, {
      at: index,
      hint: `The weights are split into ${shards.size} files, as the index says: copy all of them.`,
    });
  const all = new Map<string, Tensor>();
  for (const [file, expected] of shards) {
    const found = readSafetensors(join(folder, file));
    const absent = expected.find((tensor) => !found.has(tensor));
    if (absent !== undefined)
      throw new RefractError(
        'CHECKPOINT_INCOMPLETE',
        `tensor ${absent} is missing, the index says it is here`,
        {
          at: join(folder, file),
          hint: 'The index and the shards are of different models: copy all of them again.',
        },
      );
    for (const [name, tensor] of found) {
      if (all.has(name)) throw badIndex(index, `tensor ${name} lies in two shards, one of them ${file}`);
      all.set(name, tensor);
    }
  }
  return all;
}

function weightMap(index: string): Record<string, string> {
  let json: unknown;
  let cause: unknown;
  try {
    json = JSON.parse(readFileSync(index, 'utf8'));
  } catch (error) {
    cause = error;
  }
  const parsed = indexSchema.safeParse(json);
  if (parsed.success && Object.keys(parsed.data.weight_map).length > 0) return parsed.data.weight_map;
  throw badIndex(index, 'it has no weight_map from tensors to files', cause);
}

function badIndex(at: string, what: string, cause?: unknown): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, {
    at,
    hint: 'Copy or export the weights again, with the index that belongs to them.',
    cause,
  });
}

function noWeights(folder: string): RefractError {
  const pickled = readdirSync(folder).find((name) => /^(?:pytorch_)?model.*\.(?:bin|pt|pth)$/.test(name));
  if (pickled === undefined)
    return new RefractError('CHECKPOINT_INCOMPLETE', `the folder has no ${WEIGHTS}`, {
      at: folder,
      hint: 'Copy the whole folder again; a folder without it is unfinished.',
    });
  // The line is pasted into a shell: a name of other characters stands for all names.
  const files = /^[\w.-]+$/.test(pickled) ? pickled.replace(/-\d+-of-\d+/, '*') : 'pytorch_model*.bin';
  const convert =
    `import glob, torch; from safetensors.torch import save_file; ` +
    `save_file({k: v.clone().contiguous() for f in glob.glob('${files}') for k, v in ` +
    `torch.load(f, 'cpu', weights_only=True).items()}, '${WEIGHTS}', {'format': 'pt'})`;
  return new RefractError('CHECKPOINT_INCOMPLETE', `the folder has no ${WEIGHTS}, only ${pickled}`, {
    at: folder,
    hint: `Pickled weights are programs, which Refract does not run. Convert them in the folder: python -c "${convert}"`,
  });
}

/** How weights are written. */
export interface WeightsWritten {
  readonly precision?: Precision;
  /** The most bytes of one file; a tensor that is larger has a file for itself. Default: all in one. */
  readonly maxShardBytes?: number;
}

/**
 * Writes weights to the (fresh) `folder`, in one file or in shards with their index; returns the files' names.
 *
 * Throws `SETTING_INVALID` when a number is too large for float16, `DISK_FULL`.
 *
 * @example writeWeights('out', checkpoint.tensors, { precision: 'float16', maxShardBytes: 5e9 })
 */
export function writeWeights(
  folder: string,
  tensors: ReadonlyMap<string, FloatTensor>,
  { precision = 'float32', maxShardBytes = Infinity }: WeightsWritten = {},
): string[] {
  const size = (tensor: FloatTensor) => tensor.data.length * (precision === 'float32' ? 4 : 2);
  const shards: { names: string[]; bytes: number }[] = [];
  for (const [name, tensor] of tensors) {
    const bytes = size(tensor);
    const last = shards.at(-1);
    if (last === undefined || last.bytes + bytes > maxShardBytes) shards.push({ names: [name], bytes });
    else {
      last.names.push(name);
      last.bytes += bytes;
    }
  }
  const five = (n: number) => String(n).padStart(5, '0');
  const map: Record<string, string> = {};
  const files = shards.map(({ names }, i) => {
    const file = shards.length === 1 ? WEIGHTS : `model-${five(i + 1)}-of-${five(shards.length)}.safetensors`;
    for (const name of names) map[name] = file;
    const stored = names.map((name) => [name, inPrecision(name, tensors.get(name)!, precision)] as const);
    writeSafetensors(join(folder, file), new Map(stored));
    return file;
  });
  if (files.length === 1) return files;
  const total = shards.reduce((sum, { bytes }) => sum + bytes, 0);
  const index = { metadata: { total_size: total }, weight_map: map };
  writeFileSync(join(folder, WEIGHTS_INDEX), `${JSON.stringify(index, null, 2)}\n`, { flush: true });
  return [...files, WEIGHTS_INDEX];
}

function inPrecision(name: string, tensor: FloatTensor, precision: Precision): StoredTensor {
  const { shape, data } = tensor;
  if (precision === 'float32') return tensor;
  if (precision === 'bfloat16') return { dtype: 'BF16', shape, data: encodeBfloat16(data) };
  return { dtype: 'F16', shape, data: tensorToFloat16(name, data) };
}
