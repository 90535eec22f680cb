/** Exported models in onnxruntime-node against the Encoder, for each family and precision. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import '../../../test/allclose.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { PASSAGES, writeTinyRetriever } from '../../../test/tiny-retriever.ts';
import { encodeOnnx } from '../../graph/index.ts';
import { RandomStream } from '../../random.ts';
import { loadTokenizer } from '../../text/tokenizer.ts';
import { PROJECTION, type RetrieverCheckpoint, readCheckpoint, writeCheckpoint } from '../checkpoint.ts';
import { MODEL_TYPES, type ModelType } from '../config.ts';
import { Encoder } from '../encoder.ts';
import { familyOf, parameterShapes, parseHuggingFaceConfig, WORD_TABLE } from '../families/index.ts';
import { InputMaker } from '../input.ts';
import { PRECISIONS } from '../precision.ts';
import { withSecondRows } from '../readings.ts';
import { readSafetensors } from '../safetensors.ts';
import { retrievalSettings, SETTINGS_VERSION } from '../settings.ts';
import { selectTensors } from '../weights.ts';
import { exportedGraph, exportOnnx, ONNX_FILES } from './onnx.ts';

const folder = temporaryFolder();
const DIM = 8;
const retrieval = retrievalSettings({ dim: DIM, queryMaxTokens: 12, passageMaxTokens: 20 });

/** The random model of a family that test/oracles made with transformers, with a random projection. */
function retriever(type: ModelType): RetrieverCheckpoint {
  const place = type === 'bert' ? 'test/fixtures/bert' : `test/fixtures/families/${type}`;
  const config = parseHuggingFaceConfig(JSON.parse(readFileSync(`${place}/config.json`, 'utf8')), place);
  const shapes = new Map(parameterShapes(config));
  const found = readSafetensors(`${place}/model.safetensors`);
  const { tensors } = selectTensors(found, shapes, place, familyOf(config));
  const stream = new RandomStream(4, 'projection');
  const data = Float32Array.from({ length: DIM * config.hiddenSize }, () => stream.normal());
  tensors.set(PROJECTION, { dtype: 'F32', shape: [DIM, config.hiddenSize], data });
  const common = { version: SETTINGS_VERSION, createdWith: 'refract 0.0.0', languages: ['en'], training: {} };
  return { config, tensors, settings: { ...common, kind: 'teacher', retrieval }, tokenizerJson: {} };
}

/** token_vectors of texts, which are padded to `length`. */
async function run(session: ort.InferenceSession, texts: readonly Int32Array[], length: number, pad = 0) {
  const shape = [texts.length, length];
  const int64 = (value: (text: Int32Array, t: number) => number) =>
    new ort.Tensor(
      'int64',
      BigInt64Array.from(texts.flatMap((text) => Array.from({ length }, (_, t) => BigInt(value(text, t))))),
      shape,
    );
  const results = await session.run({
    input_ids: int64((text, t) => text[t] ?? pad),
    attention_mask: int64((text, t) => (t < text.length ? 1 : 0)),
  });
  const { data, dims } = results.token_vectors;
  expect(dims).toEqual([...shape, DIM]);
  return texts.map((text, i) => ({
    vectors: (data as Float32Array).slice(i * length * DIM, (i * length + text.length) * DIM),
    padding: (data as Float32Array).slice((i * length + text.length) * DIM, (i + 1) * length * DIM),
  }));
}

function leastCosine(found: Float32Array, expected: Float32Array): number {
  const cosines: number[] = [];
  for (let t = 0; t < found.length; t += DIM) {
    let product = 0;
    for (let k = t; k < t + DIM; k++) product += found[k] * expected[k];
    cosines.push(product);
  }
  return Math.min(...cosines);
}

/**
 * The least cosine of int8 vectors to those of float32, over models of 16 and 32 wide with random weights. In a
 * ModernBERT errors of the gated layers are multiplied, and one token of the fixture nearly cancels out
 * (docs/decisions/023-int8-by-token.md has wider ones).
 */
const INT8_COSINE = (type: ModelType) => (type === 'modernbert' ? 0.97 : 0.999);

describe.each(MODEL_TYPES)('an exported %s', (type) => {
  const checkpoint = retriever(type);
  const stream = new RandomStream(7, type);
  const { vocabSize, maxPositionEmbeddings: most } = checkpoint.config;
  const lengths = [3, 1, most, 11, 7, 7, 2, most - 1];
  const texts = lengths.map((n) => Int32Array.from({ length: n }, () => 3 + stream.below(vocabSize - 3)));
  let expected: Float32Array[] = [];
  beforeAll(async () => {
    const maker = new InputMaker(loadTokenizer('test/fixtures/bert'), retrieval);
    const encoder = await Encoder.create(checkpoint.config, checkpoint.tensors, maker, { threads: 1 });
    const encoded = await encoder.encode(
      texts.map((ids) => ({ ids, scored: new Uint8Array(ids.length).fill(1) })),
    );
    expected = encoded.map(({ vectors }) => vectors);
    await encoder.close();
  });

  it.each(PRECISIONS)(
    'gives the same token vectors in %s, for any batch, length and padding',
    async (precision) => {
      const { outputs, values } = exportedGraph(checkpoint, precision);
      const session = await ort.InferenceSession.create(encodeOnnx(outputs, { initialisers: values }));
      expect(session.inputNames).toEqual(['input_ids', 'attention_mask']);
      expect(session.outputNames).toEqual(['token_vectors']);
      const together = await run(session, texts, most);
      const cosines: number[] = [];
      for (const [i, { vectors, padding }] of together.entries()) {
        cosines.push(leastCosine(vectors, expected[i]));
        expect(padding.every((x) => x === 0)).toBe(true);
        // Alone, without padding and with some; padding may be of any token.
        for (const [length, pad] of [
          [texts[i].length, 0],
          [most, 5],
        ]) {
          const [alone] = await run(session, [texts[i]], length, pad);
          expect(alone.vectors).toBeAllclose(vectors, { absolute: precision === 'float16' ? 2e-3 : 2e-5 });
        }
        if (precision === 'float32')
          expect(vectors).toBeAllclose(expected[i], { absolute: 1e-4, relative: 0 });
      }
      const least = Math.min(...cosines);
      expect(least).toBeGreaterThan(precision === 'int8' ? INT8_COSINE(type) : 0.999);
      // Another precision is not the same under another name.
      if (precision !== 'float32') expect(least).toBeLessThan(0.9999999);
      await session.release();
    },
  );
});

describe('exportOnnx', () => {
  const at = (name: string) => join(folder.path, name);
  beforeAll(() => writeTinyRetriever(at('teacher')));

  it('writes the folder that transformers.js expects, whose models read the words of many scripts', async () => {
    const { models } = await exportOnnx(at('teacher'), at('out'), { precisions: PRECISIONS });
    expect(readdirSync(at('out')).sort()).toEqual([
      'config.json',
      'onnx',
      'refract.json',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(readdirSync(at('out/onnx')).sort()).toEqual(Object.values(ONNX_FILES).sort());
    const json = (name: string) => JSON.parse(readFileSync(at(`out/${name}`), 'utf8'));
    expect(json('config.json')).toMatchObject({ model_type: 'bert', architectures: ['BertModel'] });
    expect(json('config.json')['transformers.js_config']).toBeUndefined();
    expect(json('tokenizer_config.json').model_input_names).toEqual(['input_ids', 'attention_mask']);
    for (const { file, bytes } of models) expect(bytes).toBe(statSync(at(`out/${file}`)).size);
    const [full, half, eighth] = models.map(({ bytes }) => bytes);
    expect(half).toBeLessThan(0.65 * full);
    expect(eighth).toBeLessThan(0.5 * full);

    const checkpoint = readCheckpoint(at('teacher'));
    const encoder = await Encoder.fromCheckpoint(checkpoint, { threads: 1 });
    const inputs = PASSAGES.map(({ text }) => encoder.maker.passage(text));
    const expected = await encoder.encode(
      inputs.map(({ ids }) => ({ ids, scored: new Uint8Array(ids.length).fill(1) })),
    );
    await encoder.close();
    const session = await ort.InferenceSession.create(at('out/onnx/model.onnx'));
    const length = Math.max(...inputs.map(({ ids }) => ids.length));
    const int64 = (values: number[]) =>
      new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [inputs.length, length]);
    const { token_vectors: found } = await session.run({
      input_ids: int64(inputs.flatMap(({ ids }) => Array.from({ length }, (_, t) => ids[t] ?? 0))),
      attention_mask: int64(
        inputs.flatMap(({ ids }) => Array.from({ length }, (_, t) => (t < ids.length ? 1 : 0))),
      ),
    });
    const dim = checkpoint.settings.retrieval.dim;
    expected.forEach(({ vectors }, i) => {
      const rows = (found.data as Float32Array).subarray(i * length * dim, i * length * dim + vectors.length);
      expect(rows).toBeAllclose(vectors, { absolute: 1e-4, relative: 0 });
    });
    await session.release();
  });

  it.each(PRECISIONS)('puts large weights of %s into a file beside the model', async (precision) => {
    const place = at(`beside-${precision}`);
    const { models } = await exportOnnx(at('teacher'), place, {
      precisions: [precision],
      externalFrom: 1000,
    });
    const [model] = models;
    const { file } = model;
    const [inside, outside] = [file, `${file}_data`].map((name) => statSync(join(place, name)).size);
    expect(outside).toBeGreaterThan(3 * inside);
    expect(model.bytes).toBe(inside + outside);
    const config = JSON.parse(readFileSync(join(place, 'config.json'), 'utf8'));
    expect(config['transformers.js_config']).toEqual({
      use_external_data_format: { [ONNX_FILES[precision]]: true },
    });
    await exportOnnx(at('teacher'), `${place}-one`, { precisions: [precision] });
    const ids = new ort.Tensor('int64', BigInt64Array.from([2n, 6n, 40n, 41n, 42n, 3n]), [1, 6]);
    const mask = new ort.Tensor('int64', new BigInt64Array(6).fill(1n), [1, 6]);
    const results: Float32Array[] = [];
    for (const one of [place, `${place}-one`]) {
      const session = await ort.InferenceSession.create(join(one, file));
      const { token_vectors: found } = await session.run({ input_ids: ids, attention_mask: mask });
      results.push(found.data as Float32Array);
      await session.release();
    }
    expect(results[0]).toEqual(results[1]);
  });

  it('refuses a place that is taken, and a pack whose tokens have second word vectors', async () => {
    mkdirSync(at('taken'));
    folder.write('taken/notes.txt', 'mine');
    expect((await refusal(() => exportOnnx(at('teacher'), at('taken')))).code).toBe('OUTPUT_EXISTS');
    expect(readdirSync(at('taken'))).toEqual(['notes.txt']);

    const { checkpoint } = await writeTinyRetriever(at('pack'), { teacher: '0123456789abcdef' });
    const table = checkpoint.tensors.get(WORD_TABLE)!;
    const rows = Int32Array.from({ length: table.shape[0] }, (_, i) => (i === 50 ? table.shape[0] : i));
    const readings = { rows, logOdds: new Float32Array(rows.length) };
    await writeCheckpoint(at('pack'), {
      ...checkpoint,
      config: { ...checkpoint.config, vocabSize: rows.length + 1 },
      tensors: new Map([...checkpoint.tensors, [WORD_TABLE, withSecondRows(table, readings)]]),
      settings: { ...checkpoint.settings, kind: 'pack', teacher: '0123456789abcdef', readings: true },
      readings,
    });
    const error = await refusal(() => exportOnnx(at('pack'), at('pack-onnx')));
    expect(error.code).toBe('EXPORT_INCOMPLETE');
    expect(error.message).toContain('1 tokens have two word vectors');
    expect(error.hint).toContain('--one-reading');
    expect(existsSync(at('pack-onnx'))).toBe(false);
  });
});
