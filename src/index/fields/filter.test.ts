/** Filters: as text, checked against fields, and evaluated. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { hasBit } from '../../data/bitmap.ts';
import type { MetadataValue, Passage } from '../../data/records.ts';
import { compareCodePoints } from '../../text/code-points.ts';
import { bindFilter } from './bound-filter.ts';
import { evaluateFilter } from './evaluate.ts';
import type { Filter, FilterValue } from './filter.ts';
import { formatFilter, parseFilter } from './filter-text.ts';
import { FieldsReader } from './reader.ts';
import { FieldSchema } from './schema.ts';
import { FieldsWriter } from './writer.ts';

const folder = temporaryFolder();
let made = 0;
async function fieldsOf(passages: readonly Record<string, MetadataValue>[]) {
  const path = join(folder.path, `s${made++}`);
  mkdirSync(path);
  const schema = new FieldSchema();
  const writer = new FieldsWriter(path, schema);
  passages.forEach((metadata, i) => {
    const { language, ...rest } = metadata;
    const passage: Passage = { id: `${i}`, text: 'x', metadata: rest };
    writer.add(language === undefined ? passage : { ...passage, language: String(language) });
  });
  await writer.finish();
  return { schema, fields: FieldsReader.open(path, passages.length) };
}

describe('parseFilter', () => {
  it.each<[string, Filter]>([
    ['year>=2020', { field: 'year', from: '2020' }],
    [' year < 2020 ', { field: 'year', below: '2020' }],
    ['source=who,bbc', { field: 'source', in: ['who', 'bbc'] }],
    ['draft!=true', { not: { field: 'draft', equals: 'true' } }],
    ['source!=a,"b c"', { not: { field: 'source', in: ['a', 'b c'] } }],
    ['"kú ọjọ́"="a \\"b\\" \\\\"', { field: 'kú ọjọ́', equals: 'a "b" \\' }],
    [
      'मंत्रालय=स्वास्थ्य and مصدر=مياه',
      {
        and: [
          { field: 'मंत्रालय', equals: 'स्वास्थ्य' },
          { field: 'مصدر', equals: 'مياه' },
        ],
      },
    ],
    [
      'ที่มา>ก or a=not',
      {
        or: [
          { field: 'ที่มา', above: 'ก' },
          { field: 'a', equals: 'not' },
        ],
      },
    ],
    [
      'a=1 or b=2 and not c=3',
      {
        or: [
          { field: 'a', equals: '1' },
          { and: [{ field: 'b', equals: '2' }, { not: { field: 'c', equals: '3' } }] },
        ],
      },
    ],
    [
      '(a=1 or b=2)and(c=3)',
      {
        and: [
          {
            or: [
              { field: 'a', equals: '1' },
              { field: 'b', equals: '2' },
            ],
          },
          { field: 'c', equals: '3' },
        ],
      },
    ],
    ['date<=2024-05-01T10:00:00Z', { field: 'date', to: '2024-05-01T10:00:00Z' }],
    ['"and"=""', { field: 'and', equals: '' }],
  ])('reads %s', (text, filter) => {
    expect(parseFilter(text)).toEqual(filter);
  });

  it.each([
    ['', 'expected the name of a field, at character 1'],
    ['year', 'expected one of = != < <= > >= after "year", at character 5'],
    ['year>=', 'expected a value, at character 7'],
    ['year>=1,2', '>= takes one value, at character 8'],
    ['source=who, ,bbc', 'expected a value, at character 13'],
    ['source=World Health', 'expected "and", "or" or the end of the filter, at character 14'],
    ['(a=1 or b=2', 'this "(" is not closed, at character 1'],
    ['(a=1 b=2)', 'expected "and", "or" or ")", at character 6'],
    ['a=1)', 'there is no "(" that this ")" closes, at character 4'],
    ['a="x', 'this quote is not closed, at character 3'],
    ['a="x\\n"', 'only \\" and \\\\ may follow a backslash in quotes, at character 6'],
    ['a=1 and', 'expected the name of a field, at character 8'],
    ['😀=ọ́ b', 'expected "and", "or" or the end of the filter, at character 6'],
    ['not '.repeat(300), 'more than 200 filters within each other, at character 801'],
  ])('refuses %s at the character', async (text, what) => {
    const error = await refusal(() => parseFilter(text));
    expect(error.code).toBe('FILTER_SYNTAX');
    expect(error.what.split('\n')[0]).toBe(what);
  });

  it('marks the character', async () => {
    const error = await refusal(() => parseFilter('year>=2020 source=who'));
    expect(error.message).toContain('\n    year>=2020 source=who\n               ^\n');
  });
});

describe('formatFilter', () => {
  const text = fc.oneof(
    fc.constantFrom(
      'and',
      'or',
      'not',
      '',
      'a b',
      '"',
      '\\',
      '=',
      'ọ̀rọ̀',
      'ที่มา',
      'مصدر',
      'मंत्रालय',
      'a,b',
      '(',
      '!',
    ),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  );
  const tests = fc.oneof(
    fc.record({ field: text, equals: text }),
    fc.record({ field: text, in: fc.array(text, { minLength: 2, maxLength: 4 }) }),
    ...(['from', 'above', 'to', 'below'] as const).map((end) =>
      fc.tuple(text, text).map(([field, limit]) => ({ field, [end]: limit })),
    ),
  ) as fc.Arbitrary<Filter>;
  const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      tests,
      fc.record({ and: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }) }),
      fc.record({ or: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }) }),
      fc.record({ not: tie('filter') }),
    ),
  }));

  it('prints what parses back to the same filter', () => {
    fc.assert(
      fc.property(filter, (given) => {
        expect(parseFilter(formatFilter(given))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  it('prints ranges with two ends and values that are no text', () => {
    const range: Filter = { not: { field: 'year', from: 2000, below: 2010.5 } };
    expect(formatFilter(range)).toBe('not (year>=2000 and year<2010.5)');
    expect(formatFilter({ field: 'draft', equals: true })).toBe('draft=true');
  });
});

describe('bindFilter', async () => {
  const schema = new FieldSchema({ year: 'number', source: 'string', draft: 'boolean', topics: 'strings' });

  it('takes text for the type of the field', () => {
    expect(bindFilter({ field: 'year', from: '2e3' }, schema)).toEqual({
      kind: 'range',
      field: 'year',
      ends: { from: 2000 },
    });
    expect(bindFilter({ field: 'draft', equals: 'false' }, schema)).toMatchObject({ values: [false] });
    expect(bindFilter({ field: 'source', equals: '007' }, schema)).toMatchObject({ values: ['007'] });
  });

  it.each<[Filter, string, string]>([
    [{ field: 'yaer', equals: 1 }, 'FIELD_UNKNOWN', 'no passage has a field "yaer"'],
    [{ field: 'year', equals: 'soon' }, 'FIELD_TYPE', 'the field "year" holds numbers, and "soon" is none'],
    [{ field: 'year', from: '' }, 'FIELD_TYPE', 'the field "year" holds numbers, and "" is none'],
    [{ field: 'year', equals: true }, 'FIELD_TYPE', 'the field "year" holds numbers, and true is none'],
    [{ field: 'source', equals: 3 }, 'FIELD_TYPE', 'the field "source" holds text, and 3 is none'],
    [
      { field: 'draft', in: ['yes'] },
      'FIELD_TYPE',
      'the field "draft" holds true or false, and "yes" is none',
    ],
    [
      { field: 'draft', from: 'a' },
      'FIELD_TYPE',
      'the field "draft" holds true or false, which have no order',
    ],
    [
      { field: 'topics', to: 'a' },
      'FIELD_TYPE',
      'the field "topics" holds lists of texts, which have no order',
    ],
    [{ field: 'source', in: [] }, 'SETTING_INVALID', 'a filter of "source" by no values'],
    [{ field: 'source' } as Filter, 'SETTING_INVALID', 'a range of "source" without ends'],
    [{ not: { and: [] } }, 'SETTING_INVALID', '"and" of no filters'],
  ])('refuses %o', async (filter, code, what) => {
    expect(await refusal(() => bindFilter(filter, schema))).toMatchObject({ code, what });
  });

  it('lists the fields there are, and the nearest', async () => {
    const { hint } = await refusal(() => bindFilter({ field: 'yaer', equals: 1 }, schema));
    expect(hint).toBe(
      'Did you mean year? There are: year (numbers), source (text), draft (true or false), topics (lists of texts).',
    );
    const none = await refusal(() => bindFilter({ field: 'year', equals: 1 }, new FieldSchema()));
    expect(none.hint).toContain('nothing to filter by');
  });
});

describe('evaluateFilter', () => {
  it('finds what passages say, in any script and composed or not', async () => {
    const passages: Record<string, MetadataValue>[] = [
      { year: 2019, source: 'Ọ̀yọ́', topics: ['omi', 'ìlera'], language: 'yo' },
      { year: 2021, source: 'स्वास्थ्य', draft: true },
      { source: 'مياه', draft: false, topics: ['صحة'] },
      { year: -0, source: 'สุขภาพ', date: '2024-05-01' },
      { date: '2023-12-31' },
    ];
    const { schema, fields } = await fieldsOf(passages);
    const found = (text: string) => {
      const bits = evaluateFilter(bindFilter(parseFilter(text), schema), fields);
      return passages.flatMap((_, p) => (hasBit(bits, p) ? [p] : []));
    };
    expect(found(`source=${'Ọ̀yọ́'.normalize('NFD')}`)).toEqual([0]);
    expect(found('source=मियाद,स्वास्थ्य,مياه')).toEqual([1, 2]);
    expect(found('topics=ìlera,صحة')).toEqual([0, 2]);
    expect(found('topics!=omi')).toEqual([1, 2, 3, 4]);
    expect(found('draft!=true')).toEqual([0, 2, 3, 4]);
    expect(found('draft=true or draft=false')).toEqual([1, 2]);
    expect(found('year>2019 or year<=0')).toEqual([1, 3]);
    expect(found('year=0,2019')).toEqual([0, 3]);
    expect(found('date>=2024')).toEqual([3]);
    expect(found('source>स and source<ฮ')).toEqual([1, 3]);
    expect(found('language=yo')).toEqual([0]);
    expect(found('source=giraffe')).toEqual([]);
    fields.close();
  });

  it('agrees with reading every passage', async () => {
    const word = fc.constantFrom('a', 'b', '\u{1f600}', '\uff21', 'ọ́', 'ก');
    const passage = fc.record(
      {
        n: fc.constantFrom(-2, 0, 1.5, 7),
        s: word,
        b: fc.boolean(),
        l: fc.array(word, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    );
    const test = fc.oneof(
      fc.record({ field: fc.constant('n'), in: fc.array(fc.constantFrom(-2, -0, 1.5, 9), { minLength: 1 }) }),
      fc.record({ field: fc.constant('n'), from: fc.constantFrom(-2, 0, 1), below: fc.constantFrom(1.5, 8) }),
      fc.record({ field: fc.constant('s'), above: word, to: word }),
      fc.record({ field: fc.constantFrom('s', 'l'), equals: word }),
      fc.record({ field: fc.constant('b'), equals: fc.boolean() }),
    ) as fc.Arbitrary<Filter>;
    const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
      filter: fc.oneof(
        { maxDepth: 3 },
        test,
        fc.record({ and: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ or: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ not: tie('filter') }),
      ),
    }));
    const seed = { n: 0, s: 'a', b: true, l: ['a'] };
    await fc.assert(
      fc.asyncProperty(fc.array(passage, { maxLength: 20 }), filter, async (rest, given) => {
        const passages = [seed, ...rest] as Record<string, MetadataValue>[];
        const { schema, fields } = await fieldsOf(passages);
        for (const each of [given, parseFilter(formatFilter(given))]) {
          const bits = evaluateFilter(bindFilter(each, schema), fields);
          expect(passages.map((_, p) => hasBit(bits, p))).toEqual(passages.map((p) => meets(p, given)));
        }
        fields.close();
      }),
      { numRuns: 150 },
    );
  });
});

/** What a filter means, passage by passage. */
function meets(passage: Record<string, MetadataValue>, filter: Filter): boolean {
  if ('and' in filter) return filter.and.every((part) => meets(passage, part));
  if ('or' in filter) return filter.or.some((part) => meets(passage, part));
  if ('not' in filter) return !meets(passage, filter.not);
  const value = passage[filter.field];
  if (value === undefined) return false;
  const values = (typeof value === 'object' ? value : [value]) as FilterValue[];
  if ('equals' in filter) return values.includes(filter.equals);
  if ('in' in filter) return values.some((each) => filter.in.some((wanted) => each === wanted));
  const compare = (x: FilterValue, y: FilterValue) =>
    typeof x === 'number' ? x - Number(y) : compareCodePoints(String(x), String(y));
  const { from, above, to, below } = filter;
  const [each] = values;
  return (
    (from === undefined || compare(each, from) >= 0) &&
    (above === undefined || compare(each, above) > 0) &&
    (to === undefined || compare(each, to) <= 0) &&
    (below === undefined || compare(each, below) < 0)
  );
}
