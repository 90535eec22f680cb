/** What the layouts of other tools have in common: an encoder, and what makes a retriever of it. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { RefractError } from '../../errors.ts';
import type { EncoderConfig } from '../config.ts';
import type { FloatTensor } from '../safetensors.ts';
import type { RetrievalSettings } from '../settings.ts';
import type { JsonObject } from '../tokenizer-files.ts';

/** The name of the ColBERT projection, [dim, hidden], without bias. */
export const PROJECTION = 'linear.weight';

/** The punctuation that ColBERT leaves out of passages: Python's `string.punctuation`. */
export const ASCII_PUNCTUATION = [...'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'];

/** An encoder as it was read from another tool's folder. */
export interface ForeignEncoder {
  readonly config: EncoderConfig;
  readonly tensors: ReadonlyMap<string, FloatTensor>;
  /** Further tensors of the same file. */
  readonly heads: ReadonlyMap<string, FloatTensor>;
  readonly tokenizerJson: JsonObject;
  readonly tokenizerConfig: JsonObject;
  readonly specialTokensMap?: JsonObject;
}

/** A retriever of another tool in Refract's terms. */
export interface ForeignRetriever {
  /** The tool, with its version where it is known. */
  readonly tool: string;
  readonly retrieval: RetrievalSettings;
  /** The encoder's tensors, and `linear.weight`. */
  readonly tensors: ReadonlyMap<string, FloatTensor>;
}

/** How another tool's folder is laid out. */
export interface Layout {
  /** The folder of the encoder's files. */
  readonly encoder: string;
  /** Whether the tool lower-cases texts before its tokenizer does anything. */
  readonly lowerCase?: boolean;
  /** Makes a retriever of the encoder; absent where the folder holds an encoder alone. */
  readonly retriever?: (encoder: ForeignEncoder) => ForeignRetriever;
}

/** The error of a folder whose retriever cannot be said in Refract's settings. */
export function cannotSay(at: string, what: string): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, {
    at,
    hint: 'docs/compatibility.md lists what is read. To train a teacher from the encoder alone, copy its config.json, tokenizer files and model.safetensors to a folder of their own: refract teach --base.',
  });
}

/** Reads a JSON file of another tool; undefined when it is not there. Throws `CHECKPOINT_FORMAT`. */
export function readForeignJson<T extends z.ZodType>(path: string, schema: T): z.output<T> | undefined {
  if (!existsSync(path)) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new RefractError('CHECKPOINT_FORMAT', 'the file is not JSON', {
      at: path,
      hint: 'Copy or export it again.',
      cause,
    });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RefractError(
    'CHECKPOINT_FORMAT',
    `${issue.path.map(String).join('.') || 'the file'}: ${issue.message}`,
    { at: path, hint: 'Copy or export it again.' },
  );
}

/** A length in tokens, as far as the encoder has positions. */
export function lengthIn({ maxPositionEmbeddings }: EncoderConfig, tokens: number): number {
  return Math.min(tokens, maxPositionEmbeddings);
}

/** A length in tokens in other tools' files. */
export const lengthSchema = z.int().min(3);
