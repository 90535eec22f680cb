import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { type Bitext, loadBitext, readBitext } from './bitext.ts';
import { formatBitextReport } from './clean.ts';

const folder = temporaryFolder();
const sw = { language: 'sw' };

/** What matters of each pair: both sides, source and line. */
const rows = ({ pairs }: Bitext) =>
  pairs.map(({ pivot, target, source, line }) => [pivot, target, source, line]);

describe('TSV', () => {
  it('takes the last two columns and the source without a header', async () => {
    const path = folder.write('kit.tsv', 'ntrex\td1\tWater\tMaji\n\ntico\td2\tMilk\tMaziwa\n');
    const bitext = await readBitext(path, sw);
    expect(rows(bitext)).toEqual([
      ['Water', 'Maji', 'ntrex', 1],
      ['Milk', 'Maziwa', 'tico', 3],
    ]);
    expect(bitext.pairs[0]).toMatchObject({ language: 'sw', at: path });
    expect(bitext.report.layout).toEqual([
      'columns: English 3, Swahili 4, source 1 (no header; the last two)',
    ]);
  });

  it('names the source after the file where no column does', async () => {
    const path = folder.write('tatoeba.tsv.gz', gzipSync('Water\tMaji\n'));
    expect(rows(await readBitext(path, sw))).toEqual([['Water', 'Maji', 'tatoeba', 1]]);
  });

  it.each([
    ['Swahili\tnote\tEnglish\tsource', 'Maji\tx\tWater\tweb', 'web'],
    ['swh_Latn\tn\teng_Latn\tcorpus', 'Maji\tx\tWater\tweb', 'web'],
    ['target\tn\tpivot\td', 'Maji\tx\tWater\tweb', 'h'],
    ['target\tn\tsource\td', 'Maji\tx\tWater\tweb', 'h'],
    ['Kiswahili\tn\tsrc\td', 'Maji\tx\tWater\tweb', 'h'],
  ])('recognises the header %j', async (header, row, source) => {
    const bitext = await readBitext(folder.write('h.tsv', `${header}\n${row}\n`), sw);
    expect(rows(bitext)).toEqual([['Water', 'Maji', source, 2]]);
  });

  it('takes columns by number and by name', async () => {
    const plain = folder.write('n.tsv', 'Maji\tWater\tweb\nMaziwa\tMilk\tbook\n');
    expect(rows(await readBitext(plain, { ...sw, columns: ['2', '1', '3'] }))).toEqual([
      ['Water', 'Maji', 'web', 1],
      ['Milk', 'Maziwa', 'book', 2],
    ]);
    const headed = folder.write('m.tsv', 'Left\tRight\tFrom\nMaji\tWater\tweb\n');
    const named = await readBitext(headed, { ...sw, columns: ['right', ' Left', 'from'] });
    expect(rows(named)).toEqual([['Water', 'Maji', 'web', 2]]);
    const numbered = folder.write('k.tsv', 'english\tswahili\nWater\tMaji\n');
    expect(rows(await readBitext(numbered, { ...sw, columns: ['1', '2'] }))).toEqual([
      ['Water', 'Maji', 'k', 2],
    ]);
  });

  it('counts rows with too few or too many columns and names their lines', async () => {
    const path = folder.write('short.tsv', 'Water\tMaji\nMilk\n\nSun\tJua\nA\tB\tC\nMoon\nStar\nSea\n');
    const { pairs, report } = await readBitext(path, sw);
    expect(pairs).toHaveLength(2);
    expect(report).toMatchObject({ read: 7, kept: 2 });
    expect(report.skipped.columns).toEqual({
      count: 4,
      examples: [2, 6, 7].map((line) => ({ at: path, line })),
    });
    expect(report.skipped['extra-columns']?.count).toBe(1);
    expect(formatBitextReport(report)).toBe(
      [
        `${path}: 7 read, 2 kept, 5 left out`,
        '  columns: English 1, Swahili 2 (no header; the last two)',
        '  4  too few columns (lines 2, 6, 7, ...)',
        '  1  more columns than the other rows (a stray tab) (line 5)',
      ].join('\n'),
    );
  });

  it('judges the number of columns by the usual row, not the first', async () => {
    const path = folder.write('first.tsv', 'broken\nWater\tMaji\nSun\tJua\n');
    expect((await readBitext(path, sw)).pairs).toHaveLength(2);
  });

  it('stops at such rows when strict', async () => {
    const short = folder.write('s1.tsv', 'Water\tMaji\nMilk\n');
    expect(await refusal(() => readBitext(short, { ...sw, strict: true }))).toMatchObject({
      code: 'COLUMN_MISSING',
      at: short,
      line: 2,
    });
    const long = folder.write('s2.tsv', 'Water\tMaji\nMilk\tMaziwa\tx\n');
    const error = await refusal(() => readBitext(long, { ...sw, strict: true }));
    expect(error).toMatchObject({ code: 'LINE_FORMAT', line: 2 });
  });

  it('says which columns there are when one is absent, and when no row has enough', async () => {
    const path = folder.write('c.tsv', 'english\tswahili\nWater\tMaji\n');
    const error = await refusal(() => readBitext(path, { ...sw, columns: ['englsh', 'swahili'] }));
    expect(error.code).toBe('COLUMN_MISSING');
    expect(error.hint).toContain('Did you mean "english"? The first row has: english, swahili.');
    expect((await refusal(() => readBitext(path, { ...sw, columns: ['1', '9'] }))).code).toBe(
      'COLUMN_MISSING',
    );
    const comma = folder.write('comma.tsv', 'Water,Maji\nSun,Jua\n');
    expect((await refusal(() => readBitext(comma, sw))).message).toContain('none of the 2 rows');
  });
});

describe('Moses pairs', () => {
  it('reads two files, whichever way round they are named', async () => {
    folder.write('web.en', 'Water\nMilk\n');
    folder.write('web.sw', 'Maji\n\n');
    const expected = [
      ['Water', 'Maji', 'web', 1],
      ['Milk', '', 'web', 2],
    ];
    const at = (spec: string) => spec.replaceAll('web', `${folder.path}/web`);
    for (const spec of ['web.{en,sw}', 'web.{sw,en}', 'web.en|web.sw', 'web.sw | web.en'])
      expect(rows(await readBitext(at(spec), sw))).toEqual(expected);
  });

  it('reads gzip and folders in braces', async () => {
    folder.write('en/a.gz', gzipSync('Water'));
    folder.write('sw/a.gz', gzipSync('Maji'));
    expect((await readBitext(`${folder.path}/{en,sw}/a.gz`, sw)).pairs).toMatchObject([{ target: 'Maji' }]);
  });

  it('refuses sides of different length with both numbers', async () => {
    folder.write('odd.en', 'a\nb\nc\n');
    folder.write('odd.sw', 'a\nb\nc\nd\ne\n');
    const error = await refusal(() => readBitext(`${folder.path}/odd.{en,sw}`, sw));
    expect(error).toMatchObject({ code: 'BITEXT_LENGTH', line: 4 });
    expect(error.message).toMatch(/odd\.en has 3 lines and .*odd\.sw has 5/);
    const other = await refusal(() =>
      readBitext(`${folder.path}/odd.sw|${folder.path}/odd.en`, { language: 'so' }),
    );
    expect(other.message).toMatch(/odd\.sw has 5 lines and .*odd\.en has 3/);
  });

  it('refuses a missing side and columns', async () => {
    expect((await refusal(() => readBitext(`${folder.path}/odd.{en,so}`, { language: 'so' }))).code).toBe(
      'FILE_MISSING',
    );
    const error = await refusal(() =>
      readBitext(`${folder.path}/odd.{en,sw}`, { ...sw, columns: ['1', '2'] }),
    );
    expect(error.code).toBe('SETTING_INVALID');
  });
});

describe('JSON lines', () => {
  it('reads every usual shape', async () => {
    const path = folder.write(
      'shapes.jsonl',
      [
        '{"en": "Water", "sw": "Maji"}',
        '{"translation": {"en": "Milk", "sw": "Maziwa"}, "source": "opus"}',
        '{"pivot": "Sun", "target": "Jua", "source": "book"}',
        '{"swahili": "Mwezi", "english": "Moon", "id": 4}',
        '{"source": "Star", "target": "Nyota"}',
        '{"en": "Sea"}',
        '{"en": "Sea", "sw": null}',
      ].join('\n'),
    );
    const bitext = await readBitext(path, sw);
    expect(rows(bitext)).toEqual([
      ['Water', 'Maji', 'shapes', 1],
      ['Milk', 'Maziwa', 'opus', 2],
      ['Sun', 'Jua', 'book', 3],
      ['Moon', 'Mwezi', 'shapes', 4],
      ['Star', 'Nyota', 'shapes', 5],
    ]);
    expect(bitext.report).toMatchObject({ read: 7, kept: 5, skipped: { side: { count: 2 } } });
    const strict = await refusal(() => readBitext(path, { ...sw, strict: true }));
    expect(strict).toMatchObject({ code: 'COLUMN_MISSING', line: 6 });
  });

  it('takes fields by name', async () => {
    const path = folder.write('named.jsonl', '{"a": "Water", "b": "Maji", "c": "web"}\n');
    expect(rows(await readBitext(path, { ...sw, columns: ['a', 'b', 'c'] }))).toEqual([
      ['Water', 'Maji', 'web', 1],
    ]);
    const error = await refusal(() => readBitext(path, sw));
    expect(error.message).toContain('no object has both sides; the fields are: a, b, c');
  });

  it('refuses lines that do not parse and sides that are not text', async () => {
    const broken = folder.write('broken.jsonl', '{"en": "Water", "sw": "Maji"}\n{"en": "Milk",\n');
    expect(await refusal(() => readBitext(broken, sw))).toMatchObject({ code: 'LINE_FORMAT', line: 2 });
    const number = folder.write('number.jsonl', '{"en": "Water", "sw": 5}\n');
    expect((await refusal(() => readBitext(number, sw))).message).toContain('field "sw" is a number');
  });
});

describe('finding the format', () => {
  it('looks at the first line where the name does not say', async () => {
    const tsv = folder.write('a.txt', 'Water\tMaji\n');
    const jsonl = folder.write('b', '\n{"en": "Water", "sw": "Maji"}\n');
    for (const path of [tsv, jsonl]) expect((await readBitext(path, sw)).pairs).toHaveLength(1);
    expect((await refusal(() => readBitext(folder.write('c', 'Water\n'), sw))).code).toBe('FILE_FORMAT');
  });

  it.each([
    [{ language: 'xx' }, 'LANGUAGE_UNKNOWN'],
    [{ language: 'sw', pivotLanguage: 'english' }, 'LANGUAGE_UNKNOWN'],
    [{ language: 'eng' }, 'SETTING_INVALID'],
    [{ language: 'sw', columns: ['1'] }, 'SETTING_INVALID'],
    [{ language: 'sw', columns: ['1', '2', '3', '4'] }, 'SETTING_INVALID'],
    [{ language: 'sw', columns: ['1', ''] }, 'SETTING_INVALID'],
  ])('refuses the options %j', async (options, code) => {
    expect((await refusal(() => readBitext('any.tsv', options))).code).toBe(code);
  });
});

describe('loadBitext', () => {
  it('reads several files and drops duplicates between them', async () => {
    const one = folder.write('one.tsv', 'Water\tMaji\nSun\tJua\n');
    const two = folder.write('two.jsonl', '{"en":" Sun ","sw":"Jua"}\n{"en":"Moon","sw":"Mwezi"}\n');
    const bitext = await loadBitext([one, two], sw);
    expect(rows(bitext)).toEqual([
      ['Water', 'Maji', 'one', 1],
      ['Sun', 'Jua', 'one', 2],
      ['Moon', 'Mwezi', 'two', 2],
    ]);
    expect(bitext.report).toMatchObject({ files: [one, two], read: 4, kept: 3 });
    expect(formatBitextReport(bitext.report)).toContain('1  the same pair came before (two.jsonl:1)');
  });
});
