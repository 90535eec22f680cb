/**
 * Token vectors of a collection of any size, in its order, with flat memory. Three things go on at a time: passages
 * are read and cut into tokens, those before them are computed, and those before these are taken by whoever asked.
 */
import { type Passage, passageText } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { EncodedPassage } from '../index/build.ts';
import type { Encoder } from '../model/encoder.ts';
import type { EncoderInput } from '../model/input.ts';

/** Passages that are sorted by length and computed together; about three times as many are in memory. */
const CHUNK = 512;

/** Milliseconds of cutting texts into tokens between two looks at what has been computed. */
const TURN = 5;

/** Choices for `encodePassages`. */
export interface EncodePassagesOptions {
  /** Hears how many passages are done. */
  readonly onDone?: (done: number) => void;
  readonly signal?: AbortSignal;
}

interface Chunk {
  readonly passages: readonly Passage[];
  readonly inputs: readonly EncoderInput[];
}

/**
 * Yields passages with their token vectors, in order, holding a few hundred at a time.
 *
 * Throws `INTERRUPTED` when `signal` is aborted, at the end of the batch that is being encoded.
 *
 * @example await buildIndex('index', settings, encodePassages(encoder, streamPassages('passages.jsonl')))
 */
export async function* encodePassages(
  encoder: Encoder,
  passages: AsyncIterable<Passage> | Iterable<Passage>,
  { onDone, signal }: EncodePassagesOptions = {},
): AsyncGenerator<EncodedPassage> {
  let done = 0;
  const encode = async (chunk: Chunk) => {
    const encoded = await encoder.encode(chunk.inputs, (n) => {
      stopIfAborted(signal);
      onDone?.(done + n);
    });
    done += chunk.passages.length;
    return encoded;
  };
  const chunks = readAhead(tokenised(encoder, passages, signal));
  let vectors: ReturnType<typeof encode> | undefined;
  try {
    let current = await chunks.next();
    vectors = current && begun(encode(current));
    while (current !== undefined && vectors !== undefined) {
      const encoded = await vectors;
      const { passages: of } = current;
      current = await chunks.next();
      vectors = current && begun(encode(current));
      for (const [i, { vectors: rows, count, ids }] of encoded.entries())
        yield { passage: of[i], vectors: rows, tokens: count, tokenIds: ids };
    }
  } finally {
    // Whoever leaves early may close the encoder next.
    await vectors?.catch(() => {});
    await chunks.end();
  }
}

/** Chunks of passages, cut into tokens. */
async function* tokenised(
  encoder: Encoder,
  passages: AsyncIterable<Passage> | Iterable<Passage>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Chunk> {
  let [chunk, inputs]: [Passage[], EncoderInput[]] = [[], []];
  let turned = performance.now();
  for await (const passage of passages) {
    chunk.push(passage);
    inputs.push(encoder.maker.passage(passageText(passage)));
    if (performance.now() - turned >= TURN) {
      await new Promise((resolve) => setImmediate(resolve));
      stopIfAborted(signal);
      turned = performance.now();
    }
    if (chunk.length < CHUNK) continue;
    yield { passages: chunk, inputs };
    [chunk, inputs] = [[], []];
  }
  stopIfAborted(signal);
  if (chunk.length > 0) yield { passages: chunk, inputs };
}

/** One item ahead of what was asked for is made already. */
function readAhead<Item>(source: AsyncGenerator<Item>) {
  let ahead = begun(source.next());
  return {
    /** The next item; undefined after the last. */
    async next(): Promise<Item | undefined> {
      const { done, value } = await ahead;
      if (done === true) return undefined;
      ahead = begun(source.next());
      return value;
    },
    /** Leaves the rest; what is being made is waited for. */
    async end(): Promise<void> {
      await ahead.catch(() => {});
      await source.return(undefined);
    },
  };
}

/** Work that goes on by itself; its failure is heard when it is awaited. */
function begun<Result>(work: Promise<Result>): Promise<Result> {
  work.catch(() => {});
  return work;
}

/** Throws `INTERRUPTED` when the work was asked to stop. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new RefractError('INTERRUPTED', 'indexing was stopped', {
      hint: 'No index was written; run the same command again.',
    });
}
