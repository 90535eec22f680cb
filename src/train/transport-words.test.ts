/** Translations from plans, by a tiny untrained retriever whose word vectors decide alone what fits what. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import { Encoder } from '../model/encoder.ts';
import { InputMaker } from '../model/input.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { uniformMarginal } from '../transport/marginals.ts';
import type { SolverSettings } from './optical-objective.ts';
import { TeacherVectors } from './teacher-vectors.ts';
import { mixTranslations, type PlanSource, transportTranslations } from './transport-words.ts';

const folder = temporaryFolder();
let encoder: Encoder;
let plans: PlanSource;

beforeAll(async () => {
  const { checkpoint } = await writeTinyRetriever(join(folder.path, 'teacher'));
  encoder = await Encoder.fromCheckpoint(checkpoint, { threads: 1 });
  const tokenizer = loadTokenizer(checkpoint.tokenizerJson as never);
  const uniform = ({ ids }: { ids: Int32Array }) => uniformMarginal(ids.length);
  plans = {
    maker: new InputMaker(tokenizer, checkpoint.settings.retrieval),
    teacher: new TeacherVectors(encoder),
    student: encoder,
    masses: [uniform, uniform],
    solver: { solver: 'sinkhorn', epsilon: 0.02, iterations: 50 },
  };
});
afterAll(() => encoder.close());

describe('transportTranslations', () => {
  const sentence = 'boil the clean water';
  const solvers: SolverSettings[] = [
    { solver: 'sinkhorn', epsilon: 0.02, iterations: 50 },
    { solver: 'unbalanced', epsilon: 0.02, tau: 1, iterations: 50 },
    { solver: 'ipot', beta: 0.1, iterations: 200 },
  ];
  for (const solver of solvers) {
    it(`translates each token of a sentence by itself where both sides are the same (${solver.solver})`, async () => {
      const found = await transportTranslations([{ pivot: sentence, target: sentence, weight: 1 }], {
        ...plans,
        solver,
      });
      const tokens = new Set(plans.maker.tokenizer.encode(sentence));
      expect(new Set(found.keys())).toEqual(tokens);
      for (const [f, list] of found) {
        expect(list[0].e).toBe(f);
        expect(list.reduce((sum, { p }) => sum + p, 0)).toBeCloseTo(1, 9);
      }
    });
  }

  it('weighs pairs, and knows no markers', async () => {
    const maji = plans.maker.tokenizer.encode('maji');
    const found = await transportTranslations(
      [
        { pivot: 'water', target: 'maji', weight: 3 },
        { pivot: 'goat', target: 'maji', weight: 1 },
      ],
      { ...plans, solver: { solver: 'sinkhorn', epsilon: 100, iterations: 20 } },
    );
    expect(new Set(found.keys())).toEqual(new Set(maji));
    // A plan without preference shares evenly among the tokens of each side; the weights are 3 to 1 a pair.
    const [water, goat] = ['water', 'goat'].map((word) => [...plans.maker.tokenizer.encode(word)]);
    for (const list of found.values()) {
      const share = (ids: number[]) => list.reduce((sum, { e, p }) => sum + (ids.includes(e) ? p : 0), 0);
      const expected = {
        water: 3 * (water.length / (water.length + 3)),
        goat: goat.length / (goat.length + 3),
      };
      expect(share(water) / share(goat)).toBeCloseTo(expected.water / expected.goat, 1);
    }
  });

  it('can be stopped', async () => {
    const stop = AbortSignal.abort();
    await expect(transportTranslations([], plans, { signal: stop })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
  });
});

it('mixes two tables by shares, and takes what only one of them has', () => {
  const first = new Map([
    [1, [{ e: 5, p: 0.4 }]],
    [2, [{ e: 7, p: 0.9 }]],
  ]);
  const second = new Map([
    [
      1,
      [
        { e: 5, p: 0.5 },
        { e: 6, p: 0.5 },
      ],
    ],
    [3, [{ e: 8, p: 1 }]],
  ]);
  const mixed = mixTranslations(first, second, 0.5);
  expect(mixed.get(1)).toEqual([
    { e: 5, p: 0.75 },
    { e: 6, p: 0.25 },
  ]);
  expect(mixed.get(2)).toEqual([{ e: 7, p: 1 }]);
  expect(mixed.get(3)).toEqual([{ e: 8, p: 1 }]);
});
