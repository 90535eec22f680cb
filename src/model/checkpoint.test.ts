import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../errors.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { parameterShapes } from './families/index.ts';
import { modelFingerprint } from './fingerprint.ts';
import { withSecondRows } from './readings.ts';
import { writeReadings } from './readings-file.ts';
import { type FloatTensor, readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts';
import { retrievalSettings, type Settings } from './settings.ts';

const BERT = 'test/fixtures/bert';
const place = mkdtempSync(join(tmpdir(), 'refract-checkpoint-'));
const folder = join(place, 'model');
const weights = join(folder, 'model.safetensors');
afterAll(() => rmSync(place, { recursive: true }));

const settings: Settings = {
  version: '1.0',
  createdWith: '0.1.0',
  languages: ['en'],
  training: { steps: 3 },
  kind: 'teacher',
  retrieval: retrievalSettings({ dim: 8, queryMaxTokens: 12, passageMaxTokens: 24 }),
};
const base = readCheckpoint(BERT, { allowBase: true });
const ramp = (...shape: number[]): FloatTensor => {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
  return { dtype: 'F32', shape, data };
};
const teacher: Checkpoint = {
  ...base,
  specialTokensMap: { cls_token: '[CLS]', mask_token: '[MASK]', additional_special_tokens: ['[Q]', '[D]'] },
  settings,
  tensors: new Map([...base.tensors, ['linear.weight', ramp(8, 32)]]),
  heads: new Map([['cls.predictions.bias', ramp(88)]]),
};

/** Rewrites the tensors of `folder`. */
function change(edit: (tensors: Map<string, Tensor>) => void): void {
  const tensors = readSafetensors(weights);
  edit(tensors);
  writeSafetensors(weights, tensors);
}

/** What reading `folder` says; fails unless it is an error with `code`. */
function complaint(code: ErrorCode): string {
  try {
    readCheckpoint(folder);
  } catch (error) {
    expect(error).toMatchObject({ name: 'RefractError', code });
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

beforeEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await writeCheckpoint(folder, teacher);
});

test('a folder of transformers opens as a base, with the tensors that its configuration implies', () => {
  expect(base.settings).toBeUndefined();
  expect([...base.tensors.keys()]).toEqual(parameterShapes(base.config).map(([name]) => name));
  expect(base.heads?.size).toBe(0);
  expect(base.tokenizerConfig?.tokenizer_class).toBe('TokenizersBackend');
});

test('a checkpoint comes back as it was', () => {
  const read = readCheckpoint(folder);
  expect(read).toEqual(teacher);
  expect([...read.tensors.keys()].at(-1)).toBe('linear.weight');
});

test('the same checkpoint gives the same bytes, and no file is left over', async () => {
  const bytes = () =>
    readdirSync(folder)
      .sort()
      .map((f) => [f, readFileSync(join(folder, f), 'hex')]);
  const first = bytes();
  expect(first.map(([name]) => name)).toEqual([
    'config.json',
    'model.safetensors',
    'refract.json',
    'special_tokens_map.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  await writeCheckpoint(folder, { ...teacher, tensors: new Map([...teacher.tensors].reverse()) });
  expect(bytes()).toEqual(first);
  expect(readdirSync(place)).toEqual(['model']);
});

test('names with the prefix bert. and the old names of layer norms', () => {
  change((tensors) => {
    for (const [name, tensor] of [...tensors]) {
      if (name === 'linear.weight' || name.startsWith('cls.')) continue;
      tensors.delete(name);
      const old = name
        .replace('LayerNorm.weight', 'LayerNorm.gamma')
        .replace('LayerNorm.bias', 'LayerNorm.beta');
      tensors.set(`bert.${old}`, tensor);
    }
    tensors.set('bert.embeddings.position_ids', { dtype: 'I64', shape: [1], data: BigInt64Array.of(0n) });
  });
  expect(readCheckpoint(folder)).toEqual(teacher);
});

test('a new folder tells AutoTokenizer which tokens are special', async () => {
  await writeCheckpoint(folder, { ...teacher, tokenizerConfig: undefined, specialTokensMap: undefined });
  expect(readCheckpoint(folder).specialTokensMap).toMatchObject({ sep_token: '[SEP]', pad_token: '[PAD]' });
  expect(readCheckpoint(folder).tokenizerConfig).toMatchObject({
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: 24,
    cls_token: '[CLS]',
    mask_token: '[MASK]',
    additional_special_tokens: ['[Q]', '[D]'],
  });
});

test('a pretrained encoder is a base, not a retriever', async () => {
  const { version, createdWith, languages, training } = settings;
  await writeCheckpoint(folder, {
    ...base,
    settings: { version, createdWith, languages, training, kind: 'pretrained' },
  });
  expect(readCheckpoint(folder, { allowBase: true }).tensors).toEqual(base.tensors);
  expect(complaint('CHECKPOINT_INCOMPLETE')).toContain('cannot retrieve yet');
});

describe('what is wrong is named', () => {
  test('no folder', () => {
    rmSync(folder, { recursive: true });
    expect(complaint('FILE_MISSING')).toContain(folder);
  });

  test.each(['config.json', 'model.safetensors', 'tokenizer.json', 'refract.json'])('no %s', (name) => {
    rmSync(join(folder, name));
    expect(complaint('CHECKPOINT_INCOMPLETE')).toContain(`${folder}: the folder has no ${name}`);
  });

  test('weights in another format', () => {
    rmSync(weights);
    writeFileSync(join(folder, 'pytorch_model.bin'), '');
    expect(complaint('CHECKPOINT_INCOMPLETE')).toMatch(
      /only pytorch_model\.bin .*\n.*python -c "import glob, torch;.*glob\('pytorch_model\.bin'\)/,
    );
  });

  test.each(['encoder.layer.1.output.dense.bias', 'linear.weight'])('no tensor %s', (name) => {
    change((tensors) => tensors.delete(name));
    expect(complaint('CHECKPOINT_INCOMPLETE')).toContain(`${weights}: tensor ${name} is missing`);
  });

  test('a wrong shape', () => {
    change((tensors) => tensors.set('encoder.layer.0.intermediate.dense.weight', ramp(32, 48)));
    expect(complaint('CHECKPOINT_SHAPE')).toContain(
      'tensor encoder.layer.0.intermediate.dense.weight is F32 [32, 48], config.json asks for F32 [48, 32]',
    );
  });

  test.each(['encoder.layer.2.output.dense.bias', 'bert.encoder.layer.0.attention.self.distance.weight'])(
    'a further tensor of the layers, %s',
    (name) => {
      change((tensors) => tensors.set(name, ramp(32)));
      expect(complaint('CHECKPOINT_SHAPE')).toContain(
        `${weights}: config.json has no place for tensor ${name.replace(/^bert\./, '')}`,
      );
    },
  );

  test('a projection of another dim than the settings say', () => {
    change((tensors) => tensors.set('linear.weight', ramp(4, 32)));
    expect(complaint('CHECKPOINT_SHAPE')).toContain('tensor linear.weight is F32 [4, 32]');
  });

  test('a wrong type', () => {
    change((tensors) =>
      tensors.set('embeddings.LayerNorm.bias', { dtype: 'I32', shape: [32], data: new Int32Array(32) }),
    );
    expect(complaint('CHECKPOINT_SHAPE')).toContain('tensor embeddings.LayerNorm.bias is I32 [32]');
  });

  test('a tensor under two names', () => {
    change((tensors) => tensors.set('bert.embeddings.LayerNorm.gamma', ramp(32)));
    expect(complaint('CHECKPOINT_FORMAT')).toContain('tensor embeddings.LayerNorm.weight is there twice');
  });

  test('a number that is none', () => {
    change((tensors) => {
      const bias = ramp(32);
      bias.data[5] = Number.NaN;
      tensors.set('encoder.layer.0.output.dense.bias', bias);
    });
    expect(complaint('CHECKPOINT_FORMAT')).toContain(
      'encoder.layer.0.output.dense.bias holds NaN at position 5',
    );
  });

  test.each(['queryMaxTokens', 'passageMaxTokens', 'augmentedTokens'])('%s beyond the positions', (name) => {
    const file = join(folder, 'refract.json');
    const json = JSON.parse(readFileSync(file, 'utf8'));
    json.retrieval[name] = 4000;
    writeFileSync(file, JSON.stringify(json));
    expect(complaint('CHECKPOINT_SHAPE')).toContain(
      `${file}: retrieval.${name} is 4000, the encoder has 24 positions`,
    );
  });

  test('a tokenizer with more ids than there are word vectors', () => {
    const file = join(folder, 'tokenizer.json');
    const json = JSON.parse(readFileSync(file, 'utf8'));
    json.model.vocab.ọjà2 = 88;
    writeFileSync(file, JSON.stringify(json));
    expect(complaint('TOKENIZER_MISMATCH')).toContain('ids up to 88, the encoder only 88 word vectors');
  });

  test.each(['[]', '{', 'null', ''])('a tokenizer.json of %j', (text) => {
    writeFileSync(join(folder, 'tokenizer.json'), text);
    expect(complaint('CHECKPOINT_FORMAT')).toContain('tokenizer.json: the file is not a JSON object');
  });

  test('a tokenizer.json without vocabulary', () => {
    writeFileSync(join(folder, 'tokenizer.json'), '{}');
    expect(complaint('CHECKPOINT_FORMAT')).toContain('no vocabulary');
  });
});

test('what could not be read is not written, and the older folder stays', async () => {
  const before = readFileSync(weights);
  const tensors = new Map(teacher.tensors);
  tensors.delete('embeddings.LayerNorm.bias');
  await expect(writeCheckpoint(folder, { ...teacher, tensors })).rejects.toMatchObject({
    code: 'CHECKPOINT_INCOMPLETE',
  });
  expect(readFileSync(weights).equals(before)).toBe(true);
  expect(readdirSync(place)).toEqual(['model']);
});

test('older files of another tool do not survive a rewrite', async () => {
  cpSync(join(BERT, 'golden.json'), join(folder, 'pytorch_model.bin'));
  await writeCheckpoint(folder, teacher);
  expect(existsSync(join(folder, 'pytorch_model.bin'))).toBe(false);
});

describe("a pack's second readings", () => {
  const rows = Int32Array.from({ length: 88 }, (_, token) => (token === 7 ? 88 : token));
  const logOdds = new Float32Array(88).fill(-1);
  const table = 'embeddings.word_embeddings.weight';
  const words = teacher.tensors.get(table)!;
  const pack: Checkpoint = {
    ...teacher,
    config: { ...base.config, vocabSize: 89 },
    settings: { ...settings, kind: 'pack', teacher: '0123456789abcdef', readings: true },
    tensors: new Map([...teacher.tensors, [table, withSecondRows(words, { rows, logOdds })]]),
    readings: { rows, logOdds },
  };
  beforeEach(() => writeCheckpoint(folder, pack));

  test('come back, and belong to its fingerprint', () => {
    const read = readCheckpoint(folder);
    expect(read.readings).toEqual({ rows, logOdds });
    const other = { ...read, readings: { rows, logOdds: logOdds.map((odds) => odds + 1) } };
    expect(modelFingerprint(other)).not.toBe(modelFingerprint(read));
  });

  test('must be there', () => {
    rmSync(join(folder, 'readings.safetensors'));
    expect(complaint('CHECKPOINT_INCOMPLETE')).toMatch(/readings\.safetensors/);
  });

  test('of another pack are refused by the row that is missing', () => {
    writeReadings(join(folder, 'readings.safetensors'), { rows: rows.with(9, 90), logOdds });
    expect(complaint('CHECKPOINT_SHAPE')).toMatch(/token 9 .* row 90.* 89 rows/);
    writeReadings(join(folder, 'readings.safetensors'), { rows, logOdds: logOdds.subarray(1) });
    expect(complaint('CHECKPOINT_SHAPE')).toMatch(/88 elements and log_odds 87/);
    writeReadings(join(folder, 'readings.safetensors'), {
      rows: rows.subarray(0, 7),
      logOdds: logOdds.subarray(0, 7),
    });
    expect(complaint('CHECKPOINT_SHAPE')).toMatch(/7 elements .* the tokenizer has \d+ ids/);
  });

  test('must be numbers', () => {
    writeReadings(join(folder, 'readings.safetensors'), { rows, logOdds: logOdds.with(3, Number.NaN) });
    expect(complaint('CHECKPOINT_FORMAT')).toMatch(/finite log_odds/);
  });
});
