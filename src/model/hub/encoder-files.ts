/**
 * Which files of a repository an encoder needs: configuration, tokenizer, safetensors (or else ONNX, also for an
 * architecture that Refract does not know) and what
 * Sentence-Transformers, PyLate, Stanford's ColBERT and Refract keep beside them. Everything else stays on the hub.
 */
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import { IMPORTED, MODEL_TYPES } from '../config.ts';
import { GRAPH_FILE } from '../encoder-files.ts';
import type { HubName } from './model-name.ts';

/** The files of a model, on the hub or in the cache. */
export interface Repository {
  readonly model: HubName;
  /** Where it is, for messages. */
  readonly at: string;
  readonly paths: readonly string[];
  /** The text of a small file. */
  readonly read: (path: string) => Promise<string>;
}

/** Taken where they are there; `tokenizer*.json` too. */
const SMALL_FILES = [
  'special_tokens_map.json',
  'modules.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
  'artifact.metadata',
  'refract.json',
  'readings.safetensors',
  GRAPH_FILE,
];

const configSchema = z.object({ model_type: z.string().optional().catch(undefined) });
const modulesSchema = z.array(z.object({ path: z.string().default('') }));
const shardsSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * The paths that are needed, small files first and weights last. Of `modules.json` and a shard index, which name
 * further files, the text is read.
 *
 * @throws RefractError `CHECKPOINT_INCOMPLETE` no configuration, tokenizer or weights that can be read, with a way to
 * convert those that are there; `CHECKPOINT_FORMAT` a file of names that holds something else
 * @example await encoderFiles({ model, at, paths: ['README.md', 'config.json', ...], read })
 */
export async function encoderFiles(repository: Repository): Promise<string[]> {
  const { paths } = repository;
  const has = new Set(paths);
  if (!has.has('config.json'))
    throw incomplete(
      repository,
      'it has no config.json, so it is no encoder in the layout of transformers',
      `See what it is on its page, and give a BERT-like encoder.`,
    );
  const small = paths.filter((path) => /^tokenizer[^/]*\.json$/.test(path) || SMALL_FILES.includes(path));
  const found = await weightFiles(repository);
  if (found === undefined) throw noWeights(repository, 'pytorch_model.bin');
  if (!has.has('tokenizer.json'))
    throw incomplete(
      repository,
      'it has no tokenizer.json',
      `Write one beside its other files with ${inPython(repository, false, true)}`,
    );
  const modules = await moduleFiles(repository);
  const weights = await withShards(repository, found);
  return [...new Set(['config.json', ...small, ...modules, ...weights])];
}

/** Weights of the encoder. A shard index stands for its shards. */
async function weightFiles(repository: Repository): Promise<string[] | undefined> {
  const { paths } = repository;
  const first = (...names: string[]) => names.find((name) => paths.includes(name));
  const safetensors = first('model.safetensors', 'model.safetensors.index.json');
  const onnx = first('onnx/model.onnx', 'model.onnx');
  if (onnx === undefined || (safetensors !== undefined && (await isOfFamily(repository))))
    return safetensors === undefined ? undefined : [safetensors];
  return [onnx, ...[`${onnx}_data`, `${onnx}.data`].filter((path) => paths.includes(path))];
}

async function isOfFamily(repository: Repository): Promise<boolean> {
  const { model_type: type } = await parse(repository, 'config.json', configSchema);
  return [...MODEL_TYPES, IMPORTED].some((known) => known === type);
}

/** Configurations and weights in the folders that `modules.json` names, such as `1_Dense`. */
async function moduleFiles(repository: Repository): Promise<string[]> {
  const { paths } = repository;
  if (!paths.includes('modules.json')) return [];
  const modules = await parse(repository, 'modules.json', modulesSchema);
  const folders = modules.map(({ path }) => path.replace(/\/+$/, '')).filter((path) => path !== '');
  return folders.flatMap((folder) => {
    const [config, weights, pickled] = ['config.json', 'model.safetensors', 'pytorch_model.bin'].map(
      (name) => `${folder}/${name}`,
    );
    if (!paths.includes(weights) && paths.includes(pickled)) throw noWeights(repository, pickled);
    return [config, weights].filter((path) => paths.includes(path));
  });
}

async function withShards(repository: Repository, weights: readonly string[]): Promise<string[]> {
  const [index] = weights;
  if (!index.endsWith('.index.json')) return [...weights];
  const { weight_map: map } = await parse(repository, index, shardsSchema);
  const shards = [...new Set(Object.values(map))].sort();
  const missing = shards.find((shard) => !repository.paths.includes(shard));
  if (missing === undefined && shards.length > 0) return [index, ...shards];
  throw incomplete(
    repository,
    missing === undefined ? `${index} names no shard` : `${index} names ${missing}, which is not there`,
    'Tell the owners of the model; another revision may be whole.',
  );
}

async function parse<Schema extends z.ZodType>(
  { at, read }: Repository,
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  try {
    return schema.parse(JSON.parse(await read(path)));
  } catch (error) {
    if (error instanceof RefractError || (error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    throw new RefractError('CHECKPOINT_FORMAT', `${path} does not hold what its name says`, {
      at,
      hint: 'Tell the owners of the model; another revision may be right.',
      cause: error,
    });
  }
}

function noWeights(repository: Repository, pickled: string): RefractError {
  const { paths } = repository;
  const there = paths.some((path) => path === pickled || path === `${pickled}.index.json`);
  if (!there)
    return incomplete(
      repository,
      'it has neither model.safetensors nor an ONNX model',
      'Its owners may have published the weights under another name or as another model.',
    );
  return incomplete(
    repository,
    `its weights are there as ${pickled} alone, a pickle, which can run code and is not opened`,
    `Convert them, with ${inPython(repository, true, !paths.includes('tokenizer.json'))}`,
  );
}

/** One line that writes safetensors beside each pickle, and `tokenizer.json`, into a folder of the model's own name. */
function inPython({ model, paths }: Repository, weights: boolean, tokenizer: boolean): string {
  const folder = model.name.split('/')[1];
  const revision = model.revision === 'main' ? '' : `, revision='${model.revision}'`;
  const steps = [
    `from huggingface_hub import snapshot_download as d; d('${model.name}'${revision}, local_dir='${folder}')`,
  ];
  if (weights && paths.includes('pytorch_model.bin.index.json'))
    steps.push(
      `from transformers import AutoModel as M; M.from_pretrained('${folder}').save_pretrained('${folder}')`,
    );
  else if (weights)
    steps.push(
      `import glob, torch, safetensors.torch as s; [s.save_file({k: v.clone().contiguous() for k, v in torch.load(f, map_location='cpu', weights_only=True).items()}, f[:-17] + 'model.safetensors', {'format': 'pt'}) for f in glob.glob('${folder}/**/pytorch_model.bin', recursive=True)]`,
    );
  if (tokenizer)
    steps.push(
      `from transformers import AutoTokenizer as T; T.from_pretrained('${folder}').save_pretrained('${folder}')`,
    );
  return `python -c "${steps.join('; ')}" and give the folder ./${folder} instead of the name.`;
}

function incomplete({ at }: Repository, what: string, hint: string): RefractError {
  return new RefractError('CHECKPOINT_INCOMPLETE', what, { at, hint });
}
