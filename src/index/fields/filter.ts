/**
 * Filters over the fields of passages, as objects. A passage without a value in a field meets no test of it, so that
 * `not` and `!=` let it through. Text is compared in NFC and, for ranges, by code points: dates written as
 * `2024-05-01` are in order. A list of texts meets a test when one of its texts does.
 */

/** What a field is compared with. Text that reads as the field's type is taken for it: "2020" of a number. */
export type FilterValue = string | number | boolean;

/** The values between two ends; at least one is given. `from` and `to` belong to the range, `above` and `below` not. */
export interface FieldRange {
  readonly field: string;
  readonly from?: string | number;
  readonly above?: string | number;
  readonly to?: string | number;
  readonly below?: string | number;
}

/**
 * Which passages may be found.
 *
 * @example { and: [{ field: 'year', from: 2020 }, { field: 'source', in: ['who', 'bbc'] }] }
 */
export type Filter =
  | { readonly field: string; readonly equals: FilterValue }
  | { readonly field: string; readonly in: readonly FilterValue[] }
  | FieldRange
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | { readonly not: Filter };

/** Both filters, where both are given. */
export function bothFilters(filters: readonly Filter[]): Filter | undefined {
  return filters.length > 1 ? { and: filters } : filters[0];
}

/** The ends of a range with their signs in the text form, lower ends first. */
export const RANGE_ENDS = [
  ['from', '>='],
  ['above', '>'],
  ['to', '<='],
  ['below', '<'],
] as const satisfies readonly (readonly [keyof FieldRange, string])[];
