/** Weights of 16 bits and weights in a file of their own, against PyTorch (test/oracles/onnx_import.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Tolerance } from '../../test/allclose.ts';
import '../../test/allclose.ts';
import { GraphSession, input } from '../graph/index.ts';
import { importEncoder } from './onnx-encoder.ts';

const PLACE = 'test/fixtures/onnx-import';

interface Case {
  readonly shape: readonly [batch: number, length: number, width: number];
  readonly input_ids: readonly number[];
  readonly attention_mask: readonly number[];
  readonly token_type_ids?: readonly number[];
  readonly last_hidden_state: readonly number[];
}

/** Compares the hidden states of tokens; those of padding are promised by nobody. */
async function agrees(path: string, tolerance: Tolerance, { shape: [batch, length, width], ...each }: Case) {
  const encoder = importEncoder(path);
  const [ids, mask, types] = ['ids', 'mask', 'types'].map((name) => input(name, 'int32', ['B', 'L']));
  const { hidden } = encoder.build(encoder.parameterInputs(), ids, mask, each.token_type_ids && types);
  const session = await GraphSession.create({ hidden }, { threads: 1 });
  const whole = (data: readonly number[]) => ({ data: Int32Array.from(data), shape: [batch, length] });
  const result = await session.run({
    ...Object.fromEntries(encoder.parameters),
    ids: whole(each.input_ids),
    mask: whole(each.attention_mask),
    ...(each.token_type_ids && { types: whole(each.token_type_ids) }),
  });
  await session.close();
  const tokens = (all: ArrayLike<number>) =>
    each.attention_mask.flatMap((counts, n) =>
      counts ? Array.from(all).slice(n * width, (n + 1) * width) : [],
    );
  expect(tokens(result.hidden.data)).toBeAllclose(tokens(each.last_hidden_state), tolerance);
}

describe('weights of 16 bits are computed with in float32:', () => {
  // The file's constants, such as 1 / sqrt(d), are rounded to 16 bits too; PyTorch's were not.
  const rounded = { relative: 1e-3, absolute: 5e-4 };
  const golden: Record<string, Case> = JSON.parse(readFileSync(`${PLACE}/halves/golden.json`, 'utf8'));
  it.each(Object.keys(golden))('%s', (name) => agrees(`${PLACE}/halves/${name}`, rounded, golden[name]));
});

it('weights in a file beside the model are read from there', async () => {
  const [first]: Case[] = JSON.parse(readFileSync(`${PLACE}/bert.json`, 'utf8')).cases;
  await agrees(`${PLACE}/external`, { relative: 1e-4, absolute: 1e-5 }, first);
});
