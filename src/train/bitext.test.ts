/** Students of bitext by baselines: they learn, go on bit for bit, start where they are told, and refuse strangers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import type { SentencePair } from '../data/records.ts';
import { type RetrieverCheckpoint, readCheckpoint } from '../model/checkpoint.ts';
import { modelFingerprint } from '../model/fingerprint.ts';
import { InputMaker } from '../model/input.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { type BitextInput, teachBitext } from './bitext.ts';
import { contrastiveFeeds, sentenceFeeds } from './bitext-batches.ts';
import { type BitextSettings, contrastiveDefaults, sentenceMseDefaults } from './bitext-settings.ts';
import { distill } from './distill.ts';
import { distillDefaults } from './distill-settings.ts';
import { readMetrics } from './metrics-log.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const pair = (pivot: string, target: string, language: string): SentencePair => ({ pivot, target, language });
const input: BitextInput = {
  pairs: [
    pair('boil the water', 'chemsha maji', 'sw'),
    pair('the clean water', 'maji safi', 'sw'),
    pair('the market opens', 'soko linafunguliwa', 'sw'),
    pair('boil the water', 'اغلِ الماء', 'ar'),
    pair('the market', 'السوق', 'ar'),
  ],
  dev: [pair('the water', 'maji', 'sw'), pair('the market', 'soko', 'sw')],
};
const recipe = (settings: BitextSettings): BitextSettings => ({
  ...settings,
  maxTokens: 16,
  batch: { ...settings.batch, pairs: 4 },
  train: { ...settings.train, steps: 8, rate: 2e-3, warmupSteps: 1, evaluateEvery: 4, checkpointEvery: 2 },
});
const weights = (name: string) => readFileSync(join(at(name), 'model.safetensors'));

let teacher: RetrieverCheckpoint;
beforeAll(async () => {
  ({ checkpoint: teacher } = await writeTinyRetriever(at('teacher')));
});

describe.each([
  ['sentence-mse', recipe(sentenceMseDefaults())],
  ['contrastive', recipe(contrastiveDefaults())],
] as const)('%s', (name, settings) => {
  it('lowers its loss, and goes on to the same weights', async () => {
    const { checkpoint } = await teachBitext(teacher, input, settings, at(name), { threads: 1 });
    expect(checkpoint.settings).toMatchObject({
      kind: 'pack',
      languages: ['sw', 'ar'],
      teacher: modelFingerprint(teacher),
    });
    const losses = readMetrics(join(at(name), 'metrics.jsonl')).flatMap(({ loss }) => loss ?? []);
    expect(losses[losses.length - 1]).toBeLessThan(losses[0]);
    const stop = new AbortController();
    const progress = (label: string) => ({
      update(done: number) {
        if (label === 'training' && done >= 3) stop.abort();
      },
      end() {},
    });
    const control = { threads: 1, signal: stop.signal, progress };
    const place = `${name}-stopped`;
    expect((await refusal(() => teachBitext(teacher, input, settings, at(place), control))).code).toBe(
      'INTERRUPTED',
    );
    await teachBitext(teacher, input, settings, at(place), { threads: 1, resume: true });
    expect(weights(place).equals(weights(name))).toBe(true);
  });
});

it('starts from a pack, second word vectors and all, and from none of another teacher', async () => {
  const pack = { ...distillDefaults(), maxTokens: 16 };
  const headStart = { ...pack, batch: { ...pack.batch, pairs: 2 }, train: { ...pack.train, steps: 0 } };
  const dictionaries = new Map<string, SentencePair[]>();
  await distill(teacher, { ...input, dictionaries, anchors: ['where is the bus'] }, headStart, at('head'), {
    threads: 1,
  });
  const start = readCheckpoint(at('head'));
  const settings = recipe(contrastiveDefaults());
  const still = { ...settings, train: { ...settings.train, rate: 1e-12, weightDecay: 0 } };
  const { checkpoint } = await teachBitext(teacher, { ...input, start }, still, at('on'), { threads: 1 });
  expect(checkpoint.config).toEqual(start.config);
  expect(checkpoint.readings).toEqual(start.readings);
  const words = 'embeddings.word_embeddings.weight';
  const [before, after] = [start, checkpoint].map(({ tensors }) =>
    [...tensors].find(([name]) => name.endsWith(words)),
  );
  expect(after?.[1].shape).toEqual(before?.[1].shape);
  expect(Math.abs(after![1].data[100] - before![1].data[100])).toBeLessThan(1e-6);
  const other = await writeTinyRetriever(at('pack'), { seed: 2, teacher: 'another' });
  const strange = { ...input, start: other.checkpoint };
  expect((await refusal(() => teachBitext(teacher, strange, settings, at('never')))).code).toBe(
    'TEACHER_MISMATCH',
  );
  expect((await refusal(() => teachBitext(other.checkpoint, input, settings, at('never')))).code).toBe(
    'TEACHER_MISMATCH',
  );
  expect((await refusal(() => teachBitext(teacher, { pairs: [] }, settings, at('never')))).code).toBe(
    'BITEXT_EMPTY',
  );
});

it('feeds mean vectors, and each English sentence of a batch once', async () => {
  const maker = new InputMaker(loadTokenizer(teacher.tokenizerJson), teacher.settings.retrieval);
  const { dim } = teacher.settings.retrieval;
  const row = (...starts: number[]) =>
    Float32Array.from(starts.flatMap((x) => [x, ...new Array<number>(dim - 1).fill(0)]));
  const vectors = {
    of: async (texts: readonly string[]) =>
      texts.map(() => ({ vectors: row(1, 0), ids: Int32Array.of(7, 8), count: 2 })),
  };
  const sentences = await sentenceFeeds(maker, vectors)(input.pairs);
  expect(sentences['teacher.means'].shape).toEqual([5, dim]);
  expect(sentences['teacher.means'].data[0]).toBe(0.5);
  const found = await contrastiveFeeds(maker, vectors)(input.pairs);
  // "boil the water" is there in Swahili and in Arabic: one passage for both.
  expect(found.target.data).toEqual(Int32Array.of(0, 1, 2, 0, 3));
  expect(found['passage.vectors'].shape[0]).toBe(4);
  expect(found['passage.scored'].data.slice(0, 3)).toEqual(Int32Array.of(1, 1, 0));
});
