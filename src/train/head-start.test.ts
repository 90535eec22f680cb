/** Distillation without a step: the head start alone, made by the code that makes the pack. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import type { SentencePair } from '../data/records.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import { withSecondRows } from '../model/readings.ts';
import { AlignmentMemory } from './alignment.ts';
import { type DistillInput, distill } from './distill.ts';
import { distillDefaults } from './distill-settings.ts';

const folder = temporaryFolder();
const pair = (pivot: string, target: string): SentencePair => ({ pivot, target, language: 'sw' });
const pairs = [
  pair('boil the water', 'chemsha maji'),
  pair('clean water', 'maji safi'),
  pair('water is important', 'maji ni muhimu'),
  pair('drink the clean water', 'kunywa maji safi'),
];

it('moves second word vectors and nothing else, and is what training starts from', async () => {
  const { checkpoint: teacher } = await writeTinyRetriever(join(folder.path, 'teacher'));
  const defaults = distillDefaults();
  const input = { pairs, dev: pairs, dictionaries: new Map(), anchors: ['is the water clean'] };
  const batch = { ...defaults.batch, pairs: 2, anchors: 1 };
  const pack = (name: string, steps: number) => {
    // At a rate this small a step changes no float: the weights after it are those before it.
    const train = { ...defaults.train, steps, rate: 1e-30, weightDecay: 0, evaluateEvery: 1 };
    return distill(teacher, input, { ...defaults, batch, train }, join(folder.path, name), { threads: 1 });
  };
  const { report, dev } = await pack('head-start', 0);
  expect(report).toMatchObject({ steps: 0, finalLoss: Number.NaN, best: { step: 0, value: dev?.after } });
  expect(existsSync(join(folder.path, 'head-start.unfinished'))).toBe(false);
  const alone = readCheckpoint(join(folder.path, 'head-start'));
  for (const [name, { data }] of teacher.tensors)
    expect(alone.tensors.get(name)!.data.subarray(0, data.length), name).toEqual(data);
  const readings = alone.readings!;
  const unmoved = withSecondRows(teacher.tensors.get(WORD_TABLE)!, readings);
  const moved = [...readings.rows].filter((row, token) => {
    const vector = ({ data, shape }: typeof unmoved) => data.subarray(row * shape[1], (row + 1) * shape[1]);
    const [own, first] = [alone.tensors.get(WORD_TABLE)!, unmoved].map(vector);
    return row !== token && own.some((x, h) => x !== first[h]);
  });
  expect(moved.length).toBeGreaterThan(0);
  await pack('pack', 1);
  expect(readCheckpoint(join(folder.path, 'pack')).tensors).toEqual(alone.tensors);
});

it('takes back plans that lower the dev measure, and keeps those that do not', async () => {
  const { checkpoint: teacher } = await writeTinyRetriever(join(folder.path, 'teacher-plans'));
  const defaults = distillDefaults();
  const train = { ...defaults.train, steps: 0 };
  const start = (name: string, dev: SentencePair[], rounds: number) => {
    const align = { ...defaults.align, rounds, transportShare: 1 };
    const input = { pairs, dev, dictionaries: new Map(), anchors: ['is the water clean'] };
    const settings = { ...defaults, align, train };
    return distill(teacher, input, settings, join(folder.path, name), { threads: 1 });
  };
  const rows = (checkpoint: typeof teacher) => checkpoint.tensors.get(WORD_TABLE)!.data;
  const [alone, blind, seen] = [
    await start('alone', pairs, 0),
    await start('blind', [], 1),
    await start('seen', pairs, 1),
  ];
  expect(rows(blind.checkpoint)).not.toEqual(rows(alone.checkpoint));
  expect(seen.dev!.after).toBeGreaterThanOrEqual(alone.dev!.after);
  expect([rows(alone.checkpoint), rows(blind.checkpoint)]).toContainEqual(rows(seen.checkpoint));
});

it('aligns equal data once for packs that share a memory, and makes the same packs', async () => {
  const { checkpoint: teacher } = await writeTinyRetriever(join(folder.path, 'teacher-memory'));
  const defaults = distillDefaults();
  const memory = new AlignmentMemory();
  const made = async (name: string, over: Partial<DistillInput> = {}, seed = 1) => {
    const labels: string[] = [];
    const progress = (label: string) => {
      labels.push(label);
      return { update() {}, end() {} };
    };
    const input = { pairs, dev: pairs, dictionaries: new Map(), anchors: ['is the water clean'], ...over };
    const settings = { ...defaults, seed, train: { ...defaults.train, steps: 0 } };
    const { checkpoint } = await distill(teacher, input, settings, join(folder.path, name), {
      ...{ threads: 1, progress },
    });
    return { tensors: checkpoint.tensors, read: labels.includes('reading sentence pairs') };
  };
  const alone = await made('memory-alone');
  const first = await made('memory-first', { memory });
  const second = await made('memory-second', { memory }, 2);
  expect([alone.read, first.read, second.read]).toEqual([true, true, false]);
  expect(first.tensors).toEqual(alone.tensors);
  expect(second.tensors).toEqual(alone.tensors);
  const other = await made('memory-other', { memory, anchors: ['the market'] });
  expect(other.read).toBe(true);
});
