/**
 * The two files of a segment's fields: `fields.json` says what each column is and where it lies, `fields.bin` holds the
 * columns one after the other, each part starting at a multiple of 8 bytes. docs/index-format.md has the layout.
 */
import { z } from 'zod';
import { FIELD_TYPES } from './schema.ts';

/** File names within a segment's folder. */
export const FIELD_FILES = { header: 'fields.json', columns: 'fields.bin' } as const;

const count = z.number().int().nonnegative();
/** First byte in `fields.bin` and length in bytes. */
const range = z.tuple([count, count]);

const columnSchema = z.object({
  name: z.string().min(1),
  type: z.enum(FIELD_TYPES),
  /**
   * What each passage has. `string`: code of its value, 0 for none. `boolean`: 0 none, 1 false, 2 true. `number`: the
   * value, float64; NaN for none. `strings`: codes of its values, passage after passage.
   */
  values: range,
  /** Bytes of a code: 1, 2 or 4. */
  width: z.union([z.literal(1), z.literal(2), z.literal(4)]).optional(),
  /** `strings`: [passages + 1] where each passage's codes start, uint32. */
  starts: range.optional(),
  /** Texts that the codes 1, 2, ... stand for, by code points: [texts + 1] where each starts, uint32, and UTF-8. */
  texts: count.optional(),
  textStarts: range.optional(),
  textBytes: range.optional(),
});

/** What `fields.json` says of a column. */
export type ColumnEntry = z.infer<typeof columnSchema>;

/** The contents of `fields.json`. */
export const headerSchema = z.object({ passages: count, columns: z.array(columnSchema) });

/** Bytes of a code when there are `texts` texts; code 0 is none of them. */
export function codeWidth(texts: number): 1 | 2 | 4 {
  if (texts < 2 ** 8) return 1;
  return texts < 2 ** 16 ? 2 : 4;
}

/** Codes as numbers of `width` bytes, copied. */
export function packCodes(
  codes: ArrayLike<number>,
  width: 1 | 2 | 4,
): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) return Uint8Array.from(codes);
  return width === 2 ? Uint16Array.from(codes) : Uint32Array.from(codes);
}
