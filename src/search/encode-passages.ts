/**
 * Token vectors of a collection of any size, in its order, with flat memory. Nothing is read ahead: ONNX Runtime's
 * binding computes in Node's own thread, so nothing else would go on meanwhile.
 */
import { type Passage, passageText } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { EncodedPassage } from '../index/build.ts';
import type { Encoder } from '../model/encoder.ts';
import type { EncoderInput } from '../model/input.ts';

/** Passages that are in memory, sorted by length and computed together. */
const CHUNK = 512;

/** Choices for `encodePassages`. */
export interface EncodePassagesOptions {
  /** Hears how many passages are done. */
  readonly onDone?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Yields passages with their token vectors, in order, holding at most 512 at a time.
 *
 * Throws `INTERRUPTED` when `signal` is aborted, before the next passage or at the end of the batch that is being
 * encoded.
 *
 * @example await buildIndex('index', settings, encodePassages(encoder, streamPassages('passages.jsonl')))
 */
export async function* encodePassages(
  encoder: Encoder,
  passages: AsyncIterable<Passage> | Iterable<Passage>,
  { onDone, signal }: EncodePassagesOptions = {},
): AsyncGenerator<EncodedPassage> {
  let done = 0;
  for await (const chunk of chunked(encoder, passages, signal)) {
    const encoded = await encoder.encode(chunk.inputs, (n) => {
      stopIfAborted(signal);
      onDone?.(done + n);
    });
    done += encoded.length;
    for (const [i, { vectors, count, ids }] of encoded.entries())
      yield { passage: chunk.passages[i], vectors, tokens: count, tokenIds: ids };
  }
}

interface Chunk {
  readonly passages: readonly Passage[];
  readonly inputs: readonly EncoderInput[];
}

/** Passages, `CHUNK` at a time, cut into tokens. */
async function* chunked(
  encoder: Encoder,
  passages: AsyncIterable<Passage> | Iterable<Passage>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Chunk> {
  let [chunk, inputs]: [Passage[], EncoderInput[]] = [[], []];
  for await (const passage of passages) {
    stopIfAborted(signal);
    chunk.push(passage);
    inputs.push(encoder.maker.passage(passageText(passage)));
    if (chunk.length < CHUNK) continue;
    yield { passages: chunk, inputs };
    [chunk, inputs] = [[], []];
  }
  stopIfAborted(signal);
  if (chunk.length > 0) yield { passages: chunk, inputs };
}

/** Throws `INTERRUPTED` when the work was asked to stop. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new RefractError('INTERRUPTED', 'indexing was stopped', {
      hint: 'No index was written; run the same command again.',
    });
}
