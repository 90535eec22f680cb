/** Every operator and its gradient against PyTorch (float64), from test/oracles/gradients.py. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { GRADIENT_CASES } from '../../test/gradient-cases.ts';
import { runCase } from '../../test/gradient-check.ts';

interface Golden {
  readonly name: string;
  readonly inputs: readonly number[][];
  readonly output: readonly number[];
  readonly gradients: readonly number[][];
}

const golden: readonly Golden[] = JSON.parse(readFileSync('test/fixtures/gradients/golden.json', 'utf8'));

describe('every operator and its gradient agree with PyTorch', () => {
  it('has the same cases on both sides', () => {
    expect(golden.map(({ name }) => name)).toEqual(GRADIENT_CASES.map(({ name }) => name));
  });

  GRADIENT_CASES.forEach((each, n) => {
    it(each.name, async () => {
      const run = await runCase(each);
      const expected = golden[n];
      run.inputs.forEach((x, i) => {
        expect(x, `input ${i}: run test/oracles/gradients.py again`).toBeAllclose(expected.inputs[i], {
          relative: 1e-7,
        });
      });
      expect(run.output).toBeAllclose(expected.output);
      run.gradients.forEach((g, i) => {
        expect(g, `gradient ${i}`).toBeAllclose(expected.gradients[i]);
      });
      await run.close();
    });
  });
});
