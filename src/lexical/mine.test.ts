import { describe, expect, test } from 'vitest';
import type { ProgressFactory } from '../progress.ts';
import { Bm25Index } from './bm25.ts';
import { mineHardNegatives } from './mine.ts';

const passages = [
  { id: 'gold', text: 'Cholera spreads through dirty water. Boil water for one minute.' },
  { id: 'answer', text: 'How long to boil water? ONE minute is enough; water then is safe.' },
  { id: 'near', text: 'Boil water before you cook rice.' },
  { id: 'digits', text: 'Water costs 11 coins; boil beans for one hour and a minute.' },
  { id: 'far', text: 'The bus leaves at noon.' },
];
const index = await Bm25Index.create(passages);
const queries = [
  { id: 'q1', text: 'How long must I boil water?', answers: ['one minute'] },
  { id: 'q2', text: 'xyzzy' },
];
const judgments = [
  { query: 'q1', passage: 'gold', grade: 1 },
  { query: 'q1', passage: 'near', grade: 0 },
];
const ids = (ordinals: Uint32Array) => [...ordinals].map((ordinal) => index.ids[ordinal]);

describe('mineHardNegatives', () => {
  test('leaves out relevant passages; a judged grade of 0 protects nothing', async () => {
    const mined = await mineHardNegatives(index, queries, judgments);
    expect(ids(mined.negatives[0])).toEqual(['answer', 'near', 'digits']);
    expect(mined).toMatchObject({ relevant: 1, answering: 0, without: 1 });
    expect(mined.negatives[1]).toHaveLength(0);
  });

  test('with the passages, leaves out those that hold an answer as whole words', async () => {
    const mined = await mineHardNegatives(index, queries, judgments, { passages });
    expect(ids(mined.negatives[0])).toEqual(['near', 'digits']);
    expect(mined.answering).toBe(1);
    const digit = [{ id: 'q', text: 'water costs', answers: ['1'] }];
    expect(ids((await mineHardNegatives(index, digit, [], { passages })).negatives[0])).toContain('digits');
  });

  test('depth and perQuery bound what is kept', async () => {
    const one = await mineHardNegatives(index, queries, judgments, { perQuery: 1 });
    expect(ids(one.negatives[0])).toEqual(['answer']);
    const ranks = index.search(queries[0].text, 3).map((hit) => hit.ordinal);
    const few = await mineHardNegatives(index, queries, [], { depth: 3 });
    expect([...few.negatives[0]]).toEqual(ranks);
  });

  test('an answer without letters or digits is ignored', async () => {
    const query = [{ id: 'q', text: 'boil water', answers: ['?', ''] }];
    expect((await mineHardNegatives(index, query, [], { passages })).answering).toBe(0);
  });

  test('refuses settings that make no sense and passages of another index', async () => {
    for (const options of [{ depth: 0 }, { perQuery: 0 }, { depth: 1.5 }, { passages: passages.slice(1) }])
      await expect(mineHardNegatives(index, queries, [], options)).rejects.toMatchObject({
        code: 'SETTING_INVALID',
      });
  });

  test('tells how far it is, and stops', async () => {
    const stop = new AbortController();
    const seen: unknown[] = [];
    const progress: ProgressFactory = (...stage) => {
      seen.push(stage);
      return {
        update(done) {
          seen.push(done);
          stop.abort();
        },
        end() {},
      };
    };
    await expect(
      mineHardNegatives(index, queries, [], {}, { progress, signal: stop.signal }),
    ).rejects.toMatchObject({ code: 'INTERRUPTED', hint: 'Nothing was kept.' });
    expect(seen).toEqual([['mining negatives', 2, 'queries'], 1]);
  });
});
