/**
 * Encoding text to token vectors with a retriever's weights. Texts are sorted by length and batched by a
 * budget of tokens, so that little is spent on padding; results come back in the order of the texts.
 */
import {
  type Device,
  GraphSession,
  input,
  type Value,
  type WeightFeeds,
  withWeightsOf,
} from '../graph/index.ts';
import type { AdapterSettings } from './adapters.ts';
import type { RetrieverCheckpoint } from './checkpoint.ts';
import { colbertWeights, tokenVectors } from './colbert.ts';
import type { EncoderConfig } from './config.ts';
import { type EncoderInput, InputMaker, padInputs } from './input.ts';
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
  /** Read the weights anew at each run (they are being trained) instead of compiling them in. */
  readonly live?: boolean;
  /** The tensors have adapters beside the weights, which are not merged. */
  readonly adapters?: AdapterSettings;
}

/** Tokens of one batch, padding included. */
const TOKENS_PER_BATCH = 4096;

/** A retriever's encoder, compiled. */
export class Encoder {
  readonly maker: InputMaker;
  readonly dim: number;
  private readonly session: GraphSession;
  private readonly weights: Readonly<Record<string, Value>>;
  private readonly longest: number;

  private constructor(
    session: GraphSession,
    maker: InputMaker,
    weights: Readonly<Record<string, Value>>,
    longest: number,
  ) {
    this.session = session;
    this.longest = longest;
    this.maker = maker;
    this.dim = maker.settings.dim;
    this.weights = weights;
  }

  /** Compiles an encoder from its parts. `tensors` holds the encoder's tensors and the projection. */
  static async create(
    config: EncoderConfig,
    tensors: ReadonlyMap<string, FloatTensor>,
    maker: InputMaker,
    options: EncoderOptions = {},
  ): Promise<Encoder> {
    const { inputs, weights } = colbertWeights(config, maker.settings.dim, options.adapters);
    const ids = input('ids', 'int32', ['N', 'L']);
    const mask = input('mask', 'int32', ['N', 'L']);
    const { vectors } = tokenVectors(config, weights, ids, mask);
    const values = new Map([...inputs.keys()].map((name) => [name, tensors.get(name)!]));
    const session = await GraphSession.create(
      { vectors },
      {
        device: options.device,
        threads: options.threads,
        initialisers: options.live ? undefined : values,
      },
    );
    return new Encoder(
      session,
      maker,
      options.live ? Object.fromEntries(values) : {},
      config.maxPositionEmbeddings,
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
  encode(inputs: readonly EncoderInput[], onBatch?: (done: number) => void): Promise<TextVectors[]> {
    return withWeightsOf(this.session, this.weights, (weights) => this.encodeWith(weights, inputs, onBatch));
  }

  private async encodeWith(
    weights: WeightFeeds,
    inputs: readonly EncoderInput[],
    onBatch?: (done: number) => void,
  ): Promise<TextVectors[]> {
    const order = inputs
      .map((_, i) => i)
      .sort((a, b) => inputs[a].ids.length - inputs[b].ids.length || a - b);
    const results = new Array<TextVectors>(inputs.length);
    let done = 0;
    while (done < order.length) {
      let end = done;
      while (
        end < order.length &&
        (end === done || (end + 1 - done) * inputs[order[end]].ids.length <= TOKENS_PER_BATCH)
      ) {
        end++;
      }
      const chunk = order.slice(done, end);
      const vectors = await this.batch(
        weights,
        chunk.map((i) => inputs[i]),
      );
      chunk.forEach((i, n) => {
        results[i] = vectors[n];
      });
      done = end;
      onBatch?.(done);
    }
    return results;
  }

  private async batch(weights: WeightFeeds, inputs: readonly EncoderInput[]): Promise<TextVectors[]> {
    const { ids, mask } = padInputs(inputs, this.maker.padId, this.longest);
    const { vectors } = await this.session.run({ ...weights, ids, mask });
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
