/** Pretraining as a whole: it learns, saves what transformers opens, goes on exactly, and starts a teacher. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { PASSAGES } from '../../test/tiny-retriever.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { maskedLmShapes } from '../model/masked-lm.ts';
import { readSafetensors } from '../model/safetensors.ts';
import type { ProgressFactory } from '../progress.ts';
import { readMetrics } from './metrics-log.ts';
import { pretrain } from './pretrain.ts';
import { type PretrainSettings, pretrainDefaults } from './pretrain-settings.ts';

const folder = temporaryFolder();
const texts = Array.from({ length: 4 }, () => PASSAGES.map(({ text }) => text)).flat();

function settings(steps: number): PretrainSettings {
  const defaults = pretrainDefaults('tiny');
  return {
    ...defaults,
    tokenizer: { vocabSize: 420, lowercase: true },
    windowTokens: 40,
    batch: { windows: 8 },
    dev: { windows: 4 },
    train: {
      ...defaults.train,
      steps,
      warmupSteps: 4,
      rate: 3e-3,
      evaluateEvery: 5,
      checkpointEvery: 4,
      patience: 0,
    },
  };
}

/** Aborts when training has come to `step`. */
function stopAt(step: number): { signal: AbortSignal; progress: ProgressFactory } {
  const stop = new AbortController();
  return {
    signal: stop.signal,
    progress: (label) => ({
      update(done) {
        if (label === 'training' && done >= step) stop.abort();
      },
      end() {},
    }),
  };
}

describe('pretrain', () => {
  it('lowers the loss on text it has not seen hidden that way, and goes on bit for bit after a stop', async () => {
    const whole = join(folder.path, 'whole');
    const { checkpoint, report } = await pretrain({ texts }, settings(30), whole, { threads: 1 });
    const log = readMetrics(join(whole, 'metrics.jsonl'));
    const losses = log.filter((line) => 'loss' in line).map(({ loss }) => loss);
    const dev = log.filter((line) => 'dev' in line).map((line) => line.dev);
    expect(losses[0]).toBeCloseTo(Math.log(checkpoint.config.vocabSize), 0);
    expect(losses.at(-1)).toBeLessThan(losses[0] - 0.5);
    expect(dev.at(-1)!).toBeGreaterThan(dev[0] + 0.2);
    expect(report.best?.value).toBe(Math.max(...dev));

    const stopped = join(folder.path, 'stopped');
    const error = await refusal(() =>
      pretrain({ texts }, settings(30), stopped, { threads: 1, ...stopAt(7) }),
    );
    expect(error.code).toBe('INTERRUPTED');
    expect(existsSync(stopped)).toBe(false);
    await pretrain({ texts }, settings(30), stopped, { threads: 1, resume: true });
    const bytes = (path: string) => readFileSync(join(path, 'model.safetensors'));
    expect(bytes(stopped).equals(bytes(whole))).toBe(true);
    expect(existsSync(`${stopped}.unfinished`)).toBe(false);
  });

  it('writes a folder as BertForMaskedLM names it, and goes on from it as a base', async () => {
    const first = join(folder.path, 'first');
    await pretrain({ texts }, settings(5), first, { threads: 1 });
    const names = [...readSafetensors(join(first, 'model.safetensors')).keys()];
    expect(names).toContain('bert.embeddings.word_embeddings.weight');
    expect(names.filter((name) => !name.startsWith('bert.')).sort()).toEqual(
      [...maskedLmShapes(readCheckpoint(first, { allowBase: true }).config).map(([name]) => name)].sort(),
    );
    expect(JSON.parse(readFileSync(join(first, 'config.json'), 'utf8')).architectures).toEqual([
      'BertForMaskedLM',
    ]);
    const base = readCheckpoint(first, { allowBase: true });
    expect(base.settings?.kind).toBe('pretrained');

    const still = { ...settings(1), train: { ...settings(1).train, rate: 1e-12, evaluateEvery: 0 } };
    const { checkpoint } = await pretrain({ texts, base }, still, join(folder.path, 'second'), {
      threads: 1,
    });
    for (const part of ['tensors', 'heads'] as const)
      for (const [name, { data }] of checkpoint[part]!) {
        const before = base[part]!.get(name)!.data;
        expect(
          data.every((x, i) => Math.abs(x - before[i]) < 1e-6),
          name,
        ).toBe(true);
      }
    expect(checkpoint.tokenizerJson).toEqual(base.tokenizerJson);
  });

  it('takes a tokenizer as it is', async () => {
    const { tokenizerJson } = readCheckpoint('test/fixtures/bert', { allowBase: true });
    const out = join(folder.path, 'given');
    const { checkpoint } = await pretrain({ texts, tokenizerJson }, settings(1), out, { threads: 1 });
    expect(checkpoint.tokenizerJson).toEqual(tokenizerJson);
  });

  it('refuses text without words', async () => {
    const { tokenizerJson } = readCheckpoint('test/fixtures/bert', { allowBase: true });
    const error = await refusal(() =>
      pretrain({ texts: [' ', ''], tokenizerJson }, settings(1), join(folder.path, 'none')),
    );
    expect(error.code).toBe('FILE_EMPTY');
  });
});
