/** Fields of segments: what was written is read, merged segments keep it, damage is found. */
import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import type { MetadataValue, Passage } from '../../data/records.ts';
import { bindFilter } from './bound-filter.ts';
import { FieldsReader } from './reader.ts';
import { FieldSchema } from './schema.ts';
import { FieldsView } from './view.ts';
import { FieldsWriter } from './writer.ts';

const folder = temporaryFolder();
let made = 0;
const place = () => {
  const path = join(folder.path, `s${made++}`);
  mkdirSync(path);
  return path;
};
const passage = (id: string, metadata: Record<string, MetadataValue> = {}, more: Partial<Passage> = {}) => ({
  id,
  text: 'x',
  metadata,
  ...more,
});

const PASSAGES: Passage[] = [
  passage('hi', { year: 2020, source: 'स्रोत', draft: true, topics: ['पानी', 'मलेरिया'] }, { language: 'hi' }),
  passage('ar', { year: -1.5, source: 'مصدر', draft: false, topics: ['ماء'] }, { title: 'ماء water' }),
  passage('th', { source: 'ที่มา', topics: [] }),
  passage(
    'yo',
    { year: 0, source: 'orísun ọ̀rọ̀'.normalize('NFD'), topics: ['omi', 'omi'] },
    { language: 'yo' },
  ),
  passage('none'),
];

async function write(passages: readonly Passage[], schema = new FieldSchema()) {
  const path = place();
  const writer = new FieldsWriter(path, schema);
  for (const each of passages) writer.add(each);
  const files = await writer.finish();
  return { path, files, schema };
}

describe('the name of a field', () => {
  const name = 'orísun ọ̀rọ̀';

  it('is the same in every form of Unicode', async () => {
    const { schema } = await write([
      passage('a', { [name.normalize('NFD')]: 'x' }),
      passage('b', { [name.normalize('NFC')]: 'y' }),
    ]);
    expect(schema.names).toEqual([name.normalize('NFC')]);
    for (const form of ['NFC', 'NFD'])
      expect(bindFilter({ field: name.normalize(form), equals: 'x' }, schema)).toEqual({
        kind: 'in',
        field: name.normalize('NFC'),
        values: ['x'],
      });
  });

  it('stands in a passage once', async () => {
    const twice = passage('p', { [name.normalize('NFD')]: 1, [name.normalize('NFC')]: 2 });
    const error = await refusal(() => new FieldSchema().admit(twice));
    expect(error.code).toBe('SETTING_INVALID');
    expect(error.message).toContain('two forms of Unicode');
  });
});

describe('the fields of a segment', async () => {
  const { path, files, schema } = await write(PASSAGES);
  const fields = FieldsReader.open(path, PASSAGES.length);

  it('give back every value, text in NFC, each text of a list once', () => {
    expect(schema.toJSON()).toEqual({
      language: 'string',
      year: 'number',
      source: 'string',
      draft: 'boolean',
      topics: 'strings',
      title: 'string',
    });
    expect(fields.metadata(0)).toEqual(PASSAGES[0].metadata);
    expect(fields.metadata(1)).toEqual(PASSAGES[1].metadata);
    expect(fields.metadata(2)).toEqual({ source: 'ที่มา' });
    expect(fields.metadata(3)).toEqual({ year: 0, source: 'orísun ọ̀rọ̀'.normalize('NFC'), topics: ['omi'] });
    expect(fields.metadata(4)).toEqual({});
    expect([0, 1, 2].map((p) => [fields.value('language', p), fields.value('title', p)])).toEqual([
      ['hi', undefined],
      [undefined, 'ماء water'],
      [undefined, undefined],
    ]);
    expect([fields.type('year'), fields.type('giraffe'), fields.value('giraffe', 0)]).toEqual([
      'number',
      undefined,
      undefined,
    ]);
  });

  it('are listed with their sizes', () => {
    for (const [name, { bytes, sha256 }] of Object.entries(files)) {
      expect(readFileSync(join(path, name))).toHaveLength(bytes);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(Object.keys(files).sort()).toEqual(['fields.bin', 'fields.json']);
  });

  it('are copied into a merged segment, in any order', async () => {
    const merged = place();
    const writer = new FieldsWriter(merged, schema);
    writer.copy(fields, 3);
    writer.copy(fields, 4);
    writer.add(passage('new', { year: 7 }));
    writer.copy(fields, 0);
    await writer.finish();
    const read = FieldsReader.open(merged, 4);
    expect([0, 1, 2, 3].map((p) => read.metadata(p))).toEqual([
      fields.metadata(3),
      {},
      { year: 7 },
      fields.metadata(0),
    ]);
    expect(read.value('language', 0)).toBe('yo');
    read.close();
  });

  it('stay readable when their files are removed', async () => {
    const { path } = await write(PASSAGES);
    const open = FieldsReader.open(path, PASSAGES.length);
    unlinkSync(join(path, 'fields.bin'));
    expect(open.metadata(0)).toEqual(PASSAGES[0].metadata);
    open.close();
  });

  it('take wide codes where there are many texts', async () => {
    for (const count of [255, 256, 65_536]) {
      const many = Array.from({ length: count }, (_, i) =>
        passage(`${i}`, { n: `ቁጥር ${i}`, list: [`${i}`, `${i + 1}`] }),
      );
      const { path } = await write(many);
      const open = FieldsReader.open(path, count);
      for (const p of [0, 254, count - 1]) expect(open.metadata(p)).toEqual(many[p].metadata);
      open.close();
    }
  });

  it('may be none at all', async () => {
    const { path } = await write([passage('a'), passage('b')]);
    const open = FieldsReader.open(path, 2);
    expect([open.names, open.metadata(1)]).toEqual([[], {}]);
    open.close();
    const { path: empty } = await write([]);
    FieldsReader.open(empty, 0).close();
  });
});

describe('types', () => {
  it('are fixed by the first value; a passage that breaks them is refused whole', async () => {
    const schema = new FieldSchema({ year: 'number' });
    const writer = new FieldsWriter(place(), schema);
    const error = await refusal(() => writer.add(passage('p7', { new: 'x', year: '2020' })));
    expect(error.code).toBe('FIELD_TYPE');
    expect(error.what).toBe('passage "p7" has text in the field "year", which holds numbers');
    expect(schema.names).toEqual(['year']);
    writer.add(passage('p8', { year: 2021 }));
    await writer.finish();
  });

  it.each([
    [{ year: Number.NaN }, 'in "year"'],
    [{ language: 'sw' }, 'in "language"'],
    [{ a: { b: 1 } as unknown as MetadataValue }, 'in "a"'],
  ])('refuse %o', async (metadata, what) => {
    const error = await refusal(() => new FieldSchema().admit(passage('p', metadata)));
    expect([error.code, error.what]).toEqual(['SETTING_INVALID', expect.stringContaining(what)]);
  });
});

describe('damage', async () => {
  const { path } = await write(PASSAGES);
  const bytes = readFileSync(join(path, 'fields.bin'));
  const header = readFileSync(join(path, 'fields.json'), 'utf8');
  const opened = (name: string, content: string | Uint8Array) => {
    const copy = place();
    writeFileSync(join(copy, 'fields.bin'), bytes);
    writeFileSync(join(copy, 'fields.json'), header);
    writeFileSync(join(copy, name), content);
    const open = FieldsReader.open(copy, PASSAGES.length);
    try {
      for (const field of open.names) open.column(field);
    } finally {
      open.close();
    }
  };

  it.each([
    ['fields.bin', bytes.subarray(0, bytes.length - 1)],
    ['fields.json', header.slice(0, -5)],
    ['fields.json', header.replace('"passages": 5', '"passages": 6')],
    ['fields.json', header.replace('"type": "number"', '"type": "date"')],
    ['fields.json', header.replace('"type": "number"', '"type": "boolean"')],
    ['fields.json', header.replace('"texts": 2', '"texts": 3')],
    ['fields.json', header.replace('"width": 1', '"width": 2')],
  ])('of %s is refused when it is opened (%#)', async (name, content) => {
    const error = await refusal(() => opened(name, content));
    expect(error).toMatchObject({ code: 'CHECKPOINT_FORMAT', at: expect.stringContaining('fields.') });
  });

  it('never reads outside of what is there, whatever byte changes', async () => {
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes);
      changed[i] ^= 0xff;
      try {
        opened('fields.bin', changed);
      } catch (error) {
        expect(error).toMatchObject({ code: 'CHECKPOINT_FORMAT' });
      }
    }
  });

  it.each(['fields.bin', 'fields.json'])('names %s when it is missing', async (name) => {
    const { path } = await write(PASSAGES);
    unlinkSync(join(path, name));
    const error = await refusal(() => FieldsReader.open(path, PASSAGES.length));
    expect(error).toMatchObject({ code: 'CHECKPOINT_INCOMPLETE', at: join(path, name) });
  });
});

describe('FieldsView', async () => {
  const schema = new FieldSchema();
  const first = await write(PASSAGES, schema);
  const second = await write([passage('x', { year: 2020 }), passage('y', { place: 'Ọ̀yọ́' })], schema);
  const readers = [FieldsReader.open(first.path, 5), FieldsReader.open(second.path, 2)];

  it('numbers live passages over all segments', () => {
    const view = new FieldsView(schema, [
      { fields: readers[0], live: Uint8Array.of(0b11001) },
      { fields: readers[1] },
    ]);
    // Live: hi, yo, none, x, y.
    expect([...view.allowed({ field: 'year', equals: 2020 })]).toEqual([0b01001]);
    expect([...view.allowed({ not: { field: 'year', equals: 2020 } })]).toEqual([0b10110]);
    expect([...view.allowed({ field: 'place', equals: 'Ọ̀yọ́'.normalize('NFD') })]).toEqual([0b10000]);
    expect(view.allowedBySegment({ field: 'year', from: -5 }).map((bits) => [...bits])).toEqual([
      [0b01001],
      [0b1],
    ]);
  });
});
