/**
 * Which files of a repository an encoder needs: configuration, tokenizer, safetensors (or else ONNX, also for an
 * architecture that Refract does not know) and what
 * Sentence-Transformers, PyLate, Stanford's ColBERT and Refract keep beside them. Everything else stays on the hub.
 */
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import { IMPORTED, MODEL_TYPES } from '../config.ts';
import { DIFFERENCE_FILE } from '../difference-file.ts';
import { GRAPH_FILE } from '../encoder-files.ts';
import { isModulePath } from '../layouts/modules.ts';
import { incomplete, inPython, noWeights } from './conversion.ts';
import type { Repository } from './repository.ts';

/** Taken where they are there, at the top. */
const TOP_FILES = [
  'modules.json',
  'config_sentence_transformers.json',
  'artifact.metadata',
  'refract.json',
  'readings.safetensors',
  'character-models.safetensors',
  GRAPH_FILE,
];
/** Taken beside the encoder. */
const BESIDE_ENCODER = /^(tokenizer[^/]*\.json|special_tokens_map\.json|sentence_\w+_config\.json)$/;
/** Taken of a pack that is a difference: what is not there is its teacher's. */
const BESIDE_DIFFERENCE =
  /^(tokenizer[^/]*\.json|special_tokens_map\.json|refract\.json|(readings|character-models)\.safetensors)$/;

const configSchema = z.object({ model_type: z.string().optional().catch(undefined) });
const modulesSchema = z.array(
  z.object({
    path: z
      .string()
      .default('')
      .transform((path) => path.replace(/\/+$/, ''))
      .refine(isModulePath),
  }),
);
const shardsSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * The paths that are needed, the encoder's configuration first, small files next, and weights last. Of `modules.json`,
 * a shard index and an ONNX model with data beside it, which name further files, the content is read.
 *
 * @throws RefractError `CHECKPOINT_INCOMPLETE` no configuration, tokenizer or weights that can be read, with a way to
 * convert those that are there; `CHECKPOINT_FORMAT` a file of names that holds something else
 * @example await encoderFiles({ model, at, paths: ['README.md', 'config.json', ...], read, external })
 */
export async function encoderFiles(repository: Repository): Promise<string[]> {
  const { paths } = repository;
  if (paths.includes(DIFFERENCE_FILE))
    return [...paths.filter((path) => BESIDE_DIFFERENCE.test(path)), DIFFERENCE_FILE];
  const [folder = '', ...modules] = await moduleFolders(repository);
  const config = `${folder}config.json`;
  if (!paths.includes(config))
    throw incomplete(
      repository,
      `it has no ${config}, so it is no encoder in the layout of transformers`,
      `See what it is on its page, and give a BERT-like encoder.`,
    );
  const small = paths.filter(
    (path) =>
      TOP_FILES.includes(path) || (path.startsWith(folder) && BESIDE_ENCODER.test(path.slice(folder.length))),
  );
  const found = await weightFile(repository, folder);
  if (found === undefined) throw noWeights(repository, `${folder}pytorch_model.bin`);
  if (!paths.includes(`${folder}tokenizer.json`))
    throw incomplete(
      repository,
      `it has no ${folder}tokenizer.json`,
      `Write one beside its other files with ${inPython(repository, false, folder)}`,
    );
  const beside = modules.flatMap((module) => moduleFiles(repository, module));
  return [...new Set([config, ...small, ...beside, ...(await withParts(repository, found))])];
}

/** The weights below `folder` (empty, or with a slash at its end): ONNX only where safetensors are of no family. */
async function weightFile(repository: Repository, folder: string): Promise<string | undefined> {
  const first = (...names: string[]) =>
    names.map((name) => folder + name).find((path) => repository.paths.includes(path));
  const safetensors = first('model.safetensors', 'model.safetensors.index.json');
  const onnx = first('onnx/model.onnx', 'model.onnx');
  if (safetensors === undefined || onnx === undefined) return safetensors ?? onnx;
  return (await isOfFamily(repository, folder)) ? safetensors : onnx;
}

async function isOfFamily(repository: Repository, folder: string): Promise<boolean> {
  const { model_type: type } = await parse(repository, `${folder}config.json`, configSchema);
  return [...MODEL_TYPES, IMPORTED].some((known) => known === type);
}

/** The folders that `modules.json` names, such as `1_Dense/`, the encoder's first; none where there is no such file. */
async function moduleFolders(repository: Repository): Promise<string[]> {
  if (!repository.paths.includes('modules.json')) return [];
  const modules = await parse(repository, 'modules.json', modulesSchema);
  return modules.map(({ path }) => (path === '' ? '' : `${path}/`));
}

/** Configuration and weights of a module; of one that has no files, such as a normalisation, nothing. */
function moduleFiles(repository: Repository, folder: string): string[] {
  const { paths } = repository;
  const [config, weights, pickled] = ['config.json', 'model.safetensors', 'pytorch_model.bin'].map(
    (name) => folder + name,
  );
  if (folder === '') return [];
  if (!paths.includes(weights) && paths.includes(pickled)) throw noWeights(repository, pickled);
  return [config, weights].filter((path) => paths.includes(path));
}

/** Weights with the files that they name: the shards of an index, the data beside an ONNX model. */
async function withParts(repository: Repository, weights: string): Promise<string[]> {
  if (weights.endsWith('.onnx')) return [weights, ...(await externalData(repository, weights))];
  return weights.endsWith('.index.json') ? withShards(repository, weights) : [weights];
}

/** What is never the data of an ONNX model. */
const NO_DATA = /(\.(onnx|json|md|txt|model|py|xml|safetensors|h5|msgpack|ot)|^\.git\w+)$/;

async function externalData(repository: Repository, weights: string): Promise<string[]> {
  const { paths, external } = repository;
  const folder = weights.slice(0, weights.lastIndexOf('/') + 1);
  // A model of which nothing lies beside it needs not be opened.
  if (!paths.some((path) => path.startsWith(folder) && !NO_DATA.test(path.slice(folder.length)))) return [];
  const named = (await external(weights)).map((location) => folder + location.replace(/^\.\//, ''));
  const missing = named.find((path) => !paths.includes(path));
  if (missing === undefined) return named;
  throw incomplete(
    repository,
    `${weights} keeps data in ${missing}, which is not there`,
    'Tell the owners of the model; another revision may be whole.',
  );
}

async function withShards(repository: Repository, index: string): Promise<string[]> {
  const { weight_map: map } = await parse(repository, index, shardsSchema);
  const folder = index.slice(0, index.lastIndexOf('/') + 1);
  const shards = [...new Set(Object.values(map))].sort().map((shard) => folder + shard);
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
  const text = await read(path);
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new RefractError('CHECKPOINT_FORMAT', `${path} does not hold what its name says`, {
      at,
      hint: 'Tell the owners of the model; another revision may be right.',
      cause: error,
    });
  }
}
