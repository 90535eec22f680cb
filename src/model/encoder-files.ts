/** The files of an encoder as transformers reads them: configuration, weights, tokenizer. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EncoderConfig } from './config.ts';
import { MASKED_LM } from './families/family.ts';
import { familyOf, toHuggingFaceConfig } from './families/index.ts';
import type { FloatTensor } from './safetensors.ts';
import { huggingFaceTokenizerFiles, type JsonObject } from './tokenizer-files.ts';
import { type WeightsWritten, writeWeights } from './weight-files.ts';

/** The graph of an imported encoder, without weights. */
export const GRAPH_FILE = 'encoder.onnx';

/** A tensor that is there where a model has a reader's head (reader.ts). */
export const READER_WEIGHT = 'qa_outputs.weight';

/** What the files hold. */
export interface EncoderFiles {
  readonly config: EncoderConfig;
  /** By the names of `parameterShapes`. */
  readonly tensors: ReadonlyMap<string, FloatTensor>;
  /** By Refract's names where it knows the head, else under their own. */
  readonly heads: ReadonlyMap<string, FloatTensor>;
  readonly tokenizerJson: JsonObject;
  readonly tokenizerConfig?: JsonObject;
  readonly specialTokensMap?: JsonObject;
}

/** How they are written. */
export interface EncoderFilesWritten extends WeightsWritten {
  /** A class for `config.json` with a head of its own, before whose encoder's names stands the family's prefix. */
  readonly architecture?: string;
}

/** Writes the files to the (fresh) `folder`; returns their names. Throws what `writeWeights` throws. */
export function writeEncoderFiles(
  folder: string,
  files: EncoderFiles,
  { architecture, ...weights }: EncoderFilesWritten = {},
): string[] {
  const { config, tensors, heads, tokenizerJson } = files;
  const { classes, prefix, fileNames } = familyOf(config);
  const head = heads.has(READER_WEIGHT)
    ? 'reader'
    : heads.has(`${MASKED_LM.dense}.weight`)
      ? 'maskedLm'
      : 'encoder';
  // With a head the encoder's names have a prefix, as transformers' models with a head write and read them.
  const headed = architecture !== undefined || (head !== 'encoder' && classes[head] !== undefined);
  const before = headed ? prefix : '';
  const inFile = (name: string) => fileNames?.get(name) ?? name;
  const named = [
    ...[...tensors].map(([name, tensor]) => [`${before}${inFile(name)}`, tensor] as const),
    ...[...heads].map(([name, tensor]) => [inFile(name), tensor] as const),
  ];
  const { precision = 'float32' } = weights;
  writeJson(folder, 'config.json', {
    ...toHuggingFaceConfig(config, head),
    ...(architecture !== undefined && { architectures: [architecture] }),
    // Without a word transformers takes float32 or what the file has, by its version.
    ...(precision !== 'float32' && { torch_dtype: precision }),
  });
  if (config.graph !== undefined) writeFileSync(join(folder, GRAPH_FILE), config.graph.onnx, { flush: true });
  const weightFiles = writeWeights(folder, new Map(named), weights);
  const derived = huggingFaceTokenizerFiles(tokenizerJson, config.maxPositionEmbeddings);
  writeJson(folder, 'tokenizer.json', tokenizerJson);
  writeJson(folder, 'tokenizer_config.json', files.tokenizerConfig ?? derived.tokenizerConfig);
  writeJson(folder, 'special_tokens_map.json', files.specialTokensMap ?? derived.specialTokensMap);
  return [
    'config.json',
    ...(config.graph === undefined ? [] : [GRAPH_FILE]),
    ...weightFiles,
    'tokenizer.json',
    'tokenizer_config.json',
    'special_tokens_map.json',
  ];
}

/** Writes `value` as the JSON file `name` in the (fresh) `folder`; returns the name. */
export function writeJson(folder: string, name: string, value: unknown): string {
  writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`, { flush: true });
  return name;
}
