/** answer@k among other measures: figures by hand, queries without answers, comparisons over those that have some. */
import { describe, expect, it } from 'vitest';
import { refusal } from '../../../test/temporary.ts';
import { compareRuns } from '../compare.ts';
import { compareLanguages } from '../compare-languages.ts';
import { evaluate } from '../evaluate.ts';
import { answerDepth, answerMeasures } from './answer-measure.ts';

const judgments = ['q1', 'q2', 'q3', 'q4'].map((query) => ({ query, passage: 'p1', grade: 1 }));
const passages = new Map([
  ['p1', { text: 'Rome lies on the Tiber.' }],
  ['p2', { text: 'The Nile, they say, is long.' }],
  ['p3', { text: 'Es liegt am Nil.', language: 'de' }],
]);
const answers = new Map([
  ['q1', ['the Tiber']],
  ['q2', ['Nile', 'der Nil']],
  ['q3', ['the']],
  ['q4', []],
]);
const collection = { answers, passages, language: 'en' };
const run = (...ids: string[]) =>
  ['q1', 'q2', 'q3', 'q4'].flatMap((query) => ids.map((passage, i) => ({ query, passage, score: -i })));

describe('answer@k', () => {
  it('is 1 when one of the first k passages holds an answer; a query without answers has no value', () => {
    const measures = answerMeasures([1, 2], collection);
    const { perQuery, means } = evaluate(judgments, run('p1', 'p2'), ['RR@10', ...measures]);
    expect(Object.fromEntries(perQuery.get('answer@1') ?? [])).toEqual({ q1: 1, q2: 0, q3: 0 });
    // An answer that is nothing but an article is never found.
    expect(Object.fromEntries(perQuery.get('answer@2') ?? [])).toEqual({ q1: 1, q2: 1, q3: 0 });
    expect(means.get('answer@2')).toBeCloseTo(2 / 3, 12);
    expect(means.get('RR@10')).toBe(1);
  });

  it('normalises by the language of the passage: German articles go from a German passage', () => {
    const [at1] = answerMeasures([1], collection);
    expect(evaluate(judgments, run('p3'), [at1]).perQuery.get('answer@1')?.get('q2')).toBe(1);
    const english = new Map([['p3', { text: 'Es liegt am Nil.' }]]);
    const [plain] = answerMeasures([1], { ...collection, passages: english });
    expect(evaluate(judgments, run('p3'), [plain]).perQuery.get('answer@1')?.get('q2')).toBe(0);
  });

  it('counts a silent run 0, and refuses a passage that the collection has not', async () => {
    const [at1] = answerMeasures([1], collection);
    const silent = [{ query: 'q4', passage: 'p1', score: 1 }];
    expect(evaluate(judgments, silent, [at1]).means.get('answer@1')).toBe(0);
    const error = await refusal(() => evaluate(judgments, run('p9'), [at1]));
    expect(error).toMatchObject({ code: 'UNKNOWN_ID' });
  });

  it('is compared over the queries that have answers', () => {
    const runs = [
      { name: 'a', entries: run('p2') },
      { name: 'b', entries: run('p1') },
    ];
    const clusters = new Map([
      ['q1', 'one'],
      ['q2', 'one'],
    ]);
    const [at1] = answerMeasures([1], collection);
    const found = compareRuns(judgments, runs, [at1], { intervals: true, clusters, permutations: 99 });
    // a finds q2, b finds q1, of three.
    expect(found.comparisons).toMatchObject([{ system: 'b', measure: 'answer@1', difference: 0 }]);
    expect(found.systems[0].intervals?.get('answer@1')).toMatchObject({ mean: 1 / 3, clusters: 2 });
  });

  it('has its own collection in each language', () => {
    const byLanguage = (language: string) =>
      answerMeasures(
        [1],
        language === 'sw' ? { ...collection, answers: new Map([['q2', ['Nile']]]) } : collection,
      );
    const runs = new Map([
      ['en', run('p2')],
      ['sw', run('p2')],
    ]);
    const judged = new Map([
      ['en', judgments],
      ['sw', judgments],
    ]);
    const { systems, comparisons } = compareLanguages(
      judged,
      [
        { name: 'a', runs },
        { name: 'b', runs: new Map([...runs, ['sw', run('p1')]]) },
      ],
      byLanguage,
      { intervals: true, permutations: 99 },
    );
    expect(systems[0].summaries.get('answer@1')?.macro).toBeCloseTo((1 / 3 + 1) / 2, 12);
    expect(comparisons.map(({ language, difference }) => [language, difference])).toEqual([
      ['en', 0],
      ['sw', -1],
      ['macro', -0.5],
    ]);
  });
});

describe('answerDepth', () => {
  it('reads answer@k and nothing else', () => {
    expect([answerDepth('answer@20'), answerDepth(' Answer@1 '), answerDepth('answers@1')]).toEqual([
      20,
      1,
      undefined,
    ]);
  });

  it.each(['answer', 'answer@0', 'answer@x', 'answer@'])('%s is refused', (name) => {
    expect(() => answerDepth(name)).toThrow(/SETTING_INVALID/);
  });
});
