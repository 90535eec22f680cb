/** A reader's logits, loss and gradients against transformers' BertForQuestionAnswering (test/oracles/reader.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { GraphSession, type Value } from '../graph/index.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import { readerInputs, readerShapes, readerTensors, spanLogits } from '../model/reader.ts';
import { type FloatTensor, readSafetensors } from '../model/safetensors.ts';
import { readObjective } from './read-objective.ts';
import { GradientStep } from './step.ts';

const PLACE = 'test/fixtures/reader';
const golden = JSON.parse(readFileSync(`${PLACE}/golden.json`, 'utf8'));
const floats = (name: string) => readSafetensors(`${PLACE}/${name}`) as Map<string, FloatTensor>;
const { config, tensors } = readCheckpoint('test/fixtures/bert', { allowBase: true });
const parameters = new Map([...tensors, ...floats('head.safetensors')]);

const int32 = (data: number[], shape = [data.length]): Value => ({ data: Int32Array.from(data), shape });
const table = (name: string) => int32(golden[name], golden.shape);
const everywhere = int32(new Array(golden.ids.length).fill(1), golden.shape);
const inputs = { ids: table('ids'), mask: table('mask'), types: table('types') };
const labels = { starts: int32(golden.starts), ends: int32(golden.ends) };

function create(): Promise<GradientStep> {
  const options = { device: 'cpu', threads: 1, trainable: new Set(parameters.keys()) } as const;
  return GradientStep.create(readObjective(config), parameters, options);
}

describe('a reader', () => {
  it('has the loss and the gradients of transformers, over the positions where an answer may be', async () => {
    const step = await create();
    const { loss } = await step.add({ feeds: { ...inputs, readable: table('readable'), ...labels } });
    expect(loss).toBeCloseTo(golden.loss, 5);
    const { dense, rows } = step.take();
    const expected = floats('gradients.safetensors');
    expect([...dense.keys(), WORD_TABLE].sort()).toEqual([...expected.keys()].sort());
    const tolerance = { relative: 0, ofScale: 1e-4 };
    for (const [name, { data }] of expected)
      if (name !== WORD_TABLE) expect(dense.get(name)!, name).toBeAllclose(data, tolerance);
    const words = new Float32Array(expected.get(WORD_TABLE)!.data.length);
    const width = config.hiddenSize;
    const { ids, rows: values } = rows!.gradient;
    ids.forEach((id, n) => {
      words.set(values.subarray(n * width, (n + 1) * width), id * width);
    });
    expect(words, WORD_TABLE).toBeAllclose(expected.get(WORD_TABLE)!.data, tolerance);
    await step.close();
  });

  it('has the loss of transformers where all positions may be an answer, and counts what is right', async () => {
    const step = await create();
    const all = await step.add({ feeds: { ...inputs, readable: everywhere, ...labels } });
    expect(all.loss).toBeCloseTo(golden.loss_everywhere, 5);
    const best = (logits: number[]) =>
      [0, 1, 2].map((n) => {
        const row = logits.slice(n * golden.shape[1], (n + 1) * golden.shape[1]);
        return row.indexOf(Math.max(...row));
      });
    const [starts, ends] = [best(golden.start_logits), best(golden.end_logits)];
    const told = { starts: int32(starts), ends: int32([ends[0], ends[1], (ends[2] + 1) % 16]) };
    const { metrics } = await step.add({ feeds: { ...inputs, readable: everywhere, ...told } });
    expect(metrics.exact).toBeCloseTo(2 / 3, 6);
    await step.close();
  });

  it('has the logits of transformers, and none outside of passage and [CLS]', async () => {
    const { start, end } = spanLogits(config, readerInputs(config), readerTensors());
    const session = await GraphSession.create({ start, end }, { threads: 1, initialisers: parameters });
    const result = await session.run({ ...inputs, readable: table('readable') });
    for (const [name, expected] of [
      ['start', golden.start_logits],
      ['end', golden.end_logits],
    ] as const) {
      const kept = (values: ArrayLike<number>) =>
        Array.from(values).filter((_, i) => golden.readable[i] === 1);
      expect(kept(result[name].data), name).toBeAllclose(kept(expected), { absolute: 1e-5 });
      expect(Array.from(result[name].data).every((x, i) => golden.readable[i] === 1 || x < -1e8)).toBe(true);
    }
    await session.close();
  });

  it('has a head of the names and shapes that transformers gives it', () => {
    const head = [...floats('head.safetensors')].map(([name, { shape }]) => [name, shape]);
    expect(readerShapes(config).sort()).toEqual(head.sort());
  });
});
