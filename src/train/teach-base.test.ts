/** Teachers from a foreign BERT: markers, new rows, limits, and two steps of training from end to end. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BASE, BASE_GOLDEN, copyBase, WITHOUT_UNUSED } from '../../test/base-folder.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { PASSAGES } from '../../test/tiny-retriever.ts';
import { type Checkpoint, PROJECTION, readCheckpoint } from '../model/checkpoint.ts';
import { Encoder } from '../model/encoder.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import { InputMaker } from '../model/input.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { pretrain } from './pretrain.ts';
import { pretrainDefaults } from './pretrain-settings.ts';
import { teach } from './teach.ts';
import { startFromBase } from './teach-base.ts';
import { type TeachBaseSettings, teachBaseDefaults, teachDefaults } from './teach-settings.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const open = (place: string) => readCheckpoint(place, { allowBase: true });
const POSITIONS = 'embeddings.position_embeddings.weight';

const base = open(BASE);
const bare = open(copyBase(at('bare'), WITHOUT_UNUSED));
const defaults = teachBaseDefaults(base);
const row = ({ data, shape: [, width] }: { data: Float32Array; shape: readonly number[] }, id: number) =>
  data.subarray(id * width, (id + 1) * width);

/** The base with `edit` made to the text of its tokenizer.json. */
const edited = (edit: (text: string) => string): Checkpoint => ({
  ...base,
  tokenizerJson: JSON.parse(edit(JSON.stringify(base.tokenizerJson))),
});

describe('the defaults for a base', () => {
  it('fine-tune: a low rate by width, nothing frozen, inputs that the base can read', () => {
    const wide = { ...base, config: { ...base.config, hiddenSize: 768, maxPositionEmbeddings: 512 } };
    const { retrieval, train, batch } = teachBaseDefaults(wide);
    expect(train).toMatchObject({ rate: 3e-5, freeze: [], steps: 3000, warmupSteps: 300 });
    expect(retrieval).toMatchObject({ dim: 128, queryMaxTokens: 48, passageMaxTokens: 384 });
    expect(batch.temperature).toBe(1);
    expect(defaults.retrieval).toMatchObject({ dim: 64, queryMaxTokens: 48, passageMaxTokens: 64 });
  });

  it('keep the dimension of a projection', () => {
    const shape = [24, 32];
    const projection = { dtype: 'F32' as const, shape, data: new Float32Array(24 * 32).fill(0.5) };
    const colbert = { ...base, heads: new Map([[PROJECTION, projection]]) };
    const settings = teachBaseDefaults(colbert);
    expect(settings.retrieval.dim).toBe(24);
    expect(startFromBase(colbert, settings).parameters.get(PROJECTION)).toEqual(projection);
    const other = { ...settings, retrieval: { ...settings.retrieval, dim: 8 } };
    expect(startFromBase(colbert, other).parameters.get(PROJECTION)?.shape).toEqual([8, 32]);
  });
});

describe('markers', () => {
  it('are the first free rows, by their number', () => {
    const { retrieval, tokenizer, config, parameters } = startFromBase(base, defaults);
    expect([retrieval.queryMarker, retrieval.passageMarker]).toEqual(['[unused1]', '[unused2]']);
    expect(tokenizer.specials.get('[unused1]')).toBe(1);
    expect(config).toEqual(base.config);
    expect(parameters.get(WORD_TABLE)).toEqual(base.tensors.get(WORD_TABLE));
  });

  it('are [unused0] and [unused1] where there are these, as in Stanford’s ColBERT', () => {
    const english = edited((text) => text.replaceAll('[unused4]', '[unused0]'));
    const { retrieval, tokenizer } = startFromBase(english, defaults);
    expect([retrieval.queryMarker, retrieval.passageMarker]).toEqual(['[unused0]', '[unused1]']);
    expect([tokenizer.specialId('[unused0]'), tokenizer.specialId('[unused1]')]).toEqual([4, 1]);
  });

  it('are [Q] and [D] where there are these', () => {
    const own = edited((text) => text.replaceAll('[unused4]', '[Q]').replaceAll('[unused5]', '[D]'));
    const { retrieval, tokenizer, config } = startFromBase(own, defaults);
    expect([retrieval.queryMarker, retrieval.passageMarker]).toEqual(['[Q]', '[D]']);
    expect([tokenizer.specialId('[Q]'), tokenizer.specialId('[D]')]).toEqual([4, 5]);
    expect(config.vocabSize).toBe(base.config.vocabSize);
  });

  it('are those of a base that is a retriever', () => {
    const { retrieval, ...start } = startFromBase(bare, defaults);
    const settings = {
      version: '1.0',
      createdWith: '',
      languages: [],
      training: {},
      kind: 'teacher' as const,
    };
    const teacher = {
      ...base,
      settings: { ...settings, retrieval: { ...retrieval, queryMarker: '[unused3]' } },
    };
    expect(start.tokenizer.specials.has('[Q]')).toBe(true);
    // [D] is not in this vocabulary, so the pair cannot be used.
    expect(startFromBase(teacher, defaults).retrieval.queryMarker).toBe('[unused1]');
    const whole = { ...teacher.settings.retrieval, passageMarker: '[unused5]' };
    const again = startFromBase({ ...teacher, settings: { ...settings, retrieval: whole } }, defaults);
    expect([again.retrieval.queryMarker, again.retrieval.passageMarker]).toEqual(['[unused3]', '[unused5]']);
  });

  it('are added with a row each where there is none, by the seed', () => {
    const { retrieval, tokenizer, config, parameters } = startFromBase(bare, defaults);
    const { vocabSize } = bare.config;
    expect([retrieval.queryMarker, retrieval.passageMarker]).toEqual(['[Q]', '[D]']);
    expect([tokenizer.specialId('[Q]'), tokenizer.specialId('[D]')]).toEqual([vocabSize, vocabSize + 1]);
    expect(config.vocabSize).toBe(vocabSize + 2);
    const before = bare.tensors.get(WORD_TABLE)!;
    const after = parameters.get(WORD_TABLE)!;
    expect(after.shape).toEqual([vocabSize + 2, 32]);
    expect(after.data.subarray(0, before.data.length)).toEqual(before.data);
    // About the mean of the table, with a standard deviation of .02.
    const spread = [vocabSize, vocabSize + 1].map((id) => {
      const squares = row(after, id).map((value, h) => {
        let mean = 0;
        for (let v = 0; v < vocabSize; v++) mean += before.data[v * 32 + h] / vocabSize;
        return (value - mean) ** 2;
      });
      return Math.sqrt(squares.reduce((a, b) => a + b) / 32);
    });
    for (const deviation of spread) expect(deviation).toBeGreaterThan(0.012);
    for (const deviation of spread) expect(deviation).toBeLessThan(0.028);
    expect(row(after, vocabSize)).not.toEqual(row(after, vocabSize + 1));
    const words = (seed: number) => startFromBase(bare, { ...defaults, seed }).parameters.get(WORD_TABLE);
    expect(words(1)).toEqual(after);
    expect(words(2)).not.toEqual(after);
  });

  it('take spare rows of a table that is larger than the vocabulary', () => {
    const { vocabSize } = bare.config;
    const table = bare.tensors.get(WORD_TABLE)!;
    const data = new Float32Array((vocabSize + 5) * 32);
    data.set(table.data);
    const padded = {
      ...bare,
      config: { ...bare.config, vocabSize: vocabSize + 5 },
      tensors: new Map([...bare.tensors, [WORD_TABLE, { ...table, shape: [vocabSize + 5, 32], data }]]),
    };
    const { config, parameters, tokenizer } = startFromBase(padded, defaults);
    expect(config.vocabSize).toBe(vocabSize + 5);
    expect(tokenizer.specialId('[D]')).toBe(vocabSize + 1);
    const words = parameters.get(WORD_TABLE)!;
    expect(row(words, vocabSize + 1).every((value) => value !== 0)).toBe(true);
    expect(row(words, vocabSize + 2).every((value) => value === 0)).toBe(true);
  });
});

describe('what is refused', () => {
  it('a tokenizer without [MASK]', async () => {
    const mute = edited((text) => text.replaceAll('[MASK]', '<hidden>'));
    const error = await refusal(() => startFromBase(mute, defaults));
    expect([error.code, error.what]).toEqual([
      'CHECKPOINT_INCOMPLETE',
      'the tokenizer has no token that hides a token (mask_token)',
    ]);
  });

  it.each(['queryMaxTokens', 'passageMaxTokens'] as const)(
    'a longer %s than the base reads',
    async (name) => {
      const settings = { ...defaults, retrieval: { ...defaults.retrieval, [name]: 65 } };
      const error = await refusal(() => startFromBase(base, settings));
      expect(error.code).toBe('SETTING_INVALID');
      expect(error.what).toContain(`retrieval.${name} is 65`);
      expect(error.what).toContain('at most 64');
      expect(error.hint).toContain(`Set retrieval.${name} to at most 64`);
    },
  );

  it('settings with a size beside a base, and without a size or a base', async () => {
    const data = { passages: PASSAGES, queries: [], judgments: [], extraText: [] };
    for (const work of [
      () => teach({ ...data, base }, teachDefaults('tiny'), at('never')),
      () => teach(data, defaults, at('never')),
    ])
      expect((await refusal(work)).code).toBe('SETTING_INVALID');
    expect(existsSync(at('never.unfinished'))).toBe(false);
  });
});

describe('a teacher from a base', () => {
  const questions = PASSAGES.map(({ id, text }) => ({ id: `q-${id}`, text: text.split(/[.,;।]/)[0] }));
  const judgments = PASSAGES.map(({ id }) => ({ query: `q-${id}`, passage: id, grade: 1 }));
  const data = { passages: PASSAGES, queries: questions, judgments, extraText: [] };
  const settings: TeachBaseSettings = {
    ...defaults,
    batch: { ...defaults.batch, queries: 4 },
    train: { ...defaults.train, steps: 2, warmupSteps: 1, evaluateEvery: 0 },
  };

  it.each([
    ['free rows', base, ['[unused1]', '[unused2]'], 0],
    ['new rows', bare, ['[Q]', '[D]'], 2],
  ])('with %s opens again and encodes', async (name, from, markers, rows) => {
    const out = at(`teacher ${name}`);
    await teach({ ...data, base: from, languages: ['yo', 'hi'] }, settings, out, { threads: 1 });
    const teacher = readCheckpoint(out);
    expect(teacher.settings).toMatchObject({
      kind: 'teacher',
      languages: ['yo', 'hi'],
      retrieval: { queryMarker: markers[0], passageMarker: markers[1], passageMaxTokens: 64 },
    });
    expect(teacher.config.vocabSize).toBe(from.config.vocabSize + rows);
    // Everything was trained, positions and markers too.
    expect(teacher.tensors.get(POSITIONS)?.data).not.toEqual(from.tensors.get(POSITIONS)?.data);
    const words = teacher.tensors.get(WORD_TABLE)!;
    const start = startFromBase(from, settings);
    const marker = start.tokenizer.specialId(markers[0]);
    expect(row(words, marker)).not.toEqual(row(start.parameters.get(WORD_TABLE)!, marker));

    expect(readdirSync(out)).not.toContain('generation_config.json');
    const config = JSON.parse(readFileSync(join(out, 'tokenizer_config.json'), 'utf8'));
    expect(config).toEqual({
      do_lower_case: false,
      model_max_length: 64,
      additional_special_tokens: markers,
    });
    expect(teacher.specialTokensMap).toMatchObject({
      mask_token: '[MASK]',
      additional_special_tokens: markers,
    });

    const tokenizer = loadTokenizer(out);
    const maker = new InputMaker(tokenizer, teacher.settings.retrieval);
    for (const { text, ids } of BASE_GOLDEN) {
      expect([...tokenizer.encode(text)], text).toEqual(ids);
      expect([...maker.query(text).ids.subarray(0, 3)]).toEqual([7, marker, ids[0]]);
    }
    const encoder = await Encoder.fromCheckpoint(teacher, { threads: 1 });
    const [yoruba, devanagari] = await encoder.queries(['Níbo ni ọjà wà?', 'बाज़ार कहाँ है?']);
    await encoder.close();
    // [CLS] marker n í ##b ##o n ##i ọjà w ##à ? [SEP]
    expect(yoruba.count).toBe(3 + BASE_GOLDEN[3].ids.length);
    for (const { vectors, count } of [yoruba, devanagari])
      for (let t = 0; t < count; t++)
        expect(Math.hypot(...vectors.subarray(t * 64, (t + 1) * 64))).toBeCloseTo(1, 5);
  });

  it('leaves frozen positions as the base has them', async () => {
    const frozen = { ...settings, train: { ...settings.train, freeze: ['position_embeddings'] } };
    const { checkpoint } = await teach({ ...data, base }, frozen, at('frozen'), { threads: 1 });
    expect(checkpoint.tensors.get(POSITIONS)?.data).toEqual(base.tensors.get(POSITIONS)?.data);
    expect(checkpoint.settings.languages).toEqual(['en']);
  });

  it('is itself a base, with its markers and its projection', () => {
    const teacher = open(at('teacher new rows'));
    const { retrieval, parameters, config } = startFromBase(teacher, teachBaseDefaults(teacher));
    expect([retrieval.queryMarker, retrieval.dim]).toEqual(['[Q]', 64]);
    expect(config).toEqual(teacher.config);
    expect(parameters.get(PROJECTION)).toEqual(teacher.tensors.get(PROJECTION));
  });
});

it('refuses a pack with second word vectors, which would be lost', async () => {
  const count = loadTokenizer(base.tokenizerJson).vocabSize;
  const rows = Int32Array.from({ length: count }, (_, token) => token);
  const pack: Checkpoint = { ...base, readings: { rows, logOdds: new Float32Array(count) } };
  const teaching = await refusal(async () => startFromBase(pack, defaults));
  const pretraining = await refusal(() =>
    pretrain({ texts: ['water'], base: pack }, pretrainDefaults('tiny'), at('pretrained')),
  );
  for (const { code, hint } of [teaching, pretraining]) {
    expect(code).toBe('TEACHER_MISMATCH');
    expect(hint).toContain('align.twoReadings=false');
  }
});
