/** Packs saved as a difference: the same model with its teacher, refused without it or with another, and damage. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import { RandomStream } from '../random.ts';
import { type RetrieverCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { isDifference, type WriteDifferenceOptions, writeDifference } from './difference-folder.ts';
import { WORD_TABLE } from './families/index.ts';
import { modelFingerprint } from './fingerprint.ts';
import { makeReadings, withSecondRows } from './readings.ts';
import { type FloatTensor, readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts';
import { SETTINGS_VERSION } from './settings.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const QUERY = 'encoder.layer.0.attention.self.query.weight';
const BIAS = 'encoder.layer.0.output.dense.bias';

let teacher: RetrieverCheckpoint;
let pack: RetrieverCheckpoint;
const source = () => teacher;

/** The tensor with noise added, and a zero that has changed its sign. */
function moved({ data, ...rest }: FloatTensor, seed: number, rank?: number): FloatTensor {
  const stream = new RandomStream(seed, 'moved');
  const [, columns] = rest.shape;
  const draw = (count: number) => Float64Array.from({ length: count }, () => 0.01 * stream.normal());
  if (rank === undefined) return { ...rest, data: data.map((x) => x + 0.01 * stream.normal()) };
  const [b, a] = [draw(rest.shape[0] * rank), draw(rank * columns)];
  return {
    ...rest,
    data: data.map((x, i) => {
      let sum = x;
      for (let r = 0; r < rank; r++)
        sum += 10 * b[Math.floor(i / columns) * rank + r] * a[r * columns + (i % columns)];
      return sum;
    }),
  };
}

beforeAll(async () => {
  ({ checkpoint: teacher } = await writeTinyRetriever(at('teacher')));
  const size = teacher.config.vocabSize;
  // Every fifth token has a second reading; of these, some rows stay as they are.
  const foreign = Float64Array.from({ length: size }, (_, token) => (token % 5 === 4 ? 3 : 0));
  const readings = makeReadings({ target: foreign, foreign, pivot: new Float64Array(size).fill(1) });
  const table = withSecondRows(teacher.tensors.get(WORD_TABLE)!, readings);
  const width = table.shape[1];
  for (let row = size; row < table.shape[0]; row += 2) table.data[row * width + 3] = -0;
  table.data[7 * width] += 1;
  pack = {
    ...teacher,
    config: { ...teacher.config, vocabSize: table.shape[0] },
    readings,
    tensors: new Map([
      ...teacher.tensors,
      [WORD_TABLE, table],
      [QUERY, moved(teacher.tensors.get(QUERY)!, 1, 2)],
      [BIAS, moved(teacher.tensors.get(BIAS)!, 2)],
    ]),
    settings: {
      version: SETTINGS_VERSION,
      createdWith: 'refract 0.0.0',
      kind: 'pack',
      languages: ['yo', 'hi'],
      retrieval: { ...teacher.settings.retrieval, queryMaxTokens: 70 },
      teacher: modelFingerprint(teacher),
      readings: true,
      training: { pairs: { yo: 3 } },
    },
  };
  await writeCheckpoint(at('whole'), pack);
});

const bytes = (name: string) =>
  readdirSync(at(name)).reduce((sum, file) => sum + statSync(join(at(name), file)).size, 0);

async function saved(name: string, options?: WriteDifferenceOptions): Promise<RetrieverCheckpoint> {
  await writeDifference(at(name), pack, teacher, options);
  return readCheckpoint(at(name), { teacher: source });
}

describe('a pack as a difference', () => {
  it('is the same model with its teacher, bit for bit, and makes the same folder again', async () => {
    const read = await saved('small');
    expect(isDifference(at('small'))).toBe(true);
    expect(modelFingerprint(read)).toBe(modelFingerprint(readCheckpoint(at('whole'))));
    expect(Object.is(read.tensors.get(WORD_TABLE)!.data[teacher.config.vocabSize * 64 + 3], -0)).toBe(true);
    await writeCheckpoint(at('again'), read);
    for (const file of readdirSync(at('whole'))) {
      const [first, second] = ['whole', 'again'].map((name) => readFileSync(join(at(name), file)));
      // Of JSON the order of fields may be another.
      if (file === 'refract.json') expect(JSON.parse(`${second}`)).toEqual(JSON.parse(`${first}`));
      else expect(second.equals(first), file).toBe(true);
    }
  });

  it('holds what changed and nothing else', async () => {
    await saved('small');
    expect(readdirSync(at('small')).sort()).toEqual([
      'difference.safetensors',
      'readings.safetensors',
      'refract.json',
    ]);
    const tensors = readSafetensors(join(at('small'), 'difference.safetensors'));
    expect([...tensors.keys()].sort()).toEqual(
      [`row_values/${WORD_TABLE}`, `rows/${WORD_TABLE}`, `values/${QUERY}`, `values/${BIAS}`].sort(),
    );
    const rows = [...(tensors.get(`rows/${WORD_TABLE}`)!.data as Int32Array)];
    // Row 7 of the vocabulary, and every other second row.
    expect(rows).toEqual([7, ...Array.from({ length: 42 }, (_, i) => 420 + 2 * i)]);
    expect(bytes('small')).toBeLessThan(bytes('whole') / 4);
  });

  it('keeps the tokenizer where it is not the teacher’s', async () => {
    const other = { ...pack.tokenizerJson, version: '1.0', note: 'ẹ̀ ماء' };
    await writeDifference(at('tokens'), { ...pack, tokenizerJson: other }, teacher);
    expect(existsSync(join(at('tokens'), 'tokenizer.json'))).toBe(true);
    expect(readCheckpoint(at('tokens'), { teacher: source }).tokenizerJson).toEqual(other);
  });

  it('in half precision is half the size, and off by 2^-11 of the difference', async () => {
    const read = await saved('half', { precision: 'float16' });
    const weights = (name: string) => statSync(join(at(name), 'difference.safetensors')).size;
    await saved('small');
    expect(weights('half')).toBeLessThan(0.6 * weights('small'));
    expect(read.settings).toMatchObject({ reduced: { precision: 'float16' } });
    const [was, is, is16] = [teacher, pack, read].map(({ tensors }) => tensors.get(QUERY)!.data);
    expect(is16).not.toEqual(is);
    is16.forEach((value, i) => {
      const allowed = 2 ** -11 * Math.abs(is[i] - was[i]) + 2 ** -23 * Math.abs(is[i]) + 2 ** -24;
      expect(Math.abs(value - is[i])).toBeLessThanOrEqual(allowed);
    });
  });

  it('in half precision refuses what would become infinite, and writes nothing', async () => {
    const tensor = pack.tensors.get(QUERY)!;
    const large = { ...tensor, data: tensor.data.map((value, i) => (i === 3 ? 1e6 : value)) };
    const changed = { ...pack, tensors: new Map([...pack.tensors, [QUERY, large]]) };
    const writing = writeDifference(at('large'), changed, teacher, { precision: 'float16' });
    await expect(writing).rejects.toMatchObject({ code: 'SETTING_INVALID' });
    expect(existsSync(at('large'))).toBe(false);
  });

  it('at low rank keeps linear weights of that rank, and says so for good', async () => {
    const read = await saved('rank', { truncation: { rank: 2 } });
    const difference = readSafetensors(join(at('rank'), 'difference.safetensors'));
    expect(difference.get(`low_rank_b/${QUERY}`)!.shape).toEqual([64, 2]);
    expect(difference.get(`values/${BIAS}`)).toBeDefined();
    // The weight's difference is of rank two by its making.
    expect(read.tensors.get(QUERY)!.data).toBeAllclose(pack.tensors.get(QUERY)!.data, { absolute: 1e-6 });
    const one = await saved('rank one', { truncation: { rank: 1 } });
    expect(one.tensors.get(QUERY)!.data).not.toBeAllclose(pack.tensors.get(QUERY)!.data, { absolute: 1e-4 });
    await writeCheckpoint(at('rank whole'), one);
    const again = readCheckpoint(at('rank whole'));
    expect(again.settings).toMatchObject({ reduced: { precision: 'float32', rank: 1 } });
    await writeDifference(at('rank again'), again, teacher);
    const settings = readCheckpoint(at('rank again'), { teacher: source }).settings;
    expect(settings).toMatchObject({ reduced: { precision: 'float32', rank: 1 } });
  });
});

describe('a difference is refused', () => {
  const read = (name: string, from?: () => RetrieverCheckpoint) =>
    refusal(() => readCheckpoint(at(name), { teacher: from }));

  it('without its teacher, with another one, and where one was asked for', async () => {
    await saved('small');
    expect(await read('small')).toMatchObject({ code: 'TEACHER_MISSING', at: at('small') });
    const { checkpoint: other } = await writeTinyRetriever(at('other'), { seed: 2 });
    expect((await read('small', () => other)).code).toBe('TEACHER_MISMATCH');
    const write = (from: RetrieverCheckpoint, to: RetrieverCheckpoint) =>
      refusal(() => writeDifference(at('refused'), from, to));
    expect((await write(pack, other)).code).toBe('TEACHER_MISMATCH');
    expect((await write(teacher, teacher)).code).toBe('TEACHER_MISMATCH');
    const wider = { ...pack, config: { ...pack.config, layerNormEps: 1 } };
    expect((await write(wider, teacher)).what).toContain('architecture');
    expect(existsSync(at('refused'))).toBe(false);
  });

  it.each<[string, string, (tensors: Map<string, Tensor>) => void]>([
    [
      'CHECKPOINT_SHAPE',
      'names row 9999',
      (t) => (t.get(`rows/${WORD_TABLE}`)!.data as Int32Array).fill(9999, 3, 4),
    ],
    ['CHECKPOINT_FORMAT', 'no tensor row_values', (t) => t.delete(`row_values/${WORD_TABLE}`)],
    ['CHECKPOINT_FORMAT', 'stands without rows/', (t) => t.delete(`rows/${WORD_TABLE}`)],
    ['CHECKPOINT_FORMAT', 'is changed in two ways', (t) => t.set(`added/${BIAS}`, t.get(`values/${BIAS}`)!)],
    ['CHECKPOINT_FORMAT', 'no part of a difference', (t) => t.set(`twist/${BIAS}`, t.get(`values/${BIAS}`)!)],
    ['CHECKPOINT_FORMAT', 'teacher has no tensor', (t) => t.set('values/pooler', t.get(`values/${BIAS}`)!)],
    ['CHECKPOINT_SHAPE', 'has shape [64]', (t) => t.set(`values/${QUERY}`, t.get(`values/${BIAS}`)!)],
    [
      'CHECKPOINT_FORMAT',
      'holds NaN',
      (t) => (t.get(`values/${BIAS}`)!.data as Float32Array).fill(Number.NaN, 0, 1),
    ],
  ])('with %s when it is damaged: %s', async (code, what, damage) => {
    await saved('small');
    rmSync(at('damaged'), { recursive: true, force: true });
    cpSync(at('small'), at('damaged'), { recursive: true });
    const file = join(at('damaged'), 'difference.safetensors');
    const tensors = readSafetensors(file);
    damage(tensors);
    writeSafetensors(file, tensors);
    const error = await read('damaged', source);
    expect(error.code).toBe(code);
    expect(error.what).toContain(what);
  });

  it('when its settings are not those of a difference, or its readings are gone', async () => {
    await saved('small');
    cpSync(at('small'), at('unsaid'), { recursive: true });
    const { difference: _, ...settings } = JSON.parse(
      readFileSync(join(at('small'), 'refract.json'), 'utf8'),
    );
    writeFileSync(join(at('unsaid'), 'refract.json'), JSON.stringify(settings));
    expect((await read('unsaid', source)).code).toBe('CHECKPOINT_FORMAT');
    cpSync(at('small'), at('unread'), { recursive: true });
    rmSync(join(at('unread'), 'readings.safetensors'));
    expect((await read('unread', source)).code).toBe('CHECKPOINT_INCOMPLETE');
  });
});
