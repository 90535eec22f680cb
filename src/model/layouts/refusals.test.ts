/** What is read of other tools' settings, and which of them are refused, with the file that says so. */
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { LAYOUTS } from '../../../test/layouts.ts';
import { refusal, temporaryFolder } from '../../../test/temporary.ts';
import { readCheckpoint } from '../checkpoint.ts';
import { readSafetensors, writeSafetensors } from '../safetensors.ts';

const place = temporaryFolder();
let copies = 0;

/** A copy of the fixture `name` in which `file` has the fields of `change`. */
function copy(name: string, file: string, change: Record<string, unknown> | unknown[]): string {
  const folder = join(place.path, `${name}-${copies++}`);
  cpSync(join(LAYOUTS, name), folder, { recursive: true });
  const path = join(folder, file);
  const before = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  writeFileSync(path, JSON.stringify(Array.isArray(change) ? change : { ...before, ...change }));
  return folder;
}

const retrieval = (folder: string) => readCheckpoint(folder).settings.retrieval;
const MODEL = 'config_sentence_transformers.json';
const TRANSFORMER = 'sentence_bert_config.json';

test('rules of Stanford ColBERT become settings; without artifact.metadata its defaults hold', () => {
  const folder = copy('stanford', 'artifact.metadata', {
    attend_to_mask_tokens: true,
    mask_punctuation: false,
  });
  expect(retrieval(folder)).toEqual({
    dim: 8,
    queryMaxTokens: 16,
    passageMaxTokens: 28,
    queryMarker: '[unused0]',
    passageMarker: '[unused1]',
    queryAugmentation: true,
    augmentationAttended: true,
    skipPunctuation: false,
    skipTokens: [],
  });
  rmSync(join(folder, 'artifact.metadata'));
  // 220 tokens, as far as there are positions; punctuation that the vocabulary lacks stands for [UNK].
  expect(retrieval(folder)).toMatchObject({
    queryMaxTokens: 32,
    passageMaxTokens: 64,
    augmentationAttended: false,
  });
  expect(retrieval(folder).skipTokens).toEqual(['!', '[UNK]', '(', ')', ',', '-', '.', ';', '?']);
  const { settings } = readCheckpoint(folder);
  expect(settings).toMatchObject({ kind: 'teacher', createdWith: 'Stanford ColBERT', languages: [] });
});

test('settings one level deeper, as indexes have them', () => {
  expect(
    retrieval(copy('stanford', 'artifact.metadata', { config: { query_maxlen: 20 } })).queryMaxTokens,
  ).toBe(20);
});

test('rules of PyLate and of MultiVectorEncoder become settings', () => {
  expect(retrieval(join(LAYOUTS, 'pylate'))).toMatchObject({
    queryMarker: '[Q] ',
    passageMarker: '[D] ',
    queryAugmentation: true,
    augmentationAttended: false,
  });
  expect(retrieval(join(LAYOUTS, 'pylate-deep'))).toEqual({
    dim: 8,
    queryMaxTokens: 12,
    passageMaxTokens: 20,
    queryMarker: '[unused0]',
    passageMarker: '',
    queryAugmentation: false,
    skipPunctuation: false,
    skipTokens: ['(', ')', 'the', '।', '[UNK]'],
  });
  expect(retrieval(join(LAYOUTS, 'multi-vector'))).toEqual({
    dim: 8,
    queryMaxTokens: 18,
    passageMaxTokens: 28,
    queryMarker: '',
    passageMarker: '',
    queryPrefix: 'the query: ',
    passagePrefix: 'omi ',
    queryAugmentation: true,
    augmentedTokens: 10,
    augmentationAttended: true,
    skipPunctuation: false,
    skipTokens: ['.', ',', '!', '?', ';'],
  });
});

test('an encoder in 0_Transformer is a base, not a retriever', async () => {
  const folder = join(place.path, 'sentences');
  cpSync(join(LAYOUTS, 'sharded'), join(folder, '0_Transformer'), { recursive: true });
  place.write(
    'sentences/modules.json',
    JSON.stringify([
      { idx: 0, name: '0', path: '0_Transformer', type: 'sentence_transformers.models.Transformer' },
      { idx: 1, name: '1', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
    ]),
  );
  place.write('sentences/1_Pooling/config.json', '{}');
  const base = readCheckpoint(folder, { allowBase: true });
  expect(base.settings).toBeUndefined();
  expect(base.tensors).toEqual(readCheckpoint(join(LAYOUTS, 'sharded'), { allowBase: true }).tensors);
  const error = await refusal(() => readCheckpoint(folder));
  expect(error).toMatchObject({ code: 'CHECKPOINT_INCOMPLETE' });
  expect(error.hint).toContain('refract teach --base');
});

describe('what cannot be said is refused, with the place', () => {
  const modules = (type: string, path = '1_Dense') => [
    { path: '', type: 'sentence_transformers.models.Transformer' },
    { path, type },
  ];
  const cases: [string, string, string, Record<string, unknown> | unknown[], RegExp][] = [
    ['interaction', 'stanford', 'artifact.metadata', { interaction: 'flipr' }, /interaction "flipr"/],
    ['a length that is none', 'stanford', 'artifact.metadata', { doc_maxlen: '180' }, /Invalid input/],
    [
      'an activation',
      'pylate',
      '1_Dense/config.json',
      { activation_function: 'torch.nn.modules.activation.Tanh' },
      /the activation torch\.nn\.modules\.activation\.Tanh/,
    ],
    [
      'vectors of texts',
      'pylate',
      '1_Dense/config.json',
      { module_input_name: 'sentence_embedding' },
      /reads sentence_embedding/,
    ],
    [
      'another module',
      'pylate',
      'modules.json',
      modules('sentence_transformers.models.LayerNorm'),
      /a module LayerNorm/,
    ],
    ['no dense layer', 'pylate', 'modules.json', modules('x').slice(0, 1), /no dense layer/],
    [
      'a first module that is no transformer',
      'pylate',
      'modules.json',
      [{ path: '', type: 'a.Router' }],
      /the first module is Router/,
    ],
    [
      'a module elsewhere',
      'pylate',
      'modules.json',
      modules('pylate.models.Dense.Dense', '../pylate'),
      /no folder of this one/,
    ],
    ['a list of nothing', 'pylate', 'modules.json', [], /Too small/],
    ['words of the wrong type', 'pylate', MODEL, { skiplist_words: 'the' }, /skiplist_words/],
    [
      'a skip list for queries',
      'multi-vector',
      '2_MultiVectorMask/config.json',
      { skiplist_tasks: ['query', 'document'] },
      /query and document/,
    ],
    [
      'a list of what is kept',
      'multi-vector',
      '2_MultiVectorMask/config.json',
      { keep_only_token_ids: [7] },
      /keep_only_token_ids/,
    ],
    [
      'vectors of any length',
      'multi-vector',
      '3_Normalize/config.json',
      { module_input_name: 'sentence_embedding' },
      /length 1/,
    ],
    [
      'another token than [MASK]',
      'multi-vector',
      TRANSFORMER,
      { query_expansion: { strategy: 'fixed', token: '[PAD]', length: 8 } },
      /padded with \[PAD\]/,
    ],
    [
      'another token than <mask>',
      'multi-vector-xlm-roberta',
      TRANSFORMER,
      { query_expansion: { strategy: 'min', token: '[MASK]', length: 8 } },
      /padded with \[MASK\]/,
    ],
    ['another task', 'multi-vector', TRANSFORMER, { transformer_task: 'text-generation' }, /text-generation/],
  ];
  it.each(cases)('%s', async (_, name, file, change, message) => {
    const error = await refusal(() => readCheckpoint(copy(name, file, change)));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
    expect(error.what).toMatch(message);
    expect(error.at).toContain(join(place.path, name));
  });

  it('a marker that the tokenizer lacks', async () => {
    const error = await refusal(() => readCheckpoint(copy('pylate', MODEL, { query_prefix: '[सवाल] ' })));
    expect(error).toMatchObject({ code: 'CHECKPOINT_INCOMPLETE' });
    expect(error.what).toContain('"[सवाल] "');
    const stanford = copy('stanford', 'artifact.metadata', { query_token_id: '[unused7]' });
    expect((await refusal(() => readCheckpoint(stanford))).code).toBe('CHECKPOINT_INCOMPLETE');
  });

  it("Stanford's usual markers are the unknown token where the tokenizer lacks them, others are not", async () => {
    const { retrieval } = readCheckpoint(join(LAYOUTS, 'stanford-xlm-roberta')).settings;
    expect(retrieval).toMatchObject({ queryMarker: '<unk>', passageMarker: '<unk>' });
    const other = copy('stanford-xlm-roberta', 'artifact.metadata', { doc_token_id: '[D]' });
    expect((await refusal(() => readCheckpoint(other))).what).toContain('no token [D]');
  });

  it('a projection of another size, or none', async () => {
    const stanford = copy('stanford', 'artifact.metadata', { dim: 16 });
    expect((await refusal(() => readCheckpoint(stanford))).code).toBe('CHECKPOINT_SHAPE');
    const weights = join(stanford, 'model.safetensors');
    const tensors = readSafetensors(weights);
    tensors.delete('linear.weight');
    writeSafetensors(weights, tensors);
    expect((await refusal(() => readCheckpoint(stanford))).code).toBe('CHECKPOINT_INCOMPLETE');
    const dense = copy('pylate', '1_Dense/config.json', { in_features: 12 });
    expect((await refusal(() => readCheckpoint(dense))).code).toBe('CHECKPOINT_SHAPE');
    const layers = copy('pylate-deep', 'modules.json', [
      ...modules('pylate.models.Dense.Dense', '2_Dense'),
      { path: '1_Dense', type: 'pylate.models.Dense.Dense' },
    ]);
    const error = await refusal(() => readCheckpoint(layers));
    expect(error.what).toBe('a dense layer reads 12 numbers of a token, the layer before it gives 24');
  });

  it('a folder that modules.json names and is not there', async () => {
    const folder = copy('pylate', MODEL, {});
    rmSync(join(folder, '1_Dense'), { recursive: true });
    expect(await refusal(() => readCheckpoint(folder))).toMatchObject({
      code: 'CHECKPOINT_INCOMPLETE',
      at: folder,
    });
  });
});

test('a file in the place of a folder of modules is refused', async () => {
  const folder = copy('pylate', 'modules.json', [
    { path: 'encoder', type: 'sentence_transformers.models.Transformer' },
  ]);
  writeFileSync(join(folder, 'encoder'), '');
  const error = await refusal(() => readCheckpoint(folder));
  expect(error).toMatchObject({ code: 'CHECKPOINT_INCOMPLETE', what: expect.stringContaining('no encoder') });
});
