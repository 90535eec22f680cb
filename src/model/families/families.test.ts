/** The families beside BERT against transformers (test/oracles/families.py), and their files. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import '../../../test/allclose.ts';
import { compatibilityTable } from '../../../test/compatibility.ts';
import { temporaryFolder } from '../../../test/temporary.ts';
import { GraphSession, gather, gradients, input, mul, reduceSum, type Tensor } from '../../graph/index.ts';
import { readCheckpoint, writeCheckpoint } from '../checkpoint.ts';
import { MODEL_TYPES, type ModelType } from '../config.ts';
import { maskedLmInputs, maskedLmLogits } from '../masked-lm.ts';
import { type FloatTensor, readSafetensors } from '../safetensors.ts';
import { selectTensors } from '../weights.ts';
import {
  encoderGraph,
  familyOf,
  parameterInputs,
  parameterShapes,
  parseHuggingFaceConfig,
  toHuggingFaceConfig,
  WORD_TABLE,
} from './index.ts';

const folder = temporaryFolder();
const FIXTURES = 'test/fixtures/families';
const others = MODEL_TYPES.filter((type) => type !== 'bert');
const readJson = (type: ModelType, name: string) =>
  JSON.parse(readFileSync(`${FIXTURES}/${type}/${name}`, 'utf8'));

/** The rows of docs/compatibility.md: what may be how far from transformers. */
const rows = compatibilityTable('families');

it('has a row for each family', () => {
  expect(rows.map(([type]) => type)).toEqual([...MODEL_TYPES]);
});

/** The fixture's configuration and tensors, under Refract's names. */
function fixture(type: ModelType, file = 'model.safetensors') {
  const config = parseHuggingFaceConfig(readJson(type, 'config.json'), 'config.json');
  const path = `${FIXTURES}/${type}/${file}`;
  const shapes = new Map(parameterShapes(config));
  return { config, ...selectTensors(readSafetensors(path), shapes, path, familyOf(config)) };
}

/** A copy of a model's folder at `place`, with as many words of BERT's fixture as its encoder has vectors. */
function tokenizerInto(model: string, place: string): string {
  cpSync(model, place, { recursive: true });
  const { vocab_size: vocabSize } = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8'));
  const json = JSON.parse(readFileSync('test/fixtures/bert/tokenizer.json', 'utf8'));
  json.model.vocab = Object.fromEntries(
    Object.entries<number>(json.model.vocab).filter(([, id]) => id < vocabSize),
  );
  writeFileSync(join(place, 'tokenizer.json'), JSON.stringify(json));
  return place;
}

describe.each(others)('%s against transformers', (type) => {
  const { config, tensors } = fixture(type);
  const golden = readJson(type, 'golden.json');
  const [, states, share] = rows.find(([name]) => name === type)!.map(Number);
  const [batch, length, width] = golden.shape as [number, number, number];
  const int32 = (values: readonly number[]) => ({ data: Int32Array.from(values), shape: [batch, length] });
  const counts = golden.attention_mask as number[];
  const counted = (all: ArrayLike<number>) =>
    Array.from(all).filter((_, i) => counts[Math.floor(i / width)] === 1);

  it('computes the same hidden states, and the same gradient of every parameter', async () => {
    const parameters = parameterInputs(config);
    const [ids, mask] = ['ids', 'mask'].map((name) => input(name, 'int32', ['B', 'L']));
    const { hidden, lookup } = encoderGraph(config, parameters, ids, mask);
    const loss = reduceSum(mul(hidden, input('w', 'float32', hidden.shape)), [0, 1]);
    const names = [...parameters.keys()];
    const found = gradients(loss, [...parameters.values(), lookup.rows]);
    const outputs: Record<string, Tensor> = { hidden, loss, rows: found[names.length] };
    names.forEach((name, i) => {
      outputs[`gradient/${name}`] = found[i];
    });
    const session = await GraphSession.create(outputs, { threads: 1 });
    const result = await session.run({
      ...Object.fromEntries(tensors),
      ...{ ids: int32(golden.input_ids), mask: int32(counts) },
      w: { data: Float32Array.from(golden.loss_weights), shape: [batch * length, width] },
    });
    await session.close();
    expect(counted(result.hidden.data)).toBeAllclose(counted(golden.last_hidden_state), {
      absolute: states,
      relative: 0,
    });
    expect(result.loss.data[0] / golden.loss).toBeCloseTo(1, 4);
    const expected = fixture(type, 'gradients.safetensors').tensors;
    for (const name of names)
      expect(result[`gradient/${name}`].data, name).toBeAllclose(expected.get(name)!.data, {
        // Of keys' biases, on which nothing depends, only noise is left.
        absolute: 1e-5,
        relative: 0,
        ofScale: share,
      });
    expect(result.rows.shape).toEqual([batch * length, width]);
  });

  it('does not read padding, and knows positions to the last one', async () => {
    const parameters = parameterInputs(config);
    const [ids, mask] = ['ids', 'mask'].map((name) => input(name, 'int32', ['B', 'L']));
    const session = await GraphSession.create(
      { hidden: encoderGraph(config, parameters, ids, mask).hidden },
      { threads: 1, initialisers: tensors },
    );
    const most = config.maxPositionEmbeddings;
    const run = async (tokens: number[], padded: number) => {
      const shape = [1, padded];
      const filled = Int32Array.from({ length: padded }, (_, i) => tokens[i] ?? config.padTokenId);
      const real = Int32Array.from({ length: padded }, (_, i) => (i < tokens.length ? 1 : 0));
      const { hidden } = await session.run({ ids: { data: filled, shape }, mask: { data: real, shape } });
      return hidden.data.slice(0, tokens.length * width);
    };
    expect(most).toBe(20);
    const short = [5, 9, 7];
    expect(await run(short, most)).toBeAllclose(await run(short, 3), { absolute: 1e-5, relative: 1e-5 });
    const long = Array.from({ length: most }, (_, i) => 3 + i);
    const turned = [...long].reverse();
    const [one, other] = [await run(long, most), await run(turned, most)];
    expect(one.every(Number.isFinite)).toBe(true);
    // Each token elsewhere: were positions passed over, its state would be the same.
    const mirrored = Array.from({ length: most }, (_, i) => [
      ...other.subarray((most - 1 - i) * width, (most - i) * width),
    ]).flat();
    expect(Math.max(...mirrored.map((x, i) => Math.abs(x - one[i])))).toBeGreaterThan(1e-2);
    await session.close();
  });

  it('is read from another tool’s folder, and written so that the same tensors are read again', async () => {
    const place = tokenizerInto(`${FIXTURES}/${type}`, join(folder.path, type));
    const read = readCheckpoint(place, { allowBase: true });
    expect(read.config).toEqual(config);
    expect(read.tensors.get(WORD_TABLE)).toEqual(tensors.get(WORD_TABLE));
    await writeCheckpoint(`${place}-again`, read);
    const again = readCheckpoint(`${place}-again`, { allowBase: true });
    expect(again.config).toEqual(config);
    expect(again.tensors).toEqual(read.tensors);
    const names = [...readSafetensors(join(`${place}-again`, 'model.safetensors')).keys()].sort();
    expect(names).toEqual([...readSafetensors(`${FIXTURES}/${type}/model.safetensors`).keys()].sort());
    const { model_type: modelType, architectures } = toHuggingFaceConfig(config);
    expect({ modelType, architectures }).toEqual({
      modelType: type,
      architectures: readJson(type, 'config.json').architectures,
    });
  });

  it('has the same language-model head, in the folder that transformers wrote and in ours', async () => {
    const place = tokenizerInto(`${FIXTURES}/${type}/masked-lm`, join(folder.path, `${type}-headed`));
    const read = readCheckpoint(place, { allowBase: true });
    expect(read.tensors).toEqual(tensors);
    const { places, logits: expected } = readJson(type, 'masked-lm/golden.json');
    const parameters = maskedLmInputs(config);
    const [ids, mask] = ['ids', 'mask'].map((name) => input(name, 'int32', ['B', 'L']));
    const { hidden } = encoderGraph(config, parameters, ids, mask);
    const chosen = gather(hidden, input('places', 'int32', ['K']));
    const { logits } = maskedLmLogits(config, parameters, chosen);
    const session = await GraphSession.create(
      { logits },
      { threads: 1, initialisers: new Map([...read.tensors, ...read.heads!]) },
    );
    const feeds = { ids: int32(golden.input_ids), mask: int32(counts) };
    const result = await session.run({
      ...feeds,
      places: { data: Int32Array.from(places), shape: [places.length] },
    });
    await session.close();
    expect(result.logits.data).toBeAllclose(expected, { absolute: 1e-4, relative: 1e-4 });
    await writeCheckpoint(`${place}-again`, read);
    const written = readSafetensors(join(`${place}-again`, 'model.safetensors'));
    expect(written).toEqual(readSafetensors(join(place, 'model.safetensors')));
    const { architectures } = JSON.parse(readFileSync(join(`${place}-again`, 'config.json'), 'utf8'));
    expect(architectures).toEqual(readJson(type, 'masked-lm/config.json').architectures);
  });

  it('is read from a model with another head', () => {
    const { prefix, fileNames } = familyOf(config);
    const headed = new Map<string, FloatTensor>(
      [...tensors].map(([name, tensor]) => [`${prefix}${fileNames?.get(name) ?? name}`, tensor]),
    );
    headed.set('head.weight', { dtype: 'F32', shape: [1], data: Float32Array.of(1) });
    const picked = selectTensors(headed, new Map(parameterShapes(config)), 'headed', familyOf(config));
    expect(picked.tensors).toEqual(tensors);
    expect([...picked.heads.keys()]).toEqual(['head.weight']);
  });
});

describe('configurations that are refused, with the field named', () => {
  it.each<[ModelType, Record<string, unknown>, RegExp]>([
    ['roberta', { max_position_embeddings: 2 }, /max_position_embeddings 2 leaves no position/],
    ['xlm-roberta', { hidden_act: 'silu' }, /hidden_act/],
    ['xlm-roberta', { position_embedding_type: 'relative_key' }, /position_embedding_type/],
    ['distilbert', { n_heads: 5 }, /hidden_size 16 is not divisible by 5 heads/],
    ['distilbert', { dim: undefined }, /dim/],
    ['modernbert', { norm_bias: true }, /norm_bias/],
    ['modernbert', { num_attention_heads: 16 }, /heads of odd width 1/],
    ['modernbert', { layer_types: ['full_attention'] }, /layer_types: 1 of 5 layers/],
    [
      'modernbert',
      {
        rope_parameters: {
          full_attention: { rope_theta: 1e4, rope_type: 'yarn' },
          sliding_attention: { rope_theta: 1e4 },
        },
      },
      /rope_parameters.full_attention.rope_type/,
    ],
  ])('%s %j', (type, change, message) => {
    const read = () =>
      parseHuggingFaceConfig({ ...readJson(type, 'config.json'), ...change }, 'm/config.json');
    expect(read).toThrow(message);
    expect(read).toThrow(/^m\/config\.json: [\s\S]*\[CHECKPOINT_FORMAT\]/);
  });

  it('of an older ModernBERT, the kinds of layers and the bases of the angles are told otherwise', () => {
    const {
      layer_types: _types,
      rope_parameters: _rope,
      ...older
    } = readJson('modernbert', 'config.json') as Record<string, unknown>;
    const { config } = fixture('modernbert');
    const named = {
      ...older,
      global_rope_theta: 160000,
      local_rope_theta: 10000,
      global_attn_every_n_layers: 3,
    };
    expect(parseHuggingFaceConfig(named, 'config.json')).toEqual(config);
    // Without a base for near layers, that of the others.
    const { rotary } = parseHuggingFaceConfig(older, 'config.json');
    expect(rotary).toEqual({ ...config.rotary, localTheta: 160_000 });
  });
});
