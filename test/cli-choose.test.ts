/** `refract choose`: predictions, accuracy with interval and chance, and what it refuses. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const passages = folder.write('passages.jsonl', jsonLines(PASSAGES));
// The untrained retriever matches equal words.
const questions = folder.write(
  'questions.jsonl',
  jsonLines([
    { id: 'q1', text: 'how long boil', choices: ['two photographs', 'water for one minute'], correct: 1 },
    {
      id: 'q2',
      text: 'when market',
      choices: ['opens on Tuesday and Saturday', 'maize rain flowers'],
      correct: 0,
    },
    {
      id: 'q3',
      text: 'when bus',
      choices: ['ماء سوق', 'leaves the station at six', 'net', 'fees'],
      correct: 0,
    },
    { id: 'q4', text: 'no choices' },
  ]),
);
const qrels = folder.write('qrels.txt', 'q1 0 p2 1\nq1 0 p9 1\nq2 0 p3 1\nq3 0 p4 1\n');
const choose = (...more: string[]) =>
  refract([
    'choose',
    '--index',
    at('index'),
    '--queries',
    questions,
    '--threads',
    '1',
    '--out',
    at('out.jsonl'),
    ...more,
  ]);

beforeAll(async () => {
  const { fingerprint } = await writeTinyRetriever(at('teacher'));
  await writeTinyRetriever(at('pack'), { teacher: fingerprint });
  const index = [
    'index',
    '--teacher',
    at('teacher'),
    '--passages',
    passages,
    '--out',
    at('index'),
    '--quiet',
  ];
  expect((await refract(index)).code).toBe(0);
});

describe('refract choose', () => {
  it('takes the choice that the passage meets best', async () => {
    const { code, out, err } = await choose('--qrels', qrels);
    expect([code, err]).toEqual([0, '1 of 4 questions have no choices; left out\n']);
    expect(out).toMatch(/out\.jsonl: accuracy 0\.667 \[0\.000, 1\.000\] over 3 questions; chance 0\.417\n$/);
    const lines = readFileSync(at('out.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ id, choice, credit }) => [id, choice, credit])).toEqual([
      ['q1', 1, 1],
      ['q2', 0, 1],
      ['q3', 1, 0],
    ]);
    expect(lines[0]).toMatchObject({ text: 'water for one minute', correct: 1 });
    expect(lines[2].scores).toHaveLength(4);
  });

  it('encodes questions with a pack, and prints JSON; equal calls give equal bytes', async () => {
    const { out, err } = await choose('--qrels', qrels, '--json', '--quiet', '--pack', at('pack'));
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({
      questions: 3,
      accuracy: expect.closeTo(2 / 3, 12),
      chance: expect.closeTo(1.25 / 3, 12),
    });
    expect((await choose('--qrels', qrels, '--json', '--quiet', '--pack', at('pack'))).out).toBe(out);
  });

  it('reads the first passage of a run, and guesses where it is silent', async () => {
    const run = folder.write('a.run', 'q1 Q0 p2 1 2 t\nq1 Q0 p7 2 1 t\nq2 Q0 p3 1 1 t\n');
    const { out, err } = await choose('--run', run);
    expect(err).toContain('1 of 3 questions have no passage; counted as guesses');
    expect(out).toContain('accuracy 0.750 ');
  });

  it('leaves out questions without a judged passage', async () => {
    const two = folder.write('two.txt', 'q1 0 p2 1\nq2 0 p3 1\nq3 0 p4 0\n');
    const { out, err } = await choose('--qrels', two);
    expect(err).toContain('1 of 3 questions have no passage; left out');
    expect(out).toContain('accuracy 1.000 [1.000, 1.000] over 2 questions; chance 0.500');
  });

  it('says when a question with a choice is longer than the encoder reads', async () => {
    const text = 'how long must water boil before children drink '.repeat(8);
    const long = folder.write('long.jsonl', jsonLines([{ id: 'q1', text, choices: ['a', 'b'], correct: 0 }]));
    const { out, err } = await choose('--qrels', qrels, '--queries', long);
    expect(err).toBe('1 of 1 questions are longer with a choice than the encoder reads; cut\n');
    // Nothing of the choices is left: they are level.
    expect(out).toContain('accuracy 0.500 ');
  });

  it('refuses what does not fit, with the way out', async () => {
    expect((await choose()).err).toMatch(/neither --qrels nor --run .*SETTING_INVALID/);
    expect((await choose('--qrels', qrels, '--run', qrels)).err).toMatch(/--qrels and --run were both given/);
    const strange = folder.write('strange.txt', 'q1 0 nowhere 1\n');
    expect((await choose('--qrels', strange)).err).toMatch(
      /strange.txt: passage "nowhere" of question "q1" is not in .*UNKNOWN_ID/,
    );
    const other = folder.write('other.txt', 'x 0 p1 1\n');
    expect((await choose('--qrels', other)).err).toMatch(/other.txt: no question of .* has a passage there/);
    const plain = folder.write('plain.jsonl', jsonLines([{ id: 'q1', text: 'x' }]));
    expect((await choose('--qrels', qrels, '--queries', plain)).err).toMatch(
      /plain.jsonl: no question has choices/,
    );
  });

  it.each([
    [{ choices: ['a', 'b'] }, /"correct" is no whole number from 0 to 1/],
    [{ choices: ['a', 'b'], correct: 2 }, /"correct" is no whole number from 0 to 1/],
    [{ choices: ['a'], correct: 0 }, /fewer than two choices/],
    [{ choices: ['a', ' '], correct: 0 }, /an empty choice/],
    [{ choices: ['a', 3], correct: 0 }, /not a string/],
  ])('refuses the line %j', async (fields, message) => {
    const bad = folder.write('bad.jsonl', jsonLines([{ id: 'q1', text: 'x', ...fields }]));
    const { code, err } = await choose('--qrels', qrels, '--queries', bad);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
    expect(err).toContain('bad.jsonl:1: ');
  });
});

const kit = fileURLToPath(new URL('../../shared/kit/test/ood-belebele', import.meta.url));
const absent = !existsSync(kit);
if (absent) console.warn('test/cli-choose.test.ts: the kit test is skipped, there is no ../shared/kit');

describe.skipIf(absent)('the kit', () => {
  it('Belebele: every question has four choices and a passage; chance is .25', async () => {
    const index = [
      'index',
      '--teacher',
      at('teacher'),
      '--passages',
      `${kit}/corpus.en.jsonl`,
      '--out',
      at('kit'),
    ];
    expect((await refract([...index, '--quiet'])).code).toBe(0);
    const { code, out, err } = await refract(
      [
        'choose',
        '--index',
        at('kit'),
        '--queries',
        `${kit}/queries.en.jsonl`,
        '--qrels',
        `${kit}/qrels.txt`,
      ].concat(['--out', at('kit.jsonl'), '--json', '--quiet']),
    );
    expect([code, err]).toEqual([0, '']);
    const { questions, accuracy, low, high, chance } = JSON.parse(out);
    expect([questions, chance]).toEqual([
      readFileSync(`${kit}/queries.en.jsonl`, 'utf8').trim().split('\n').length,
      0.25,
    ]);
    expect(low).toBeLessThan(accuracy);
    expect(high).toBeGreaterThan(accuracy);
  });
});
