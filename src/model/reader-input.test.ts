/** Windows over passages, tokens of a span, and the best span. */
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../text/tokenizer.ts';
import { padWindows, ReaderInput, tokenSpan } from './reader-input.ts';
import { bestSpan } from './span-reader.ts';

const tokenizer = loadTokenizer('test/fixtures/bert');
const maker = new ReaderInput(tokenizer, {
  windowTokens: 10,
  questionTokens: 2,
  strideTokens: 3,
  answerTokens: 5,
});

describe('ReaderInput', () => {
  it('cuts a passage into windows that overlap and end with it', () => {
    const question = maker.question('where how when');
    const windows = maker.windows(question, { ids: Int32Array.from({ length: 9 }, (_, i) => 40 + i) });
    expect(windows.map(({ first, count, context }) => [first, count, context])).toEqual([
      [0, 5, 4],
      [3, 5, 4],
      [6, 3, 4],
    ]);
    const [cls, sep] = [tokenizer.specialId('[CLS]'), tokenizer.specialId('[SEP]')];
    expect([...windows[2].ids]).toEqual([cls, ...question, sep, 46, 47, 48, sep]);
    expect(maker.windows(question, { ids: new Int32Array(0) })).toEqual([]);
  });

  it('pads windows, and lets answers be in the passage and at [CLS] only', () => {
    const windows = maker.windows(Int32Array.of(9), { ids: Int32Array.of(40, 41) });
    const shape = { maxPositionEmbeddings: 24, typeVocabSize: 2 };
    const batch = padWindows(windows, 0, shape);
    expect(batch.ids.shape).toEqual([1, 8]);
    expect([...batch.mask.data]).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
    expect([...batch.types.data]).toEqual([0, 0, 0, 1, 1, 1, 0, 0]);
    expect([...batch.readable.data]).toEqual([1, 0, 0, 1, 1, 0, 0, 0]);
    expect([...padWindows(windows, 0, { ...shape, typeVocabSize: 1 }).types.data]).toEqual(
      new Array(8).fill(0),
    );
  });
});

it('finds the tokens of a range of characters', () => {
  const offsets = { starts: [0, 4, 9], ends: [3, 8, 12] };
  expect(tokenSpan(offsets, 4, 8)).toEqual([1, 1]);
  expect(tokenSpan(offsets, 2, 10)).toEqual([0, 2]);
  expect(tokenSpan(offsets, 3, 4)).toBeUndefined();
});

it('takes the best span that goes forward, fits, and lies within', () => {
  expect(bestSpan([9, 0, 3, 1], [0, 9, 0, 4], 1, 4, 2)).toEqual({ first: 1, last: 1, score: 9 });
  expect(bestSpan([0, 3, 1], [2, 0, 4], 0, 3, 2)).toEqual({ first: 1, last: 2, score: 7 });
  expect(bestSpan([0, 3, 1], [2, 0, 4], 0, 3, 1)).toEqual({ first: 2, last: 2, score: 5 });
  expect(bestSpan([1, 1], [1, 1], 0, 2, 2)).toEqual({ first: 0, last: 0, score: 2 });
});
