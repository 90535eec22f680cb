/** Folders of other tools against what these tools compute with them (test/oracles/layouts.py). */
import { expect, test } from 'vitest';
import { differenceFrom, goldenLayout, LAYOUTS } from '../../../test/layouts.ts';
import { readCheckpoint } from '../checkpoint.ts';

test.each(['stanford', 'pylate', 'pylate-deep', 'multi-vector'])(
  'token vectors and scores of %s are those of the tool',
  async (name) => {
    const difference = await differenceFrom(goldenLayout(name), readCheckpoint(`${LAYOUTS}/${name}`));
    expect(difference.vectors).toBeLessThan(1e-4);
    expect(difference.scores).toBeLessThan(1e-4);
  },
);
