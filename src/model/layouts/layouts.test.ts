/** Folders of other tools against what these tools compute with them (test/oracles/layouts.py), row by row of docs/compatibility.md. */
import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compatibilityTable } from '../../../test/compatibility.ts';
import { differenceFrom, goldenLayout, LAYOUTS } from '../../../test/layouts.ts';
import { readCheckpoint } from '../checkpoint.ts';

const rows = compatibilityTable('read');

test('every retriever of the fixtures is in the table', () => {
  const retrievers = readdirSync(LAYOUTS).filter((name) => existsSync(`${LAYOUTS}/${name}/golden.json`));
  expect(rows.map(([name]) => name).sort()).toEqual(retrievers.sort());
});

test.each(rows)('token vectors and scores of %s are those of %s', async (name, _tool, vectors, scores) => {
  const difference = await differenceFrom(goldenLayout(name), readCheckpoint(`${LAYOUTS}/${name}`));
  expect(difference.vectors).toBeLessThan(Number(vectors));
  expect(difference.scores).toBeLessThan(Number(scores));
});
