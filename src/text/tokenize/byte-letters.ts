/**
 * The letter that stands for each byte in byte-level vocabularies: the character of that number where it can be seen,
 * else one from U+0100 on (Radford et al. 2019).
 */

/** Letter by byte. */
export const LETTER_OF_BYTE: readonly string[] = letters();

/** Byte by letter. */
export const BYTE_OF_LETTER: ReadonlyMap<string, number> = new Map(
  LETTER_OF_BYTE.map((letter, byte) => [letter, byte]),
);

/** The letter of a space. */
export const SPACE_LETTER = LETTER_OF_BYTE[0x20];

const UTF8 = new TextEncoder();

function letters(): string[] {
  let hidden = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const seen = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCodePoint(seen ? byte : 0x100 + hidden++);
  });
}

const known = new Map<string, readonly string[]>();

/**
 * The letters of a character's UTF-8 bytes.
 *
 * @example byteLetters('é') // ['Ã', '©']
 */
export function byteLetters(character: string): readonly string[] {
  let letters = known.get(character);
  if (letters === undefined) {
    letters = Array.from(UTF8.encode(character), (byte) => LETTER_OF_BYTE[byte]);
    if (known.size > 50_000) known.clear();
    known.set(character, letters);
  }
  return letters;
}

const spelt = new Map<string, string>();

/**
 * The letters of all bytes of a text.
 *
 * @example spellBytes(' né') // 'ĠnÃ©'
 */
export function spellBytes(text: string): string {
  let letters = spelt.get(text);
  if (letters === undefined) {
    letters = '';
    for (const character of text) for (const letter of byteLetters(character)) letters += letter;
    if (spelt.size > 50_000) spelt.clear();
    if (text.length < 64) spelt.set(text, letters);
  }
  return letters;
}
