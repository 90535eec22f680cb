/**
 * An encoder and a decoder in ONNX, as Hugging Face's optimum exports them for sequence-to-sequence models:
 *
 *     encoder_model.onnx   input_ids, attention_mask [N, S] int64 -> last_hidden_state [N, S, D]
 *     decoder_model.onnx   input_ids [N, T] int64, encoder_hidden_states [N, S, D], encoder_attention_mask [N, S]
 *                          -> logits [N, T, V]
 *
 * Further outputs, such as cached keys and values, are not computed. They stand in the folder itself or in its
 * `onnx/`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { RefractError } from '../errors.ts';
import type { Device } from '../graph/index.ts';
import { executionProviders, unavailable } from '../graph/providers.ts';

/** Where the model computes. */
export interface OnnxOptions {
  readonly device?: Device;
  readonly threads?: number;
}

/** What the encoder made of a batch of texts. */
export interface EncodedTexts {
  /** [N, S, D] */
  readonly hidden: Float32Array;
  /** [N, S] 1 for a token, 0 for padding. */
  readonly mask: BigInt64Array;
  /** N, S, D */
  readonly shape: readonly [number, number, number];
}

const ENCODER_INPUTS = ['input_ids', 'attention_mask'];
const DECODER_INPUTS = ['input_ids', 'encoder_hidden_states', 'encoder_attention_mask'];

/** Both halves, compiled. */
export class OnnxModel {
  private readonly encoder: ort.InferenceSession;
  private readonly decoder: ort.InferenceSession;

  private constructor(encoder: ort.InferenceSession, decoder: ort.InferenceSession) {
    this.encoder = encoder;
    this.decoder = decoder;
  }

  /**
   * Compiles the model of a folder.
   *
   * @throws RefractError `CHECKPOINT_INCOMPLETE` without one of the files; `CHECKPOINT_FORMAT` when it cannot be
   *   compiled or has other inputs or outputs; `DEVICE_UNAVAILABLE`
   */
  static async load(folder: string, options: OnnxOptions = {}): Promise<OnnxModel> {
    const encoder = await open(folder, 'encoder_model.onnx', ENCODER_INPUTS, 'last_hidden_state', options);
    try {
      const decoder = await open(folder, 'decoder_model.onnx', DECODER_INPUTS, 'logits', options);
      return new OnnxModel(encoder, decoder);
    } catch (error) {
      await encoder.release();
      throw error;
    }
  }

  /** Encodes texts, given by their tokens, of any lengths. */
  async encode(texts: readonly (readonly number[])[], padId: number): Promise<EncodedTexts> {
    const length = Math.max(...texts.map((ids) => ids.length));
    const ids = new BigInt64Array(texts.length * length).fill(BigInt(padId));
    const mask = new BigInt64Array(texts.length * length);
    texts.forEach((text, n) => {
      text.forEach((id, t) => {
        ids[n * length + t] = BigInt(id);
        mask[n * length + t] = 1n;
      });
    });
    const shape = [texts.length, length];
    const { last_hidden_state: hidden } = await this.encoder.run(
      wanted(this.encoder, {
        input_ids: new ort.Tensor('int64', ids, shape),
        attention_mask: new ort.Tensor('int64', mask, shape),
      }),
      ['last_hidden_state'],
    );
    const [n, s, d] = hidden.dims;
    return { hidden: hidden.data as Float32Array, mask, shape: [n, s, d] };
  }

  /**
   * Logits [vocabulary] of the token after each of `texts`, which have the same length.
   *
   * @param rows for each text, which of the encoded texts it translates
   */
  async nextLogits(
    texts: readonly (readonly number[])[],
    encoded: EncodedTexts,
    rows: readonly number[],
  ): Promise<Float32Array[]> {
    const length = texts[0].length;
    const [, source, dim] = encoded.shape;
    const ids = BigInt64Array.from(texts.flat(), BigInt);
    const hidden = new Float32Array(rows.length * source * dim);
    const mask = new BigInt64Array(rows.length * source);
    rows.forEach((row, n) => {
      hidden.set(encoded.hidden.subarray(row * source * dim, (row + 1) * source * dim), n * source * dim);
      mask.set(encoded.mask.subarray(row * source, (row + 1) * source), n * source);
    });
    const { logits } = await this.decoder.run(
      wanted(this.decoder, {
        input_ids: new ort.Tensor('int64', ids, [texts.length, length]),
        encoder_hidden_states: new ort.Tensor('float32', hidden, [rows.length, source, dim]),
        encoder_attention_mask: new ort.Tensor('int64', mask, [rows.length, source]),
      }),
      ['logits'],
    );
    const data = logits.data as Float32Array;
    const vocabulary = logits.dims[2];
    return texts.map((_, n) => {
      const end = (n + 1) * length * vocabulary;
      return data.slice(end - vocabulary, end);
    });
  }

  /** Frees both halves. */
  async close(): Promise<void> {
    await Promise.all([this.encoder.release(), this.decoder.release()]);
  }
}

/** The feeds that a session asks for. */
function wanted(
  session: ort.InferenceSession,
  feeds: Record<string, ort.Tensor>,
): Record<string, ort.Tensor> {
  return Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]]));
}

async function open(
  folder: string,
  name: string,
  inputs: readonly string[],
  output: string,
  { device = 'cpu', threads }: OnnxOptions,
): Promise<ort.InferenceSession> {
  const path = [join(folder, name), join(folder, 'onnx', name)].find((each) => existsSync(each));
  if (path === undefined)
    throw new RefractError('CHECKPOINT_INCOMPLETE', `the folder has no ${name}`, {
      at: folder,
      hint: 'Export the model with Hugging Face optimum: optimum-cli export onnx --task text2text-generation --no-post-process --model NAME FOLDER.',
    });
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(path, {
      executionProviders: executionProviders(device),
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      ...(threads ? { intraOpNumThreads: threads, interOpNumThreads: 1 } : {}),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw device === 'cpu'
      ? new RefractError('CHECKPOINT_FORMAT', `the model cannot be compiled: ${reason}`, {
          at: path,
          hint: 'Export or copy it again; weights in a file of their own must lie beside it.',
          cause,
        })
      : unavailable(device, cause);
  }
  const odd = session.inputNames.filter((each) => !inputs.includes(each));
  if (odd.length === 0 && session.outputNames.includes(output)) return session;
  await session.release();
  throw new RefractError(
    'CHECKPOINT_FORMAT',
    odd.length > 0 ? `the model has the input ${odd[0]}` : `the model has no output ${output}`,
    {
      at: path,
      hint: `Export it without a cache of keys and values: its inputs are ${inputs.join(', ')}, its output ${output}.`,
    },
  );
}
