/**
 * A retriever as ONNX models that run without Refract: in ONNX Runtime (Python, web and others) and in
 * transformers.js, whose layout of files the folder has.
 *
 *     config.json, tokenizer.json, tokenizer_config.json, special_tokens_map.json
 *     refract.json                    markers, lengths, and whether a passage's punctuation counts
 *     onnx/model.onnx                 float32
 *     onnx/model_fp16.onnx            float16
 *     onnx/model_quantized.onnx       int8
 *     onnx/model.onnx_data            weights that are too large for the model file; likewise for the others
 *
 * Each model takes input_ids and attention_mask [B, L], int64, and gives token_vectors [B, L, dim], float32: of length
 * 1, and zero where attention_mask is. All are of operator set 20, the first with Gelu, which ONNX Runtime knows since
 * 1.17. Those in float32 and float16 have standard operators alone; that in int8 has one of ONNX Runtime's own,
 * MatMulIntegerToFloat.
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFreePlace, writeDirectoryAtomic } from '../../data/atomic.ts';
import { RefractError } from '../../errors.ts';
import {
  cast,
  ExternalData,
  encodeOnnx,
  input,
  mul,
  reshape,
  type Tensor,
  type Values,
} from '../../graph/index.ts';
import { type RetrieverCheckpoint, readCheckpoint } from '../checkpoint.ts';
import { colbertInputs, tokenVectors } from '../colbert.ts';
import type { TeacherSource } from '../difference-folder.ts';
import { toHuggingFaceConfig } from '../families/index.ts';
import { inPrecision, type Precision } from '../precision.ts';
import { huggingFaceTokenizerFiles } from '../tokenizer-files.ts';
import { inOneReading } from './one-reading.ts';

/** The names that transformers.js asks for: its dtypes `fp32`, `fp16` and `q8`. */
export const ONNX_FILES: Readonly<Record<Precision, string>> = {
  float32: 'model.onnx',
  float16: 'model_fp16.onnx',
  int8: 'model_quantized.onnx',
};

/** Bytes of weights from which they lie in a file beside the model, which can be of 2 GB at most. */
const EXTERNAL_BYTES = 2 ** 31 - 2 ** 26;

/** Choices for `exportOnnx`. */
export interface ExportOnnxOptions {
  /** Which models to write, default `float32` alone. */
  readonly precisions?: readonly Precision[];
  /** The teacher of a pack that is saved as a difference from it. */
  readonly teacher?: TeacherSource;
  /** Gives each token of a pack with second word vectors the one of them that it takes when it stands alone. */
  readonly oneReading?: boolean;
  /** Bytes of weights from which they lie in a file beside the model, default just below 2 GB. */
  readonly externalFrom?: number;
}

/** A model that was written. */
export interface ExportedModel {
  readonly precision: Precision;
  /** The model's file within the folder. */
  readonly file: string;
  /** Of the model and of the file with its weights, where there is one. */
  readonly bytes: number;
}

/** What was written. */
export interface ExportOnnxReport {
  readonly models: readonly ExportedModel[];
  /** What the model does and the exported ones do not, a sentence each. */
  readonly lost: readonly string[];
}

/**
 * Writes the teacher or pack in folder `model` as ONNX to the folder `out`, atomically.
 *
 * @throws RefractError `OUTPUT_EXISTS`, `DISK_FULL`; `EXPORT_INCOMPLETE` for a pack with second word vectors, between
 * which no other tool chooses, without `oneReading`; and what `readCheckpoint` throws
 * @example await exportOnnx('models/teacher', 'teacher-onnx', { precisions: ['float32', 'int8'] })
 */
export async function exportOnnx(
  model: string,
  out: string,
  { precisions = ['float32'], teacher, oneReading, externalFrom = EXTERNAL_BYTES }: ExportOnnxOptions = {},
): Promise<ExportOnnxReport> {
  if (!isFreePlace(out))
    throw new RefractError('OUTPUT_EXISTS', 'there is already something here', {
      at: out,
      hint: 'Choose another place, or remove what is there.',
    });
  const { model: checkpoint, lost } = inOneReading(readCheckpoint(model, { teacher }), oneReading);
  return writeDirectoryAtomic(out, async (folder) => {
    mkdirSync(join(folder, 'onnx'));
    const written = [...new Set(precisions)].map((precision) =>
      writeModel(folder, checkpoint, precision, externalFrom),
    );
    const beside = written.filter(({ external }) => external).map(({ file }) => file);
    writeConfiguration(folder, checkpoint, beside);
    return { models: written.map(({ external: _, ...rest }) => rest), lost };
  });
}

/**
 * The graph of an exported model: input_ids and attention_mask [B, L] to `token_vectors` [B, L, dim]; and the values
 * of its weights.
 *
 * @example encodeOnnx(exportedGraph(checkpoint, 'int8').outputs, { initialisers: values })
 */
export function exportedGraph(
  { config, settings, tensors }: RetrieverCheckpoint,
  precision: Precision,
): { outputs: Readonly<Record<'token_vectors', Tensor>>; values: Values } {
  const [ids, mask] = ['input_ids', 'attention_mask'].map((name) => input(name, 'int64', ['B', 'L']));
  const { dim } = settings.retrieval;
  const parameters = colbertInputs(config, dim);
  const weights = new Map([...parameters.keys()].map((name) => [name, tensors.get(name)!]));
  const { vectors } = tokenVectors(config, parameters, cast(ids, 'int32'), cast(mask, 'int32'));
  const real = reshape(cast(mask, 'float32'), ['B', 'L', 1]);
  return inPrecision({ token_vectors: mul(reshape(vectors, ['B', 'L', dim]), real) }, weights, precision);
}

function writeModel(
  folder: string,
  checkpoint: RetrieverCheckpoint,
  precision: Precision,
  externalFrom: number,
): ExportedModel & { external: boolean } {
  const file = join('onnx', ONNX_FILES[precision]);
  const { outputs, values } = exportedGraph(checkpoint, precision);
  const weightBytes = [...values.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  const beside = weightBytes >= externalFrom ? join(folder, `${file}_data`) : undefined;
  const external = beside === undefined ? undefined : new ExternalData(beside);
  try {
    writeFileSync(join(folder, file), encodeOnnx(outputs, { initialisers: values, external }), {
      flush: true,
    });
  } finally {
    external?.close();
  }
  const bytes = [join(folder, file), ...(beside === undefined ? [] : [beside])].reduce(
    (sum, path) => sum + statSync(path).size,
    0,
  );
  return { precision, file, bytes, external: beside !== undefined };
}

/** `beside` names the model files whose weights lie beside them. */
function writeConfiguration(
  folder: string,
  checkpoint: RetrieverCheckpoint,
  beside: readonly string[],
): void {
  const { config, settings, tokenizerJson } = checkpoint;
  const files = huggingFaceTokenizerFiles(tokenizerJson, config.maxPositionEmbeddings);
  const external = Object.fromEntries(beside.map((file) => [file.slice('onnx/'.length), true]));
  const contents = {
    'config.json': {
      ...toHuggingFaceConfig(config),
      // Of an imported encoder tools look for a class by the type that it had.
      ...(config.importedType !== undefined && { model_type: config.importedType }),
      ...(beside.length === 0 ? {} : { 'transformers.js_config': { use_external_data_format: external } }),
    },
    'tokenizer.json': tokenizerJson,
    'tokenizer_config.json': {
      ...(checkpoint.tokenizerConfig ?? files.tokenizerConfig),
      model_input_names: ['input_ids', 'attention_mask'],
    },
    'special_tokens_map.json': checkpoint.specialTokensMap ?? files.specialTokensMap,
    // Other tools search with one encoder: how a pack's languages are told apart is not asked there.
    'refract.json': { ...settings, characterModels: undefined },
  };
  for (const [name, content] of Object.entries(contents))
    writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`, { flush: true });
}
