/**
 * Token vectors of a collection of any size, in its order, with flat memory. Nothing is read ahead: ONNX Runtime's
 * binding computes in Node's own thread, so nothing else would go on meanwhile.
 */
import { type Passage, passageText } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { EncodedPassage } from '../index/build.ts';
import { NO_TEXTS, type TextsReport } from '../index/texts-report.ts';
import type { Encoder, TextVectors } from '../model/encoder.ts';
import type { LongPassages, PassageInputs } from '../model/input.ts';

/** Passages that are in memory, sorted by length and computed together. */
const CHUNK = 512;
/** Long passages have many windows: then fewer passages, so that memory stays flat. */
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
    const inputs = chunk.flatMap(([, cut]) => cut.inputs);
    const vectors = await encoder.encode(inputs, (n) => {
      stopIfAborted(signal);
      onDone?.(done + Math.floor((n * (read - done)) / inputs.length));
    });
    done = read;
    let at = 0;
    for (const [passage, cut] of chunk) {
      yield joined(passage, vectors.slice(at, at + cut.inputs.length));
      at += cut.inputs.length;
    }
    [chunk, windows] = [[], 0];
    await onRest?.({ read, texts });
  }
  for await (const passage of passages) {
    stopIfAborted(signal);
    const cut = encoder.maker.passageWindows(passageText(passage), long);
    if (cut.empty && !skipEmpty) throw emptyPassage(passage);
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
  const vectors = new Float32Array(windows.reduce((sum, each) => sum + each.vectors.length, 0));
  const tokenIds = new Int32Array(tokens);
  let [row, token] = [0, 0];
  for (const each of windows) {
    vectors.set(each.vectors, row);
    tokenIds.set(each.ids, token);
    row += each.vectors.length;
    token += each.count;
  }
  return { passage, vectors, tokens, tokenIds, windows: windows.map(({ count }) => count) };
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

/** Throws `INTERRUPTED` when the work was asked to stop. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new RefractError('INTERRUPTED', 'indexing was stopped', {
      hint: 'No index was written; run the same command again.',
    });
}
