import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import type { EarlyStopping } from './generation.ts';
import { Translator } from './translator.ts';

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../test/fixtures/seq2seq/${name}`, import.meta.url));

interface Golden {
  readonly texts: readonly string[];
  readonly runs: readonly {
    readonly settings: {
      readonly num_beams: number;
      readonly max_length?: number;
      readonly length_penalty?: number;
      readonly early_stopping?: EarlyStopping;
      readonly forced_bos_token_id?: number;
      readonly forced_eos_token_id?: number;
      readonly no_repeat_ngram_size?: number;
      readonly bad_words_ids?: readonly (readonly number[])[];
    };
    readonly ids: readonly (readonly number[])[];
    readonly texts: readonly string[];
    readonly scores?: readonly number[];
  }[];
}

describe.each(['marian', 't5'])('a model of the kind of %s', (name) => {
  const golden = JSON.parse(readFileSync(join(fixture(name), 'golden.json'), 'utf8')) as Golden;
  const folder = temporaryFolder();
  let translator: Translator;
  beforeAll(async () => {
    translator = await Translator.load(fixture(name), { threads: 1 });
  });
  afterAll(() => translator.close());

  it.each(golden.runs)(
    'writes what transformers writes: $settings',
    async ({ settings, ids, texts, scores }) => {
      const { forced_eos_token_id: forcedEnd, bad_words_ids: banned } = settings;
      let model = translator;
      if (forcedEnd !== undefined || banned !== undefined) {
        // These can be said by the model's files only.
        const place = join(folder.path, String(forcedEnd ?? 'banned'));
        cpSync(fixture(name), place, { recursive: true });
        const file = join(place, 'generation_config.json');
        const config = JSON.parse(readFileSync(file, 'utf8')) as object;
        writeFileSync(
          file,
          JSON.stringify({ ...config, forced_eos_token_id: forcedEnd, bad_words_ids: banned }),
        );
        model = await Translator.load(place, { threads: 1 });
      }
      const results = await model.translate(golden.texts, {
        beams: settings.num_beams,
        maxLength: settings.max_length,
        lengthPenalty: settings.length_penalty,
        earlyStopping: settings.early_stopping,
        noRepeat: settings.no_repeat_ngram_size,
        targetToken: settings.forced_bos_token_id === undefined ? undefined : '<en>',
        batch: 5,
      });
      if (model !== translator) await model.close();
      expect(results.map((each) => each.ids)).toEqual(ids);
      expect(results.map((each) => each.text)).toEqual(
        texts.map((text) => text.replace(/<\/?[a-z]+>/g, '').trim()),
      );
      if (scores === undefined) return;
      results.forEach(({ score }, i) => {
        expect(score).toBeCloseTo(scores[i], 4);
      });
    },
  );

  it('gives the same alone as in a batch', async () => {
    const together = await translator.translate(golden.texts, { beams: 3 });
    for (const [i, text] of golden.texts.entries())
      expect((await translator.translate([text], { beams: 3 }))[0].ids).toEqual(together[i].ids);
  });
});

describe('Translator', () => {
  const folder = temporaryFolder();
  const copy = (name: string) => {
    const place = join(folder.path, name);
    cpSync(fixture('t5'), place, { recursive: true });
    return place;
  };

  it('says the language of the text, and puts words before it', async () => {
    const translator = await Translator.load(fixture('t5'), { threads: 1 });
    try {
      const [plain] = await translator.translate(['maji safi']);
      expect((await translator.translate(['safi'], { prefix: 'maji ' }))[0]).toEqual(plain);
      const [said] = await translator.translate(['maji safi'], { sourceToken: '<sw>' });
      expect(said.score).not.toBeCloseTo(plain.score, 3);
      const error = await refusal(() => translator.translate(['maji'], { targetToken: '<fr>' }));
      expect(error.code).toBe('SETTING_INVALID');
      expect(error.message).toContain('<fr>');
      expect((await refusal(() => translator.translate(['maji'], { beams: 0 }))).code).toBe(
        'SETTING_INVALID',
      );
      expect((await refusal(() => translator.translate(['maji'], { batch: 0 }))).code).toBe(
        'SETTING_INVALID',
      );
      expect(await translator.translate([])).toEqual([]);
    } finally {
      await translator.close();
    }
  });

  it('cuts a text that is longer than the model reads, and says so', async () => {
    const place = copy('short');
    const file = join(place, 'config.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), n_positions: 3 }));
    const translator = await Translator.load(place, { threads: 1 });
    const results = await translator.translate(['maji safi', 'maji safi na mto mbaya']);
    await translator.close();
    expect(results.map(({ cut }) => cut)).toEqual([false, true]);
    expect(results[1].ids).toEqual(results[0].ids);
  });

  it('names what the files ask for in vain', async () => {
    const place = copy('sampling');
    const file = join(place, 'generation_config.json');
    writeFileSync(file, JSON.stringify({ do_sample: true, repetition_penalty: 1.2 }));
    const translator = await Translator.load(place, { threads: 1 });
    await translator.close();
    expect(translator.notFollowed).toEqual(['do_sample', 'repetition_penalty']);
  });

  it.each([
    ['FILE_MISSING', 'no such folder', (place: string) => rmSync(place, { recursive: true })],
    ['CHECKPOINT_INCOMPLETE', 'config.json', (place: string) => rmSync(join(place, 'config.json'))],
    ['CHECKPOINT_INCOMPLETE', 'tokenizer.json', (place: string) => rmSync(join(place, 'tokenizer.json'))],
    [
      'CHECKPOINT_INCOMPLETE',
      'decoder_model.onnx',
      (place: string) => rmSync(join(place, 'decoder_model.onnx')),
    ],
    ['CHECKPOINT_FORMAT', 'JSON', (place: string) => writeFileSync(join(place, 'config.json'), '[]')],
    [
      'CHECKPOINT_FORMAT',
      'num_beams',
      (place: string) => writeFileSync(join(place, 'generation_config.json'), '{"num_beams": "four"}'),
    ],
    [
      'CHECKPOINT_INCOMPLETE',
      'decoder_start_token_id',
      (place: string) => {
        writeFileSync(join(place, 'config.json'), '{"eos_token_id": 1}');
        rmSync(join(place, 'generation_config.json'));
      },
    ],
    [
      'CHECKPOINT_FORMAT',
      'compiled',
      (place: string) => writeFileSync(join(place, 'encoder_model.onnx'), 'x'),
    ],
    [
      'CHECKPOINT_FORMAT',
      'encoder_hidden_states',
      (place: string) => cpSync(join(place, 'decoder_model.onnx'), join(place, 'encoder_model.onnx')),
    ],
  ] as const)('refuses with %s: %s', async (code, words, harm) => {
    const place = copy(`harmed-${words.replace(/\W/g, '')}-${code}`);
    harm(place);
    const error = await refusal(() => Translator.load(place));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });
});
