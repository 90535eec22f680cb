/**
 * The files by which Sentence-Transformers and PyLate put a model together: `modules.json` lists what a text passes
 * through, each module in a folder of its own; the first is the encoder.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import { cannotSay, lengthSchema, readForeignJson } from './layout.ts';

/** The list of modules, the file with the model's own settings, and that with those of its first module. */
export const MODULES = 'modules.json';
export const MODEL_SETTINGS = 'config_sentence_transformers.json';
export const TRANSFORMER_SETTINGS = 'sentence_bert_config.json';

const modulesSchema = z.array(z.object({ path: z.string(), type: z.string() })).min(1);
const modelSchema = z.looseObject({
  model_type: z.string().nullish(),
  __version__: z.looseObject({ sentence_transformers: z.string().optional() }).nullish(),
  prompts: z.record(z.string(), z.string().nullable()).nullish(),
  default_prompt_name: z.string().nullish(),
});
const transformerSchema = z.looseObject({
  max_seq_length: lengthSchema.nullish(),
  do_lower_case: z.boolean().nullish(),
});

/** A module by its class, without the package, and its folder. */
export interface Module {
  readonly type: string;
  readonly folder: string;
}

/** What the files say beside the encoder. */
export interface ModelFiles {
  /** The model's folder, and that of the encoder within it. */
  readonly at: string;
  readonly encoder: string;
  /** Whose retriever it is; absent where it gives texts one vector each. */
  readonly kind?: 'PyLate' | 'Sentence-Transformers';
  /** The content of `config_sentence_transformers.json`. */
  readonly model: z.output<typeof modelSchema>;
  /** The content of `sentence_bert_config.json`. */
  readonly transformer: z.output<typeof transformerSchema>;
  /** All modules but the first. */
  readonly modules: readonly Module[];
}

/**
 * Reads the files in `folder`; undefined when it has no `modules.json`. Throws `CHECKPOINT_FORMAT` (they do not parse,
 * name a folder elsewhere, or begin with something else than a transformer) and `CHECKPOINT_INCOMPLETE`.
 */
export function readModules(folder: string): ModelFiles | undefined {
  const at = join(folder, MODULES);
  const listed = readForeignJson(at, modulesSchema);
  if (listed === undefined) return undefined;
  const [first, ...modules] = listed.map(({ path, type }): Module => {
    if (!isModulePath(path)) throw cannotSay(at, `the module "${path}" is no folder of this one`);
    // A normalisation may have no file, and a folder without any is in no repository.
    const there = statSync(join(folder, path), { throwIfNoEntry: false })?.isDirectory() === true;
    if (!there && !/\.Normalize$/.test(type))
      throw new RefractError('CHECKPOINT_INCOMPLETE', `the folder has no ${path}, which modules.json names`, {
        at: folder,
        hint: 'Copy the whole model again, its folders too.',
      });
    return { type: type.split('.').at(-1)!, folder: join(folder, path) };
  });
  if (first.type !== 'Transformer')
    throw cannotSay(
      at,
      `the first module is ${first.type}; Refract reads models that begin with a Transformer`,
    );
  const model = readForeignJson(join(folder, MODEL_SETTINGS), modelSchema) ?? {};
  const kinds = { ColBERT: 'PyLate', MultiVectorEncoder: 'Sentence-Transformers' } as const;
  // PyLate did not always write a model type.
  const old = listed.some(({ type }) => type.startsWith('pylate.')) || 'query_prefix' in model;
  const type = model.model_type ?? (old ? 'ColBERT' : '');
  return {
    at: folder,
    encoder: first.folder,
    ...(type in kinds && { kind: kinds[type as keyof typeof kinds] }),
    model,
    transformer: readForeignJson(settingsFile(first.folder), transformerSchema) ?? {},
    modules,
  };
}

/** Whether a `path` in `modules.json` is a folder of the model, or the model's own; it goes into lines for a shell, too. */
export function isModulePath(path: string): boolean {
  return /^(?:[\w-][\w.-]*)?$/.test(path);
}

/** `sentence_bert_config.json`, or the same with another encoder's name, as older versions have it. */
function settingsFile(folder: string): string {
  const named = readdirSync(folder).find((name) => /^sentence_\w+_config\.json$/.test(name));
  return join(folder, named ?? TRANSFORMER_SETTINGS);
}
