/** Which files of a folder an encoder is read from, and what its configuration says where they say it or do not. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BASE } from '../../test/base-folder.ts';
import { bertAsOnnx, copyImported, importedFolder } from '../../test/imported-models.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { canonicalJson } from '../data/canonical-json.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { readEncoderFolder } from './encoder-folder.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const read = (place: string) => readEncoderFolder(place, true).config;
const json = (change: Record<string, unknown>) => (content: Buffer) =>
  JSON.stringify({ ...JSON.parse(content.toString()), ...change });
const without =
  (...keys: string[]) =>
  (content: Buffer) =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(JSON.parse(content.toString())).filter(([key]) => !keys.includes(key)),
      ),
    );

describe('what an encoder is read from', () => {
  it('is safetensors where they are of a family, and else the ONNX model', () => {
    expect(read(importedFolder('bert')).modelType).toBe('bert');
    expect(read(bertAsOnnx(at('bert'))).modelType).toBe('onnx');
    // Of a family that is unknown safetensors say nothing.
    const both = copyImported('electra', at('both'));
    writeFileSync(join(both, 'model.safetensors'), readFileSync(`${BASE}/model.safetensors`));
    expect(read(both)).toMatchObject({ modelType: 'onnx', importedType: 'electra' });
  });

  it('has what its configuration says', () => {
    expect(read(importedFolder('electra'))).toMatchObject({
      vocabSize: 179,
      hiddenSize: 32,
      numHiddenLayers: 2,
      numAttentionHeads: 4,
      intermediateSize: 48,
      maxPositionEmbeddings: 64,
      typeVocabSize: 2,
      padTokenId: 0,
    });
  });

  it('needs no configuration: graph and tokenizer say what is needed', () => {
    const bare = copyImported('albert', at('bare'), {
      'config.json': undefined,
      'tokenizer_config.json': () => '{"model_max_length": 1000000000000000019884624838656}',
      'tokenizer.json': (content) => content.toString().replaceAll('[PAD]', '<pad>'),
    });
    expect(read(bare)).toMatchObject({
      numHiddenLayers: 0,
      maxPositionEmbeddings: 512,
      padTokenId: 0,
    });
    expect(read(bare)).not.toHaveProperty('importedType');
  });

  it('reads at most what configuration and tokenizer both allow', () => {
    const change = { 'tokenizer_config.json': json({ model_max_length: 40 }) };
    expect(read(copyImported('electra', at('short'), change)).maxPositionEmbeddings).toBe(40);
    const other = {
      'config.json': (content: Buffer) =>
        without('max_position_embeddings')(content).replace('{', '{"n_positions":50,'),
    };
    expect(read(copyImported('electra', at('other'), other)).maxPositionEmbeddings).toBe(50);
    const roberta = {
      'tokenizer_config.json': () => '{}',
      'config.json': (content: Buffer) =>
        content
          .toString()
          .replace('"electra"', '"camembert"')
          .replace('"pad_token_id": 0', '"pad_token_id": 1'),
    };
    // Two of 64 rows are taken by no token.
    expect(read(copyImported('electra', at('roberta'), roberta)).maxPositionEmbeddings).toBe(62);
  });
});

describe('a checkpoint that Refract writes of it', () => {
  const base = readCheckpoint(importedFolder('electra'), { allowBase: true });
  const write = async (name: string) => {
    await writeCheckpoint(at(name), {
      ...base,
      settings: { version: '1.0', createdWith: 't', languages: [], training: {}, kind: 'pretrained' },
    });
    return at(name);
  };

  it('is the same when it is read, with weights in safetensors alone', async () => {
    const place = await write('written');
    const again = readCheckpoint(place, { allowBase: true });
    expect(again.tensors).toEqual(base.tensors);
    expect(canonicalJson(again.config)).toBe(canonicalJson(base.config));
    expect(again.config.graph?.onnx).toEqual(base.config.graph?.onnx);
    expect(JSON.parse(readFileSync(join(place, 'config.json'), 'utf8'))).toMatchObject({
      model_type: 'onnx',
      imported_type: 'electra',
    });
    // The one place for weights: what stands there counts.
    const { data } = base.tensors.get('embeddings.LayerNorm.bias')!;
    const tensors = new Map(base.tensors).set('embeddings.LayerNorm.bias', {
      dtype: 'F32',
      shape: [16],
      data: data.map((value) => value + 1),
    });
    await writeCheckpoint(place, { ...again, tensors });
    expect(readCheckpoint(place, { allowBase: true }).tensors.get('embeddings.LayerNorm.bias')?.data[0]).toBe(
      Math.fround(data[0] + 1),
    );
  });

  it('is refused without its graph, with a damaged one, or with that of another encoder', async () => {
    const place = await write('damaged');
    const path = join(place, 'encoder.onnx');
    const whole = readFileSync(path);
    const refused = () => refusal(() => readCheckpoint(place, { allowBase: true }));
    writeFileSync(path, whole.subarray(0, 2000));
    expect(await refused()).toMatchObject({ code: 'CHECKPOINT_FORMAT', at: expect.stringContaining(path) });
    const albert = readCheckpoint(importedFolder('albert'), { allowBase: true });
    writeFileSync(path, albert.config.graph!.onnx);
    const other = await refused();
    expect([other.code, other.at]).toEqual(['CHECKPOINT_INCOMPLETE', join(place, 'model.safetensors')]);
    rmSync(path);
    expect(await refused()).toMatchObject({
      code: 'CHECKPOINT_INCOMPLETE',
      what: 'the folder has no encoder.onnx',
    });
  });
});

describe('what is refused', () => {
  const refused = (name: string, change: Parameters<typeof copyImported>[2]) =>
    refusal(() => readCheckpoint(copyImported('electra', at(name), change), { allowBase: true }));

  it('a folder without tokenizer, before the model is read', async () => {
    const error = await refused('mute', { 'tokenizer.json': undefined, 'onnx/model.onnx': () => 'no model' });
    expect(error).toMatchObject({ code: 'CHECKPOINT_INCOMPLETE', what: 'the folder has no tokenizer.json' });
  });

  it('a tokenizer with more ids than word vectors', async () => {
    const error = await refused('large', {
      'tokenizer.json': (content) => content.toString().replace('"vocab":{', '"vocab":{"ọjàọjà":179,'),
    });
    expect(error).toMatchObject({
      code: 'TOKENIZER_MISMATCH',
      what: 'the tokenizer has ids up to 179, the encoder only 179 word vectors',
    });
  });

  it('a family that is unknown, without an ONNX model, with the way to make one', async () => {
    const error = await refused('unknown', { 'onnx/model.onnx': undefined });
    expect(error.what).toContain('"electra" is not supported');
    expect(error.hint).toContain('model.onnx');
  });

  it('a folder with nothing', async () => {
    mkdirSync(at('empty'));
    const error = await refusal(() => readCheckpoint(at('empty'), { allowBase: true }));
    expect([error.code, error.what]).toEqual(['CHECKPOINT_INCOMPLETE', 'the folder has no config.json']);
  });
});
