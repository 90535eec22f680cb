import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { checkJudgments, readJudgments } from './judgments.ts';

const folder = temporaryFolder();

describe('readJudgments', () => {
  it('reads TREC qrels with any white space, comments and negative grades', async () => {
    const path = folder.write('q.txt', '# comment\nq1 0 p1 1\r\nq1\t0\tp#2\t-1\n\n  q2   Q0  p1   +2\n');
    expect(await readJudgments(path)).toEqual([
      { query: 'q1', passage: 'p1', grade: 1, line: 2 },
      { query: 'q1', passage: 'p#2', grade: -1, line: 3 },
      { query: 'q2', passage: 'p1', grade: 2, line: 5 },
    ]);
  });

  it("reads BEIR's three columns under their header", async () => {
    const path = folder.write('test.tsv', 'query-id\tcorpus-id\tscore\n1\t31715818\t1\n');
    expect(await readJudgments(path)).toEqual([{ query: '1', passage: '31715818', grade: 1, line: 2 }]);
  });

  it.each([
    ['q1 0 p1', /3 columns where a judgment has 4/],
    ['q1 0 p1 1 x', /5 columns/],
    ['q1 Q0 p1 1 0.5 tag', /6 columns/],
    ['q1 0 p1 1.0', /grade "1.0" is not an integer/],
    ['q1 0 p1 yes', /grade "yes"/],
  ])('refuses %j', async (row, message) => {
    const error = await refusal(() => readJudgments(folder.write('bad.txt', `q0 0 p0 1\n${row}\n`)));
    expect(error).toMatchObject({ code: 'RUN_FORMAT', line: 2 });
    expect(error.message).toMatch(message);
  });

  it('recognises a run given as judgments', async () => {
    const path = folder.write('run.txt', 'q1 Q0 p1 1 0.5 tag\n');
    expect((await refusal(() => readJudgments(path))).hint).toContain('--run');
  });

  it('refuses a pair judged twice, and a file with comments only', async () => {
    const error = await refusal(() => readJudgments(folder.write('d.txt', 'q 0 p 1\nq 0 r 1\nq 0 p 0\n')));
    expect(error).toMatchObject({ code: 'DUPLICATE_ID', line: 3 });
    expect(error.message).toContain('line 1');
    expect((await refusal(() => readJudgments(folder.write('c.txt', '# none\n')))).code).toBe('FILE_EMPTY');
  });
});

describe('checkJudgments', () => {
  const judgments = Array.from({ length: 6 }, (_, i) => ({
    query: `q${i % 2}`,
    passage: `p${i}`,
    grade: 1,
    line: i + 1,
  }));
  const queries = new Set(['q0', 'q1']);
  const passages = new Set(['p0', 'p1', 'p2', 'p3', 'p4', 'p5']);

  it('accepts known ids, in sets or maps', () => {
    checkJudgments(judgments, queries, new Map([...passages].map((id) => [id, 0])));
  });

  it('names the first few unknown passages, their lines and how many there are', async () => {
    const error = await refusal(() => checkJudgments(judgments, queries, new Set(['p1', 'p2']), 'q.txt'));
    expect(error).toMatchObject({ code: 'UNKNOWN_ID', at: 'q.txt', line: 1 });
    expect(error.message).toContain(
      '4 of 6 judgments name an unknown passage: "p0" (line 1), "p3" (line 4), "p4" (line 5), ...',
    );
  });

  it('names unknown queries first', async () => {
    const error = await refusal(() => checkJudgments(judgments, new Set(['q0']), new Set(['p0']), 'q.txt'));
    expect(error.message).toContain('3 of 6 judgments name an unknown query: "q1" (line 2)');
    expect(error.message).toContain('5 name an unknown passage too');
  });
});
