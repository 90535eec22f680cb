/** AdamW with clipping against torch.optim.AdamW (test/oracles/adamw.py), and its updates of single rows. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../../test/allclose.ts';
import { RandomStream } from '../random.ts';
import { decays, sumOfSquares, sumRows } from './adamw.ts';
import { Optimiser } from './optimiser.ts';

type Numbers = Readonly<Record<string, readonly number[]>>;
const floats = (values: Numbers) =>
  new Map(Object.entries(values).map(([name, x]) => [name, Float32Array.from(x)]));

describe('AdamW against PyTorch', () => {
  const golden = JSON.parse(readFileSync('test/fixtures/adamw/golden.json', 'utf8'));
  const start = floats(golden.start);

  it('takes the same steps with decay, without, and with the norm clipped', () => {
    const parameters = new Map([...start].map(([name, x]) => [name, x.slice()]));
    const optimiser = new Optimiser(parameters, golden.settings);
    golden.steps.forEach(
      (step: { rate: number; norm: number; gradients: Numbers; parameters: Numbers }, i: number) => {
        const dense = floats(step.gradients);
        const norm = optimiser.update({ dense }, step.rate, i + 1, 1, golden.clipNorm);
        expect(norm).toBeCloseTo(step.norm, 5);
        for (const [name, x] of parameters) {
          expect(x, `${name} after step ${i + 1}`).toBeAllclose(step.parameters[name], { relative: 1e-5 });
        }
      },
    );
  });

  it('averages accumulated gradients before it clips', () => {
    const [once, summed] = [1, 3].map((times) => {
      const parameters = new Map([...start].map(([name, x]) => [name, x.slice()]));
      const optimiser = new Optimiser(parameters, golden.settings);
      const dense = floats(golden.steps[0].gradients);
      for (const g of dense.values()) g.set(g.map((value) => value * times));
      const norm = optimiser.update({ dense }, 0.01, 1, 1 / times, golden.clipNorm);
      return { norm, parameters };
    });
    expect(summed.norm).toBeCloseTo(once.norm, 5);
    for (const [name, x] of summed.parameters) expect(x).toBeAllclose(once.parameters.get(name)!);
  });
});

describe('decays', () => {
  it('spares biases, layer norms and embeddings', () => {
    expect(decays('encoder.layer.0.attention.self.query.weight')).toBe(true);
    expect(decays('linear.weight')).toBe(true);
    expect(decays('encoder.layer.0.attention.self.query.bias')).toBe(false);
    expect(decays('encoder.layer.0.output.LayerNorm.weight')).toBe(false);
    expect(decays('embeddings.word_embeddings.weight')).toBe(false);
  });
});

describe('rows of the word table', () => {
  const name = 'embeddings.word_embeddings.weight';
  const settings = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 };

  it('are added up by id, in order of first use', () => {
    const ids = [Int32Array.of(5, 2, 5), Int32Array.of(2, 9)];
    const gradients = [Float32Array.of(1, 2, 10, 20, 100, 200), Float32Array.of(3, 4, 0.5, 0.25)];
    const { ids: used, rows } = sumRows(ids, gradients, 2);
    expect([...used]).toEqual([5, 2, 9]);
    expect([...rows]).toEqual([101, 202, 13, 24, 0.5, 0.25]);
    expect(sumOfSquares(Float32Array.of(3, 4))).toBe(25);
  });

  it('move as in a dense update where every step uses them; others stay as they are', () => {
    const stream = new RandomStream(3, 'rows');
    const start = Float32Array.from({ length: 5 * 2 }, () => stream.normal());
    const [sparse, dense] = [start.slice(), start.slice()];
    const [bySparse, byDense] = [sparse, dense].map((x) => new Optimiser(new Map([[name, x]]), settings));
    for (let step = 1; step <= 4; step++) {
      const rows = Float32Array.from({ length: 4 }, () => stream.normal());
      const whole = new Float32Array(10);
      whole.set(rows.subarray(0, 2), 3 * 2);
      whole.set(rows.subarray(2, 4), 1 * 2);
      const gradient = { ids: Int32Array.of(3, 1), rows };
      const a = bySparse.update({ dense: new Map(), rows: { name, gradient } }, 0.01, step, 1, 1);
      const b = byDense.update({ dense: new Map([[name, whole]]) }, 0.01, step, 1, 1);
      expect(a).toBeCloseTo(b, 6);
    }
    expect(sparse).toEqual(dense);
    expect(sparse.subarray(0, 2)).toEqual(start.subarray(0, 2));
    expect(sparse.subarray(2, 4)).not.toEqual(start.subarray(2, 4));
  });
});
