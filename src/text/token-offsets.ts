/**
 * Where each token stands in its text. Token and text are compared as UTF-8 bytes after normalisation, so that it
 * works for WordPiece, byte fallback, byte-level and sentence-piece vocabularies alike. Places are whole characters
 * as readers count them (grapheme clusters): a range never cuts a letter from its marks. Where tokens do not spell
 * the text, as [UNK] does not, the place of what follows is found again, and they get what lies between.
 */
import type { TokenizerJson } from './tokenizer-json.ts';

/** The ids of a text, with the range of each in it: `text.slice(starts[t], ends[t])`, in UTF-16 code units. */
export interface TokenOffsets {
  readonly ids: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The bytes that a token spells, white space left out; undefined where it spells nothing, as [UNK] and [SEP]. */
export type Speller = (token: string) => Uint8Array | undefined;

const UTF8 = new TextEncoder();
const BLANK = /[\s▁]/gu;
/** Characters that tokenizers set apart from their neighbours. */
const APART = /[\p{P}\p{S}\p{Script=Han}]/u;
/** Tokens after an unknown one whose place is looked for, and that must stand together there. */
const LOOK_AHEAD = 32;
const TOGETHER = 4;

/** How the tokens of a tokenizer are spelt. */
export function spellerOf({ model, added_tokens, pre_tokenizer, decoder }: TokenizerJson): Speller {
  const silent = new Set(added_tokens.filter(({ special }) => special).map(({ content }) => content));
  if (typeof model.unk_token === 'string') silent.add(model.unk_token);
  const prefix = model.type === 'WordPiece' ? String(model.continuing_subword_prefix ?? '##') : undefined;
  const byteLevel = JSON.stringify([pre_tokenizer, decoder]).includes('"type":"ByteLevel"');
  return (token) => {
    if (silent.has(token)) return undefined;
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token);
    if (byte) return Uint8Array.of(Number.parseInt(byte[1], 16));
    if (byteLevel)
      return Uint8Array.from(Array.from(token, (letter) => BYTE_LETTERS.get(letter) ?? 0x20)).filter(
        (value) => value > 0x20,
      );
    const bare =
      prefix && token.length > prefix.length && token.startsWith(prefix) ? token.slice(prefix.length) : token;
    return UTF8.encode(bare.replace(BLANK, ''));
  };
}

/** The letter that stands for each byte in byte-level vocabularies: itself where it can be seen, else one from U+0100 on. */
const BYTE_LETTERS = new Map<string, number>();
for (let byte = 0, hidden = 0; byte < 256; byte++) {
  const seen = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  BYTE_LETTERS.set(String.fromCodePoint(seen ? byte : 0x100 + hidden++), byte);
}

/**
 * Ranges of `tokens` in `text`. `normalise` is what the tokenizer does to a text before it cuts it, here asked for
 * one character at a time.
 *
 * @example tokenRanges('Shule!', ['▁shu', 'le', '▁!'], speller, (c) => c.toLowerCase()).ends // [3, 5, 6]
 */
export function tokenRanges(
  text: string,
  tokens: readonly string[],
  speller: Speller,
  normalise: (character: string) => string,
): { starts: Int32Array; ends: Int32Array } {
  const spelt = new SpeltText(text, normalise);
  const surfaces = tokens.map(speller);
  const starts = new Int32Array(tokens.length);
  const ends = new Int32Array(tokens.length);
  const put = (t: number, from: number, to: number) => {
    starts[t] = spelt.startOf(from);
    ends[t] = to > from ? spelt.endOf(to - 1) : starts[t];
  };
  let at = 0;
  let t = 0;
  while (t < tokens.length) {
    const bytes = surfaces[t];
    if (bytes && spelt.matches(at, bytes)) {
      put(t, at, at + bytes.length);
      at += bytes.length;
      t++;
      continue;
    }
    let next = t + 1;
    let found = -1;
    const last = Math.min(tokens.length, t + LOOK_AHEAD);
    for (; next < last; next++) {
      found = surfaces[next]?.length ? spelt.find(at, following(surfaces, next)) : -1;
      if (found >= 0) break;
    }
    if (found < 0) {
      next = tokens.length;
      found = spelt.length;
    }
    const pieces = spelt.words(at, found);
    for (let k = t; k < next; k++) {
      const [from, to] = pieces.length === next - t ? pieces[k - t] : [at, found];
      put(k, from, to);
    }
    at = found;
    t = next;
  }
  // A token that spells nothing, such as a word mark alone, goes with the token after it.
  for (let k = tokens.length - 2; k >= 0; k--)
    if (ends[k] === starts[k]) ends[k] = Math.max(ends[k + 1], starts[k]);
  return { starts, ends };
}

/** Bytes of the tokens from `first` on that can be spelt, up to `TOGETHER` of them. */
function following(surfaces: readonly (Uint8Array | undefined)[], first: number): Uint8Array {
  const bytes: number[] = [];
  for (let t = first; t < first + TOGETHER; t++) {
    const surface = surfaces[t];
    if (surface === undefined) break;
    bytes.push(...surface);
  }
  return Uint8Array.from(bytes);
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** A text as the bytes of its normalised characters, without white space, each with its place. */
class SpeltText {
  readonly length: number;
  private readonly size: number;
  private readonly bytes: Uint8Array;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  /** 1 where a word may begin, 2 where white space is before. */
  private readonly begins: Uint8Array;

  constructor(text: string, normalise: (character: string) => string) {
    const bytes: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    const begins: number[] = [];
    let before = 2;
    for (const { segment, index } of graphemes.segment(text)) {
      const spelt = UTF8.encode(normalise(segment).replace(BLANK, ''));
      if (spelt.length === 0) {
        if (/\s/u.test(segment)) before = 2;
        continue;
      }
      const apart = APART.test(segment) ? 1 : 0;
      spelt.forEach((byte, i) => {
        bytes.push(byte);
        starts.push(index);
        ends.push(index + segment.length);
        begins.push(i === 0 ? Math.max(before, apart) : 0);
      });
      before = apart;
    }
    this.size = text.length;
    this.length = bytes.length;
    this.bytes = Uint8Array.from(bytes);
    this.starts = Int32Array.from(starts);
    this.ends = Int32Array.from(ends);
    this.begins = Uint8Array.from(begins);
  }

  /** Where in the text byte `at` begins, and where it ends. */
  startOf(at: number): number {
    return at < this.length ? this.starts[at] : this.size;
  }

  endOf(at: number): number {
    return this.ends[at];
  }

  matches(at: number, wanted: Uint8Array): boolean {
    if (at + wanted.length > this.length) return false;
    for (let i = 0; i < wanted.length; i++) if (this.bytes[at + i] !== wanted[i]) return false;
    return true;
  }

  /** The first place from `from` on where `wanted` stands, of those where a word may begin if there is one. */
  find(from: number, wanted: Uint8Array): number {
    let anywhere = -1;
    for (let at = from; at + wanted.length <= this.length; at++) {
      if (!this.matches(at, wanted)) continue;
      if (this.begins[at] > 0) return at;
      if (anywhere < 0) anywhere = at;
    }
    return anywhere;
  }

  /** The words between two places, as white space separates them. */
  words(from: number, to: number): [number, number][] {
    const words: [number, number][] = [];
    for (let at = from; at < to; at++) {
      if (at === from || this.begins[at] === 2) words.push([at, at]);
      words[words.length - 1][1] = at + 1;
    }
    return words;
  }
}
