/** The refusal of repositories whose weights or tokenizer cannot be read, each with the one line that converts them. */
import { RefractError } from '../../errors.ts';
import type { Repository } from './repository.ts';

/** The error of a repository that lacks something. */
export function incomplete({ at }: Repository, what: string, hint: string): RefractError {
  return new RefractError('CHECKPOINT_INCOMPLETE', what, { at, hint });
}

/** The error of weights that are there as pickles alone, or not at all. `pickled` is the path they would have. */
export function noWeights(repository: Repository, pickled: string): RefractError {
  const { paths } = repository;
  const there = paths.some((path) => path === pickled || path === `${pickled}.index.json`);
  if (!there)
    return incomplete(
      repository,
      'it has neither model.safetensors nor an ONNX model',
      'Its owners may have published the weights under another name or as another model.',
    );
  const folder = pickled.slice(0, -'pytorch_model.bin'.length);
  const lacking = paths.includes(`${folder}config.json`) && !paths.includes(`${folder}tokenizer.json`);
  const tokenizer = lacking && !isModule(repository, folder) ? folder : undefined;
  return incomplete(
    repository,
    `its weights are there as ${pickled} alone, a pickle, which can run code and is not opened`,
    `Convert them, with ${inPython(repository, true, tokenizer)}`,
  );
}

/** Whether a folder holds a module that comes after the encoder. */
function isModule({ paths }: Repository, folder: string): boolean {
  return folder !== '' && paths.includes('config.json');
}

/**
 * One line that writes safetensors beside each pickle, and `tokenizer.json`, into a folder of the model's own name.
 *
 * @param tokenizer the folder within the model, empty or with a slash at its end, that lacks a `tokenizer.json`
 */
export function inPython({ model, paths }: Repository, weights: boolean, tokenizer?: string): string {
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
  if (tokenizer !== undefined) {
    const place = `${folder}/${tokenizer}`.replace(/\/$/, '');
    steps.push(
      `from transformers import AutoTokenizer as T; T.from_pretrained('${place}').save_pretrained('${place}')`,
    );
  }
  return `python -c "${steps.join('; ')}" and give the folder ./${folder} instead of the name.`;
}
