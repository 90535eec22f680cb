/** Byte fallback: a character that is no token becomes one token for each of its UTF-8 bytes, `<0x00>` to `<0xFF>`. */

const UTF8 = new TextEncoder();

/**
 * A function from a text to the ids of its bytes; undefined where the vocabulary lacks one of them.
 *
 * @example byteIds(vocabulary)('é') // [198, 172], the ids of <0xC3> and <0xA9>
 */
export function byteIds(vocabulary: ReadonlyMap<string, number>): (surface: string) => number[] | undefined {
  const byByte = Array.from({ length: 256 }, (_, byte) =>
    vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
  return (surface) => {
    const ids: number[] = [];
    for (const byte of UTF8.encode(surface)) {
      const id = byByte[byte];
      if (id === undefined) return undefined;
      ids.push(id);
    }
    return ids;
  };
}
