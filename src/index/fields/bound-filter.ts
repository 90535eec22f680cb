/** A filter checked against the fields of an index: every value is of its field's type. */
import { nearest, RefractError } from '../../errors.ts';
import { type FieldRange, type Filter, type FilterValue, RANGE_ENDS } from './filter.ts';
import { type FieldSchema, type FieldType, TYPE_WORDS } from './schema.ts';

/** The values that a test of a field lets through. */
export type BoundTest =
  | { readonly kind: 'in'; readonly field: string; readonly values: readonly FilterValue[] }
  | { readonly kind: 'range'; readonly field: string; readonly ends: Omit<FieldRange, 'field'> };

/** A filter whose values are of their fields' types, text in NFC. */
export type BoundFilter =
  | BoundTest
  | { readonly kind: 'and' | 'or'; readonly parts: readonly BoundFilter[] }
  | { readonly kind: 'not'; readonly part: BoundFilter };

/**
 * Checks a filter against the fields of an index.
 *
 * @throws RefractError `FIELD_UNKNOWN` (with the fields there are); `FIELD_TYPE` (with the field's type);
 *   `SETTING_INVALID` for a list or range that says nothing
 * @example bindFilter({ field: 'year', from: '2020' }, schema) // { kind: 'range', field: 'year', ends: { from: 2020 } }
 */
export function bindFilter(filter: Filter, schema: FieldSchema): BoundFilter {
  if ('and' in filter || 'or' in filter) {
    const [kind, parts] = 'and' in filter ? (['and', filter.and] as const) : (['or', filter.or] as const);
    if (parts.length === 0) throw empty(`"${kind}" of no filters`);
    return { kind, parts: parts.map((part) => bindFilter(part, schema)) };
  }
  if ('not' in filter) return { kind: 'not', part: bindFilter(filter.not, schema) };
  const field = filter.field.normalize('NFC');
  const type = schema.type(field);
  if (type === undefined) throw unknown(field, schema);
  if ('equals' in filter) return { kind: 'in', field, values: [bound(filter.equals, field, type)] };
  if ('in' in filter) {
    if (filter.in.length === 0) throw empty(`a filter of "${field}" by no values`);
    return { kind: 'in', field, values: filter.in.map((value) => bound(value, field, type)) };
  }
  return { kind: 'range', field, ends: boundEnds({ ...filter, field }, type) };
}

function boundEnds(range: FieldRange, type: FieldType): Omit<FieldRange, 'field'> {
  if (type === 'boolean' || type === 'strings')
    throw new RefractError(
      'FIELD_TYPE',
      `the field "${range.field}" holds ${TYPE_WORDS[type]}, which have no order`,
      {
        hint: `Compare it with = or != (equals, in).`,
      },
    );
  const ends: [string, FilterValue][] = [];
  for (const [end] of RANGE_ENDS) {
    const value = range[end];
    if (value !== undefined) ends.push([end, bound(value, range.field, type)]);
  }
  if (ends.length === 0) throw empty(`a range of "${range.field}" without ends`);
  return Object.fromEntries(ends);
}

function bound(value: FilterValue, field: string, type: FieldType): FilterValue {
  if (type === 'string' || type === 'strings') {
    if (typeof value === 'string') return value.normalize('NFC');
  } else if (type === 'number') {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
  } else {
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
  }
  const given = typeof value === 'string' ? `"${value}"` : `${value}`;
  throw new RefractError(
    'FIELD_TYPE',
    `the field "${field}" holds ${TYPE_WORDS[type]}, and ${given} is none`,
    {
      hint: `Compare it with ${{ string: 'text', strings: 'text', number: 'a number such as 2020', boolean: 'true or false' }[type]}.`,
    },
  );
}

function unknown(field: string, schema: FieldSchema): RefractError {
  const { names } = schema;
  const close = nearest(field, names);
  const list = names.map((name) => `${name} (${TYPE_WORDS[schema.type(name)!]})`).join(', ');
  return new RefractError('FIELD_UNKNOWN', `no passage has a field "${field}"`, {
    hint:
      names.length === 0
        ? 'The passages were indexed without metadata, titles and languages: there is nothing to filter by.'
        : `${close === undefined ? '' : `Did you mean ${close}? `}There are: ${list}.`,
  });
}

function empty(what: string): RefractError {
  return new RefractError('SETTING_INVALID', what, {
    hint: 'Name what passages must have, or leave the filter out.',
  });
}
