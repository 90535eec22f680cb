/** The readers of dictionaries: MUSE, TSV, StarDict, PanLex. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allOf, fixture, labels, notesOf } from '../../../test/data-sets.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { openDataSet } from './catalogue.ts';
import { csvCells } from './csv.ts';
import { decodeEntities } from './entities.ts';
import { starDictArticles, translationsIn } from './stardict.ts';

const folder = temporaryFolder();

it('MUSE: both directions, parts by their names, pairs without English left aside', async () => {
  expect(labels('muse')).toEqual(['dictionary.tl', 'dictionary.tl.reversed.test']);
  expect(await allOf('muse', 'dictionary.tl')).toEqual([
    { pivot: 'water', target: 'tubig', language: 'tl' },
    { pivot: 'water', target: 'tubig-tabang', language: 'tl' },
    { pivot: 'honey', target: 'pulot', language: 'tl' },
  ]);
  expect(await allOf('muse', 'dictionary.tl.reversed.test')).toEqual([
    { pivot: 'water', target: 'tubig', language: 'tl' },
  ]);
});

it('TSV: language from the name, sources kept, normalised, an empty side told', async () => {
  expect(await allOf('dictionary', 'dictionary.yo')).toEqual([
    { pivot: 'water', target: 'omi', language: 'yo', source: 'wikt' },
    { pivot: 'good morning', target: 'ẹ káàárọ̀'.normalize('NFC'), language: 'yo' },
  ]);
  expect((await notesOf('dictionary', 'dictionary.yo'))[0]).toMatch(/^1 empty /);
  folder.write('named/words.tsv', 'maji\twater\n');
  const place = join(folder.path, 'named');
  expect((await refusal(() => openDataSet('dictionary', place))).hint).toContain('--language sw');
  const [part] = openDataSet('dictionary', place, { language: 'sw', reverse: true });
  const entries: unknown[] = [];
  for await (const entry of part.read()) entries.push(entry);
  expect(entries).toEqual([{ pivot: 'water', target: 'maji', language: 'sw' }]);
});

describe('StarDict', () => {
  it('reads packed index and articles, and synonyms', async () => {
    expect(await allOf('stardict', 'dictionary.sw', 'stardict/plain', { language: 'sw' })).toEqual(
      [
        ['honey', 'asali'],
        ['honey', 'mpenzi'],
        ['water', 'maji'],
        ['water', 'maji safi'],
        ['water', 'chai'],
        ['waters', 'maji'],
        ['waters', 'maji safi'],
        ['waters', 'chai'],
      ].map(([pivot, target]) => ({ pivot, target, language: 'sw' })),
    );
    const notes = await notesOf('stardict', 'dictionary.sw', 'stardict/plain', { language: 'sw' });
    expect(notes[0]).toMatch(/^1 no translation \(.*plain\.ifo:2\)$/);
  });

  it('reads 64-bit offsets and HTML, the other way round, any script', async () => {
    const options = { language: 'sw', reverse: true };
    expect(await allOf('stardict', 'dictionary.sw', 'stardict/html', options)).toEqual([
      { pivot: 'water', target: 'maji', language: 'sw' },
      { pivot: 'liquid & drink', target: 'maji', language: 'sw' },
      { pivot: 'light', target: 'نور', language: 'sw' },
    ]);
  });

  it('tells the fields of an article without a common type, sounds left out', () => {
    expect([...starDictArticles(fixture('stardict/mixed/mixed.ifo'))]).toEqual([
      { headword: 'omi', texts: ['water', 'omi', 'drink'] },
    ]);
  });

  it('names a dictionary by its file where there are several', () => {
    expect(labels('stardict', 'stardict', { language: 'sw' })).toEqual([
      'dictionary.sw.html',
      'dictionary.sw.mixed',
      'dictionary.sw.plain',
    ]);
  });

  it.each([
    ['a missing index', 'html.idx', undefined, 'FILE_MISSING'],
    ['a cut index', 'html.idx', -3, 'FILE_FORMAT'],
    ['cut articles', 'html.dict', -5, 'FILE_FORMAT'],
    ['another .ifo', 'html.ifo', 9, 'FILE_FORMAT'],
  ])('refuses %s', async (what, file, end, code) => {
    const place = join(folder.path, what.replaceAll(' ', '-'));
    cpSync(fixture('stardict/html'), place, {
      recursive: true,
      filter: (from) => end !== undefined || !from.endsWith(file),
    });
    if (end !== undefined) writeFileSync(join(place, file), readFileSync(join(place, file)).subarray(0, end));
    const error = await refusal(() => [...starDictArticles(join(place, 'html.ifo'))]);
    expect(error.code).toBe(code);
  });

  it('takes words and short phrases for translations, not explanations', () => {
    expect(translationsIn('1. maji (kimiminika); chai')).toEqual(['maji', 'chai']);
    expect(translationsIn('<div>ماء، نور</div><div>[v] omi.</div>')).toEqual(['ماء', 'نور', 'omi']);
    expect(translationsIn('a thing that one says only at night')).toEqual([]);
    expect(translationsIn('12; --')).toEqual([]);
  });
});

describe('PanLex', () => {
  const expected = [
    { pivot: 'water', target: 'maji', language: 'sw', source: 'panlex' },
    { pivot: 'water, "fresh"', target: 'maji safi', language: 'sw', source: 'panlex' },
  ];

  it('joins words by meaning, from the dump and from files by language; each pair once', async () => {
    expect(await allOf('panlex', 'dictionary.sw', 'panlex-dump', { language: 'sw' })).toEqual(expected);
    expect(await allOf('panlex', 'dictionary.sw', 'panlex-tables', { language: 'sw' })).toEqual([
      expected[0],
    ]);
  });

  it('refuses tables without their columns', async () => {
    folder.write('panlex/eng.tsv', 'id\ttext\n');
    folder.write('panlex/swh.tsv', 'id\ttxt\n1\tmaji\n');
    const [part] = openDataSet('panlex', join(folder.path, 'panlex'), { language: 'sw' });
    const error = await refusal(async () => {
      for await (const _ of part.read());
    });
    expect(error).toMatchObject({ code: 'COLUMN_MISSING', line: 1 });
    expect(error.message).toContain('"meaning"');
  });
});

it('csvCells reads quotes', () => {
  expect(csvCells('1,"maji, safi","a ""b""",')).toEqual(['1', 'maji, safi', 'a "b"', '']);
  expect(csvCells('a,,b')).toEqual(['a', '', 'b']);
});

it('decodeEntities leaves what is no reference', () => {
  expect(decodeEntities('R&amp;D caf&eacute; &#2350;&#x92E; &unknown; &#xD800; &constructor; & b')).toBe(
    'R&D café मम &unknown; &#xD800; &constructor; & b',
  );
});
