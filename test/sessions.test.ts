/** Sessions of the runtime: whatever is opened is closed, however the work ends. */
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import type { SentencePair } from '../src/data/records.ts';
import { RefractError } from '../src/errors.ts';
import { GraphSession } from '../src/graph/index.ts';
import type { RetrieverCheckpoint } from '../src/model/checkpoint.ts';
import { Encoder } from '../src/model/encoder.ts';
import { MaxSimScorer } from '../src/model/maxsim-scorer.ts';
import type { ProgressFactory } from '../src/progress.ts';
import { indexPassages } from '../src/search/index-passages.ts';
import { openSearcher } from '../src/search/open-searcher.ts';
import { distill } from '../src/train/distill.ts';
import { distillDefaults } from '../src/train/distill-settings.ts';
import { OpenSessions } from '../src/train/open-sessions.ts';
import { pretrain } from '../src/train/pretrain.ts';
import { pretrainDefaults } from '../src/train/pretrain-settings.ts';
import { teach } from '../src/train/teach.ts';
import { teachDefaults } from '../src/train/teach-settings.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const passages = folder.write('passages.jsonl', jsonLines(PASSAGES));
let teacher: RetrieverCheckpoint;

beforeAll(async () => {
  ({ checkpoint: teacher } = await writeTinyRetriever(at('teacher')));
  await indexPassages(at('teacher'), passages, at('index'));
});

let created: MockInstance<typeof GraphSession.create>;
let closed: MockInstance<GraphSession['close']>;

beforeEach(() => {
  created = vi.spyOn(GraphSession, 'create');
  closed = vi.spyOn(GraphSession.prototype, 'close');
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Sessions that were opened, by the order in which they were, and those of them that were closed. */
async function balance() {
  const opened = await Promise.all(created.mock.results.map(({ value }) => value as Promise<GraphSession>));
  return { opened, closed: opened.filter((session) => closed.mock.contexts.includes(session)) };
}

class Broken extends Error {}

/** A caller whose progress fails when work called `label` begins, or (`update`) has begun. */
function failingAt(label: string, when: 'start' | 'update' = 'start'): ProgressFactory {
  const fail = (begun: string) => {
    if (begun === label) throw new Broken(label);
  };
  return (begun) => {
    if (when === 'start') fail(begun);
    return { update: () => fail(begun), end() {} };
  };
}

const loop = { steps: 2, warmupSteps: 1, evaluateEvery: 1, checkpointEvery: 0 };
const pair = (pivot: string, target: string): SentencePair => ({ pivot, target, language: 'sw' });
const pairs = [pair('boil water', 'chemsha maji'), pair('the market', 'soko')];

function distilling(progress: ProgressFactory, anchors: readonly string[] = ['who pays']) {
  const defaults = distillDefaults();
  const settings = {
    ...defaults,
    maxTokens: 16,
    batch: { ...defaults.batch, pairs: 2, anchors: 1 },
    train: { ...defaults.train, ...loop },
  };
  const input = { pairs, dev: pairs, dictionaries: new Map(), anchors };
  return distill(teacher, input, settings, at('pack'), { threads: 1, progress });
}

function teaching(progress: ProgressFactory) {
  const defaults = teachDefaults('tiny');
  const settings = {
    ...defaults,
    tokenizer: { ...defaults.tokenizer, vocabSize: 420 },
    retrieval: { ...defaults.retrieval, dim: 16, passageMaxTokens: 40 },
    batch: { ...defaults.batch, queries: 4, negatives: 0 },
    train: { ...defaults.train, ...loop },
  };
  const queries = PASSAGES.map(({ id, text }) => ({ id, text: text.slice(0, 12) }));
  const judgments = PASSAGES.map(({ id }) => ({ query: id, passage: id, grade: 1 }));
  const dev = { queries: queries.slice(0, 3), judgments };
  const data = { passages: PASSAGES, queries, judgments, dev, extraText: [] };
  return teach(data, settings, at('taught'), { threads: 1, progress });
}

function pretraining(progress: ProgressFactory) {
  const defaults = pretrainDefaults('tiny');
  const settings = {
    ...defaults,
    tokenizer: { vocabSize: 420, lowercase: true },
    windowTokens: 24,
    batch: { windows: 2 },
    train: { ...defaults.train, ...loop },
  };
  const texts = [...PASSAGES, ...PASSAGES, ...PASSAGES].map(({ text }) => text);
  return pretrain({ texts }, settings, at('pretrained'), { threads: 1, progress });
}

const indexing = (progress: ProgressFactory) =>
  indexPassages(at('teacher'), passages, at('never'), { threads: 1, progress });

describe('every session is closed', () => {
  it.each<[string, (progress: ProgressFactory) => Promise<unknown>, string, number]>([
    ['pretrain', pretraining, 'training', 2],
    ['teach', teaching, 'training', 3],
    ['distill', distilling, 'training', 5],
    ['index', indexing, 'indexing', 1],
  ])('when the callback of %s fails', async (_, work, label, sessions) => {
    for (const when of ['start', 'update'] as const) {
      created.mockClear();
      closed.mockClear();
      await expect(work(failingAt(label, when)), when).rejects.toBeInstanceOf(Broken);
      const { opened, closed: shut } = await balance();
      expect(opened, when).toHaveLength(sessions);
      expect(shut, when).toEqual(opened);
    }
  });

  it.each<[string, (progress: ProgressFactory) => Promise<unknown>]>([
    ['teach', teaching],
    ['distill', distilling],
  ])('when %s cannot compile the scorer of its dev measure', async (_, work) => {
    vi.spyOn(MaxSimScorer, 'create').mockRejectedValue(new Broken('scorer'));
    await expect(work(() => ({ update() {}, end() {} }))).rejects.toBeInstanceOf(Broken);
    const { opened, closed: shut } = await balance();
    expect(opened.length).toBeGreaterThan(0);
    expect(shut).toEqual(opened);
  });

  it('when dev sentences cannot be encoded', async () => {
    vi.spyOn(Encoder.prototype, 'passages').mockRejectedValue(new Broken('passages'));
    await expect(distilling(() => ({ update() {}, end() {} }))).rejects.toBeInstanceOf(Broken);
    const { opened, closed: shut } = await balance();
    // The teacher's and the student's; the scorer is not opened before the sentences are encoded.
    expect(opened).toHaveLength(2);
    expect(shut).toEqual(opened);
  });

  it('when a search is stopped half-way, or its index does not close', async () => {
    const searcher = await openSearcher(at('index'), { threads: 1 });
    const queries = PASSAGES.map(({ id, text }) => ({ id, text }));
    const stopped = searcher.searchAll(queries, 3, { progress: failingAt('searching', 'update') });
    await expect(stopped).rejects.toBeInstanceOf(Broken);
    const close = searcher.index.close.bind(searcher.index);
    vi.spyOn(searcher.index, 'close').mockImplementation(() => {
      close();
      throw new Broken('index');
    });
    await expect(searcher.close()).rejects.toBeInstanceOf(Broken);
    const { opened, closed: shut } = await balance();
    expect(opened).toHaveLength(1);
    expect(shut).toEqual(opened);
  });

  it('or is never opened, when a search is refused', async () => {
    const { fingerprint } = await writeTinyRetriever(at('other'), { seed: 2 });
    await writeTinyRetriever(at('stray'), { teacher: fingerprint });
    await expect(openSearcher(at('index'), { pack: at('stray') })).rejects.toBeInstanceOf(RefractError);
    expect(created).not.toHaveBeenCalled();
  });
});

describe('open sessions', () => {
  it('are all closed once, though one of them fails', async () => {
    const sessions = new OpenSessions();
    const good = { close: vi.fn(async () => {}) };
    const bad = { close: vi.fn(() => Promise.reject(new Broken('close'))) };
    expect(sessions.keep(bad)).toBe(bad);
    sessions.keep(good);
    await expect(sessions.close()).rejects.toBeInstanceOf(Broken);
    await sessions.close();
    expect([good.close.mock.calls.length, bad.close.mock.calls.length]).toEqual([1, 1]);
  });
});
