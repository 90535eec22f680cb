/** From text to what an encoder reads: ids with markers, which tokens count, and padded batches. */
import type { Value } from '../graph/index.ts';
import { punctuationRule } from '../text/punctuation.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';
import type { TokenizerJson } from '../text/tokenizer-json.ts';
import { type Readings, rowsOf } from './readings.ts';
import type { RetrievalSettings } from './settings.ts';

/** A text as an encoder reads it: [CLS] marker tokens [SEP], or what plays these roles; the marker where there is one. */
export interface EncoderInput {
  readonly ids: Int32Array;
  /** The row of the word table that each token takes; absent where these are the ids. */
  readonly rows?: Int32Array;
  /** 1 where the token's vector takes part in scoring; a passage's punctuation does not. */
  readonly scored: Uint8Array;
  /** The tokens up to this one are attended to; absent where all are. */
  readonly attended?: number;
}

/** What Python's `str.strip` takes for spaces and JavaScript does not; U+FEFF is the other way round. */
const SEPARATORS = '\x1c\x1d\x1e\x1f\x85';
/** What becomes of a passage that is longer than an encoder reads. */
export interface LongPassages {
  /** The part of a window that the next one shares, 0 to 0.9. */
  readonly overlap: number;
  /** Its end is left out instead. */
  readonly truncate: boolean;
}

/** A passage as an encoder reads it. */
export interface PassageInputs {
  /** One, or the windows of a long passage. */
  readonly inputs: readonly EncoderInput[];
  /** Whether the text has no token at all, or none of the passage's, markers included, takes part in scoring. */
  readonly empty: boolean;
  /** Tokens that were cut off. */
  readonly leftOut: number;
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
  /** 1 for tokens whose vectors a passage leaves out. */
  private readonly skipped: Uint8Array;

  constructor(tokenizer: TextTokenizer, settings: RetrievalSettings, readings?: Readings) {
    this.tokenizer = tokenizer;
    this.settings = settings;
    this.readings = readings;
    this.padId = tokenizer.roleId('pad');
    this.cls = tokenizer.roleId('cls');
    this.sep = tokenizer.roleId('sep');
    this.maskId = tokenizer.roleId('mask');
    const all = tokenizer.tokens(Array.from({ length: tokenizer.vocabSize }, (_, id) => id));
    this.skipped = Uint8Array.from(all, skipRule(settings, tokenizer.json));
  }

  /** A query, cut to `queryMaxTokens`; padded with [MASK] where the settings ask for augmentation. */
  query(text: string): EncoderInput {
    const { queryMaxTokens, augmentedTokens, queryMarker, queryPrefix, queryAugmentation } = this.settings;
    const framed = this.frame(text, queryMarker, queryMaxTokens, queryPrefix);
    if (!queryAugmentation) return { ...framed, scored: new Uint8Array(framed.ids.length).fill(1) };
    const { ids, rows } = framed;
    const width = Math.max(augmentedTokens ?? queryMaxTokens, ids.length);
    const augmented = (tokens: Int32Array) => {
      const padded = new Int32Array(width).fill(this.maskId);
      padded.set(tokens);
      return padded;
    };
    return {
      ids: augmented(ids),
      ...(rows && { rows: augmented(rows) }),
      scored: new Uint8Array(width).fill(1),
      ...(this.settings.augmentationAttended === false && { attended: ids.length }),
    };
  }

  /** A passage, cut to `passageMaxTokens`; punctuation is not scored where the settings say so. */
  passage(text: string): EncoderInput {
    const { passageMaxTokens, passageMarker, passagePrefix } = this.settings;
    const framed = this.frame(text, passageMarker, passageMaxTokens, passagePrefix);
    const scored = Uint8Array.from(framed.ids, (id) => (this.skipped[id] ? 0 : 1));
    return { ...framed, scored };
  }

  /**
   * A passage of any length, as one input or, where it is longer than `passageMaxTokens`, as several windows that share
   * `overlap` of their tokens with the one before (or cut, where `truncate` is set).
   */
  passageWindows(text: string, { overlap, truncate }: LongPassages): PassageInputs {
    const { passageMaxTokens, passageMarker, passagePrefix = '' } = this.settings;
    const first = this.beginning(passageMarker);
    const room = passageMaxTokens - first.length - 1;
    const tokens = this.tokensOf(passagePrefix + text);
    const prefix = passagePrefix === '' ? new Int32Array(0) : this.tokenizer.encode(passagePrefix);
    const scoredOf = (ids: Int32Array) => Uint8Array.from(ids, (id) => (this.skipped[id] ? 0 : 1));
    const input = (part: Int32Array): EncoderInput => {
      const framed = this.framed(first, part);
      return { ...framed, scored: scoredOf(framed.ids) };
    };
    const inputs = [input(tokens.subarray(0, room))];
    const empty = tokens.length <= prefix.length || !inputs[0].scored.includes(1);
    if (tokens.length <= room || truncate)
      return { inputs, empty, leftOut: Math.max(0, tokens.length - room) };
    const shared = Math.floor(room * overlap);
    // What the windows after the first hold of the text: they begin with the prefix too.
    const body = room - prefix.length;
    const step = Math.max(1, body - shared);
    for (let start = room - shared, end = room; end < tokens.length; start += step) {
      end = start + body;
      inputs.push(input(Int32Array.of(...prefix, ...tokens.subarray(start, end))));
    }
    // A window of which nothing is scored has no vectors.
    const scored = inputs.filter((each) => each.scored.includes(1));
    return { inputs: scored, empty: scored.length === 0, leftOut: 0 };
  }

  /** The tokens of the vocabulary that have no vector in passages. */
  skippedTokens(): string[] {
    const ids = Array.from(this.skipped.keys()).filter((id) => this.skipped[id] === 1);
    return this.tokenizer.tokens(ids);
  }

  private frame(text: string, marker: string, most: number, prefix = ''): Omit<EncoderInput, 'scored'> {
    const first = this.beginning(marker);
    return this.framed(first, this.tokensOf(prefix + text).subarray(0, most - first.length - 1));
  }

  /** What stands before the tokens of a text. */
  private beginning(marker: string): number[] {
    return marker === '' ? [this.cls] : [this.cls, this.tokenizer.specialId(marker)];
  }

  private tokensOf(text: string): Int32Array {
    return this.tokenizer.encode(this.settings.trimmed === true ? trim(text) : text);
  }

  private framed(first: readonly number[], tokens: Int32Array): Omit<EncoderInput, 'scored'> {
    const framed = (inner: Int32Array) => {
      const ids = new Int32Array(first.length + inner.length + 1);
      ids.set(first);
      ids.set(inner, first.length);
      ids[ids.length - 1] = this.sep;
      return ids;
    };
    const ids = framed(tokens);
    return this.readings ? { ids, rows: framed(rowsOf(tokens, this.readings)) } : { ids };
  }
}

/** The text without the spaces at its ends. */
function trim(text: string): string {
  const isSpace = (unit: string) => SEPARATORS.includes(unit) || (/\s/.test(unit) && unit !== '\ufeff');
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text[start])) start++;
  while (end > start && isSpace(text[end - 1])) end--;
  return text.slice(start, end);
}

/** Whether a token of the vocabulary has no vector in passages: 1 or 0. */
function skipRule(
  { skipPunctuation, skipTokens }: RetrievalSettings,
  json: TokenizerJson,
): (token: string) => number {
  if (skipTokens === undefined) {
    const isPunctuation = punctuationRule(json);
    return (token) => (skipPunctuation && isPunctuation(token) ? 1 : 0);
  }
  const skipped = new Set(skipTokens);
  return (token) => (skipped.has(token) ? 1 : 0);
}

/** A padded batch of N inputs of L tokens: all [N, L], int32. */
export interface InputBatch {
  /** Rows of the word table. */
  readonly ids: Value;
  /** 1 for tokens that are attended to, 0 for others and for padding. */
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
    mask.fill(1, n * length, n * length + (each.attended ?? each.ids.length));
    scored.set(each.scored, n * length);
  });
  return { ids: { data: ids, shape }, mask: { data: mask, shape }, scored: { data: scored, shape } };
}
