/** A reader as a whole: it learns to find the word after the one asked for, is saved, read back, and answers. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { refract } from '../../test/command-line.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import type { Example } from '../data/records.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { readReader } from '../model/reader-checkpoint.ts';
import { readSafetensors } from '../model/safetensors.ts';
import { SpanReader } from '../model/span-reader.ts';
import { RandomStream } from '../random.ts';
import { trainReader } from './read.ts';
import { type ReadSettings, readDefaults } from './read-settings.ts';

const folder = temporaryFolder();
const base = readCheckpoint('test/fixtures/bert', { allowBase: true });
const out = join(folder.path, 'reader');
const NAMES = ['maji', 'soko', 'shule', 'afya', 'मvua', 'पानी', 'مطر', 'ฝน'];
const PLACES = ['water', 'market', 'school', 'health', 'farm', 'rain', 'bus'];
const OTHERS = ['a', 'of', 'is', 'to', 'the'];

/** `where ?` is answered by the one place in the context. */
function examples(count: number, seed: number): Example[] {
  const stream = new RandomStream(seed, 'toy');
  const one = (list: string[]) => list[stream.below(list.length)];
  return Array.from({ length: count }, (_, i) => {
    const answer = one(PLACES);
    const before = Array.from({ length: stream.below(5) }, () =>
      one([...OTHERS, NAMES[0], NAMES[5], NAMES[7]]),
    );
    const context = [...before, answer, one(OTHERS), one(OTHERS)].join(' ');
    const start = before.join(' ').length + (before.length > 0 ? 1 : 0);
    return {
      id: `e${i}`,
      question: 'where ?',
      context,
      passage: `p${i}`,
      answers: [answer],
      answerStarts: [start],
    };
  });
}

function settings(steps: number): ReadSettings {
  const defaults = readDefaults(base.config);
  const train = {
    ...defaults.train,
    steps,
    rate: 3e-3,
    warmupSteps: 5,
    evaluateEvery: 30,
    checkpointEvery: 4,
    patience: 0,
  };
  return { ...defaults, batch: { windows: 16 }, dev: { questions: 20 }, train };
}

beforeAll(async () => {
  const data = { base, examples: examples(200, 1), dev: examples(20, 2) };
  const { report, windows } = await trainReader(data, settings(60), out, { threads: 1 });
  expect(windows).toEqual({ all: 200, answered: 200 });
  expect(report.best!.value).toBeGreaterThan(0.9);
});

describe('trainReader', () => {
  it('learns a pattern, and writes what BertForQuestionAnswering reads', async () => {
    expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')).architectures).toEqual([
      'BertForQuestionAnswering',
    ]);
    const names = [...readSafetensors(join(out, 'model.safetensors')).keys()];
    expect(names.filter((name) => !name.startsWith('bert.')).sort()).toEqual([
      'qa_outputs.bias',
      'qa_outputs.weight',
    ]);
    const reader = await SpanReader.fromCheckpoint(readReader(out), { threads: 1 });
    const asked = [
      { question: 'where ?', passages: [{ text: 'the पानी of school is a' }] },
      { question: 'where ?', passages: [{ text: 'of the' }, { text: 'to ฝน market the a' }] },
      { question: 'where ?', passages: [{ text: ' ' }] },
    ];
    const answers = await reader.answers(asked);
    expect(answers.map((answer) => answer?.text)).toEqual(['school', 'market', undefined]);
    expect(answers[1]).toMatchObject({ passage: 1, start: 6, end: 12 });
    const two = [
      { text: 'the market is a', score: 0 },
      { text: 'the market is a', score: 1 },
    ];
    const pair = async (retrievalWeight: number) =>
      (await reader.answers([{ question: 'where ?', passages: two }], { retrievalWeight }))[0]?.passage;
    expect([await pair(0), await pair(1)]).toEqual([0, 1]);
    await reader.close();
  });

  it('goes on bit for bit after a stop', async () => {
    const data = { base, examples: examples(40, 1) };
    const place = (name: string) => join(folder.path, name);
    await trainReader(data, settings(8), place('whole'), { threads: 1 });
    const stop = new AbortController();
    const progress = (label: string) => ({
      update: (done: number) => void (label === 'training' && done >= 5 && stop.abort()),
      end() {},
    });
    const error = await refusal(() =>
      trainReader(data, settings(8), place('stopped'), { threads: 1, progress, signal: stop.signal }),
    );
    expect(error.code).toBe('INTERRUPTED');
    await trainReader(data, settings(8), place('stopped'), { threads: 1, resume: true });
    const bytes = (name: string) => readFileSync(join(place(name), 'model.safetensors'));
    expect(bytes('stopped').equals(bytes('whole'))).toBe(true);
  });

  it('refuses examples without an answer in the context, and windows that are too long', async () => {
    const [one] = examples(1, 1);
    const wrong = { base, examples: [{ ...one, answerStarts: [one.context.length] }] };
    expect((await refusal(() => trainReader(wrong, settings(1), join(folder.path, 'x')))).code).toBe(
      'FILE_EMPTY',
    );
    const long = { ...settings(1), reading: { ...settings(1).reading, windowTokens: 25 } };
    const error = await refusal(() => trainReader({ base, examples: [one] }, long, join(folder.path, 'x')));
    expect([error.code, error.message.includes('at most 24')]).toEqual(['SETTING_INVALID', true]);
    expect((await refusal(() => readReader('test/fixtures/bert'))).code).toBe('CHECKPOINT_INCOMPLETE');
  });
});

describe('the commands', () => {
  const lines = (records: readonly object[]) =>
    records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const passages = folder.write(
    'p.jsonl',
    lines([
      { id: 'p1', text: 'a bus is the' },
      { id: 'p2', text: 'of farm a is' },
    ]),
  );
  const queries = folder.write('q.jsonl', lines([{ id: 'q1', text: 'where ?', answers: ['farm'] }]));
  const qrels = folder.write('qrels.txt', 'q1 0 p2 1\n');
  const run = folder.write('a.run', 'q1 Q0 p1 1 5 x\nq1 Q0 p2 2 1 x\n');
  const predictions = join(folder.path, 'predictions.json');
  const collection = ['--passages', passages, '--queries', queries];
  const answer = (...args: string[]) => refract(['answer', '--reader', out, '--out', predictions, ...args]);
  const predicted = () => JSON.parse(readFileSync(predictions, 'utf8'));

  it('answer in gold and in retrieved passages, for qa-eval', async () => {
    expect((await answer(...collection, '--qrels', qrels)).code).toBe(0);
    expect(predicted()).toEqual({ q1: 'farm' });
    expect((await refract(['qa-eval', queries, predictions])).out).toContain('"exact_match": 100');
    const { out: json } = await answer(...collection, '--run', run, '--json');
    expect(JSON.parse(json).answers[0]).toMatchObject({
      id: 'q1',
      text: 'bus',
      passage: 'p1',
      start: 2,
      end: 5,
    });
    await answer(...collection, '--run', run, '--top', '2', '--retrieval-weight', '100');
    expect(predicted()).toEqual({ q1: 'bus' });
  });

  it('train from a collection, and refuse what does not fit together', async () => {
    const place = join(folder.path, 'made');
    const train = ['train-reader', '--base', 'test/fixtures/bert', '--out', place];
    const few = ['--set', 'train.steps=1', '--set', 'train.evaluateEvery=0', '--quiet'];
    const made = await refract([...train, ...collection, '--qrels', qrels, ...few]);
    expect([made.code, made.out]).toEqual([0, expect.stringContaining('1 windows, 1 with an answer')]);
    expect(existsSync(join(place, 'refract.json'))).toBe(true);
    for (const [args, code] of [
      [[...train, '--overwrite', ...collection], 'SETTING_INVALID'],
      [['answer', '--reader', out, '--out', predictions, '--run', run], 'SETTING_INVALID'],
      [
        ['answer', '--reader', 'test/fixtures/bert', '--out', predictions, ...collection],
        'CHECKPOINT_INCOMPLETE',
      ],
    ] as const) {
      const refused = await refract([...args]);
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining(code)]);
    }
    const unknown = folder.write('b.run', 'q1 Q0 p9 1 5 x\n');
    expect((await answer(...collection, '--run', unknown)).err).toContain('UNKNOWN_ID');
    const starts = folder.write(
      'e.jsonl',
      lines([{ id: '1', question: 'a', context: 'b', answers: ['b'], answerStarts: [0, 1] }]),
    );
    expect((await answer('--examples', starts)).err).toContain('e.jsonl:1: field "answerStarts"');
  });
});
