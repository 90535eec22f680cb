/**
 * Encoding text to token vectors with a retriever's weights. Texts are sorted by length and batched by a
 * budget of tokens, so that little is spent on padding; results come back in the order of the texts.
 */
import { availableParallelism } from 'node:os';
import { RefractError } from '../errors.ts';
import {
  type Device,
  GraphSession,
  input,
  type Tensor,
  type Value,
  type WeightFeeds,
  withWeightsOf,
} from '../graph/index.ts';
import type { AdapterSettings } from './adapters.ts';
import type { RetrieverCheckpoint } from './checkpoint.ts';
import { colbertWeights, tokenVectors } from './colbert.ts';
import type { EncoderConfig } from './config.ts';
import { isShortOfMemory, withBatchMemory } from './encoder-memory.ts';
import { type EncoderInput, InputMaker, padInputs } from './input.ts';
import { lengthBatches } from './length-batches.ts';
import { inPrecision, type Precision } from './precision.ts';
import type { FloatTensor } from './safetensors.ts';
import { tokenizerOf } from './tokenizer-files.ts';

/** The token vectors of one text. */
export interface TextVectors {
  /** Unit vectors of the scored tokens, [count, dim] row-major. */
  readonly vectors: Float32Array;
  /** Ids of the scored tokens in the tokenizer's vocabulary. */
  readonly ids: Int32Array;
  readonly count: number;
}

/** Options of an encoder. */
export interface EncoderOptions {
  readonly device?: Device;
  readonly threads?: number;
  /** Hears that the CPU takes over where the device's memory does not suffice; without it that is an error. */
  readonly fallback?: (sentence: string) => void;
  /** Read the weights anew at each run (they are being trained) instead of compiling them in. */
  readonly live?: boolean;
  /** The tensors have adapters beside the weights, which are not merged. */
  readonly adapters?: AdapterSettings;
  /** The numbers that its layers compute in, default `float32`; of live weights nothing else. */
  readonly precision?: Precision;
}

/**
 * Tokens of one batch, padding included, for each thread that computes it on a CPU. What a layer writes for more
 * does not stay in a core's caches: at 1,024 tokens a BERT-base has little more than half the rate (docs/lab.md).
 */
const TOKENS_PER_THREAD = 256;

/** The same on a graphics card, which needs much work at a time. */
const TOKENS_ON_CARD = 4096;

/** Weights of more bytes are fed instead of compiled in: a model can be of 2 GB at most. */
const MOST_COMPILED_BYTES = 2 ** 31 - 2 ** 24;

interface EncoderGraph {
  readonly graph: Readonly<Record<string, Tensor>>;
  readonly weightBytes: number;
  /** Compiles the same for the CPU, once, where it may take over. */
  readonly onCpu: ((error: RefractError) => Promise<GraphSession>) | undefined;
}

interface BatchSizes {
  readonly tokensPerBatch: number;
  /** Graphics cards compile for each shape anew, to CPUs all are the same: there padding only costs. */
  readonly lengthStep: number | undefined;
}

/** A retriever's encoder, compiled. */
export class Encoder {
  readonly maker: InputMaker;
  readonly dim: number;
  private session: GraphSession;
  private onCpu: ((error: RefractError) => Promise<GraphSession>) | undefined;
  private readonly graph: Readonly<Record<string, Tensor>>;
  private readonly weightBytes: number;
  private readonly weights: Readonly<Record<string, Value>>;
  private readonly longest: number;
  private readonly tokensPerBatch: number;
  private readonly lengthStep: number | undefined;

  private constructor(
    session: GraphSession,
    { graph, weightBytes, onCpu }: EncoderGraph,
    maker: InputMaker,
    weights: Readonly<Record<string, Value>>,
    longest: number,
    { tokensPerBatch, lengthStep }: BatchSizes,
  ) {
    this.session = session;
    this.graph = graph;
    this.weightBytes = weightBytes;
    this.onCpu = onCpu;
    this.longest = longest;
    this.tokensPerBatch = tokensPerBatch;
    this.lengthStep = lengthStep;
    this.maker = maker;
    this.dim = maker.settings.dim;
    this.weights = weights;
  }

  /**
   * Compiles an encoder from its parts. `tensors` holds the encoder's tensors and the projection.
   *
   * @throws RefractError `SETTING_INVALID` for live weights in another precision than float32
   */
  static async create(
    config: EncoderConfig,
    tensors: ReadonlyMap<string, FloatTensor>,
    maker: InputMaker,
    options: EncoderOptions = {},
  ): Promise<Encoder> {
    const { device = 'cpu', precision = 'float32', threads, live = false } = options;
    const tokensPerBatch =
      device === 'cpu' ? TOKENS_PER_THREAD * (threads ?? availableParallelism()) : TOKENS_ON_CARD;
    if (live && precision !== 'float32')
      throw new RefractError('SETTING_INVALID', `weights that are being trained are not ${precision}`, {
        hint: 'Leave precision out together with live.',
      });
    const { inputs, weights } = colbertWeights(config, maker.settings.dim, options.adapters);
    const ids = input('ids', 'int32', ['N', 'L']);
    const mask = input('mask', 'int32', ['N', 'L']);
    const { vectors } = tokenVectors(config, weights, ids, mask);
    const given = new Map([...inputs.keys()].map((name) => [name, tensors.get(name)!]));
    const { outputs, values } = inPrecision({ vectors }, given, precision);
    const bytes = [...values.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    const fed = precision === 'float32' && (live || bytes > MOST_COMPILED_BYTES);
    const open = (on: Device) =>
      GraphSession.create(outputs, { device: on, threads, initialisers: fed ? undefined : values });
    const { fallback } = options;
    const onCpu =
      device === 'cpu' || fallback === undefined
        ? undefined
        : (error: RefractError) => {
            fallback(`${error.what}; the CPU goes on instead.`);
            return open('cpu');
          };
    const session = await open(device).catch((error: unknown) => {
      if (onCpu === undefined || !isShortOfMemory(error)) throw error;
      return onCpu(error);
    });
    const compiled = { graph: outputs, weightBytes: bytes, onCpu };
    return new Encoder(
      session,
      compiled,
      maker,
      fed ? Object.fromEntries(given) : {},
      config.maxPositionEmbeddings,
      {
        tokensPerBatch,
        lengthStep: device === 'cpu' ? 1 : undefined,
      },
    );
  }

  /** The encoder of a teacher or pack that was read from disk. */
  static fromCheckpoint(checkpoint: RetrieverCheckpoint, options: EncoderOptions = {}): Promise<Encoder> {
    const tokenizer = tokenizerOf(checkpoint);
    const maker = new InputMaker(tokenizer, checkpoint.settings.retrieval, checkpoint.readings);
    return Encoder.create(checkpoint.config, checkpoint.tensors, maker, options);
  }

  /** Vectors of queries, in their order; `onBatch` as for `encode`. */
  queries(texts: readonly string[], onBatch?: (done: number) => void): Promise<TextVectors[]> {
    return this.encode(
      texts.map((text) => this.maker.query(text)),
      onBatch,
    );
  }

  /** Vectors of passages, in their order; `onBatch` as for `encode`. */
  passages(texts: readonly string[], onBatch?: (done: number) => void): Promise<TextVectors[]> {
    return this.encode(
      texts.map((text) => this.maker.passage(text)),
      onBatch,
    );
  }

  /** Vectors of inputs, in their order; `onBatch` hears how many are done, and stops the work by throwing. */
  async encode(inputs: readonly EncoderInput[], onBatch?: (done: number) => void): Promise<TextVectors[]> {
    const encode = () =>
      withWeightsOf(this.session, this.weights, (weights) => this.encodeWith(weights, inputs, onBatch));
    try {
      return await encode();
    } catch (error) {
      if (this.onCpu === undefined || !isShortOfMemory(error)) throw error;
      const session = await this.onCpu(error);
      this.onCpu = undefined;
      await this.session.close();
      this.session = session;
      return encode();
    }
  }

  private async encodeWith(
    weights: WeightFeeds,
    inputs: readonly EncoderInput[],
    onBatch?: (done: number) => void,
  ): Promise<TextVectors[]> {
    const batches = lengthBatches(
      inputs.map(({ ids }) => ids.length),
      this.tokensPerBatch,
    );
    const results = new Array<TextVectors>(inputs.length);
    let done = 0;
    // One after the other: ONNX Runtime's binding computes in Node's own thread, and takes the threads of a session.
    for (const chosen of batches) {
      const vectors = await this.batch(
        weights,
        chosen.map((i) => inputs[i]),
      );
      chosen.forEach((i, n) => {
        results[i] = vectors[n];
      });
      done += chosen.length;
      onBatch?.(done);
    }
    return results;
  }

  private async batch(weights: WeightFeeds, inputs: readonly EncoderInput[]): Promise<TextVectors[]> {
    const { ids, mask } = padInputs(inputs, this.maker.padId, this.longest, this.lengthStep);
    const { vectors } = await this.session.run({ ...weights, ids, mask }).catch((error: unknown) => {
      throw withBatchMemory(error, this.graph, { ids, mask }, this.weightBytes);
    });
    const length = ids.shape[1];
    return inputs.map((each, n) => {
      const kept: number[] = [];
      each.scored.forEach((scored, t) => {
        if (scored) kept.push(t);
      });
      const out = new Float32Array(kept.length * this.dim);
      kept.forEach((t, k) => {
        const from = (n * length + t) * this.dim;
        out.set(vectors.data.subarray(from, from + this.dim), k * this.dim);
      });
      return { vectors: out, ids: Int32Array.from(kept, (t) => each.ids[t]), count: kept.length };
    });
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
