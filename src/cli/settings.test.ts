import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { resolveSettings } from './settings.ts';

const schema = z.strictObject({
  name: z.string(),
  train: z.strictObject({
    steps: z.int().positive(),
    rate: z.number().positive(),
    decay: z.enum(['linear', 'cosine']).default('linear'),
    freeze: z.array(z.string()),
  }),
  mix: z.record(z.string(), z.number()).optional(),
  solver: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('sinkhorn'), iterations: z.int() }),
    z.strictObject({ kind: z.literal('exact') }),
  ]),
});
const DEFAULTS = {
  name: 'mini',
  train: { steps: 100, rate: 1e-3, freeze: ['embeddings'] },
  solver: { kind: 'sinkhorn', iterations: 50 },
};
const folder = temporaryFolder();

describe('resolveSettings', () => {
  it('gives the defaults, the schema’s included', async () => {
    expect(await resolveSettings(schema, DEFAULTS, {})).toEqual({
      ...DEFAULTS,
      train: { ...DEFAULTS.train, decay: 'linear' },
    });
  });

  it('lays the file over the defaults and the sets over the file', async () => {
    const configFile = folder.write(
      'a.yaml',
      'train:\n  steps: 7\n  rate: 3e-4\n  freeze: []\nmix: {tatoeba: 2, habari-njema: 0.5}\n',
    );
    const settings = await resolveSettings(schema, DEFAULTS, {
      configFile,
      sets: ['train.steps=9', 'train.decay=cosine', 'name=1.0', 'mix.tatoeba=3', 'solver.iterations=20'],
    });
    expect(settings).toEqual({
      name: '1.0',
      train: { steps: 9, rate: 3e-4, decay: 'cosine', freeze: [] },
      mix: { tatoeba: 3, 'habari-njema': 0.5 },
      solver: { kind: 'sinkhorn', iterations: 20 },
    });
    expect(DEFAULTS.train.steps).toBe(100);
  });

  it('reads lists and exponents as YAML does', async () => {
    const { train } = await resolveSettings(schema, DEFAULTS, {
      sets: ['train.freeze=[a, "b"]', 'train.rate=5e-5'],
    });
    expect(train).toMatchObject({ freeze: ['a', 'b'], rate: 5e-5 });
  });

  it.each([
    ['train.step=3', 'there is no setting train.step', 'Did you mean train.steps?'],
    ['trian.steps=3', 'there is no setting trian', 'Did you mean train?'],
    ['name.first=x', 'there is no setting name.first', 'It takes a value'],
    ['solver.eps=1', 'there is no setting solver.eps', 'solver.iterations'],
    ['__proto__.steps=1', 'there is no setting __proto__', ''],
    ['train.constructor=1', 'there is no setting train.constructor', ''],
  ])('refuses the unknown %s', async (set, what, hint) => {
    const error = await refusal(() => resolveSettings(schema, DEFAULTS, { sets: [set] }));
    expect(error.code).toBe('SETTING_UNKNOWN');
    expect(error.what).toBe(what);
    expect(error.at).toBe(`--set ${set}`);
    expect(error.hint).toContain(hint);
  });

  it.each([
    ['train.steps=many', 'train.steps: '],
    ['train.steps=0', 'train.steps: '],
    ['train.rate=.nan', 'train.rate: '],
    ['train=3', 'train: '],
    ['train.freeze=[1]', 'train.freeze.0: '],
    ['mix.tatoeba=x', 'mix.tatoeba: '],
    ['train.decay=cubic', 'train.decay: '],
    ['train.steps', 'is not of the form'],
    ['=3', 'is not of the form'],
    ['train..steps=3', 'is not of the form'],
    ['train.freeze=[a', 'cannot be read'],
  ])('refuses %s', async (set, what) => {
    const error = await refusal(() => resolveSettings(schema, DEFAULTS, { sets: [set] }));
    expect(error.code).toBe('SETTING_INVALID');
    expect(error.what).toContain(what);
    expect(error.at).toBe(`--set ${set}`);
  });

  it('names file and line', async () => {
    const wrong = folder.write('wrong.yaml', '# habari\nname: x\ntrain:\n  rate: 1\n  steps: many\n');
    const invalid = await refusal(() => resolveSettings(schema, DEFAULTS, { configFile: wrong }));
    expect([invalid.code, invalid.at, invalid.line]).toEqual(['SETTING_INVALID', wrong, 5]);
    const unknown = folder.write('unknown.yaml', 'name: x\ntrain:\n  setps: 3\n');
    const error = await refusal(() => resolveSettings(schema, DEFAULTS, { configFile: unknown }));
    expect([error.code, error.at, error.line]).toEqual(['SETTING_UNKNOWN', unknown, 3]);
    expect(error.hint).toContain('Did you mean train.steps?');
  });

  it.each([
    [
      'solver: { kind: sinkhron, iterations: 3 }',
      'solver.kind: "sinkhron"',
      'Did you mean sinkhorn? Possible values: sinkhorn, exact.',
    ],
    [
      'train: { decay: cosin }',
      'train.decay: "cosin"',
      'Did you mean cosine? Possible values: linear, cosine.',
    ],
    [
      'designs:\n    - natural\n    - mached',
      'designs.1: "mached"',
      'Did you mean matched? Possible values: natural, matched.',
    ],
    ['size: { preset: minni }', 'size.preset: "minni"', 'Did you mean mini? Possible values: mini, base.'],
    ['designs: [quite-another]', 'designs.0: "quite-another"', 'Possible values: natural, matched.'],
  ])('names the nearest word and the line of %s', async (text, what, hint) => {
    const studied = schema.extend({
      designs: z.array(z.enum(['natural', 'matched'])).default(['natural']),
      size: z
        .union([z.strictObject({ preset: z.enum(['mini', 'base']) }), z.strictObject({ width: z.int() })])
        .optional(),
    });
    const configFile = folder.write('words.yaml', `name: x\n${text}\n`);
    const error = await refusal(() => resolveSettings(studied, DEFAULTS, { configFile }));
    expect([error.code, error.at, error.line]).toEqual([
      'SETTING_INVALID',
      configFile,
      text.includes('\n') ? 4 : 2,
    ]);
    expect(error.what).toBe(`${what} is not a possible value`);
    expect(error.hint).toBe(hint);
  });

  it('looks in the file for what nobody said: a missing value, or a default that does not fit', async () => {
    const list = z
      .strictObject({
        kind: z.enum(['a', 'b']),
        rho: z.array(z.number()).default([0, 0.5]),
        low: z.array(z.string()),
      })
      .superRefine(({ rho, low }, context) => {
        if (low.length === 0 && rho.some((each) => each > 0))
          context.addIssue({ code: 'custom', path: ['rho', 1], message: 'is impossible' });
      });
    const empty = folder.write('empty-list.yaml', 'kind: a\nlow: []\n');
    const error = await refusal(() => resolveSettings(list, {}, { configFile: empty }));
    expect([error.what, error.at, error.line]).toEqual(['rho.1: is impossible', empty, undefined]);
    expect(error.hint).toBe(
      'rho is not set, so its default [0, 0.5] holds; set it in the file, or with --set rho=....',
    );
    const missing = folder.write('missing.yaml', 'low: []\n');
    const absent = await refusal(() => resolveSettings(list, {}, { configFile: missing }));
    expect([absent.what, absent.at]).toEqual(['kind: is not given', missing]);
    expect(absent.hint).toBe('Possible values of kind: a, b.');
    const said = await refusal(() => resolveSettings(list, {}, { configFile: empty, sets: ['rho=[0, 1]'] }));
    expect(said.at).toBe('--set rho=[0, 1]');
  });

  it('blames a default on nobody', async () => {
    const error = await refusal(() => resolveSettings(schema, { name: 3 }, {}));
    expect([error.code, error.at]).toEqual(['SETTING_INVALID', undefined]);
  });

  it.each<[string, string | Uint8Array, string, number | undefined]>([
    ['empty.yaml', '', 'FILE_EMPTY', undefined],
    ['list.yaml', '- a\n', 'FILE_FORMAT', undefined],
    ['open.yaml', 'name: x\ntrain: {steps: 3\n', 'FILE_FORMAT', 3],
    ['twice.yaml', 'name: x\nname: y\n', 'FILE_FORMAT', 2],
    ['bytes.yaml', Uint8Array.of(0x61, 0x0a, 0xff), 'FILE_ENCODING', 2],
  ])('refuses the file %s', async (name, content, code, line) => {
    const configFile = folder.write(name, content);
    const error = await refusal(() => resolveSettings(schema, DEFAULTS, { configFile }));
    expect([error.code, error.at, error.line]).toEqual([code, configFile, line]);
  });

  it('refuses a file that is not there', async () => {
    const configFile = `${folder.path}/none.yaml`;
    expect((await refusal(() => resolveSettings(schema, DEFAULTS, { configFile }))).code).toBe(
      'FILE_MISSING',
    );
  });
});
