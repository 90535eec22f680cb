/** What the tokens of a vocabulary are made of: words and their parts, bytes of a character, or nothing that is known. */
import { isUtf8 } from 'node:buffer';
import { bytesOfToken, isByteLevel } from '../text/byte-tokens.ts';
import type { TextTokenizer } from '../text/tokenizer.ts';

/** `byte` is a token that holds no whole character: a byte of UTF-8, or some of them. */
export type TokenKind = 'text' | 'byte' | 'unknown';

/** What the vocabulary makes of one character. `dropped`: the normaliser leaves nothing of it. */
export type CharacterKind = 'whole' | 'split' | 'unknown' | 'dropped';

const BYTE_TOKEN = /^<0x[0-9A-Fa-f]{2}>$/;

/** Looks tokens and characters up in one vocabulary, and remembers what was found. */
export class TokenKinds {
  private readonly tokenizer: TextTokenizer;
  private readonly unknownId: number | undefined;
  private readonly byteLevel: boolean;
  private readonly prefixes: readonly string[];
  private readonly kinds = new Map<number, TokenKind>();
  private readonly characters = new Map<string, CharacterKind>();

  constructor(tokenizer: TextTokenizer) {
    const { model } = tokenizer.json;
    this.tokenizer = tokenizer;
    if (typeof model.unk_id === 'number') this.unknownId = model.unk_id;
    else if (typeof model.unk_token === 'string') this.unknownId = tokenizer.idOf(model.unk_token);
    this.byteLevel = isByteLevel(tokenizer.json);
    const continuing = model.continuing_subword_prefix;
    this.prefixes = ['', '▁', ...(typeof continuing === 'string' ? [continuing] : [])];
  }

  /** The kind of a token. */
  of(id: number): TokenKind {
    const known = this.kinds.get(id);
    if (known !== undefined) return known;
    const kind = id === this.unknownId ? 'unknown' : this.isByte(id) ? 'byte' : 'text';
    this.kinds.set(id, kind);
    return kind;
  }

  /**
   * The kind of a character: `whole` when the vocabulary has a token for it by itself, be it for the begin of a word
   * or for its inside.
   *
   * @example kinds.ofCharacter('ก') // 'split' with a vocabulary that has only the bytes of it
   */
  ofCharacter(character: string): CharacterKind {
    const known = this.characters.get(character);
    if (known !== undefined) return known;
    const kind = this.characterKind(character);
    this.characters.set(character, kind);
    return kind;
  }

  /**
   * Tokens as people can read them: of a byte-level vocabulary the letters, and bytes that are no letter by themselves
   * as `<0xE0>`, in the place of the signs that stand for bytes there.
   *
   * @example kinds.shown(tokenizer.encode('मा')) // ['मा']
   */
  shown(ids: Iterable<number>): string[] {
    const tokens = this.tokenizer.tokens(ids);
    return this.byteLevel
      ? tokens.map((token) => (this.tokenizer.specials.has(token) ? token : bytesShown(token)))
      : tokens;
  }

  private characterKind(character: string): CharacterKind {
    const points = [...this.tokenizer.normalise(character).replace(/[\s▁]/gu, '')];
    if (points.length === 0) return 'dropped';
    let kind: CharacterKind = 'whole';
    for (const point of points) {
      if (
        !this.byteLevel &&
        this.prefixes.some((prefix) => this.tokenizer.idOf(prefix + point) !== undefined)
      )
        continue;
      const kinds = Array.from(this.tokenizer.encode(point), (id) => this.of(id));
      if (kinds.includes('unknown')) return 'unknown';
      if (kinds.length === 0) return 'dropped';
      if (kinds.includes('byte')) kind = 'split';
    }
    return kind;
  }

  private isByte(id: number): boolean {
    const [token] = this.tokenizer.tokens([id]);
    if (BYTE_TOKEN.test(token)) return true;
    return this.byteLevel && this.tokenizer.decode([id]).includes('\ufffd') && !token.includes('\ufffd');
  }
}

/** Whole characters as they are, the space before a word as `▁`, and what is left of others byte by byte. */
function bytesShown(token: string): string {
  const bytes = bytesOfToken(token);
  if (bytes === undefined) return token;
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const width = [1, 2, 3, 4].find(
      (size) => at + size <= bytes.length && isUtf8(bytes.subarray(at, at + size)),
    );
    if (width === undefined) text += `<0x${bytes[at].toString(16).toUpperCase().padStart(2, '0')}>`;
    else text += bytes.toString('utf8', at, at + width);
    at += width ?? 1;
  }
  return text.replaceAll(' ', '▁');
}
