/**
 * Models for other tools: a plain folder of transformers, a model of PyLate (which Sentence-Transformers opens, too),
 * or a checkpoint of Stanford's ColBERT. What a layout cannot say is refused, or left out and told of.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeDirectoryAtomic } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { CHARACTER_MODELS_FILE, writeCharacterModels } from './character-models-file.ts';
import { type Checkpoint, PROJECTION, type RetrieverCheckpoint } from './checkpoint.ts';
import type { EncoderConfig } from './config.ts';
import {
  type EncoderFiles,
  type EncoderFilesWritten,
  writeEncoderFiles,
  writeJson,
} from './encoder-files.ts';
import { inOneReading } from './export/one-reading.ts';
import { rulesForPylate, rulesForStanford, type SaidRules, skippedTokens } from './layouts/losses.ts';
import { MODEL_SETTINGS, MODULES, TRANSFORMER_SETTINGS } from './layouts/modules.ts';
import { pylateSettings } from './layouts/pylate.ts';
import { HF_COLBERT, METADATA, stanfordMetadata } from './layouts/stanford.ts';
import type { FloatTensor } from './safetensors.ts';
import { forAllVersions } from './tokenizer-files.ts';
import { type WeightsWritten, writeWeights } from './weight-files.ts';

/** The layouts. */
export const EXPORT_LAYOUTS = ['safetensors', 'pylate', 'stanford-colbert'] as const;
export type ExportLayout = (typeof EXPORT_LAYOUTS)[number];

/** What is exported, and how. */
export interface ExportOptions extends WeightsWritten {
  readonly layout: ExportLayout;
  /** Gives each token of a pack with second word vectors the one of them that it takes when it stands alone. */
  readonly oneReading?: boolean;
  /** Exports also where the layout cannot say all rules of retrieval. */
  readonly lossy?: boolean;
}

/** What was written. */
export interface ExportReport {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** What the model does and the exported one does not, a sentence each. */
  readonly lost: readonly string[];
}

/**
 * Writes `checkpoint` for another tool to `directory`, atomically.
 *
 * Throws `EXPORT_INCOMPLETE` (the layout cannot say all, and neither `oneReading` nor `lossy` allows it; or the model
 * is no retriever), `SETTING_INVALID` (a number too large for float16), `DISK_FULL`.
 *
 * @example await exportModel(readCheckpoint('teacher'), 'teacher-pylate', { layout: 'pylate', precision: 'float16' })
 */
export async function exportModel(
  checkpoint: Checkpoint,
  directory: string,
  options: ExportOptions,
): Promise<ExportReport> {
  const { layout, precision, maxShardBytes } = options;
  const { model, lost: readingsLost } = inOneReading(checkpoint, options.oneReading);
  if (layout !== 'safetensors' && model.config.graph !== undefined) throw ofNoFamily(model.config, layout);
  const retriever = layout === 'safetensors' ? undefined : retrieverOf(model, layout);
  const said = retriever && rulesFor(retriever, options);
  const lost = [...readingsLost, ...(said?.lost ?? [])];
  const weights = { precision, maxShardBytes };
  return writeDirectoryAtomic(directory, async (fresh) => {
    const names =
      retriever === undefined || said === undefined
        ? writePlain(fresh, model, weights)
        : layout === 'pylate'
          ? writePylate(fresh, retriever, said, weights)
          : writeStanford(fresh, retriever, said, weights);
    return { files: names.map((name) => ({ name, bytes: statSync(join(fresh, name)).size })), lost };
  });
}

function writePlain(folder: string, model: Checkpoint, weights: WeightsWritten): string[] {
  const { settings, characterModels } = model;
  const names = writeEncoderFiles(folder, filesOf(model, [PROJECTION]), weights);
  if (characterModels !== undefined) {
    writeCharacterModels(join(folder, CHARACTER_MODELS_FILE), characterModels);
    names.push(CHARACTER_MODELS_FILE);
  }
  return settings === undefined ? names : [...names, writeJson(folder, 'refract.json', settings)];
}

function writePylate(
  folder: string,
  model: RetrieverCheckpoint,
  { retrieval }: SaidRules,
  weights: WeightsWritten,
): string[] {
  const projection = model.tensors.get(PROJECTION)!;
  const dense = '1_Dense';
  mkdirSync(join(folder, dense));
  const [out, into] = projection.shape;
  const skipped = skippedTokens(retrieval, model.tokenizerJson);
  return [
    ...writeEncoderFiles(folder, filesOf(model), weights),
    writeJson(folder, MODULES, [
      { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
      { idx: 1, name: '1', path: dense, type: 'pylate.models.Dense.Dense' },
    ]),
    writeJson(folder, TRANSFORMER_SETTINGS, {
      max_seq_length: model.config.maxPositionEmbeddings,
      do_lower_case: false,
    }),
    writeJson(folder, MODEL_SETTINGS, pylateSettings(retrieval, skipped)),
    writeJson(folder, `${dense}/config.json`, {
      in_features: into,
      out_features: out,
      bias: false,
      activation_function: 'torch.nn.modules.linear.Identity',
      use_residual: false,
    }),
    ...writeWeights(join(folder, dense), new Map([[PROJECTION, projection]]), {
      precision: weights.precision,
    }).map((name) => `${dense}/${name}`),
  ];
}

function writeStanford(
  folder: string,
  model: RetrieverCheckpoint,
  { retrieval }: SaidRules,
  weights: EncoderFilesWritten,
): string[] {
  const files = filesOf(model, [PROJECTION]);
  return [
    ...writeEncoderFiles(folder, files, { ...weights, architecture: HF_COLBERT }),
    writeJson(folder, METADATA, stanfordMetadata(retrieval)),
  ];
}

/** The encoder's files; of Refract's further tensors those in `kept` go with the heads, under their own names. */
function filesOf(model: Checkpoint, kept: readonly string[] = []): EncoderFiles {
  const tensors = new Map(model.tensors);
  const heads = new Map<string, FloatTensor>(model.heads);
  for (const name of kept) {
    const tensor = tensors.get(name);
    if (tensor !== undefined) heads.set(name, tensor);
  }
  tensors.delete(PROJECTION);
  const [padToken] = loadTokenizer(model.tokenizerJson).tokens([model.config.padTokenId]);
  const tokenizerConfig = model.tokenizerConfig && forAllVersions(model.tokenizerConfig, padToken);
  return { ...model, tensors, heads, tokenizerConfig };
}

function ofNoFamily({ importedType }: EncoderConfig, layout: ExportLayout): RefractError {
  return new RefractError(
    'EXPORT_INCOMPLETE',
    `the encoder was imported from ONNX${importedType === undefined ? '' : ` (${importedType})`}, and the layout ${layout} needs one that transformers can build`,
    {
      hint: 'Export it with --to onnx, which runs in ONNX Runtime and transformers.js, or --to safetensors for Refract.',
    },
  );
}

function retrieverOf(model: Checkpoint, layout: ExportLayout): RetrieverCheckpoint {
  const { settings } = model;
  if (settings !== undefined && 'retrieval' in settings) return { ...model, settings, heads: undefined };
  throw new RefractError(
    'EXPORT_INCOMPLETE',
    `the layout ${layout} is for teachers and packs, this is an encoder`,
    {
      hint: 'Export it with --to safetensors, or train a teacher from it first: refract teach --base.',
    },
  );
}

function rulesFor(model: RetrieverCheckpoint, { layout, lossy }: ExportOptions): SaidRules {
  const { retrieval } = model.settings;
  const said =
    layout === 'pylate' ? rulesForPylate(retrieval) : rulesForStanford(retrieval, model.tokenizerJson);
  if (said.lost.length === 0 || lossy === true) return said;
  throw new RefractError('EXPORT_INCOMPLETE', `the layout ${layout} cannot say ${said.lost.join('; nor ')}`, {
    hint: 'Add --lossy to export without it, or choose another layout.',
  });
}
