/** Fetching encoders that Refract has no family for: which files come, and that the model opens from the cache. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hubOf, hubServer } from '../../../test/hub-models.ts';
import { temporaryFolder } from '../../../test/temporary.ts';
import { readCheckpoint } from '../checkpoint.ts';
import { fetchHubModel } from './fetch-model.ts';

const server = hubServer();
const folder = temporaryFolder();
const hub = () => hubOf(server, join(folder.path, 'cache'));
const quick = { retryDelay: 1 };
const WEIGHTS = readFileSync('test/fixtures/base/model.safetensors');
const SMALL_TOKENIZER = JSON.stringify({
  version: '1.0',
  added_tokens: [],
  model: { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[PAD]': 0, '[UNK]': 1, maji: 2 } },
});

it('fetches the ONNX model of an architecture that Refract does not know, even beside safetensors, with its data', async () => {
  const place = 'test/fixtures/imported/electra';
  const file = (name: string) => [name, readFileSync(join(place, name))] as const;
  const published = Object.fromEntries([
    ...['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx'].map(file),
    ['model.safetensors', WEIGHTS],
    ['onnx/model_quantized.onnx', 'not asked for'],
  ]);
  server.publish('test-org/electra', published);
  const fetched = await fetchHubModel(
    { name: 'test-org/electra', revision: 'main' },
    { ...quick, hub: hub() },
  );
  expect(fetched.files.map(({ path }) => path).sort()).toEqual([
    'config.json',
    'onnx/model.onnx',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  const { config, tensors } = readCheckpoint(fetched.folder, { allowBase: true });
  expect([config.modelType, config.importedType, tensors.size]).toEqual(['onnx', 'electra', 39]);

  // With its data in a file of its own, which the cache keeps apart from the name that the model has for it.
  const external = 'test/fixtures/onnx-import/external/onnx';
  server.publish('test-org/external', {
    ...published,
    'onnx/model.onnx': readFileSync(`${external}/model.onnx`),
    'onnx/model.onnx.data': readFileSync(`${external}/model.onnx.data`),
    // The model has word vectors for 60 tokens.
    'tokenizer.json': SMALL_TOKENIZER,
  });
  const large = await fetchHubModel(
    { name: 'test-org/external', revision: 'main' },
    { ...quick, hub: hub() },
  );
  expect(readCheckpoint(large.folder, { allowBase: true }).config.vocabSize).toBe(60);
});
