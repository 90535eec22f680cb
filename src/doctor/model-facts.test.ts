import { truncateSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BASE, copyBase } from '../../test/base-folder.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import { examineModel } from './model-facts.ts';
import { openModel } from './model-file.ts';

const folder = temporaryFolder();
const at = (name: string) => `${folder.path}/${name}`;
const examined = (path: string, language = 'sw') => examineModel(openModel(path), language);

describe('examineModel', () => {
  it('tells what a base is', () => {
    const { verdict, figures } = examined(BASE);
    expect(verdict).toBe('ready');
    // 179 words, 64 positions, 2 types and a norm of 32; a layer of 4 times 32 x 32, 2 times 48 x 32, biases, norms.
    const embeddings = (179 + 64 + 2 + 2) * 32;
    const layer = 4 * (32 * 32 + 32) + (48 * 32 + 48) + (32 * 48 + 32) + 4 * 32;
    expect(figures).toMatchObject({
      kind: 'a base encoder',
      layers: 1,
      width: 32,
      positions: 64,
      rows: 179,
      tokens: 179,
      parameters: embeddings + layer,
      embeddingShare: (179 * 32) / (embeddings + layer),
    });
  });

  it('tells the markers of a teacher, and the languages of a pack', async () => {
    await writeTinyRetriever(at('teacher'));
    const { figures, verdict } = examined(at('teacher'));
    expect(verdict).toBe('ready');
    expect(figures).toMatchObject({ kind: 'a teacher of Refract', dim: 16, languages: ['en', 'sw'] });
    expect(figures.specialTokens).toContainEqual({ role: 'marks a query', token: '[Q]', id: 5 });
    await writeTinyRetriever(at('pack'), { teacher: 'abc' });
    expect(examined(at('pack'), 'swa').verdict).toBe('ready'); // another code of Swahili
    const so = examined(at('pack'), 'so');
    expect(so.verdict).toBe('care');
    expect(so.findings[0].what).toContain('not for Somali');
  });

  it('finds a token that inputs need missing', () => {
    const mute = copyBase(at('mute'), {
      'tokenizer.json': (text) => text.replaceAll('[MASK]', '[HIDE]'),
    });
    const { verdict, findings } = examined(mute);
    expect(verdict).toBe('unfit');
    expect(findings[0].what).toContain('lacks [MASK]');
  });

  it('finds padding that is another token in config.json', () => {
    const folderOfOther = copyBase(at('padding'), {
      'config.json': (text) => text.replace('"pad_token_id": 0', '"pad_token_id": 3'),
    });
    expect(examined(folderOfOther).findings[0].what).toContain('padding is token 3, the tokenizer 0');
  });

  it('describes a damaged model, whose tokenizer is still read', () => {
    const cut = copyBase(at('cut'));
    truncateSync(`${cut}/model.safetensors`, 5000);
    const model = openModel(cut);
    expect(model.tokenizer?.vocabSize).toBe(179);
    const { verdict, findings, summary } = examineModel(model, 'sw');
    expect([verdict, summary]).toEqual(['unfit', 'cannot be read, 179 tokens']);
    expect(findings[0].what).toContain('[CHECKPOINT_FORMAT]');
  });

  it('describes a model whose tokenizer is none, and an architecture that is not supported', () => {
    const broken = copyBase(at('broken'), { 'tokenizer.json': () => '{"model": {}}' });
    expect(openModel(broken).tokenizer).toBeUndefined();
    expect(examined(broken).verdict).toBe('unfit');
    const other = copyBase(at('other'), { 'config.json': (text) => text.replace('"bert"', '"t5"') });
    expect(examined(other).findings[0].what).toContain('model_type "t5" is not supported');
  });

  it('takes a tokenizer alone, and refuses nothing', async () => {
    expect(examined(`${BASE}/tokenizer.json`)).toMatchObject({
      verdict: 'ready',
      figures: { kind: 'a tokenizer alone' },
    });
    expect((await refusal(() => openModel(at('nowhere')))).code).toBe('FILE_MISSING');
  });
});
