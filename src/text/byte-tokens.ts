/** Tokens of byte-level vocabularies as text: there each byte of UTF-8 is a letter, so that `।` is spelt `à¥¤`. */
import { isUtf8 } from 'node:buffer';
import { BYTE_OF_LETTER } from './tokenize/byte-letters.ts';
import type { TokenizerJson } from './tokenizer-json.ts';

/** Whether the tokens of a `tokenizer.json` are spelt in bytes. */
export function isByteLevel({ normalizer, pre_tokenizer, decoder }: TokenizerJson): boolean {
  return JSON.stringify([normalizer, pre_tokenizer, decoder]).includes('"type":"ByteLevel"');
}

/**
 * The bytes of a byte-level token; undefined where it is not spelt in bytes, as added tokens need not be.
 *
 * @example bytesOfToken('Ġa') // <Buffer 20 61>
 */
export function bytesOfToken(token: string): Buffer | undefined {
  const bytes = Array.from(token, (letter) => BYTE_OF_LETTER.get(letter));
  return bytes.includes(undefined) ? undefined : Buffer.from(bytes as number[]);
}

/**
 * What a byte-level token writes; undefined where its bytes are parts of characters.
 *
 * @example textOfBytes('Ġà¥¤') // ' ।'
 * @example textOfBytes('§') // undefined: one byte of a longer character
 */
export function textOfBytes(token: string): string | undefined {
  const bytes = bytesOfToken(token);
  if (bytes === undefined) return token;
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
