/** The encoder against transformers' BertModel (test/oracles/bert.py), and what it must not depend on. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../../test/allclose.ts';
import { compatibilityTable } from '../../../test/compatibility.ts';
import {
  constant,
  GraphSession,
  gradients,
  input,
  mul,
  reduceSum,
  type Tensor,
  type Value,
} from '../../graph/index.ts';
import type { EncoderConfig } from '../config.ts';
import { type FloatTensor, readSafetensors } from '../safetensors.ts';
import { encoderGraph, parameterInputs, parseHuggingFaceConfig, WORD_TABLE } from './index.ts';

const PLACE = 'test/fixtures/bert';
const readJson = (name: string) => JSON.parse(readFileSync(`${PLACE}/${name}`, 'utf8'));
const readFloats = (name: string) => readSafetensors(`${PLACE}/${name}`) as Map<string, FloatTensor>;

const config = parseHuggingFaceConfig(readJson('config.json'), 'config.json');
const golden = readJson('golden.json');
const weights = readFloats('model.safetensors');
const [batch, length, width] = golden.shape as [number, number, number];

const int32 = (values: readonly number[], shape: readonly number[]): Value => ({
  data: Int32Array.from(values),
  shape,
});
const feeds = {
  ...Object.fromEntries(weights),
  ids: int32(golden.input_ids, [batch, length]),
  mask: int32(golden.attention_mask, [batch, length]),
  types: int32(golden.token_type_ids, [batch, length]),
};

function encoder(shape: readonly (number | string)[], withTypes = true) {
  const parameters = parameterInputs(config);
  const [ids, mask, types] = ['ids', 'mask', 'types'].map((name) => input(name, 'int32', shape));
  return { parameters, ...encoderGraph(config, parameters, ids, mask, withTypes ? types : undefined) };
}

/** Hidden states [B*L*H] of the given ids, each row padded to `padded`. */
async function encode(session: GraphSession, rows: readonly (readonly number[])[], padded: number) {
  const shape = [rows.length, padded];
  const pad = (row: readonly number[], fill: number) => [
    ...row,
    ...Array<number>(padded - row.length).fill(fill),
  ];
  const { hidden } = await session.run({
    ...Object.fromEntries(weights),
    ids: int32(
      rows.flatMap((row) => pad(row, 0)),
      shape,
    ),
    mask: int32(
      rows.flatMap((row) =>
        pad(
          row.map(() => 1),
          0,
        ),
      ),
      shape,
    ),
  });
  return hidden.data;
}

/** BERT's row of docs/compatibility.md: what may be how far from transformers. */
const [, states, share] = compatibilityTable('families')[0].map(Number);

describe('BERT against transformers', () => {
  it('computes the same hidden states and the same gradient of every parameter', async () => {
    const { parameters, hidden, lookup } = encoder(['B', 'L']);
    const lossWeights = Float32Array.from(golden.loss_weights as number[]);
    const loss = reduceSum(mul(hidden, input('w', 'float32', hidden.shape)), [0, 1]);
    const names = [...parameters.keys()];
    const found = gradients(loss, [...names.map((name) => parameters.get(name)!), lookup.rows]);
    const outputs: Record<string, Tensor> = { hidden, loss, rows: found[names.length] };
    names.forEach((name, i) => {
      outputs[`gradient/${name}`] = found[i];
    });
    const session = await GraphSession.create(outputs, { threads: 1 });
    const result = await session.run({ ...feeds, w: { data: lossWeights, shape: [batch * length, width] } });

    // Padded positions see the same tokens, but transformers promises nothing for them: compare where mask is 1.
    (golden.attention_mask as number[]).forEach((counts, n) => {
      if (!counts) return;
      const row = (all: ArrayLike<number>) => Array.from(all).slice(n * width, (n + 1) * width);
      expect(row(result.hidden.data), `token ${n}`).toBeAllclose(row(golden.last_hidden_state), {
        relative: 0,
        absolute: states,
      });
    });
    expect(result.loss.data[0]).toBeCloseTo(golden.loss, 3);
    const expected = readFloats('gradients.safetensors');
    expect([...expected.keys()].sort()).toEqual([...names].sort());
    for (const name of names) {
      const { data, shape } = result[`gradient/${name}`];
      expect(shape, name).toEqual(expected.get(name)!.shape);
      expect(data, name).toBeAllclose(expected.get(name)!.data, {
        relative: 0,
        ofScale: share,
        absolute: 1e-5,
      });
    }
    const table = new Float32Array(config.vocabSize * width);
    (golden.input_ids as number[]).forEach((id, n) => {
      for (let h = 0; h < width; h++) table[id * width + h] += result.rows.data[n * width + h];
    });
    expect(table).toBeAllclose(expected.get(WORD_TABLE)!.data, {
      relative: 0,
      ofScale: share,
      absolute: 1e-5,
    });
    await session.close();
  });
});

describe('BERT does not depend on how it is run', () => {
  it('gives the same with named sizes, bound sizes and weights compiled in', async () => {
    const options = [
      { shape: ['B', 'L'], create: {} },
      { shape: ['B', 'L'], create: { sizes: { B: batch, L: length } } },
      { shape: [batch, length], create: {} },
      { shape: ['B', 'L'], create: { initialisers: weights } },
    ];
    const results: Float32Array[] = [];
    for (const { shape, create } of options) {
      const session = await GraphSession.create({ hidden: encoder(shape).hidden }, { threads: 1, ...create });
      results.push((await session.run(feeds)).hidden.data);
      await session.close();
    }
    for (const each of results.slice(1)) expect(each).toBeAllclose(results[0], { absolute: 1e-5 });
  });

  it('gives a text the same vectors alone, padded, and beside longer texts', async () => {
    const session = await GraphSession.create({ hidden: encoder(['B', 'L'], false).hidden }, { threads: 1 });
    const short = [2, 29, 30, 3];
    const long = [2, 22, 10, 7, 13, 26, 31, 40, 3];
    const alone = await encode(session, [short], short.length);
    const padded = await encode(session, [short], config.maxPositionEmbeddings);
    const beside = await encode(session, [long, short], 12);
    const n = short.length * width;
    expect(padded.subarray(0, n)).toBeAllclose(alone, { absolute: 1e-5 });
    expect(beside.subarray(12 * width, 12 * width + n)).toBeAllclose(alone, { absolute: 1e-5 });
    const other = await encode(session, [[2, 30, 29, 3]], 4);
    expect(other.subarray(0, width)).not.toBeAllclose(alone.subarray(0, width), { absolute: 1e-3 });
    await session.close();
  });

  it('takes every token to be of type 0 where no types are given', async () => {
    const without = await GraphSession.create({ hidden: encoder(['B', 'L'], false).hidden }, { threads: 1 });
    const withTypes = await GraphSession.create({ hidden: encoder(['B', 'L']).hidden }, { threads: 1 });
    const { hidden } = await without.run(feeds);
    const zeros = int32(Array<number>(batch * length).fill(0), [batch, length]);
    expect((await withTypes.run({ ...feeds, types: zeros })).hidden.data).toBeAllclose(hidden.data, {
      absolute: 1e-5,
    });
    await without.close();
    await withTypes.close();
  });
});

describe('the graph of the encoder', () => {
  it('has every tensor of the configuration as an input, of its shape', () => {
    const { parameters } = encoder(['B', 'L']);
    for (const [name, tensor] of parameters) expect(tensor.shape, name).toEqual(weights.get(name)!.shape);
  });

  it('refuses ids and mask of different named sizes, printing both', () => {
    const parameters = parameterInputs(config);
    const ids = input('ids', 'int32', ['B', 'L']);
    expect(() => encoderGraph(config, parameters, ids, input('mask', 'int32', ['B', 'K']))).toThrow(
      /B\*K.*B\*L|K.*L/,
    );
  });

  it('has the activations of the configuration', async () => {
    for (const hiddenAct of ['gelu_new', 'relu'] as const) {
      const other: EncoderConfig = { ...config, hiddenAct };
      const ids = constant(Int32Array.of(2, 29, 3), [1, 3]);
      const mask = constant(Int32Array.of(1, 1, 1), [1, 3]);
      const { hidden } = encoderGraph(other, parameterInputs(other), ids, mask);
      const session = await GraphSession.create({ hidden }, { threads: 1 });
      const { hidden: value } = await session.run(Object.fromEntries(weights));
      expect(value.data.every(Number.isFinite), hiddenAct).toBe(true);
      await session.close();
    }
  });
});
