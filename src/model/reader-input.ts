/**
 * What a reader reads: a question and a passage in windows [CLS] question [SEP] part of the passage [SEP], or as the
 * tokenizer's template for two texts has it, which
 * overlap so that an answer at the edge of one stands within another; and the way back from tokens to characters.
 */
import type { Value } from '../graph/index.ts';
import type { PairFrame } from '../text/frame.ts';
import { readableOffsets, type TokenOffsets } from '../text/token-offsets.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import { type Readings, rowsOf } from './readings.ts';
import type { ReadingSettings } from './settings.ts';

/** A window over a passage. */
export interface ReaderWindow {
  /** Rows of the word table: the tokens' ids, or the rows of their readings. */
  readonly ids: Int32Array;
  /** Position in the window of its first token of the passage. */
  readonly context: number;
  /** Which token of the passage that is. */
  readonly first: number;
  /** Tokens of the passage in the window. */
  readonly count: number;
}

/** Makes windows by a reader's settings, and by readings, by which question and passage are each read for themselves. */
export class ReaderInput {
  readonly settings: ReadingSettings;
  readonly padId: number;
  private readonly tokenizer: TextTokenizer;
  private readonly readings?: Readings;
  private readonly frame: PairFrame;

  /** Throws `CHECKPOINT_INCOMPLETE` when the tokenizer has no token for padding, or none to put around texts. */
  constructor(tokenizer: TextTokenizer, settings: ReadingSettings, readings?: Readings) {
    this.tokenizer = tokenizer;
    this.readings = readings;
    this.settings = settings;
    this.padId = tokenizer.roleId('pad');
    this.frame = tokenizer.pairFrame();
  }

  /** Rows of a question's tokens, cut to `questionTokens`. */
  question(text: string): Int32Array {
    return this.rows(this.tokenizer.encode(text).slice(0, this.settings.questionTokens));
  }

  /** Rows of a passage's tokens, as `ids`, with their places in it: whole characters, without spaces around. */
  passage(text: string): TokenOffsets {
    const tokens = readableOffsets(text, this.tokenizer.encodeWithOffsets(text));
    return { ...tokens, ids: this.rows(tokens.ids) };
  }

  /**
   * Windows of at most `windowTokens`, the next one `strideTokens` on (or next to the one before, where the stride is
   * longer than what fits); the last one ends with the passage. None for a passage without tokens.
   */
  windows(question: Int32Array, { ids }: Pick<TokenOffsets, 'ids'>): ReaderWindow[] {
    const { before, between, after } = this.frame;
    const context = before.length + question.length + between.length;
    const room = this.settings.windowTokens - context - after.length;
    const stride = Math.min(this.settings.strideTokens, room);
    const windows: ReaderWindow[] = [];
    for (let first = 0; first < ids.length; first += stride) {
      const part = ids.subarray(first, first + room);
      const window = Int32Array.from([...before, ...question, ...between, ...part, ...after]);
      windows.push({ ids: window, context, first, count: part.length });
      if (first + part.length === ids.length) break;
    }
    return windows;
  }

  private rows(tokens: Int32Array): Int32Array {
    return this.readings ? rowsOf(tokens, this.readings) : tokens;
  }
}

/**
 * The first and the last token of the passage that share a character with [start, end); undefined when none does.
 *
 * @example tokenSpan({ starts: [0, 4], ends: [3, 9] }, 4, 6) // [1, 1]
 */
export function tokenSpan(
  { starts, ends }: { readonly starts: ArrayLike<number>; readonly ends: ArrayLike<number> },
  start: number,
  end: number,
): [first: number, last: number] | undefined {
  let first = -1;
  let last = -1;
  for (let t = 0; t < starts.length; t++) {
    if (ends[t] <= start || starts[t] >= end) continue;
    if (first < 0) first = t;
    last = t;
  }
  return first < 0 ? undefined : [first, last];
}

/** A padded batch of B windows of L tokens, by the names of `readerTensors`: all [B, L], int32. */
export type WindowBatch = Readonly<Record<'ids' | 'mask' | 'types' | 'readable', Value>>;

/** Lengths are rounded up to a multiple of this, so that few distinct shapes occur. */
const LENGTH_STEP = 8;

/** Pads windows to the longest of them (rounded up), at most `longest` tokens; with one token type all are of type 0. */
export function padWindows(
  windows: readonly ReaderWindow[],
  padId: number,
  { maxPositionEmbeddings, typeVocabSize }: { maxPositionEmbeddings: number; typeVocabSize: number },
): WindowBatch {
  const need = windows.reduce((most, { ids }) => Math.max(most, ids.length), 1);
  const length = Math.min(Math.ceil(need / LENGTH_STEP) * LENGTH_STEP, Math.max(maxPositionEmbeddings, need));
  const shape = [windows.length, length];
  const ids = new Int32Array(windows.length * length).fill(padId);
  const mask = new Int32Array(ids.length);
  const types = new Int32Array(ids.length);
  const readable = new Int32Array(ids.length);
  windows.forEach((window, n) => {
    const row = n * length;
    const end = row + window.ids.length;
    const context = row + window.context;
    ids.set(window.ids, row);
    mask.fill(1, row, end);
    if (typeVocabSize > 1) types.fill(1, context, end);
    readable[row] = 1;
    readable.fill(1, context, context + window.count);
  });
  const value = (data: Int32Array): Value => ({ data, shape });
  return { ids: value(ids), mask: value(mask), types: value(types), readable: value(readable) };
}
