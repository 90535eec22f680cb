/** Character models on disk: they come back, and damage is found and named. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import { CharacterCounts } from '../text/character-model.ts';
import {
  CHARACTER_MODELS_FILE,
  characterFingerprint,
  readCharacterModels,
  writeCharacterModels,
} from './character-models-file.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { exportModel } from './export.ts';
import { modelFingerprint } from './fingerprint.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import { parseSettings } from './settings.ts';

const folder = temporaryFolder();
const file = join(folder.path, CHARACTER_MODELS_FILE);

function modelOf(...texts: string[]) {
  const counts = new CharacterCounts();
  for (const text of texts) counts.add(text);
  return counts.model();
}

const models = new Map([
  ['yo', modelOf('àwọn ọmọdé nílò omi tó mọ́')],
  ['und-x-myvillage', modelOf('मुलांना पाण्याची गरज आहे')],
]);
const fingerprint = characterFingerprint(models);

describe('character models', () => {
  beforeEach(() => writeCharacterModels(file, models));

  it('come back, by their languages', () => {
    expect(readCharacterModels(file, fingerprint)).toEqual(models);
    expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(characterFingerprint(new Map([...models].reverse()))).toBe(fingerprint);
  });

  it('of another pack, or with a bit that has changed, are refused', async () => {
    expect((await refusal(() => readCharacterModels(file, 'f'.repeat(16)))).what).toContain(fingerprint);
    const bytes = readFileSync(file);
    bytes[bytes.length - 3] ^= 1;
    writeFileSync(file, bytes);
    const error = await refusal(() => readCharacterModels(file, fingerprint));
    expect([error.code, error.at]).toEqual(['CHECKPOINT_FORMAT', file]);
  });

  it('without a part, or with parts of two sizes, are refused by their language', async () => {
    const tensors = readSafetensors(file);
    tensors.delete('yo/counts');
    writeSafetensors(file, tensors);
    expect((await refusal(() => readCharacterModels(file, fingerprint))).what).toMatch(/^yo must have/);
    tensors.set('yo/counts', { dtype: 'U8', shape: [2], data: new Uint8Array(2) });
    writeSafetensors(file, tensors);
    expect((await refusal(() => readCharacterModels(file, fingerprint))).code).toBe('CHECKPOINT_FORMAT');
  });
});

describe('a pack with character models', () => {
  it('keeps them in its folder, whose other files and fingerprint are as without', async () => {
    const [plain, told] = [join(folder.path, 'plain'), join(folder.path, 'told')];
    await writeTinyRetriever(plain, { teacher: 'f'.repeat(16), languages: ['yo'] });
    const pack = readCheckpoint(plain);
    expect(pack.characterModels).toBeUndefined();
    const settings = parseSettings({ ...pack.settings, characterModels: fingerprint }, told);
    await writeCheckpoint(told, { ...pack, settings, characterModels: models });
    const read = readCheckpoint(told);
    expect(read.characterModels).toEqual(models);
    expect(modelFingerprint(read)).toBe(modelFingerprint(pack));
    for (const name of ['config.json', 'model.safetensors', 'tokenizer.json'])
      expect(readFileSync(join(told, name)).equals(readFileSync(join(plain, name))), name).toBe(true);
    const exported = join(folder.path, 'exported');
    await exportModel(read, exported, { layout: 'safetensors' });
    expect(readCheckpoint(exported).characterModels).toEqual(models);
    rmSync(join(told, CHARACTER_MODELS_FILE));
    const error = await refusal(() => readCheckpoint(told));
    expect([error.code, error.what]).toEqual([
      'CHECKPOINT_INCOMPLETE',
      `the folder has no ${CHARACTER_MODELS_FILE}`,
    ]);
  });
});
