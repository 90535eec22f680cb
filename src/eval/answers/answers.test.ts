/** Answer scores: golden values, the SQuAD conformance file where it is at hand, and cases by hand. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readGoldAnswers, readPredictions } from '../../data/gold-answers.ts';
import { choiceAccuracy, choiceCredit } from './choices.ts';
import { type AnswerRules, answerTokens } from './normalise.ts';
import { answerAccuracy, firstAnswerRank } from './retrieval.ts';
import { scoreAnswer, scoreAnswers } from './scores.ts';

type Case = [
  rules: AnswerRules,
  language: string,
  prediction: string,
  answers: string[],
  exact: number,
  f1: number,
];
const golden: Case[] = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/answers/expected.json', import.meta.url), 'utf8'),
);

test("agrees with Python's expressions and Unicode tables (test/oracles/answers.py)", () => {
  for (const [rules, language, prediction, answers, exactMatch, f1] of golden) {
    const score = scoreAnswer(prediction, answers, rules, language);
    const what = JSON.stringify([rules, language, prediction, answers]);
    expect(score.exactMatch, what).toBe(exactMatch);
    expect(score.f1, what).toBeCloseTo(f1, 12);
  }
});

const conformance = new URL('../../../../shared/conformance/squad/', import.meta.url);
const present = existsSync(new URL('expected.json', conformance));
test.skipIf(!present)('SQuAD: two published systems, to four decimals', async () => {
  const path = (name: string) => new URL(name, conformance).pathname;
  const gold = [];
  for await (const question of readGoldAnswers(path('gold.jsonl'))) gold.push(question);
  const expected: Record<string, Record<string, number>> = JSON.parse(
    readFileSync(path('expected.json'), 'utf8'),
  );
  for (const [system, { exact_match, f1, questions }] of Object.entries(expected)) {
    const scores = scoreAnswers(
      gold,
      await readPredictions(path(`predictions.${system}.json`)),
      'squad',
      'en',
    );
    expect([scores.exactMatch.toFixed(4), scores.f1.toFixed(4), scores.questions]).toEqual([
      exact_match.toFixed(4),
      f1.toFixed(4),
      questions,
    ]);
  }
});
test.runIf(!present)('the SQuAD conformance file is absent: it was not compared', () => {});

describe('answerTokens', () => {
  test('articles by language, at boundaries of words in any script', () => {
    expect(answerTokens('The anthem, a theatre', 'mlqa', 'en')).toEqual(['anthem', 'theatre']);
    expect(answerTokens('el Niño y la niña española', 'mlqa', 'es')).toEqual([
      'niño',
      'y',
      'niña',
      'española',
    ]);
    expect(answerTokens('Die Straße des Übermuts', 'mlqa', 'de')).toEqual(['straße', 'übermuts']);
    expect(answerTokens('những làng của Việt Nam', 'mlqa', 'vi')).toEqual(['làng', 'việt', 'nam']);
    expect(answerTokens('القاهرة، مصر؟', 'mlqa', 'ar')).toEqual(['قاهرة', 'مصر']);
    expect(answerTokens('भारत की राजधानी।', 'mlqa', 'hi')).toEqual(['भारत', 'की', 'राजधानी']);
    expect(answerTokens('北京市 2008年。', 'mlqa', 'zh')).toEqual(['北', '京', '市', '2008', '年']);
    expect(answerTokens('ọjà “Ìbàdàn”', 'mlqa', 'yo')).toEqual(['ọjà', 'ìbàdàn']);
  });

  test("SQuAD's rules keep punctuation outside ASCII, and only know English articles", () => {
    expect(answerTokens('“The” el «la»', 'squad', 'es')).toEqual(['“', '”', 'el', '«la»']);
  });
});

describe('scoreAnswers', () => {
  const gold = [
    { id: 'a', answers: ['the Amazon', 'Amazonia'] },
    { id: 'b', answers: ['Rome'] },
    { id: 'c', answers: [] },
  ];

  test('best answer of each, mean over all; missing ones count 0 and are named', () => {
    const scores = scoreAnswers(
      gold,
      new Map([
        ['a', 'Amazon river'],
        ['c', ''],
        ['x', 'y'],
      ]),
      'squad',
      'en',
    );
    expect(scores.exactMatch).toBeCloseTo(100 / 3, 10);
    expect(scores.f1).toBeCloseTo((100 * (2 / 3 + 1)) / 3, 10);
    expect([scores.questions, scores.missing, scores.unknown]).toEqual([3, ['b'], ['x']]);
  });

  test('words count as often as they occur', () => {
    expect(scoreAnswer('york york', ['New York'], 'squad', 'en').f1).toBe(0.5);
  });

  test('nothing to score and predictions of other questions are errors', () => {
    expect(() => scoreAnswers([], new Map(), 'squad', 'en')).toThrow(/FILE_EMPTY/);
    expect(() => scoreAnswers(gold, new Map([['x', 'y']]), 'squad', 'en')).toThrow(/UNKNOWN_ID/);
  });
});

describe('answer accuracy', () => {
  test('an answer must stand as whole words, whatever case and punctuation', () => {
    expect(firstAnswerRank({ answers: ['Art'], passages: ['a party', 'ART, they say'] }, 'en')).toBe(2);
    expect(firstAnswerRank({ answers: ['the'], passages: ['the the'] }, 'en')).toBeUndefined();
    expect(firstAnswerRank({ answers: ['مصر'], passages: ['في مصر؟'] }, 'ar')).toBe(1);
    expect(firstAnswerRank({ answers: ['दिल्ली'], passages: ['नई दिल्ली।'] }, 'hi')).toBe(1);
  });

  test('scripts without spaces match within a line', () => {
    expect(firstAnswerRank({ answers: ['กรุงเทพ'], passages: ['อยู่ที่กรุงเทพมหานคร'] }, 'th')).toBe(1);
    expect(firstAnswerRank({ answers: ['北京'], passages: ['我在北京市'] }, 'zh')).toBe(1);
  });

  test('accuracy@k by hand', () => {
    const questions = [
      { answers: ['Rome'], passages: ['Rome.', 'x'] },
      { answers: ['Nile'], passages: ['x', 'the Nile'] },
    ];
    expect([1, 2].map((k) => answerAccuracy(questions, k, 'en'))).toEqual([0.5, 1]);
    expect(() => answerAccuracy([], 1, 'en')).toThrow(/SETTING_INVALID/);
    expect(() => answerAccuracy(questions, 0, 'en')).toThrow(/SETTING_INVALID/);
  });
});

describe('choice accuracy', () => {
  test('ties share the credit, so a constant score has the accuracy of chance', () => {
    expect(choiceAccuracy([0, 1, 2, 3].map((correct) => ({ scores: [1, 1, 1, 1], correct })))).toBe(0.25);
    expect(choiceCredit({ scores: [-2, -1], correct: 1 })).toBe(1);
    expect(choiceCredit({ scores: [-2, -1], correct: 0 })).toBe(0);
  });

  test('a missing score or choice is an error', () => {
    expect(() => choiceCredit({ scores: [1, Number.NaN], correct: 0 })).toThrow(/SETTING_INVALID/);
    expect(() => choiceCredit({ scores: [1, 2], correct: 2 })).toThrow(/SETTING_INVALID/);
    expect(() => choiceAccuracy([])).toThrow(/SETTING_INVALID/);
  });
});
