/** Distillation as a whole: shared packs, going on bit for bit, whose teacher it is, and a loss that is no number. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import type { SentencePair } from '../data/records.ts';
import { type RetrieverCheckpoint, readCheckpoint } from '../model/checkpoint.ts';
import { Encoder } from '../model/encoder.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import { checkPackFits, modelFingerprint } from '../model/fingerprint.ts';
import { InputMaker } from '../model/input.ts';
import type { ProgressFactory } from '../progress.ts';
import { charactersOf, logLikelihood } from '../text/character-model.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { NO_MASS } from '../transport/graph-plans.ts';
import { type DistillInput, distill } from './distill.ts';
import { DistillBatches } from './distill-batches.ts';
import { type DistillSettings, distillDefaults } from './distill-settings.ts';
import { readMetrics } from './metrics-log.ts';
import { readLoopState } from './resume.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);

const pair = (pivot: string, target: string, language: string): SentencePair => ({ pivot, target, language });
const pairs = [
  pair('boil the water', 'chemsha maji', 'sw'),
  pair('the clean water', 'maji safi', 'sw'),
  pair('the market opens', 'soko linafunguliwa', 'sw'),
  pair('drink the water', 'kunywa maji', 'sw'),
  pair('boil the water', 'اغلِ الماء', 'ar'),
  pair('the market', 'السوق', 'ar'),
];
const input: DistillInput = {
  pairs,
  dev: [pair('the water', 'maji', 'sw'), pair('the market', 'soko', 'sw'), pair('the bus', 'basi', 'sw')],
  dictionaries: new Map([['sw', [pair('water', 'maji', 'sw'), pair('market', 'soko', 'sw')]]]),
  anchors: ['when is the market', 'boil the clean water', 'who pays the fees'],
};

function settings(change: Partial<DistillSettings['train']> = {}): DistillSettings {
  const defaults = distillDefaults();
  const batch = { ...defaults.batch, pairs: 3, entries: 1, switched: 1, anchors: 2 };
  const train = { steps: 6, rate: 1e-3, warmupSteps: 1, evaluateEvery: 3, checkpointEvery: 2, ...change };
  return { ...defaults, maxTokens: 16, batch, train: { ...defaults.train, ...train } };
}

/** Aborts when training, or another stage, has come to `step`. */
function stopAt(step: number, stage = 'training'): { signal: AbortSignal; progress: ProgressFactory } {
  const stop = new AbortController();
  const progress: ProgressFactory = (label) => ({
    update(done) {
      if (label === stage && done >= step) stop.abort();
    },
    end() {},
  });
  return { signal: stop.signal, progress };
}

const run = (out: string, control = {}, set = settings(), from = teacher) =>
  distill(from, input, set, at(out), { threads: 1, ...control });
const weights = (name: string) => readFileSync(join(at(name), 'model.safetensors'));
const logged = (path: string) =>
  readMetrics(join(path, 'metrics.jsonl')).map(({ seconds: _, ...line }) => line);

let teacher: RetrieverCheckpoint;
let whole: Awaited<ReturnType<typeof distill>>;

beforeAll(async () => {
  ({ checkpoint: teacher } = await writeTinyRetriever(at('teacher')));
  whole = await run('whole');
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('a pack for several languages', () => {
  it("says how its languages and the teacher's are written", () => {
    const { characterModels, settings: written } = readCheckpoint(at('whole'));
    expect([...(characterModels ?? [])].map(([language]) => language).sort()).toEqual(['ar', 'en', 'sw']);
    expect(written).toMatchObject({ characterModels: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const fits = (language: string, text: string) =>
      logLikelihood(characterModels!.get(language)!, charactersOf(text));
    expect(fits('sw', 'maji safi')).toBeGreaterThan(fits('en', 'maji safi'));
    expect(fits('ar', 'الماء')).toBeGreaterThan(fits('sw', 'الماء'));
    expect(fits('en', 'clean water')).toBeGreaterThan(fits('sw', 'clean water'));
  });

  it('is one checkpoint of the teacher that names them, and has learnt', () => {
    const { settings: written } = readCheckpoint(at('whole'));
    expect(written).toMatchObject({
      kind: 'pack',
      languages: ['sw', 'ar'],
      teacher: modelFingerprint(teacher),
      training: { pairs: { sw: 4, ar: 2 } },
    });
    expect(whole.dev?.pairs).toBe(3);
    expect(whole.dev!.after).toBeGreaterThanOrEqual(whole.dev!.before);
    const losses = logged(at('whole')).flatMap((line) => ('loss' in line ? [line.loss] : []));
    expect(losses).toHaveLength(6);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(existsSync(`${at('whole')}.unfinished`)).toBe(false);
  });

  it("gives its tokens second word vectors, and leaves the teacher's and the readings of English alone", async () => {
    await run('words', {}, settings({ steps: 0 }));
    const pack = readCheckpoint(at('words'));
    const first = teacher.tensors.get(WORD_TABLE)!.data;
    const table = pack.tensors.get(WORD_TABLE)!;
    expect(table.shape[0]).toBeGreaterThan(teacher.config.vocabSize);
    expect(table.data.subarray(0, first.length)).toEqual(first);
    const [own, other] = await Promise.all([teacher, pack].map((each) => Encoder.fromCheckpoint(each)));
    try {
      const english = 'where is the clean water';
      expect(await other.queries([english])).toEqual(await own.queries([english]));
      const [swahili] = await other.queries(['maji safi']);
      const [before] = await own.queries(['maji safi']);
      expect(swahili.ids).toEqual(before.ids);
      expect(swahili.vectors).not.toEqual(before.vectors);
    } finally {
      await Promise.all([own.close(), other.close()]);
    }
  });

  it('has one vector a token where the settings say so', async () => {
    const { align, ...rest } = settings({ steps: 0 });
    await run('one', {}, { ...rest, align: { ...align, twoReadings: false, protection: 5 } });
    const pack = readCheckpoint(at('one'));
    expect(pack.readings).toBeUndefined();
    expect(pack.tensors.get(WORD_TABLE)!.shape).toEqual(teacher.tensors.get(WORD_TABLE)!.shape);
  });

  it('draws on every language, and weighs a word lightly that is common in either', async () => {
    const next = vi.spyOn(DistillBatches.prototype, 'next');
    const { align, batch, ...rest } = settings();
    // With one reading of a token, rows of the word table are the tokenizer's ids.
    const switched = {
      ...rest,
      align: { ...align, twoReadings: false },
      batch: { ...batch, switchProbability: 0 },
    };
    await run('drawn', {}, switched);
    const maker = new InputMaker(loadTokenizer(at('teacher')), teacher.settings.retrieval);
    const rows: { ids: number[]; logs: number[] }[] = [];
    for (const { value } of next.mock.results) {
      const { feeds } = await (value as ReturnType<DistillBatches['next']>);
      const [count, length] = feeds['pair.ids'].shape;
      const of = (name: string, n: number) =>
        Array.from(feeds[name].data.subarray(n * length, (n + 1) * length), Number);
      for (let n = 0; n < count; n++) rows.push({ ids: of('pair.ids', n), logs: of('pair.logB', n) });
    }
    const starts = (text: string) => {
      const ids = [...maker.query(text).ids];
      return rows.filter((row) => ids.every((id, i) => row.ids[i] === id));
    };
    for (const language of ['sw', 'ar'])
      expect(
        pairs.some((each) => each.language === language && starts(each.target).length > 0),
        language,
      ).toBe(true);
    // No target sentence has "the", but all pivot sentences do.
    const [the] = maker.tokenizer.encode('the');
    const asked = rows.find((row) => row.ids.includes(the));
    expect(asked).toBeDefined();
    const others = asked!.logs.filter((log, i) => log > NO_MASS && asked!.ids[i] !== the && i > 1);
    const light = asked!.logs[asked!.ids.indexOf(the)];
    expect(others.filter((log) => log > light).length).toBeGreaterThan(0);
    expect(others.every((log) => log >= light)).toBe(true);
  });
});

describe('a distillation that was stopped', () => {
  it('goes on to the same weights and the same log, bit for bit', async () => {
    const error = await refusal(() => run('stopped', stopAt(3)));
    expect(error.code).toBe('INTERRUPTED');
    expect(error.message).toContain('stopped at step 3');
    expect(existsSync(at('stopped'))).toBe(false);
    const { report } = await run('stopped', { resume: true });
    expect(report.steps).toBe(6);
    expect(weights('stopped').equals(weights('whole'))).toBe(true);
    expect(logged(at('stopped'))).toEqual(logged(at('whole')));
    expect(existsSync(`${at('stopped')}.unfinished`)).toBe(false);
  });

  it.each(['reading sentence pairs', 'aligning words', 'measuring the teacher'])(
    'while %s starts over to the same weights',
    async (stage) => {
      const error = await refusal(() => run(stage, stopAt(0, stage)));
      expect(error).toMatchObject({ code: 'INTERRUPTED', at: `${at(stage)}.unfinished` });
      expect(error.message).toContain(`stopped while ${stage}`);
      expect(error.hint).toContain('--resume');
      await run(stage, { resume: true });
      expect(weights(stage).equals(weights('whole'))).toBe(true);
    },
  );

  it('is not resumed from another teacher', async () => {
    await refusal(() => run('other', stopAt(1)));
    const { checkpoint } = await writeTinyRetriever(at('second'), { seed: 2 });
    const error = await refusal(() => run('other', { resume: true }, settings(), checkpoint));
    expect(error.code).toBe('RESUME_MISMATCH');
  });
});

describe('the entropy of the plans', () => {
  it('is logged at each step, and warned of when it is near its maximum', async () => {
    const entropies = logged(at('whole')).flatMap((line) => ('entropy' in line ? [line.entropy] : []));
    expect(entropies).toHaveLength(6);
    expect(entropies.every((share) => share > 0 && share < 0.95)).toBe(true);
    expect(whole.warnings).toEqual([]);
    const transport = { ...settings().transport, epsilon: 50 };
    const { warnings } = await run('flat', {}, { ...settings({ steps: 1 }), transport });
    expect(warnings).toEqual([expect.stringContaining('lower epsilon')]);
  });
});

describe('the teacher of a pack', () => {
  it('is the only one that it fits', async () => {
    const { settings: pack } = readCheckpoint(at('whole'));
    if (pack.kind !== 'pack') throw new Error('distill wrote no pack');
    expect(() => checkPackFits(pack, modelFingerprint(teacher), at('whole'))).not.toThrow();
    const { fingerprint } = await writeTinyRetriever(at('third'), { seed: 3 });
    const error = await refusal(() => checkPackFits(pack, fingerprint, at('whole')));
    expect(error.code).toBe('TEACHER_MISMATCH');
  });

  it('is no pack', async () => {
    const error = await refusal(() => run('again', {}, settings(), whole.checkpoint));
    expect(error.code).toBe('TEACHER_MISMATCH');
    expect(existsSync(at('again'))).toBe(false);
  });
});

describe('a loss that is not a number', () => {
  it('stops at its step, keeps the last good state, and is resumed from there', async () => {
    const next = DistillBatches.prototype.next;
    let drawn = 0;
    vi.spyOn(DistillBatches.prototype, 'next').mockImplementation(async function (this: DistillBatches) {
      const batch = await next.call(this);
      if (++drawn === 4) (batch.feeds['pair.teacher'].data as Float32Array).fill(Number.NaN);
      return batch;
    });
    const error = await refusal(() => run('nan'));
    expect(error.code).toBe('LOSS_NOT_FINITE');
    expect(error.message).toContain('the loss became NaN at step 4');
    expect(error.hint).toContain('--resume');
    expect(existsSync(at('nan'))).toBe(false);
    const unfinished = `${at('nan')}.unfinished`;
    const { identity } = JSON.parse(readFileSync(join(unfinished, 'resume/state.json'), 'utf8'));
    const state = readLoopState(unfinished, identity)!;
    expect(state.step).toBe(2);
    for (const [name, data] of state.parameters) expect(data.every(Number.isFinite), name).toBe(true);
    vi.restoreAllMocks();
    await run('nan', { resume: true });
    expect(weights('nan').equals(weights('whole'))).toBe(true);
  });
});

it('refuses to learn from nothing', async () => {
  const error = await refusal(() => distill(teacher, { ...input, pairs: [] }, settings(), at('nothing')));
  expect(error.code).toBe('BITEXT_EMPTY');
});
