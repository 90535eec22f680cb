/** From text to what an encoder reads: ids with markers, which tokens count, and padded batches. */
import type { Value } from '../graph/index.ts';
import { isPunctuationToken } from '../text/punctuation.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import { type Readings, rowsOf } from './readings.ts';
import type { RetrievalSettings } from './settings.ts';

/** A text as an encoder reads it: [CLS] marker tokens [SEP]. */
export interface EncoderInput {
  readonly ids: Int32Array;
  /** The row of the word table that each token takes; absent where these are the ids. */
  readonly rows?: Int32Array;
  /** 1 where the token's vector takes part in scoring; a passage's punctuation does not. */
  readonly scored: Uint8Array;
}

/** Turns queries and passages into encoder inputs by a retriever's settings, and a pack's by its readings. */
export class InputMaker {
  readonly tokenizer: TextTokenizer;
  readonly settings: RetrievalSettings;
  readonly readings?: Readings;
  readonly padId: number;
  private readonly cls: number;
  private readonly sep: number;
  private readonly maskId: number;
  private readonly punctuation: Uint8Array;

  constructor(tokenizer: TextTokenizer, settings: RetrievalSettings, readings?: Readings) {
    this.tokenizer = tokenizer;
    this.settings = settings;
    this.readings = readings;
    this.padId = tokenizer.specialId('[PAD]');
    this.cls = tokenizer.specialId('[CLS]');
    this.sep = tokenizer.specialId('[SEP]');
    this.maskId = tokenizer.specialId('[MASK]');
    const all = tokenizer.tokens(Array.from({ length: tokenizer.vocabSize }, (_, id) => id));
    this.punctuation = Uint8Array.from(all, (token) => (isPunctuationToken(token) ? 1 : 0));
  }

  /** A query, cut to `queryMaxTokens`; padded to it with [MASK] where the settings ask for augmentation. */
  query(text: string): EncoderInput {
    const { queryMaxTokens, queryMarker, queryAugmentation } = this.settings;
    const framed = this.frame(text, queryMarker, queryMaxTokens);
    if (!queryAugmentation) return { ...framed, scored: new Uint8Array(framed.ids.length).fill(1) };
    const augmented = (tokens: Int32Array) => {
      const padded = new Int32Array(queryMaxTokens).fill(this.maskId);
      padded.set(tokens);
      return padded;
    };
    const { ids, rows } = framed;
    return {
      ids: augmented(ids),
      ...(rows && { rows: augmented(rows) }),
      scored: new Uint8Array(queryMaxTokens).fill(1),
    };
  }

  /** A passage, cut to `passageMaxTokens`; punctuation is not scored where the settings say so. */
  passage(text: string): EncoderInput {
    const { passageMaxTokens, passageMarker, skipPunctuation } = this.settings;
    const framed = this.frame(text, passageMarker, passageMaxTokens);
    const scored = Uint8Array.from(framed.ids, (id) => (skipPunctuation && this.punctuation[id] ? 0 : 1));
    return { ...framed, scored };
  }

  private frame(text: string, marker: string, most: number): Omit<EncoderInput, 'scored'> {
    const tokens = this.tokenizer.encode(text).subarray(0, most - 3);
    const framed = (inner: Int32Array) => {
      const ids = new Int32Array(inner.length + 3);
      ids[0] = this.cls;
      ids[1] = this.tokenizer.specialId(marker);
      ids.set(inner, 2);
      ids[ids.length - 1] = this.sep;
      return ids;
    };
    const ids = framed(tokens);
    return this.readings ? { ids, rows: framed(rowsOf(tokens, this.readings)) } : { ids };
  }
}

/** A padded batch of N inputs of L tokens: all [N, L], int32. */
export interface InputBatch {
  /** Rows of the word table. */
  readonly ids: Value;
  /** 1 for tokens, 0 for padding. */
  readonly mask: Value;
  readonly scored: Value;
}

/** Lengths are rounded up to a multiple of this, so that few distinct shapes occur, unless asked otherwise. */
const LENGTH_STEP = 8;

/** Pads inputs to the longest of them (rounded up to a multiple of `step`), at most `longest` tokens. */
export function padInputs(
  inputs: readonly EncoderInput[],
  padId: number,
  longest = Infinity,
  step = LENGTH_STEP,
): InputBatch {
  const need = inputs.reduce((most, each) => Math.max(most, each.ids.length), 1);
  const length = Math.min(Math.ceil(need / step) * step, Math.max(longest, need));
  const shape = [inputs.length, length];
  const ids = new Int32Array(inputs.length * length).fill(padId);
  const mask = new Int32Array(ids.length);
  const scored = new Int32Array(ids.length);
  inputs.forEach((each, n) => {
    ids.set(each.rows ?? each.ids, n * length);
    mask.fill(1, n * length, n * length + each.ids.length);
    scored.set(each.scored, n * length);
  });
  return { ids: { data: ids, shape }, mask: { data: mask, shape }, scored: { data: scored, shape } };
}
