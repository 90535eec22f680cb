/** Packs of adapters, packs written as differences, and going from one form to the other. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import type { SentencePair } from '../data/records.ts';
import { isLinear } from '../model/adapters.ts';
import { type RetrieverCheckpoint, readCheckpoint } from '../model/checkpoint.ts';
import { isDifference } from '../model/difference-folder.ts';
import { Encoder } from '../model/encoder.ts';
import { modelFingerprint } from '../model/fingerprint.ts';
import { readSafetensors } from '../model/safetensors.ts';
import { type DistillControl, type DistillInput, distill } from './distill.ts';
import { type DistillSettings, distillDefaults } from './distill-settings.ts';
import { expandPack, shrinkPack } from './pack-forms.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const pair = (pivot: string, target: string, source: string): SentencePair => ({
  ...{ pivot, target, source },
  language: 'yo',
});
const input: DistillInput = {
  pairs: [
    pair('boil the water', 'sè omi', 'tatoeba'),
    pair('the clean water', 'omi tó mọ́', 'tatoeba'),
    pair('the market opens', 'ọjà ṣí', 'panlex'),
    pair('drink the water', 'mu omi', 'tatoeba'),
  ],
  dev: [
    pair('the water', 'omi náà', 'dev'),
    pair('the market', 'ọjà náà', 'dev'),
    pair('the bus', 'ọkọ̀', 'dev'),
  ],
  dictionaries: new Map(),
  anchors: ['when is the market', 'boil the clean water', 'who pays the fees'],
};

function settings(change: Partial<DistillSettings['train']> = {}): DistillSettings {
  const defaults = distillDefaults();
  const batch = { ...defaults.batch, pairs: 3, entries: 0, switched: 0, anchors: 2 };
  // Without a dev measure the last weights stay, and so something is trained.
  const train = { steps: 4, rate: 1e-2, warmupSteps: 1, evaluateEvery: 0, checkpointEvery: 2, ...change };
  return { ...defaults, maxTokens: 16, batch, train: { ...defaults.train, ...train } };
}

const adapters = { rank: 2, alpha: 4 };
const run = (out: string, set: DistillSettings, control: DistillControl = {}) =>
  distill(teacher, input, set, at(out), { threads: 1, ...control });

let teacher: RetrieverCheckpoint;
beforeAll(async () => {
  ({ checkpoint: teacher } = await writeTinyRetriever(at('teacher')));
});

describe('a pack of adapters', () => {
  it('is kept as its adapters, and is the trained model when it is read', async () => {
    const made = await run('adapted', settings({ adapters }));
    expect(isDifference(at('adapted'))).toBe(true);
    const kinds = [...readSafetensors(join(at('adapted'), 'difference.safetensors'))];
    const linear = [...teacher.tensors]
      .filter(([name, { shape }]) => isLinear(name, shape))
      .map(([name]) => name);
    expect(
      kinds
        .filter(([name]) => name.startsWith('low_rank_a/'))
        .map(([name]) => name.slice(11))
        .sort(),
    ).toEqual(linear.sort());
    for (const [name, { shape }] of kinds) if (name.startsWith('low_rank_a/')) expect(shape[0]).toBe(2);
    // Biases are trained beside them, as nothing froze them.
    expect(kinds.some(([name]) => /^values\/.*bias$/.test(name))).toBe(true);
    const read = readCheckpoint(at('adapted'), { teacher: () => teacher });
    expect(modelFingerprint(read)).toBe(modelFingerprint(made.checkpoint));
    for (const name of linear)
      expect(read.tensors.get(name)!.data).not.toEqual(teacher.tensors.get(name)!.data);
    expect([...read.tensors.keys()]).toEqual([...teacher.tensors.keys()]);
  });

  it('trains nothing else where all else is frozen, and only the layers that are not', async () => {
    const freeze = ['embeddings', 'bias', 'LayerNorm', 'attention', 'linear.lora'];
    await run('frozen', settings({ adapters, freeze }));
    const names = [...readSafetensors(join(at('frozen'), 'difference.safetensors')).keys()];
    const changed = new Set(names.map((name) => name.slice(name.indexOf('/') + 1)));
    expect([...changed].sort()).toEqual([
      'embeddings.word_embeddings.weight', // by word alignment, before training
      'encoder.layer.0.intermediate.dense.weight',
      'encoder.layer.0.output.dense.weight',
    ]);
  });

  it('goes on after a stop to the same bits, and is whole where that is asked for', async () => {
    await run('through', settings({ adapters }), { pack: 'whole' });
    const stop = new AbortController();
    const progress = (label: string) => ({
      update(done: number) {
        if (label === 'training' && done >= 3) stop.abort();
      },
      end() {},
    });
    const error = await refusal(() =>
      run('stopped', settings({ adapters }), { signal: stop.signal, progress }),
    );
    expect(error.code).toBe('INTERRUPTED');
    await run('stopped', settings({ adapters }), { resume: true, pack: 'whole' });
    expect(isDifference(at('stopped'))).toBe(false);
    const [one, two] = ['through', 'stopped'].map((name) => modelFingerprint(readCheckpoint(at(name))));
    expect(two).toBe(one);
    expect(one).toBe(modelFingerprint(readCheckpoint(at('adapted'), { teacher: () => teacher })));
  });
});

describe('a pack changes its form', () => {
  it('to a difference and back, to the same bytes, with its card and its log', async () => {
    await run('whole', settings());
    expect(isDifference(at('whole'))).toBe(false);
    const report = await shrinkPack(at('whole'), at('teacher'), at('small'), {}, { threads: 1 });
    expect(report).toMatchObject({ exact: true });
    expect(report.bytes.after).toBeLessThan(report.bytes.before);
    await expandPack(at('small'), at('teacher'), at('again'));
    for (const file of [
      'model.safetensors',
      'readings.safetensors',
      'character-models.safetensors',
      'tokenizer.json',
      'metrics.jsonl',
      'README.md',
    ])
      expect(readFileSync(join(at('again'), file), 'utf8'), file).toBe(
        readFileSync(join(at('whole'), file), 'utf8'),
      );
    expect(readFileSync(join(at('small'), 'README.md'), 'utf8')).toContain('holds the difference');
  });

  it('and says what is lost in half precision and at rank one', async () => {
    const dev = input.dev!;
    const half = await shrinkPack(
      at('whole'),
      at('teacher'),
      at('half'),
      { precision: 'float16', dev },
      { threads: 1 },
    );
    expect(half.exact).toBe(false);
    expect(half.dev!.pairs).toBe(3);
    const cut = { truncation: { rank: 1 } };
    const one = await shrinkPack(at('whole'), at('teacher'), at('one'), cut, { threads: 1 });
    expect(one.exact).toBe(false);
    expect(one.bytes.after).toBeLessThan(half.bytes.before);
    const encoders = await Promise.all(
      [readCheckpoint(at('whole')), readCheckpoint(at('half'), { teacher: () => teacher })].map((each) =>
        Encoder.fromCheckpoint(each, { threads: 1 }),
      ),
    );
    const [[whole], [halved]] = await Promise.all(encoders.map((encoder) => encoder.queries(['omi tó mọ́'])));
    await Promise.all(encoders.map((encoder) => encoder.close()));
    const furthest = Math.max(...whole.vectors.map((x, i) => Math.abs(x - halved.vectors[i])));
    expect(furthest).toBeGreaterThan(0);
    expect(furthest).toBeLessThan(1e-3);
  });

  it('never for another teacher, from a teacher, or in the place of one', async () => {
    await writeTinyRetriever(at('other'), { seed: 9 });
    const codes = await Promise.all(
      [
        ['whole', 'other'],
        ['teacher', 'teacher'],
        ['small', 'whole'],
      ].map(async ([pack, from]) => (await refusal(() => shrinkPack(at(pack), at(from), at('no')))).code),
    );
    expect(codes).toEqual(['TEACHER_MISMATCH', 'TEACHER_MISMATCH', 'TEACHER_MISMATCH']);
    expect(existsSync(at('no'))).toBe(false);
  });
});

describe('the card of a pack', () => {
  it('has sources with counts, licences where they are known, and the dev figures', async () => {
    await distill(teacher, { ...input, licence: 'apache-2.0' }, settings(), at('carded'), { threads: 1 });
    const card = readFileSync(join(at('carded'), 'README.md'), 'utf8');
    expect(card).toContain('license: apache-2.0');
    expect(card).toContain('language:\n  - yo\n');
    expect(card).toContain('| Yoruba (yo) | tatoeba | 3 | unknown |');
    expect(card).toContain('| Yoruba (yo) | panlex | 1 | CC0 |');
    expect(card).toContain(`\`${modelFingerprint(teacher)}\``);
    expect(card).toMatch(/RR@10 of 3 held-out sentences .* was 0\.\d{3} with the teacher alone/);
    expect(card).toContain('seed: 1');
  });
});
