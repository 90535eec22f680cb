import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { readRun, writeRun } from './runs.ts';

const folder = temporaryFolder();

describe('readRun', () => {
  it('orders by score, then by passage id descending, whatever the ranks say', async () => {
    const path = folder.write(
      'a.run',
      'q2 Q0 a 1 .5 t\nq1\tQ0\tb\t9\t  1e1\tt more words\nq2 Q0 c 2 7 t\nq1 Q0 a 1 10 t\n',
    );
    expect(await readRun(path)).toEqual([
      { query: 'q2', passage: 'c', score: 7 },
      { query: 'q2', passage: 'a', score: 0.5 },
      { query: 'q1', passage: 'b', score: 10 },
      { query: 'q1', passage: 'a', score: 10 },
    ]);
  });

  it('breaks ties by bytes, not by UTF-16 units', async () => {
    // U+FF5E is EF BD 9E in UTF-8, U+1F600 is F0 9F 98 80: by bytes the latter is greater, by UTF-16 units less.
    const path = folder.write('tie.run', 'q Q0 \uFF5E 1 1 t\nq Q0 \u{1F600} 2 1 t\n');
    expect((await readRun(path)).map(({ passage }) => passage)).toEqual(['\u{1F600}', '\uFF5E']);
  });

  it.each([
    ['q Q0 p 1 NaN t', 'RUN_FORMAT', /score "NaN" is not a finite number/],
    ['q Q0 p 1 inf t', 'RUN_FORMAT', /score "inf"/],
    ['q Q0 p 1 1e999 t', 'RUN_FORMAT', /score "1e999"/],
    ['q Q0 p 1 0x1F t', 'RUN_FORMAT', /score "0x1F"/],
    ['q Q0 p 1 0.5', 'RUN_FORMAT', /5 columns where a run has 6/],
    ['q 0 p 1', 'RUN_FORMAT', /4 columns/],
    ['q0 Q0 p0 2 3 t', 'DUPLICATE_ID', /already has passage "p0" on line 1/],
  ])('refuses %j', async (row, code, message) => {
    const error = await refusal(() => readRun(folder.write('bad.run', `q0 Q0 p0 1 2 t\n${row}\n`)));
    expect(error).toMatchObject({ code, line: 2 });
    expect(error.message).toMatch(message);
  });
});

describe('writeRun', () => {
  it('ranks each query from 1', () => {
    const path = `${folder.path}/new/out.run`;
    const entries = [
      { query: 'q1', passage: 'a', score: 1 },
      { query: 'q2', passage: 'a', score: -0.25 },
      { query: 'q1', passage: 'c', score: 1 },
      { query: 'q1', passage: 'b', score: 1.5 },
    ];
    writeRun(path, entries, 'optical');
    expect(readFileSync(path, 'utf8')).toBe(
      'q1 Q0 b 1 1.5 optical\nq1 Q0 c 2 1 optical\nq1 Q0 a 3 1 optical\nq2 Q0 a 1 -0.25 optical\n',
    );
    expect(entries[0].passage).toBe('a'); // the caller's order stays
  });

  it('reads back what it wrote, to the last bit', async () => {
    const path = `${folder.path}/round.run`;
    const score = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(score, { minLength: 1, maxLength: 20 }), async (scores) => {
        const entries = scores.map((value, i) => ({
          query: `q${i % 3}`,
          passage: `p${i}`,
          score: value + 0,
        }));
        writeRun(path, entries, 't');
        const read = await readRun(path);
        const byPassage = new Map(read.map((entry) => [entry.passage, entry]));
        for (const entry of entries) expect(byPassage.get(entry.passage)).toEqual(entry);
        writeRun(path, read, 't');
        expect(await readRun(path)).toEqual(read);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    [{ query: 'q', passage: 'p', score: Number.NaN }, 't', 'RUN_FORMAT'],
    [{ query: 'q 1', passage: 'p', score: 1 }, 't', 'RUN_FORMAT'],
    [{ query: 'q', passage: '', score: 1 }, 't', 'RUN_FORMAT'],
    [{ query: 'q', passage: 'p', score: 1 }, 'my tag', 'RUN_FORMAT'],
    [{ query: 'q', passage: 'first', score: 1 }, 't', 'DUPLICATE_ID'],
  ])('refuses %j with tag %j and leaves nothing behind', async (entry, tag, code) => {
    const path = `${folder.path}/refused/out.run`;
    const first = { query: 'q', passage: 'first', score: 2 };
    expect((await refusal(() => writeRun(path, [first, entry], tag))).code).toBe(code);
    expect(readdirSync(folder.path)).not.toContain('refused');
  });
});
