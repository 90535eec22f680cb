/**
 * The `Precompiled` normaliser: the table of replacements that SentencePiece compiles into its models. The format is
 * a double-array trie over UTF-8 bytes (its length in bytes, then units of 32 bits, little-endian), whose values are
 * places in a text of replacements that end with a zero byte.
 */

import { segmentsOf } from '../../data/segments.ts';
import type { AlignedText } from './aligned-text.ts';
import { ComponentFault } from './component.ts';

/** Longer clusters, in UTF-8 bytes, are replaced character by character, never as a whole. */
const LONGEST_CLUSTER = 5;

/** Characters that may stand in one cluster with their neighbours; without them, every character is a cluster. */
const JOINS =
  /[\p{M}\p{Grapheme_Extend}]|\u200d|[\r\u0e33\u0eb3\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\u{110bd}\u{110cd}\u{111c2}\u{111c3}\u{113d1}\u{1193f}\u{11941}\u{11a3a}\u{11a84}-\u{11a89}\u{11d46}\u{11f02}]/u;

const UTF8 = new TextEncoder();
const clusters = new Intl.Segmenter('und', { granularity: 'grapheme' });

export class CharMap {
  private readonly units: Uint32Array;
  private readonly replacements: Uint8Array;
  private readonly known = new Map<string, string | undefined>();

  /** Throws `ComponentFault` when `base64` is not such a table. */
  constructor(base64: string) {
    const bytes = Buffer.from(base64, 'base64');
    const size = bytes.length >= 4 ? bytes.readUInt32LE(0) : 0;
    if (size === 0 || size % 4 !== 0 || 4 + size > bytes.length)
      throw new ComponentFault('the precompiled_charsmap of Precompiled is damaged');
    this.units = Uint32Array.from({ length: size / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
    this.replacements = bytes.subarray(4 + size);
  }

  /** Replaces what the table names. */
  apply(text: AlignedText): void {
    const characters: string[] = [];
    const changes: number[] = [];
    let modified = false;
    const put = (part: string): boolean => {
      const replacement = this.replacementOf(part);
      if (replacement === undefined) return false;
      modified = true;
      replace(characters, changes, [...part].length, [...replacement]);
      return true;
    };
    const single = (character: string) => {
      if (put(character)) return;
      characters.push(character);
      changes.push(0);
    };
    if (JOINS.test(text.text)) {
      for (const { segment } of segmentsOf(clusters, text.text)) {
        if (
          segment.length <= LONGEST_CLUSTER &&
          UTF8.encode(segment).length <= LONGEST_CLUSTER &&
          put(segment)
        )
          continue;
        for (const character of segment) single(character);
      }
    } else for (const character of text.text) single(character);
    if (modified) text.transform(characters, changes);
  }

  private replacementOf(part: string): string | undefined {
    if (this.known.has(part)) return this.known.get(part);
    const replacement = this.search(UTF8.encode(part));
    if (this.known.size > 50_000) this.known.clear();
    this.known.set(part, replacement);
    return replacement;
  }

  /** The replacement of the shortest beginning that the trie holds. */
  private search(key: Uint8Array): string | undefined {
    const { units } = this;
    let at = offsetOf(units[0]);
    for (const byte of key) {
      if (byte === 0) return undefined;
      at ^= byte;
      const unit = units[at];
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return undefined;
      at ^= offsetOf(unit);
      if ((unit >>> 8) & 1) return this.textAt((units[at] ?? 0) & 0x7fffffff);
    }
    return undefined;
  }

  private textAt(start: number): string {
    const end = this.replacements.indexOf(0, start);
    return Buffer.from(this.replacements.subarray(start, end < 0 ? undefined : end)).toString('utf8');
  }
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}

/**
 * Notes a replacement of `count` characters: those beyond the old count are put in; where there are fewer, the last
 * one stands before the ones left out. Where the replacement is empty that is the character noted before, if any.
 */
function replace(
  characters: string[],
  changes: number[],
  count: number,
  replacement: readonly string[],
): void {
  replacement.forEach((character, i) => {
    characters.push(character);
    changes.push(i < count ? 0 : 1);
  });
  const fewer = count - replacement.length;
  if (fewer > 0 && changes.length > 0) changes[changes.length - 1] -= fewer;
}
