/** From an ONNX file of an architecture that Refract has no family for to search in another language, at the command line. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import './allclose.ts';
import { readCheckpoint } from '../src/model/checkpoint.ts';
import { Encoder } from '../src/model/encoder.ts';
import { modelFingerprint } from '../src/model/fingerprint.ts';
import { readSafetensors } from '../src/model/safetensors.ts';
import type { ProgressFactory } from '../src/progress.ts';
import { readMetrics } from '../src/train/metrics-log.ts';
import { refract } from './command-line.ts';
import { bertAsOnnx, copyImported, FOREIGN, importedFolder } from './imported-models.ts';
import { floats, onnxModel } from './onnx-model.ts';
import { temporaryFolder } from './temporary.ts';
import { jsonLines, PASSAGES } from './tiny-retriever.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const passages = folder.write('passages.jsonl', jsonLines(PASSAGES));
const questions = PASSAGES.map(({ id, text }) => ({ id: `q-${id}`, text: text.split(/[.,;।]/)[0] }));
const queries = folder.write('queries.jsonl', jsonLines(questions));
const qrels = folder.write('qrels.txt', PASSAGES.map(({ id }) => `q-${id} 0 ${id} 1\n`).join(''));
const bitext = folder.write(
  'yo.tsv',
  'English\tYorùbá\nBoil the water.\tSè omi.\nWhere is the market?\tNíbo ni ọjà wà?\nClose the door.\tTi ilẹ̀kùn.\nBoil it.\tSè é.\n',
);
const SEARCHED = 'Sè omi, ọjà; पानी ماء ต้มน้ำ';

const data = ['--passages', passages, '--queries', queries, '--qrels', qrels];
const teaching = (base: string, ...more: string[]) => [
  ...['teach', ...data, '--base', base, '--threads', '1', '--quiet'],
  ...['--set', 'batch.queries=8', '--set', 'train.warmupSteps=2', ...more],
];
/** What a command printed; it must succeed. */
async function done(args: readonly string[]): Promise<string> {
  const { code, out, err } = await refract(args);
  expect(code, err).toBe(0);
  return out;
}
async function refused(args: readonly string[], code: string): Promise<string> {
  const result = await refract(args);
  expect([result.code, result.out], result.err).toEqual([1, '']);
  expect(result.err).toContain(`[${code}]`);
  expect(existsSync(at('never'))).toBe(false);
  return result.err;
}
const losses = (place: string) => readMetrics(join(place, 'metrics.jsonl')).map(({ loss }) => loss);
const fingerprint = (place: string) => modelFingerprint(readCheckpoint(place));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const search = (index: string, ...more: string[]) =>
  done(['search', '--index', at(index), ...more, '--threads', '1', '--json', SEARCHED]);

describe.each(FOREIGN)('a teacher from the ONNX file of %s', (name) => {
  const teacher = at(`${name}-teacher`);
  const pack = at(`${name}-pack`);
  const distilling = (out: string, ...more: string[]) => [
    ...['distill', '--teacher', teacher, '--bitext', `yo=${bitext}`, '--out', at(out), '--threads', '1'],
    ...['--quiet', '--set', 'train.steps=4', '--set', 'batch.pairs=2', ...more],
  ];

  beforeAll(async () => {
    await done(teaching(importedFolder(name), '--set', 'train.steps=24', '--out', teacher));
    await done(distilling(`${name}-pack`));
    await done([
      'index',
      '--teacher',
      teacher,
      '--passages',
      passages,
      '--out',
      at(`${name}-index`),
      '--quiet',
    ]);
  });

  it('learns', () => {
    const found = losses(teacher);
    expect(found).toHaveLength(24);
    expect(mean(found.slice(-3))).toBeLessThan(0.8 * mean(found.slice(0, 3)));
    const [before, after] = [importedFolder(name), teacher].map((place) =>
      readCheckpoint(place, { allowBase: true }),
    );
    // Every weight was reached and changed; the graph was not.
    for (const [each, { data: values }] of before.tensors)
      expect(after.tensors.get(each)!.data.slice(0, values.length), each).not.toEqual(values);
    expect(after.config.graph!.identity).toBe(before.config.graph!.identity);
  });

  it('is opened again from its folder, from its index and as an export as the same', async () => {
    const expected = fingerprint(teacher);
    expect(fingerprint(at(`${name}-index/teacher`))).toBe(expected);
    await done(['export', teacher, '--to', 'safetensors', '--out', at(`${name}-plain`), '--quiet']);
    expect(fingerprint(at(`${name}-plain`))).toBe(expected);
    const hits = await search(`${name}-index`);
    renameSync(teacher, `${teacher}-moved`);
    cpSync(at(`${name}-index`), at(`${name}-elsewhere`), { recursive: true });
    expect(await search(`${name}-elsewhere`)).toBe(hits);
    expect(await search(`${name}-index`, '--teacher', `${teacher}-moved`)).toBe(hits);
    renameSync(`${teacher}-moved`, teacher);
  });

  it('has packs, whole and as differences, which search its index alike', async () => {
    const whole = await search(`${name}-index`, '--pack', pack);
    expect(JSON.parse(whole).hits).toHaveLength(10);
    expect(whole).not.toBe(await search(`${name}-index`));
    await done(['pack', 'shrink', pack, '--teacher', teacher, '--out', at(`${name}-small`), '--quiet']);
    expect(readdirSync(at(`${name}-small`))).not.toContain('encoder.onnx');
    expect(await search(`${name}-index`, '--pack', at(`${name}-small`))).toBe(whole);
    await done(['pack', 'expand', at(`${name}-small`), '--teacher', teacher, '--out', at(`${name}-wide`)]);
    expect(await search(`${name}-index`, '--pack', at(`${name}-wide`))).toBe(whole);
    const half = ['--precision', 'float16', '--rank', '2', '--out', at(`${name}-half`), '--quiet'];
    await done(['pack', 'shrink', pack, '--teacher', teacher, ...half]);
    await search(`${name}-index`, '--pack', at(`${name}-half`));
    expect(await done(['pack', 'card', pack])).toContain('renewed');
    const explained = ['--pack', pack, '--passage', 'p14', 'Sè omi'];
    expect(await done(['explain', '--index', at(`${name}-index`), ...explained])).toContain('omi');
  });

  it('has adapters on its layers', async () => {
    const adapters = ['--set', 'train.adapters.rank=2', '--set', 'train.adapters.alpha=4'];
    await done(distilling(`${name}-adapted`, ...adapters));
    const difference = [...readSafetensors(at(`${name}-adapted/difference.safetensors`)).keys()];
    const adapted = difference.filter((each) => each.startsWith('low_rank_a/'));
    // Every linear layer, the one from the width of words to that of layers and the projection among them, and no table.
    expect(adapted).toHaveLength(name === 'electra' ? 2 * 6 + 2 : 6 + 2);
    expect(adapted.filter((each) => each.includes('_embeddings.'))).toEqual([]);
    await search(`${name}-index`, '--pack', at(`${name}-adapted`));
  });

  it('is exported to ONNX with projection, for ONNX Runtime and in 8 bits', async () => {
    const out = at(`${name}-onnx`);
    await done(['export', teacher, '--to', 'onnx', '--precision', 'float32', 'int8', '--out', out]);
    expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')).model_type).toBe(name);
    const encoder = await Encoder.fromCheckpoint(readCheckpoint(teacher), { threads: 1 });
    const { ids } = encoder.maker.passage('Ẹ sè omi; पानी को उबालें.');
    const [{ vectors }] = await encoder.encode([{ ids, scored: new Uint8Array(ids.length).fill(1) }]);
    await encoder.close();
    for (const [file, cosine] of [
      ['model.onnx', 0.999999],
      ['model_quantized.onnx', 0.99],
    ] as const) {
      const session = await ort.InferenceSession.create(join(out, 'onnx', file));
      const whole = (value: (id: number) => number) =>
        new ort.Tensor(
          'int64',
          BigInt64Array.from(ids, (id) => BigInt(value(id))),
          [1, ids.length],
        );
      const { token_vectors: found } = await session.run({
        input_ids: whole((id) => id),
        attention_mask: whole(() => 1),
      });
      await session.release();
      const products = Float32Array.from(found.data as Float32Array, (x, i) => x * vectors[i]);
      for (let t = 0; t < ids.length; t++) {
        const own = products.subarray(t * 64, (t + 1) * 64).reduce((sum, x) => sum + x, 0);
        expect(own, `${file}, token ${t}`).toBeGreaterThan(cosine);
      }
      // Layers in 8 bits are other numbers.
      if (file !== 'model.onnx') expect(found.data).not.toBeAllclose(vectors, { absolute: 1e-5 });
    }
    for (const layout of ['pylate', 'stanford-colbert']) {
      const args = ['export', teacher, '--to', layout, '--lossy', '--out', at('never')];
      expect(await refused(args, 'EXPORT_INCOMPLETE')).toContain(`imported from ONNX (${name})`);
    }
  });
});

describe('other commands', () => {
  const base = importedFolder('albert');

  it('examine it, and plan the work', async () => {
    const text = folder.write('yo.txt', 'Níbo ni ọjà wà?\nSè omi.\n');
    const out = await done(['doctor', base, '--language', 'yo', '--text', text]);
    expect(out).toMatch(
      /^model +ready +a base encoder: imported from ONNX \(albert\), 2 layers of width 32/m,
    );
    const planned = await done(['plan', ...teaching(base, '--set', 'train.steps=20'), '--json']);
    expect(JSON.parse(planned)).toMatchObject({ seconds: expect.any(Number) });
  });

  it('train readers and language models on it', async () => {
    const examples = folder.write(
      'examples.jsonl',
      jsonLines(
        PASSAGES.slice(0, 4).map(({ id, text }) => ({
          ...{ id, question: 'When?', context: text, answers: [text.split(' ')[1]] },
        })),
      ),
    );
    const few = ['--threads', '1', '--quiet', '--set', 'train.steps=2'];
    const reading = ['--base', base, '--examples', examples, '--dev-examples', examples];
    await done(['train-reader', ...reading, '--out', at('reader'), '--set', 'batch.windows=2', ...few]);
    await done(['answer', '--reader', at('reader'), '--examples', examples, '--out', at('answers.json')]);
    expect(Object.keys(JSON.parse(readFileSync(at('answers.json'), 'utf8')))).toHaveLength(4);
    // Its word vectors are narrower than its layers, and so is the decoder, which is tied to them.
    const text = folder.write('text.txt', Array.from({ length: 40 }, () => PASSAGES[0].text).join('\n'));
    await done(['pretrain', '--base', base, '--text', text, '--out', at('pretrained'), ...few]);
    const { config, heads } = readCheckpoint(at('pretrained'), { allowBase: true });
    expect(heads?.get('cls.predictions.transform.dense.weight')?.shape).toEqual([16, 32]);
    expect(config.importedType).toBe('albert');
    await done(teaching(at('pretrained'), '--set', 'train.steps=1', '--out', at('on')));
  });

  it('leave frozen layers as they are', async () => {
    const electra = importedFolder('electra');
    const frozen = ['--set', 'train.freeze=[layer.0.]', '--set', 'train.steps=1'];
    await done(teaching(electra, ...frozen, '--out', at('frozen')));
    const [before, after] = [electra, at('frozen')].map((place) =>
      readCheckpoint(place, { allowBase: true }),
    );
    const same = [...before.tensors].filter(([each, { data: values }]) =>
      values.every((x, i) => x === after.tensors.get(each)!.data[i]),
    );
    expect(same.map(([each]) => each).every((each) => each.includes('layer.0.'))).toBe(true);
    expect(same).toHaveLength(16);
  });
});

it('does not go on with a run on another graph, though its weights are equal', async () => {
  const base = at('resumed-base');
  await done(teaching(importedFolder('albert'), '--set', 'train.steps=1', '--out', base));
  const controller = new AbortController();
  const stopping = teaching(base, '--set', 'train.steps=400', '--out', at('resumed'));
  const progress: ProgressFactory = (label) => ({
    update: (step) => {
      if (label === 'training' && step > 1) controller.abort();
    },
    end() {},
  });
  const loud = stopping.filter((each) => each !== '--quiet');
  expect((await refract(loud, { signal: controller.signal, progress })).code).toBe(130);
  const graph = readFileSync(join(base, 'encoder.onnx')).toString('latin1');
  writeFileSync(join(base, 'encoder.onnx'), Buffer.from(graph.replace('Tanh', 'Relu'), 'latin1'));
  const again = await refract([...stopping, '--resume']);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('[RESUME_MISMATCH]')]);
});

it('teaches a BERT from its ONNX file as from its safetensors', async () => {
  const bases = { safetensors: importedFolder('bert'), onnx: bertAsOnnx(at('bert')) };
  const found: Record<string, number[]> = {};
  for (const [name, base] of Object.entries(bases)) {
    await done(teaching(base, '--set', 'train.steps=6', '--out', at(`bert-${name}`)));
    found[name] = losses(at(`bert-${name}`)) as number[];
    const kind = readCheckpoint(at(`bert-${name}`)).config.modelType;
    expect(kind).toBe(name === 'onnx' ? 'onnx' : 'bert');
  }
  expect(found.onnx).toHaveLength(6);
  expect(found.onnx).toBeAllclose(found.safetensors, { absolute: 1e-4, relative: 0 });
  expect(new Set(found.onnx).size).toBe(6);
});

describe('what is wrong is said:', () => {
  const never = (base: string, ...more: string[]) => teaching(base, '--out', at('never'), ...more);
  const copy = (name: string, change: Parameters<typeof copyImported>[2]) =>
    copyImported('electra', at(name), change);

  it('no tokenizer, or one of another model', async () => {
    const mute = copy('mute', { 'tokenizer.json': undefined });
    expect(await refused(never(mute), 'CHECKPOINT_INCOMPLETE')).toContain('no tokenizer.json');
    const large = copy('large', {
      'tokenizer.json': (content) => content.toString().replace('"vocab":{', '"vocab":{"ọjàọjà":179,'),
    });
    expect(await refused(never(large), 'TOKENIZER_MISMATCH')).toContain('ids up to 179');
  });

  it('a file in the place of its folder', async () => {
    const error = await refused(never(join(importedFolder('albert'), 'model.onnx')), 'FILE_FORMAT');
    expect(error).toContain('Give the folder that holds it');
  });

  it('a damaged graph', async () => {
    const damaged = copy('damaged', { 'onnx/model.onnx': (content) => content.subarray(0, 5000) });
    expect(await refused(never(damaged), 'CHECKPOINT_FORMAT')).toContain('onnx/model.onnx');
  });

  it('an operator that is not known, by its name and its node', async () => {
    const unknown = onnxModel({
      inputs: [
        ['input_ids', 'INT64', ['b', 'l']],
        ['attention_mask', 'INT64', ['b', 'l']],
      ],
      outputs: [['last_hidden_state', 'FLOAT', ['b', 'l', 1]]],
      nodes: [
        ['Gather', ['table', 'input_ids'], ['rows']],
        ['NonZero', ['rows'], ['last_hidden_state']],
      ],
      initialisers: [floats('table', [2, 1], [1, 2])],
    });
    const error = await refused(
      never(copy('operator', { 'onnx/model.onnx': () => unknown })),
      'CHECKPOINT_FORMAT',
    );
    expect(error).toContain('NonZero node_1: operator NonZero is not supported');
    expect(error).toContain('Operators that are: Abs, Add');
  });

  it('data that lie outside the folder', async () => {
    const place = copy('outside', {
      'onnx/model.onnx': () => {
        const content = readFileSync('test/fixtures/onnx-import/external/onnx/model.onnx');
        // A name of equal length, so that the message stays whole.
        return Buffer.from(
          content.toString('latin1').replaceAll('model.onnx.data', '../../data.bytes'.slice(0, 15)),
          'latin1',
        );
      },
    });
    writeFileSync(at('data.byte'), 'secret');
    expect(await refused(never(place), 'CHECKPOINT_FORMAT')).toContain("outside the model's folder");
  });

  it('texts that are longer than it reads, where its files promise more', async () => {
    const boasting = copy('boasting', {
      'config.json': (content) =>
        content.toString().replace('"max_position_embeddings": 64', '"max_position_embeddings": 128'),
      'tokenizer_config.json': () => '{}',
    });
    const error = await refused(never(boasting), 'CHECKPOINT_FORMAT');
    expect(error).toContain('fails on a text of 128 tokens');
    await done(
      teaching(
        boasting,
        '--set',
        'retrieval.passageMaxTokens=64',
        '--set',
        'train.steps=1',
        '--out',
        at('modest'),
      ),
    );
  });

  it('another graph than that of the index, with equal weights', async () => {
    await done(teaching(importedFolder('albert'), '--set', 'train.steps=1', '--out', at('one')));
    await done(['index', '--teacher', at('one'), '--passages', passages, '--out', at('of-one'), '--quiet']);
    const other = at('another');
    cpSync(at('one'), other, { recursive: true });
    const graph = readFileSync(join(other, 'encoder.onnx'));
    // Another activation, whose name is as long.
    const changed = Buffer.from(graph.toString('latin1').replace('Tanh', 'Relu'), 'latin1');
    expect(changed.equals(graph)).toBe(false);
    writeFileSync(join(other, 'encoder.onnx'), changed);
    const args = ['search', '--index', at('of-one'), '--teacher', other, 'omi'];
    expect(await refused(args, 'TEACHER_MISMATCH')).toContain('the index was built with teacher');
  });
});
