/** A process that changes an index may be killed at any moment: the index is then as it was before, or as it is after. */
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../src/random.ts';
import { killed, undisturbed } from './index-kills.ts';
import { temporaryFolder } from './temporary.ts';

const folder = temporaryFolder();
const trials = await undisturbed(`${folder.path}/undisturbed`);
const random = new RandomStream(20, 'index-kill');

describe('a killed process', () => {
  it.each(trials.map((trial) => [trial.operation, trial] as const))('%s', async (_, trial) => {
    // Merging changes nothing that is found.
    if (trial.operation === 'merge') expect(trial.after).toEqual(trial.before);
    else expect(trial.after).not.toEqual(trial.before);
    for (let n = 0; n < 2; n++) {
      const step = 1 + random.below(trial.steps);
      expect((await killed(folder.path, trial, { step })).finished).toBe(false);
    }
  });
});
