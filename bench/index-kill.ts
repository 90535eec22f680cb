/**
 * Kills processes that build, rebuild, add, delete and merge at random moments, and checks what they leave: a ranking
 * equal to that before or after, every checksum right, and the same index when the work is done again.
 *
 *     npx tsx bench/index-kill.ts [--kills 200] [--seed 1] [--every-step]
 *
 * A third of the kills come before a random operation of the disk (writes half done), a third before one of its last
 * thirty, where the commit is, and a third after a random time. With --every-step each operation is struck, in order.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RandomStream } from '../src/random.ts';
import { type Kill, killed, undisturbed } from '../test/index-kills.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'every-step': { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'refract-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const start = performance.now();
const trials = await undisturbed(join(folder, 'undisturbed'));
const random = new RandomStream(Number(values.seed), 'bench/index-kill');
const counts: Record<string, number> = {};
let done = 0;
const count = (name: string) => {
  counts[name] = (counts[name] ?? 0) + 1;
};
const attempt = async (trial: (typeof trials)[number], kill: Kill) => {
  const { state, finished, leftovers } = await killed(folder, trial, kill);
  count(`${trial.operation}, ${finished ? 'finished first' : state}`);
  if (leftovers > 0) count('with leftovers');
  done++;
};
if (values['every-step']) {
  for (const trial of trials) for (let step = 1; step <= trial.steps; step++) await attempt(trial, { step });
} else {
  for (let n = 0; n < Number(values.kills); n++) {
    const trial = trials[n % trials.length];
    const kind = Math.floor(n / trials.length) % 3;
    const late = Math.max(0, trial.steps - 30);
    if (kind === 0) await attempt(trial, { step: 1 + random.below(trial.steps) });
    else if (kind === 1) await attempt(trial, { step: late + 1 + random.below(trial.steps - late) });
    else await attempt(trial, { milliseconds: random.below(trial.steps > 200 ? 2000 : 300) });
  }
}
const seconds = Math.round((performance.now() - start) / 1000);
const steps = Object.fromEntries(trials.map((trial) => [trial.operation, trial.steps]));
console.log(JSON.stringify({ kills: done, failures: 0, seconds, steps, outcomes: counts }));
