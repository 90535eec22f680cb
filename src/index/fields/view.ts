/** The fields of all live passages of an open index, over its segments. */
import { copyBits, emptyBitmap, visitRuns } from '../../data/bitmap.ts';
import { bindFilter } from './bound-filter.ts';
import { evaluateFilter } from './evaluate.ts';
import type { Filter } from './filter.ts';
import type { FieldsReader } from './reader.ts';
import type { FieldSchema } from './schema.ts';

/** The fields of a segment, and which of its passages are live; undefined is all. */
export interface FieldsSegment {
  readonly fields: FieldsReader;
  readonly live?: Uint8Array;
}

/**
 * Filters over an index.
 *
 * @example
 * const view = new FieldsView(schema, [{ fields }]);
 * const allowed = view.allowed({ field: 'year', from: 2020 });
 */
export class FieldsView {
  readonly schema: FieldSchema;
  private readonly segments: readonly FieldsSegment[];

  constructor(schema: FieldSchema, segments: readonly FieldsSegment[]) {
    this.schema = schema;
    this.segments = segments;
  }

  /**
   * For each segment the live passages that a filter lets through: bit `p & 7` of byte `p >> 3` for the segment's
   * passage p.
   *
   * @throws RefractError as `bindFilter`; `CHECKPOINT_FORMAT` when a column is damaged
   */
  allowedBySegment(filter: Filter): Uint8Array[] {
    const bound = bindFilter(filter, this.schema);
    return this.segments.map(({ fields, live }) => {
      const bits = evaluateFilter(bound, fields);
      if (live !== undefined) for (let i = 0; i < bits.length; i++) bits[i] &= live[i];
      return bits;
    });
  }

  /** The same as one bitmap over the index's ordinals: the live passages in the order of segments and passages. */
  allowed(filter: Filter): Uint8Array {
    return overOrdinals(
      this.allowedBySegment(filter),
      this.segments.map(({ fields, live }) => ({ passages: fields.passages, live })),
    );
  }
}

/** Bitmaps of segments' passages as one of the ordinals of their live passages. */
function overOrdinals(
  bitmaps: readonly Uint8Array[],
  segments: readonly { readonly passages: number; readonly live?: Uint8Array }[],
): Uint8Array {
  const size = segments.reduce((sum, { passages }) => sum + passages, 0);
  const all = emptyBitmap(size);
  let ordinal = 0;
  segments.forEach(({ passages, live }, s) => {
    const append = (first: number, end: number) => {
      copyBits(bitmaps[s], first, end - first, all, ordinal);
      ordinal += end - first;
    };
    if (live === undefined) append(0, passages);
    else visitRuns(live, passages, append);
  });
  return all.slice(0, (ordinal + 7) >> 3);
}
