/**
 * Token vectors of a collection of any size, in its order, with flat memory. Nothing is read ahead: ONNX Runtime's
 * binding computes in Node's own thread, so nothing else would go on meanwhile.
 */
import { type Passage, passageText } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { EncodedPassage } from '../index/build.ts';
import { MOST_WINDOWS } from '../index/encoded-passage.ts';
import { NO_TEXTS, type TextsReport } from '../index/texts-report.ts';
import type { Encoder, TextVectors } from '../model/encoder.ts';
import type { LongPassages, PassageInputs } from '../model/input.ts';

/** Passages that are in memory, sorted by length and computed together. */
const CHUNK = 512;
/** Long passages have many windows: then fewer passages, so that memory stays flat; a longer one is encoded in parts. */
const CHUNK_WINDOWS = 1024;

/** What becomes of long passages unless asked otherwise: windows that share a quarter. */
export const LONG_PASSAGES: LongPassages = { overlap: 0.25, truncate: false };

/** How far encoding has come. */
export interface EncodingState {
  /** Passages that were read. */
  readonly read: number;
  /** What became of long and empty ones among them. */
  readonly texts: TextsReport;
}

/** Choices for `encodePassages`. */
export interface EncodePassagesOptions {
  /** What becomes of passages that are longer than the encoder reads. */
  readonly long?: LongPassages;
  /** Leave out passages of which no token takes part in scoring; refused without it. */
  readonly skipEmpty?: boolean;
  /** Hears how many passages are done. */
  readonly onDone?: (done: number) => void;
  /** Called when all passages that were read have been encoded and taken; the next are read when it has returned. */
  readonly onRest?: (state: EncodingState) => Promise<void>;
  /** The state of an earlier, interrupted encoding that this one continues with the passages after. */
  readonly from?: EncodingState;
  readonly signal?: AbortSignal;
}

/**
 * Yields passages with their token vectors, in order, holding at most 512 at a time.
 *
 * Throws `PASSAGE_EMPTY`, naming the passage, without `skipEmpty`; `INTERRUPTED` when `signal` is aborted, before the next
 * passage or at the end of the batch that is being encoded.
 *
 * @example await buildIndex('index', settings, encodePassages(encoder, streamPassages('passages.jsonl')))
 */
export async function* encodePassages(
  encoder: Encoder,
  passages: AsyncIterable<Passage> | Iterable<Passage>,
  options: EncodePassagesOptions = {},
): AsyncGenerator<EncodedPassage> {
  const { long = LONG_PASSAGES, skipEmpty = false, onDone, onRest, signal } = options;
  let { read, texts } = options.from ?? { read: 0, texts: NO_TEXTS };
  let chunk: [Passage, PassageInputs][] = [];
  let windows = 0;
  let done = read;
  async function* encoded(): AsyncGenerator<EncodedPassage> {
    const [before, of] = [done, windows];
    let encodedWindows = 0;
    const encode = async (inputs: PassageInputs['inputs']) => {
      const vectors = await encoder.encode(inputs, (n) => {
        stopIfAborted(signal);
        onDone?.(before + Math.floor(((encodedWindows + n) * (read - before)) / of));
      });
      encodedWindows += inputs.length;
      return vectors;
    };
    // Only the last can have so many windows: a chunk ends with it.
    const isLong = ([, { inputs }]: [Passage, PassageInputs]) => inputs.length > CHUNK_WINDOWS;
    const short = chunk.filter((each) => !isLong(each));
    const vectors = await encode(short.flatMap(([, cut]) => cut.inputs));
    const long = chunk.find(isLong);
    [chunk, windows] = [[], 0];
    if (long === undefined) done = read;
    for (const [passage, cut] of short) yield joined(passage, vectors.splice(0, cut.inputs.length));
    if (long !== undefined) {
      const whole = await encodedInParts(long, encoder.dim, encode);
      done = read;
      yield whole;
    }
    await onRest?.({ read, texts });
  }
  for await (const passage of passages) {
    stopIfAborted(signal);
    const cut = encoder.maker.passageWindows(passageText(passage), long);
    if (cut.empty && !skipEmpty) throw emptyPassage(passage);
    if (cut.inputs.length > MOST_WINDOWS) throw tooManyWindows(passage, cut.inputs.length);
    texts = counted(texts, cut);
    read++;
    if (!cut.empty) {
      chunk.push([passage, cut]);
      windows += cut.inputs.length;
    }
    if (chunk.length >= CHUNK || windows >= CHUNK_WINDOWS) yield* encoded();
  }
  stopIfAborted(signal);
  if (chunk.length > 0) yield* encoded();
  else await onRest?.({ read, texts });
}

/** A passage with the vectors of its windows, one after the other. */
function joined(passage: Passage, windows: readonly TextVectors[]): EncodedPassage {
  const [only] = windows;
  if (windows.length === 1) return { passage, vectors: only.vectors, tokens: only.count, tokenIds: only.ids };
  const tokens = windows.reduce((sum, { count }) => sum + count, 0);
  const join = new WindowJoin(tokens, only.vectors.length / only.count);
  join.add(windows);
  return join.of(passage);
}

/** A passage of very many windows: beside its own vectors, those of at most 1,024 windows are in memory. */
async function encodedInParts(
  [passage, { inputs }]: [Passage, PassageInputs],
  dim: number,
  encode: (inputs: PassageInputs['inputs']) => Promise<TextVectors[]>,
): Promise<EncodedPassage> {
  const tokens = inputs.reduce((sum, { scored }) => sum + scored.reduce((count, each) => count + each, 0), 0);
  const join = new WindowJoin(tokens, dim);
  for (let from = 0; from < inputs.length; from += CHUNK_WINDOWS)
    join.add(await encode(inputs.slice(from, from + CHUNK_WINDOWS)));
  return join.of(passage);
}

/** The vectors of windows, put one after the other into arrays that hold all of them. */
class WindowJoin {
  private readonly vectors: Float32Array;
  private readonly tokenIds: Int32Array;
  private readonly windows: number[] = [];
  private readonly dim: number;
  private token = 0;

  constructor(tokens: number, dim: number) {
    this.vectors = new Float32Array(tokens * dim);
    this.tokenIds = new Int32Array(tokens);
    this.dim = dim;
  }

  add(windows: readonly TextVectors[]): void {
    for (const { vectors, ids, count } of windows) {
      this.vectors.set(vectors, this.token * this.dim);
      this.tokenIds.set(ids, this.token);
      this.windows.push(count);
      this.token += count;
    }
  }

  of(passage: Passage): EncodedPassage {
    const { vectors, tokenIds, windows, token: tokens } = this;
    return { passage, vectors, tokens, tokenIds, windows };
  }
}

function counted(texts: TextsReport, { inputs, empty, leftOut }: PassageInputs): TextsReport {
  if (empty) return { ...texts, skipped: texts.skipped + 1 };
  if (leftOut > 0)
    return { ...texts, truncated: texts.truncated + 1, tokensLeftOut: texts.tokensLeftOut + leftOut };
  if (inputs.length === 1) return texts;
  return { ...texts, split: texts.split + 1, windows: texts.windows + inputs.length };
}

function emptyPassage({ id }: Passage): RefractError {
  return new RefractError('PASSAGE_EMPTY', `no token of passage "${id}" takes part in scoring`, {
    hint: 'Remove the passage or give it words; with --skip-empty such passages are left out and counted.',
  });
}

function tooManyWindows({ id }: Passage, windows: number): RefractError {
  return new RefractError(
    'GRAPH_SHAPE',
    `passage "${id}" is so long that it has ${windows} windows; an index holds ${MOST_WINDOWS} of a passage`,
    {
      hint: 'Divide it into several passages, by chapters for instance; or leave out its end with --truncate.',
    },
  );
}

/** Throws `INTERRUPTED` when the work was asked to stop. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new RefractError('INTERRUPTED', 'indexing was stopped', {
      hint: 'No index was written; run the same command again.',
    });
}
