/** Queries: what a file may hold beside their words, and who reads it. */
import { expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { readQueries } from './queries.ts';

const folder = temporaryFolder();

it('reads choices where they are asked for, and passes over what others call so', async () => {
  const path = folder.write(
    'q.jsonl',
    '{"id":"q1","text":"Báwo ni?","lang":"yo","answers":["dáadáa"],"choices":["dáadáa","rárá"],"correct":0}\n',
  );
  const query = { id: 'q1', text: 'Báwo ni?', language: 'yo', answers: ['dáadáa'] };
  expect(await readQueries(path)).toEqual([query]);
  expect(await readQueries(path, { choices: true })).toEqual([
    { ...query, choices: ['dáadáa', 'rárá'], correct: 0 },
  ]);
  const other = folder.write('other.jsonl', '{"id":"q1","text":"maji","choices":{"A":"x"}}\n');
  expect(await readQueries(other)).toEqual([{ id: 'q1', text: 'maji' }]);
  const error = await refusal(() => readQueries(other, { choices: true }));
  expect([error.code, error.line]).toEqual(['LINE_FORMAT', 1]);
});
