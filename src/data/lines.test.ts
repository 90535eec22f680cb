import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { type NumberedLine, readLines } from './lines.ts';

const folder = temporaryFolder();

async function all(path: string): Promise<NumberedLine[]> {
  const lines: NumberedLine[] = [];
  for await (const line of readLines(path)) lines.push(line);
  return lines;
}

const texts = async (path: string) => (await all(path)).map(({ text }) => text);

describe('readLines', () => {
  it('numbers lines from 1 and keeps blank ones', async () => {
    expect(await all(folder.write('a.txt', 'maji\n\nपानी\n'))).toEqual([
      { line: 1, text: 'maji' },
      { line: 2, text: '' },
      { line: 3, text: 'पानी' },
    ]);
  });

  it('takes a byte order mark, CRLF and a last line without a break', async () => {
    expect(await texts(folder.write('b.txt', '\uFEFFنص عربي\r\nน้ำ\r\nọ̀rọ̀'))).toEqual([
      'نص عربي',
      'น้ำ',
      'ọ̀rọ̀',
    ]);
  });

  it('breaks lines at line feeds only', async () => {
    expect(await texts(folder.write('c.txt', 'a\u2028b\rc\u0085d\n'))).toEqual(['a\u2028b\rc\u0085d']);
  });

  it('knows gzip by its first bytes, whatever the name, and reads several members', async () => {
    const members = Buffer.concat([gzipSync('moja\nmb'), gzipSync('ili\n')]);
    expect(await texts(folder.write('d.txt', members))).toEqual(['moja', 'mbili']);
    expect(await texts(folder.write('plain.gz', 'tatu\n'))).toEqual(['tatu']);
  });

  it('gives back any lines, across block borders, plain or gzip', async () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 12 })
      .map((text) => text.replace(/[\r\n\uFEFF]/g, ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1 }),
        fc.integer({ min: 0, max: 600_000 }),
        async (lines, size) => {
          const expected = ['x'.repeat(size), ...lines, '!'];
          const bytes = Buffer.from(expected.join('\n'));
          expect(await texts(folder.write('p.txt', bytes))).toEqual(expected);
          expect(await texts(folder.write('p.gz', gzipSync(bytes, { level: 1 })))).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('names the line that is not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('a\nb\n'), Buffer.from([0x63, 0xe9, 0x0a, 0x64])]);
    const error = await refusal(() => all(folder.write('latin1.txt', bytes)));
    expect(error).toMatchObject({ code: 'FILE_ENCODING', line: 3 });
    expect(error.hint).toContain('iconv');
  });

  it('counts lines of earlier blocks when it names one', async () => {
    const bytes = Buffer.concat([Buffer.from('0123456\n'.repeat(100_000)), Buffer.from([0xff])]);
    expect(await refusal(() => all(folder.write('late.txt', bytes)))).toMatchObject({
      code: 'FILE_ENCODING',
      line: 100_001,
    });
  });

  it('refuses a character cut off at the end of the file, and tells UTF-16', async () => {
    const cut = Buffer.from('maji पानी').subarray(0, -1);
    expect((await refusal(() => all(folder.write('cut.txt', cut)))).code).toBe('FILE_ENCODING');
    const wide = Buffer.from('\uFEFFmaji', 'utf16le');
    expect((await refusal(() => all(folder.write('wide.txt', wide)))).what).toContain('UTF-16');
    // Without a mark its ASCII letters are valid UTF-8, with zeros between them.
    const little = Buffer.from('maji\nsafi\n', 'utf16le');
    const unmarked = await refusal(() => all(folder.write('little.txt', little)));
    expect(unmarked).toMatchObject({ code: 'FILE_ENCODING', hint: expect.stringContaining('-f UTF-16LE') });
    const big = await refusal(() => all(folder.write('big.txt', little.swap16())));
    expect(big.hint).toContain('-f UTF-16BE');
    const binary = Buffer.from('\0\0\0\u0001ab\0\0');
    expect((await refusal(() => all(folder.write('binary', binary)))).what).toContain('no text');
    expect(await all(folder.write('one-zero', 'maji safi ni uhai\0\n'))).toHaveLength(1);
  });

  it('refuses what is missing, empty, a folder or damaged', async () => {
    expect((await refusal(() => all(`${folder.path}/none`))).code).toBe('FILE_MISSING');
    expect((await refusal(() => all(folder.write('empty', '')))).code).toBe('FILE_EMPTY');
    expect((await refusal(() => all(folder.write('blank', '\uFEFF \n\t\n')))).code).toBe('FILE_EMPTY');
    expect((await refusal(() => all(folder.write('empty.gz', gzipSync(''))))).code).toBe('FILE_EMPTY');
    const asFile = await refusal(() => all(folder.path));
    expect(asFile).toMatchObject({ code: 'FILE_FORMAT', at: folder.path });
    expect(asFile.hint).toContain(readdirSync(folder.path).sort()[0]);
    const cut = gzipSync('abc\n'.repeat(1000)).subarray(0, 30);
    expect((await refusal(() => all(folder.write('cut.gz', cut)))).code).toBe('FILE_FORMAT');
    const spoilt = Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('not gzip at all')]);
    expect((await refusal(() => all(folder.write('spoilt.gz', spoilt)))).code).toBe('FILE_FORMAT');
  });

  it('can be left early', async () => {
    for await (const { text } of readLines(folder.write('early.gz', gzipSync('a\n'.repeat(2_000_000))))) {
      expect(text).toBe('a');
      break;
    }
  });
});
