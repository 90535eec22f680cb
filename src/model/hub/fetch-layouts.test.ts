/** What is fetched of repositories of each kind: all that reading them takes, nothing else, and the same offline. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bertFiles, hubOf, hubServer } from '../../../test/hub-models.ts';
import { LAYOUTS } from '../../../test/layouts.ts';
import { floats, type ModelAttribute, onnxModel } from '../../../test/onnx-model.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { writeTinyRetriever } from '../../../test/tiny-retriever.ts';
import { externalFiles } from '../../graph/index.ts';
import { TensorProto_DataLocation } from '../../graph/onnx/schema/onnx_pb.ts';
import { type Checkpoint, type RetrieverCheckpoint, readCheckpoint } from '../checkpoint.ts';
import { writeDifference } from '../difference-folder.ts';
import { modelFingerprint } from '../fingerprint.ts';
import { cachedModels } from './cached-models.ts';
import { fetchHubModel } from './fetch-model.ts';

const server = hubServer();
const folder = temporaryFolder();
let caches = 0;
let models = 0;
type Files = Record<string, string | Uint8Array>;

/** What owners publish beside a model. */
const NOISE: Files = {
  'README.md': '# Mfano\nयह एक मॉडल है, نموذج, โมเดล, àwòṣe\n',
  '.gitattributes': '*.bin filter=lfs\n',
  'pytorch_model.bin': 'a pickle',
  'tf_model.h5': 'weights',
  'flax_model.msgpack': 'weights',
  'rust_model.ot': 'weights',
  'openvino/openvino_model.bin': 'weights',
  'openvino/openvino_model.xml': '<net/>',
  'onnx/model_quantized.onnx': 'another model',
  'onnx/model_fp16.onnx': 'another model',
  'onnx/model_fp16.onnx_data': 'its data',
  'vocab.txt': '[PAD]\n',
  'sentencepiece.bpe.model': 'pieces',
  'training_args.bin': 'a pickle',
  'optimizer.pt': 'a pickle',
  'checkpoint-500/model.safetensors': 'older weights',
  '1_Other/model.safetensors': 'of no module',
};

function filesIn(place: string, below = ''): Files {
  return Object.fromEntries(
    readdirSync(place, { withFileTypes: true }).flatMap((entry): [string, string | Uint8Array][] =>
      entry.isDirectory()
        ? Object.entries(filesIn(join(place, entry.name), `${below}${entry.name}/`))
        : entry.name === 'golden.json'
          ? []
          : [[below + entry.name, readFileSync(join(place, entry.name))]],
    ),
  );
}

/** Publishes the files with what stands beside them, fetches the model, and again offline. */
async function fetched(files: Files, noise: Files = NOISE) {
  const name = `test-org/model-${++models}`;
  server.publish(name, { ...noise, ...files });
  const hub = hubOf(server, join(folder.path, `cache-${++caches}`));
  const model = await fetchHubModel({ name, revision: 'main' }, { hub, retryDelay: 1 });
  const paths = model.files.map(({ path }) => path).sort();
  const offline = await fetchHubModel({ name, revision: 'main' }, { hub: { ...hub, offline: true } });
  expect(offline.files.map(({ path }) => path).sort()).toEqual(paths);
  expect((await cachedModels(hub.cache)).models).toMatchObject([{ name, whole: true }]);
  return { paths, folder: model.folder };
}

const settingsOf = (place: string) => readCheckpoint(place).settings.retrieval;
const weightsOf = ({ tensors }: Checkpoint) =>
  [...tensors].map(([name, { data }]) => `${name} ${data.slice(0, 4).join(' ')}`);

it.each(['stanford', 'pylate', 'pylate-deep', 'multi-vector'])('%s: a retriever', async (layout) => {
  const place = join(LAYOUTS, layout);
  const files = filesIn(place);
  const model = await fetched(files);
  expect(model.paths).toEqual(Object.keys(files).sort());
  expect(settingsOf(model.folder)).toEqual(settingsOf(place));
  expect(weightsOf(readCheckpoint(model.folder))).toEqual(weightsOf(readCheckpoint(place)));
});

it('a model beside files whose names not every system can have', async () => {
  const names = ['runs/10:30:00.log', 'a\\b.txt', 'bell\x07.txt'];
  const { paths } = await fetched({
    ...bertFiles(),
    ...Object.fromEntries(names.map((name) => [name, 'x'])),
  });
  expect(paths).toContain('model.safetensors');
  for (const name of names) expect(paths).not.toContain(name);
});

it('weights in shards', async () => {
  const place = join(LAYOUTS, 'sharded');
  const files = filesIn(place);
  const { 'model-00002-of-00003.safetensors': _, ...partial } = files;
  const model = await fetched(files);
  expect(model.paths).toEqual(Object.keys(files).sort());
  const read = (at: string) => weightsOf(readCheckpoint(at, { allowBase: true }));
  expect(read(model.folder)).toEqual(read(place));
  const error = await refusal(() => fetched(partial));
  expect(error).toMatchObject({ code: 'CHECKPOINT_INCOMPLETE' });
  expect(error.what).toContain('model-00002-of-00003.safetensors, which is not there');
});

it('an encoder of Sentence-Transformers in a folder of its own, with a normalisation that has no file', async () => {
  const { 'onnx/model.onnx': _, 'README.md': __, ...bert } = bertFiles();
  const encoder = Object.fromEntries(
    [
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
      'special_tokens_map.json',
    ].map((name) => [`0_Transformer/${name}`, bert[name]]),
  );
  const modules = ['0_Transformer', '1_Pooling', '2_Normalize'].map((path, idx) => ({
    ...{ idx, name: `${idx}`, path },
    type: `sentence_transformers.models.${path.slice(2)}`,
  }));
  const model = await fetched({
    ...encoder,
    'modules.json': JSON.stringify(modules),
    'config_sentence_transformers.json': '{}',
    '0_Transformer/sentence_roberta_config.json': '{"max_seq_length": 128, "do_lower_case": true}',
    '1_Pooling/config.json': '{"pooling_mode_mean_tokens": true}',
  });
  expect(model.paths).toEqual([
    '0_Transformer/config.json',
    '0_Transformer/model.safetensors',
    '0_Transformer/sentence_roberta_config.json',
    '0_Transformer/special_tokens_map.json',
    '0_Transformer/tokenizer.json',
    '0_Transformer/tokenizer_config.json',
    '1_Pooling/config.json',
    'config_sentence_transformers.json',
    'modules.json',
  ]);
  const base = readCheckpoint('test/fixtures/base', { allowBase: true });
  const read = readCheckpoint(model.folder, { allowBase: true });
  expect(weightsOf(read)).toEqual(weightsOf(base));
  expect(JSON.stringify(read.tokenizerJson)).toContain('"Lowercase"');
});

/** A model with a weight and a constant, each in a file beside it. */
function onnxWith(weights: string, constant: string): Uint8Array {
  const external = (location: string) => ({
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [{ key: 'location', value: location }],
  });
  const tensor = { ...floats('', [2], []), ...external(constant) };
  return onnxModel({
    inputs: [['x', 'FLOAT', [2]]],
    outputs: [['y', 'FLOAT', [2]]],
    nodes: [
      ['Constant', [], ['c'], { value: { tensor } as ModelAttribute }],
      ['Add', ['x', 'w'], ['z']],
      ['Add', ['z', 'c'], ['y']],
    ],
    initialisers: [{ ...floats('w', [2], []), ...external(weights) }],
  });
}

it('ONNX alone: the model, and of the files beside it those that it keeps data in', async () => {
  const { 'model.safetensors': _, 'pytorch_model.bin': __, 'onnx/model.onnx': ___, ...bert } = bertFiles();
  const model = await fetched({
    ...bert,
    'onnx/model.onnx': onnxWith('model.onnx_data', './Constant_7_attr__value'),
    'onnx/model.onnx_data': 'weights',
    'onnx/Constant_7_attr__value': 'numbers',
    'onnx/sentencepiece.bpe': 'no part of it',
  });
  const needed = ['config.json', 'special_tokens_map.json', 'tokenizer.json', 'tokenizer_config.json'];
  const onnx = ['onnx/Constant_7_attr__value', 'onnx/model.onnx', 'onnx/model.onnx_data'];
  expect(model.paths).toEqual([...needed, ...onnx].sort());
  expect(externalFiles(join(model.folder, 'onnx/model.onnx'))).toHaveLength(2);
  // One that holds all of it, at the top.
  const whole = onnxModel({
    inputs: [['x', 'FLOAT', [2]]],
    outputs: [['y', 'FLOAT', [2]]],
    nodes: [['Add', ['x', 'w'], ['y']]],
    initialisers: [floats('w', [2], [1, 2])],
  });
  const flat = await fetched({ ...bert, 'model.onnx': whole });
  expect(flat.paths).toEqual([...needed, 'model.onnx'].sort());
});

it('ONNX whose data is not there, or outside its folder, is refused', async () => {
  const { 'model.safetensors': _, 'onnx/model.onnx': __, ...bert } = bertFiles();
  for (const location of ['model.onnx_data', '../../other/blobs/secret', '/etc/hostname']) {
    const files = { ...bert, 'onnx/model.onnx': onnxWith(location, location), 'onnx/other_data': 'x' };
    const error = await refusal(() => fetched(files));
    expect(error).toMatchObject({ code: 'CHECKPOINT_INCOMPLETE' });
    expect(error.what).toContain(`onnx/${location}, which is not there`);
  }
});

it('a language pack that is a difference', async () => {
  const places = ['teacher', 'small'].map((name) => join(folder.path, name));
  const { checkpoint: teacher } = await writeTinyRetriever(places[0]);
  const settings = { ...teacher.settings, kind: 'pack', teacher: modelFingerprint(teacher) };
  const pack = { ...teacher, settings: { ...settings, readings: false } } as RetrieverCheckpoint;
  await writeDifference(places[1], pack, teacher);
  const files = filesIn(places[1]);
  const model = await fetched(files, { 'README.md': 'text', '.gitattributes': '' });
  expect(model.paths).toEqual(
    Object.keys(files)
      .filter((path) => path !== 'README.md')
      .sort(),
  );
  expect(model.paths).toContain('difference.safetensors');
  const read = readCheckpoint(model.folder, { teacher: () => teacher });
  expect(weightsOf(read)).toEqual(weightsOf(pack));
});
