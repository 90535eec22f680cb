/** Code-switched training: going on bit for bit with the same account, what it starts from, and its loss. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { PASSAGES, writeTinyRetriever } from '../../test/tiny-retriever.ts';
import { SwitchLexicon } from '../data/switching/switch-lexicon.ts';
import { Bm25Index, mineHardNegatives } from '../lexical/index.ts';
import type { RetrieverCheckpoint } from '../model/checkpoint.ts';
import { modelFingerprint } from '../model/fingerprint.ts';
import { type SwitchedInput, teachSwitched } from './switched.ts';
import { drawnQuestions } from './switched-batches.ts';
import { switchedDefaults } from './switched-settings.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const entry = (pivot: string, target: string, language: string) => ({ pivot, target, language });
const input: SwitchedInput = {
  passages: PASSAGES,
  queries: [
    { id: 't1', text: 'when does the market open' },
    { id: 't2', text: 'boil water one minute' },
    { id: 't3', text: 'the bus leaves the station' },
  ],
  judgments: [
    { query: 't1', passage: 'p3', grade: 1 },
    { query: 't2', passage: 'p2', grade: 1 },
    { query: 't3', passage: 'p4', grade: 1 },
  ],
  lexicon: new SwitchLexicon(
    new Map([
      ['sw', [entry('water', 'maji', 'sw'), entry('market', 'soko', 'sw'), entry('bus', 'basi', 'sw')]],
      ['hi', [entry('water', 'पानी', 'hi'), entry('market', 'बाज़ार', 'hi'), entry('bus', 'बस', 'hi')]],
    ]),
  ),
  low: ['sw'],
};
const defaults = switchedDefaults();
const settings = {
  ...defaults,
  switching: { ...defaults.switching, p: 0.2, design: 'matched' as const },
  batch: { ...defaults.batch, queries: 2 },
  train: { ...defaults.train, steps: 6, rate: 1e-3, warmupSteps: 1, checkpointEvery: 2 },
};
const weights = (name: string) => readFileSync(join(at(name), 'model.safetensors'));

let teacher: RetrieverCheckpoint;
beforeAll(async () => {
  ({ checkpoint: teacher } = await writeTinyRetriever(at('teacher')));
});

it('goes on to the same weights and the same account', async () => {
  const whole = await teachSwitched(teacher, input, settings, at('whole'), { threads: 1 });
  const stop = new AbortController();
  const progress = (label: string) => ({
    update(done: number) {
      if (label === 'training' && done >= 3) stop.abort();
    },
    end() {},
  });
  const control = { threads: 1, signal: stop.signal, progress };
  const error = await refusal(() => teachSwitched(teacher, input, settings, at('stopped'), control));
  expect(error.what).toContain('stopped at step 3');
  const again = await teachSwitched(teacher, input, settings, at('stopped'), { threads: 1, resume: true });
  expect(weights('stopped').equals(weights('whole'))).toBe(true);
  expect(weights('whole').equals(weights('teacher'))).toBe(false);
  expect(again.switching).toEqual(whole.switching);
  // Six steps of two questions: four times through the three, and quotas over all twelve.
  expect(whole.switching).toMatchObject({ texts: 12, matched: { texts: 12, feasible: true, exact: true } });
  expect(whole.checkpoint.settings).toMatchObject({ kind: 'pack', teacher: modelFingerprint(teacher) });
});

it('does not go on with other translations', async () => {
  const stop = new AbortController();
  const progress = (label: string) => ({
    update(done: number) {
      if (label === 'training' && done >= 3) stop.abort();
    },
    end() {},
  });
  const control = { threads: 1, signal: stop.signal, progress };
  expect((await refusal(() => teachSwitched(teacher, input, settings, at('other'), control))).code).toBe(
    'INTERRUPTED',
  );
  const entries = (water: string) => [
    entry('water', water, 'sw'),
    entry('market', 'soko', 'sw'),
    entry('bus', 'basi', 'sw'),
  ];
  const hindi = ['पानी', 'बाज़ार', 'बस'].map((target, i) =>
    entry(['water', 'market', 'bus'][i], target, 'hi'),
  );
  const lexicon = (water: string) =>
    new SwitchLexicon(
      new Map([
        ['sw', entries(water)],
        ['hi', hindi],
      ]),
    );
  expect(lexicon('maji').contentHash()).toBe(input.lexicon.contentHash());
  expect(lexicon('bahari').counts).toEqual(input.lexicon.counts);
  const changed = { ...input, lexicon: lexicon('bahari') };
  const resumed = { threads: 1, resume: true };
  const error = await refusal(() => teachSwitched(teacher, changed, settings, at('other'), resumed));
  expect(error.code).toBe('RESUME_MISMATCH');
});

describe('the quotas of the matched design', () => {
  const words = ['water', 'market', 'bus', 'station', 'minute'];
  const queries = Array.from({ length: 25 }, (_, q) => ({
    id: `t${q}`,
    text: `the ${words[q % 5]} and the ${words[(2 * q + 1) % 4]} of ${words[(q + 2) % 3]}`,
  }));
  const many: SwitchedInput = {
    ...input,
    queries,
    judgments: queries.map(({ id }, q) => ({ query: id, passage: `p${(q % 3) + 2}`, grade: 1 })),
  };
  const asked = (
    over: Partial<typeof settings.train>,
    switching: Partial<typeof settings.switching> = {},
  ) => ({
    ...settings,
    switching: { ...settings.switching, rho: 0.25, ...switching },
    train: { ...settings.train, ...over },
  });
  const run = async (name: string, of: ReturnType<typeof asked>) =>
    (await teachSwitched(teacher, many, of, at(name), { threads: 1 })).switching;

  it.each([
    ['a part of an epoch', { steps: 4, accumulate: 1 }, 8],
    ['batches of several parts', { steps: 4, accumulate: 2 }, 16],
    ['more than an epoch', { steps: 14, accumulate: 1 }, 28],
  ])('hold over the questions that are drawn: %s', async (name, train, texts) => {
    const switching = await run(name.replaceAll(' ', '-'), asked(train));
    expect(switching).toMatchObject({ texts, matched: { texts, feasible: true, exact: true } });
    const switched = Math.round(0.2 * switching.words);
    expect(switching.switchedWords).toBe(switched);
    expect(switching.languages.sw.words).toBe(Math.round(0.25 * switched));
  });

  it('are told to be short where the lexicons know too little of what is drawn', async () => {
    const { matched, languages } = await run('short', asked({ steps: 3 }, { p: 0.9 }));
    expect(matched?.feasible).toBe(false);
    expect(matched?.largestP).toBeLessThan(0.9);
    expect((languages.sw.short ?? 0) + (languages.hi.short ?? 0)).toBeGreaterThan(0);
  });

  it('are those of the questions in the order of the draws', () => {
    const examples = queries.map(({ text }) => ({ text, positives: [0, 1], negatives: [2, 3] }));
    const texts = (batches: number) => [
      ...drawnQuestions(examples, { seed: 1, batchSize: 5, negativesPerQuery: 1 }, batches),
    ];
    expect(texts(10).slice(0, 15)).toEqual(texts(3));
    // An epoch has every question once, also the second, which is drawn after passages were.
    const sorted = (list: readonly string[]) => [...list].sort();
    expect(sorted(texts(5))).toEqual(sorted(queries.map(({ text }) => text)));
    expect(sorted(texts(10).slice(25))).toEqual(sorted(texts(5)));
  });
});

it('takes hard negatives that were mined before', async () => {
  const index = await Bm25Index.create(input.passages);
  const options = { depth: settings.batch.negativeDepth, passages: input.passages };
  const { negatives: mined } = await mineHardNegatives(index, input.queries, input.judgments, options);
  const ids = input.queries.map(({ id }, q) => [id, Array.from(mined[q], (p) => index.ids[p])] as const);
  expect(ids.some(([, negatives]) => negatives.length > 0)).toBe(true);
  await teachSwitched(teacher, { ...input, negatives: new Map(ids) }, settings, at('given'), { threads: 1 });
  expect(weights('given').equals(weights('whole'))).toBe(true);
});

it('starts from the teacher, or from a pack of the same teacher', async () => {
  const other = await writeTinyRetriever(at('pack'), { seed: 2, teacher: 'another' });
  const start = { ...input, start: other.checkpoint };
  const error = await refusal(() => teachSwitched(teacher, start, settings, at('never')));
  expect(error.code).toBe('TEACHER_MISMATCH');
  const pack = await refusal(() => teachSwitched(other.checkpoint, input, settings, at('never')));
  expect(pack.code).toBe('TEACHER_MISMATCH');
});
