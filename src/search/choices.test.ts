/** Scores of choices: figures by hand, length, batches, and what has no passage. */
import { describe, expect, it } from 'vitest';
import { choiceAccuracy } from '../eval/answers/choices.ts';
import { scoreChoices } from './choices.ts';

/** Each word has an axis of its own, so that a token's best match is 1 where the passage has the word, else 0. */
const WORDS = ['where', 'tiber', 'rome', 'cairo', 'in', 'the', 'nile', 'unknown'];
const vectorsOf = (text: string) => {
  const words = text.toLowerCase().split(' ');
  const vectors = new Float32Array(words.length * WORDS.length);
  words.forEach((word, i) => {
    vectors[i * WORDS.length + WORDS.indexOf(word)] = 1;
  });
  return { vectors, count: words.length, ids: new Int32Array(words.length) };
};
const encode = async (texts: readonly string[]) => texts.map(vectorsOf);
const passage = vectorsOf('the tiber in rome').vectors;
const score = (text: string, choices: readonly string[], passages: readonly Float32Array[]) =>
  scoreChoices([{ text, choices, passages }], WORDS.length, encode);

describe('scoreChoices', () => {
  it('is the share of tokens that the passage has, where vectors are words', async () => {
    // "where tiber rome": two of three; "where tiber cairo": one of three.
    const [scores] = await score('where tiber', ['rome', 'cairo'], [passage]);
    expect(scores[0]).toBeCloseTo(2 / 3, 6);
    expect(scores[1]).toBeCloseTo(1 / 3, 6);
  });

  it('does not prefer a long choice: the sum would be 3 for both of these', async () => {
    const [scores] = await score('tiber', ['in rome', 'in rome unknown unknown'], [passage]);
    expect(scores[0]).toBeCloseTo(1, 6);
    expect(scores[1]).toBeCloseTo(3 / 5, 6);
  });

  it('takes the best of several passages, and is level without any', async () => {
    const nile = vectorsOf('cairo the nile').vectors;
    const [scores] = await score('where', ['rome', 'nile', 'unknown'], [passage, nile]);
    expect(scores).toEqual([0.5, 0.5, 0]);
    expect(await score('where', ['rome', 'nile'], [])).toEqual([[0, 0]]);
  });

  it('keeps questions, choices and their numbers apart over batches', async () => {
    const questions = Array.from({ length: 70 }, (_, i) => ({
      text: 'where',
      choices: i % 2 === 0 ? ['rome', 'cairo'] : ['cairo', 'nile', 'in'],
      passages: [passage],
    }));
    const scores = await scoreChoices(questions, WORDS.length, encode);
    expect(scores.map((each) => each.indexOf(Math.max(...each)))).toEqual(
      questions.map((_, i) => (i % 2 === 0 ? 0 : 2)),
    );
    expect(choiceAccuracy(scores.map((each, i) => ({ scores: each, correct: i % 2 === 0 ? 0 : 1 })))).toBe(
      0.5,
    );
    const stop = { signal: AbortSignal.abort() };
    await expect(scoreChoices(questions, WORDS.length, encode, stop)).rejects.toThrow(/INTERRUPTED/);
  });
});
