/** Encoders written by PyTorch's exporters, against PyTorch itself (test/oracles/onnx_import.py). */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { GraphSession, gradients, input, mul, reduceSum, type Tensor, type Value } from '../graph/index.ts';
import { importEncoder } from './onnx-encoder.ts';
import { type FloatTensor, readSafetensors } from './safetensors.ts';

const PLACE = 'test/fixtures/onnx-import';

interface Case {
  readonly shape: readonly [batch: number, length: number, width: number];
  readonly input_ids: readonly number[];
  readonly attention_mask: readonly number[];
  readonly token_type_ids?: readonly number[];
  readonly last_hidden_state: readonly number[];
  readonly loss_weights?: readonly number[];
}

interface Golden {
  readonly cases: readonly Case[];
  /** Of each file: the parameter that each initialiser is, and whether it is transposed. */
  readonly files: Readonly<
    Record<string, Readonly<Record<string, readonly [name: string, transposed: boolean]>>>
  >;
}

const models = readdirSync(PLACE)
  .filter((name) => name.endsWith('.json'))
  .map((name) => {
    const golden: Golden = JSON.parse(readFileSync(`${PLACE}/${name}`, 'utf8'));
    return { golden, gradients: readSafetensors(`${PLACE}/${name.replace('.json', '.safetensors')}`) };
  });
const files = models.flatMap(({ golden, gradients: expected }) =>
  Object.entries(golden.files).map(([file, origins]) => ({ file, origins, cases: golden.cases, expected })),
);

const whole = (data: readonly number[], shape: readonly number[]): Value => ({
  data: Int32Array.from(data),
  shape,
});

function feedsOf({ shape: [batch, length], ...each }: Case): Record<string, Value> {
  const shape = [batch, length];
  return {
    ids: whole(each.input_ids, shape),
    mask: whole(each.attention_mask, shape),
    ...(each.token_type_ids && { types: whole(each.token_type_ids, shape) }),
  };
}

function transposed({ data, shape: [rows, columns] }: FloatTensor): Float32Array {
  return Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]);
}

describe.each(files)('$file', ({ file, origins, cases, expected }) => {
  const encoder = importEncoder(`${PLACE}/${file}`);
  const parameters = encoder.parameterInputs();
  const [ids, mask, types] = ['ids', 'mask', 'types'].map((name) => input(name, 'int32', ['B', 'L']));
  const { hidden, lookup } = encoder.build(parameters, ids, mask, cases[0].token_type_ids && types);

  it('has the parameters of the model, and no buffers', () => {
    const names = Object.keys(origins).filter((name) => expected.has(origins[name][0]));
    expect([...encoder.parameters.keys()].sort()).toEqual(names.sort());
    expect(encoder.hiddenSize).toBe(32);
    expect(encoder.vocabSize).toBe(60);
  });

  it('computes the same hidden states for every batch and length', async () => {
    const session = await GraphSession.create({ hidden }, { threads: 1 });
    for (const each of cases) {
      const { shape, data } = (
        await session.run({ ...Object.fromEntries(encoder.parameters), ...feedsOf(each) })
      ).hidden;
      const [batch, length, width] = each.shape;
      expect(shape).toEqual([batch * length, width]);
      each.attention_mask.forEach((counts, n) => {
        if (!counts) return;
        const row = (all: ArrayLike<number>) => Array.from(all).slice(n * width, (n + 1) * width);
        expect(row(data), `token ${n} of ${each.shape}`).toBeAllclose(row(each.last_hidden_state), {
          relative: 1e-4,
          absolute: 1e-5,
        });
      });
    }
    await session.close();
  });

  it('has the same gradient of every parameter, and of the rows looked up', async () => {
    const [first] = cases;
    const weights = { data: Float32Array.from(first.loss_weights!), shape: hidden.shape.map((_, i) => i) };
    weights.shape = [first.shape[0] * first.shape[1], first.shape[2]];
    const loss = reduceSum(mul(hidden, input('w', 'float32', hidden.shape)), [0, 1]);
    const names = [...parameters.keys()];
    const found = gradients(loss, [...names.map((name) => parameters.get(name)!), lookup!.rows]);
    const outputs: Record<string, Tensor> = { rows: found[names.length] };
    names.forEach((name, i) => {
      outputs[`gradient/${name}`] = found[i];
    });
    const session = await GraphSession.create(outputs, { threads: 1 });
    const result = await session.run({
      ...Object.fromEntries(encoder.parameters),
      ...feedsOf(first),
      w: weights,
    });
    await session.close();
    const agreed = { relative: 0, ofScale: 1e-4, absolute: 1e-5 };
    for (const name of names) {
      const [origin, isTransposed] = origins[name];
      const golden = expected.get(origin) as FloatTensor;
      expect(result[`gradient/${name}`].data, name).toBeAllclose(
        isTransposed ? transposed(golden) : golden.data,
        agreed,
      );
    }
    const table = new Float32Array(60 * 32);
    first.input_ids.forEach((id, n) => {
      for (let h = 0; h < 32; h++) table[id * 32 + h] += result.rows.data[n * 32 + h];
    });
    const [origin] = origins[encoder.wordTable!];
    expect(table, 'rows').toBeAllclose((expected.get(origin) as FloatTensor).data, agreed);
  });
});
