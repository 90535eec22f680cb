/** Weights in one file and in several, and what may be wrong with their index. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LAYOUTS } from '../../test/layouts.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { readCheckpoint } from './checkpoint.ts';
import { type FloatTensor, readSafetensors, writeSafetensors } from './safetensors.ts';
import { readWeights, WEIGHTS, WEIGHTS_INDEX, writeWeights } from './weight-files.ts';

const place = temporaryFolder();
const SHARDED = join(LAYOUTS, 'sharded');
const tensor = (...values: number[]): FloatTensor => ({
  dtype: 'F32',
  shape: [values.length],
  data: Float32Array.from(values),
});

/** A copy of the sharded model whose index is what `change` makes of it. */
function copy(name: string, change: (map: Record<string, string>) => void = () => {}): string {
  const folder = join(place.path, name);
  cpSync(SHARDED, folder, { recursive: true });
  const index = JSON.parse(readFileSync(join(folder, WEIGHTS_INDEX), 'utf8'));
  change(index.weight_map);
  writeFileSync(join(folder, WEIGHTS_INDEX), JSON.stringify(index));
  return folder;
}

describe('shards', () => {
  it('of transformers are put together, bfloat16 as float32', () => {
    const { tensors, config } = readCheckpoint(SHARDED, { allowBase: true });
    expect(readWeights(SHARDED).at).toBe(join(SHARDED, WEIGHTS_INDEX));
    expect(tensors.size).toBe(21);
    const whole = readSafetensors(join(LAYOUTS, 'multi-vector', WEIGHTS));
    for (const [name, { data }] of tensors) {
      // The same weights before they were rounded to 8 bits.
      const exact = whole.get(name)?.data as Float32Array;
      expect(data.every((value, i) => Math.abs(value - exact[i]) <= Math.abs(exact[i]) / 256)).toBe(true);
    }
    expect(config.hiddenSize).toBe(24);
  });

  it('that are not there are named', async () => {
    const folder = copy('missing');
    rmSync(join(folder, 'model-00002-of-00003.safetensors'));
    const error = await refusal(() => readCheckpoint(folder, { allowBase: true }));
    expect(error).toMatchObject({ code: 'CHECKPOINT_INCOMPLETE', at: join(folder, WEIGHTS_INDEX) });
    expect(error.what).toContain('model-00002-of-00003.safetensors');
  });

  it('that lack a tensor of the index', async () => {
    const folder = copy('lacking', (map) => {
      map['पानी.weight'] = 'model-00001-of-00003.safetensors';
    });
    const error = await refusal(() => readWeights(folder));
    expect(error).toMatchObject({
      code: 'CHECKPOINT_INCOMPLETE',
      at: join(folder, 'model-00001-of-00003.safetensors'),
    });
    expect(error.what).toContain('पानी.weight');
  });

  it.each([
    '../model.safetensors',
    '/etc/model.safetensors',
    'a/b.safetensors',
    '..\\m.safetensors',
    'a.bin',
    '',
  ])('outside the folder, or of another kind, are refused: "%s"', async (file) => {
    const folder = copy(`outside-${Buffer.from(file).toString('hex')}`, (map) => {
      map['embeddings.LayerNorm.bias'] = file;
    });
    const error = await refusal(() => readWeights(folder));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
    expect(error.what).toContain(`"${file}"`);
  });

  it('with the same tensor twice are refused', async () => {
    const folder = copy('twice');
    const shard = join(folder, 'model-00003-of-00003.safetensors');
    writeSafetensors(shard, new Map([...readSafetensors(shard), ['embeddings.LayerNorm.bias', tensor(1)]]));
    const error = await refusal(() => readWeights(folder));
    expect(error).toMatchObject({ code: 'CHECKPOINT_FORMAT' });
    expect(error.what).toContain('embeddings.LayerNorm.bias lies in two shards');
  });

  it.each(['{', '{}', '{"weight_map": {}}', '{"weight_map": {"a": 1}}', '[]'])(
    'need an index that is one: %s',
    async (text) => {
      const folder = copy(`index-${Buffer.from(text).toString('hex')}`);
      writeFileSync(join(folder, WEIGHTS_INDEX), text);
      expect((await refusal(() => readWeights(folder))).code).toBe('CHECKPOINT_FORMAT');
    },
  );
});

describe('pickled weights', () => {
  it.each([
    ['pytorch_model.bin', 'pytorch_model.bin'],
    ['pytorch_model-00001-of-00002.bin', 'pytorch_model*.bin'],
    ['pytorch_model$(id).bin', 'pytorch_model*.bin'],
  ])('are refused with a way to convert them: %s', async (file, pattern) => {
    const folder = join(place.path, file);
    place.write(`${file}/${file}`, 'pickle');
    const error = await refusal(() => readWeights(folder));
    expect(error).toMatchObject({ code: 'CHECKPOINT_INCOMPLETE', at: folder });
    expect(error.hint).toContain(`glob.glob('${pattern}')`);
    // safetensors takes no tensors that are views with other strides.
    expect(error.hint).toContain('.clone().contiguous()');
    expect(error.hint).not.toContain('$');
  });

  it('are not looked for where there are none', async () => {
    place.write('none/training_args.bin', '');
    const error = await refusal(() => readWeights(join(place.path, 'none')));
    expect(error.what).toBe('the folder has no model.safetensors');
  });
});

describe('writing', () => {
  const tensors = new Map([
    ['a', tensor(1, 2, 3, 4)],
    ['b', tensor(5)],
    ['ọjà', tensor(6, 7, 8, 9, 10, 11)],
  ]);
  const folder = (name: string) => join(place.write(`${name}/.keep`, ''), '..');

  it('splits by size, a large tensor alone, and comes back', () => {
    const into = folder('split');
    expect(writeWeights(into, tensors, { maxShardBytes: 20 })).toEqual([
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      WEIGHTS_INDEX,
    ]);
    expect(readWeights(into).tensors).toEqual(tensors);
    expect(JSON.parse(readFileSync(join(into, WEIGHTS_INDEX), 'utf8'))).toEqual({
      metadata: { total_size: 44 },
      weight_map: {
        a: 'model-00001-of-00002.safetensors',
        b: 'model-00001-of-00002.safetensors',
        ọjà: 'model-00002-of-00002.safetensors',
      },
    });
  });

  it('rounds to 16 bits, which count as two bytes', () => {
    for (const precision of ['float16', 'bfloat16'] as const) {
      const into = folder(precision);
      expect(writeWeights(into, tensors, { precision, maxShardBytes: 22 })).toEqual([WEIGHTS]);
      expect(readWeights(into).tensors).toEqual(tensors);
    }
  });

  it('refuses what float16 cannot hold', async () => {
    const into = folder('large');
    const error = await refusal(() =>
      writeWeights(into, new Map([['x', tensor(1, -7e4)]]), { precision: 'float16' }),
    );
    expect(error).toMatchObject({ code: 'SETTING_INVALID' });
    expect(error.what).toContain('tensor x holds -70000');
  });
});
