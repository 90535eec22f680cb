/** `refract trec-eval` and `refract qa-eval`: arguments, output, notes and errors. */
import { describe, expect, it } from 'vitest';
import { refract } from './command-line.ts';
import { temporaryFolder } from './temporary.ts';

const folder = temporaryFolder();
const qrels = folder.write('qrels.txt', '# graded\nq1 0 a 1\nq1 0 b 0\nq2 0 ọmọ 2\n');
const run = folder.write('a.run', 'q1 Q0 b 1 2 t\nq1\tQ0\ta\t2\t1\tt\nq2 Q0 ọmọ 1 1 t\nx Q0 a 1 1 t\n');

describe('refract trec-eval', () => {
  it("takes trec_eval's arguments and prints its lines", async () => {
    const { code, out, err } = await refract([
      'trec-eval',
      '-q',
      '-m',
      'map',
      '-mP.1',
      '-m',
      'runid',
      qrels,
      run,
    ]);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'map                   \tq1\t0.5000',
        'P_1                   \tq1\t0.0000',
        'map                   \tq2\t1.0000',
        'P_1                   \tq2\t1.0000',
        'runid                 \tall\tt',
        'map                   \tall\t0.7500',
        'P_1                   \tall\t0.5000',
        '',
      ].join('\n'),
    );
    expect(err).toBe('1 queries of the run without judgments, left out (x)\n');
  });

  it('refuses what cannot be evaluated', async () => {
    const part = folder.write('part.run', 'q1 Q0 a 1 1 t\n');
    const twice = folder.write('twice.run', 'q1 Q0 a 1 1 t\nq1 Q0 a 2 0 t\nq2 Q0 a 1 1 t\n');
    const bad = folder.write('bad.run', 'q1 Q0 a 1 NaN t\n');
    const fraction = folder.write('fraction.txt', 'q1 0 a 0.5\n');
    const refused = async (...args: string[]) => {
      const { code, err } = await refract(['trec-eval', ...args]);
      expect(code).toBe(1);
      return err;
    };
    expect(await refused(qrels, part)).toMatch(/1 judged query has no results, q2 .*\n.*-c/);
    expect(await refused(qrels, twice)).toMatch(/twice.run:2: query "q1" already has passage "a" on line 1/);
    expect(await refused(qrels, bad)).toMatch(/bad.run:1: the score "NaN"/);
    expect(await refused(fraction, run)).toMatch(/fraction.txt:1: the grade "0.5" is not an integer/);
    expect(await refused('-m', 'mapp', qrels, run)).toMatch(/Did you mean map\?/);
    expect((await refract(['trec-eval', '-c', '-m', 'map', qrels, part])).out).toMatch(/map +\tall\t0.5000/);
  });
});

describe('refract qa-eval', () => {
  const gold = folder.write(
    'gold.jsonl',
    '{"id": "1", "answers": ["दिल्ली"]}\n{"id": "2", "answers": ["the Nile", "Nile"]}\n{"id": "3", "answers": ["x"]}\n',
  );
  const predictions = folder.write('predictions.json', '{"1": "दिल्ली।", "2": "river Nile", "9": "y"}');

  it('prints exact match and F1, and counts what is missing', async () => {
    const { code, out, err } = await refract([
      'qa-eval',
      '--rules',
      'mlqa',
      '--language',
      'hi',
      gold,
      predictions,
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      exact_match: 100 / 3,
      f1: (100 * (1 + 2 / 3)) / 3,
      questions: 3,
      missing: 1,
      unknown: 1,
      rules: 'mlqa',
      language: 'hi',
    });
    expect(err).toContain('1 questions without a prediction, counted 0 (3)');
    expect(err).toContain('1 predictions for unknown questions, left out (9)');
    const more = await refract([
      'qa-eval',
      '--language',
      'sw',
      '--rules',
      'mlqa',
      '--per-question',
      gold,
      predictions,
    ]);
    expect(JSON.parse(more.out).perQuestion['3']).toEqual({ exact_match: 0, f1: 0 });
    expect(more.err).toContain('MLQA has no rules for sw');
  });

  it("reads SQuAD's layout", async () => {
    const squad = folder.write(
      'squad.json',
      JSON.stringify({
        version: '1.1',
        data: [
          {
            title: 'T',
            paragraphs: [
              {
                context: 'On the Nile.',
                qas: [{ id: '2', question: '?', answers: [{ text: 'Nile', answer_start: 7 }] }],
              },
            ],
          },
        ],
      }),
    );
    const { out } = await refract(['qa-eval', squad, predictions]);
    expect(JSON.parse(out)).toMatchObject({ exact_match: 0, questions: 1, missing: 0, rules: 'squad' });
  });

  it('refuses files of another kind', async () => {
    const list = folder.write('list.json', '["a"]');
    const number = folder.write('number.json', '{"1": 5}');
    const bare = folder.write('bare.jsonl', '{"id": "1"}\n');
    expect((await refract(['qa-eval', gold, list])).err).toMatch(
      /list.json: is not a JSON object .*FILE_FORMAT/,
    );
    expect((await refract(['qa-eval', gold, number])).err).toMatch(/prediction for "1" is not a string/);
    expect((await refract(['qa-eval', bare, predictions])).err).toMatch(
      /bare.jsonl:1: field "answers" is missing/,
    );
    expect((await refract(['qa-eval', '--language', 'xx-', gold, predictions])).code).toBe(1);
  });
});
