import { describe, expect, it } from 'vitest';
import type { FloatTensor } from '../model/safetensors.ts';
import { RandomStream } from '../random.ts';
import { equalVectors, examineWordVectors, normFigures, untrainedShare } from './word-vectors.ts';

const WIDTH = 64;

/** Rows as they are drawn, of which those below `trained` were multiplied. */
function table(rows: number, trained: number, factor: number): FloatTensor {
  const stream = new RandomStream(1, 'test');
  const data = Float32Array.from({ length: rows * WIDTH }, (_, i) => {
    const drawn = 0.02 * stream.normal();
    return i < trained * WIDTH ? drawn * factor : drawn;
  });
  return { dtype: 'F32', shape: [rows, WIDTH], data };
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const used = (ids: readonly number[]) => new Map(ids.map((id) => [id, 1]));
const input = (vectors: FloatTensor, own: number[], pivot: number[]) => ({
  language: 'Somali',
  table: vectors,
  rowOf: (id: number) => id,
  ids: range(0, vectors.shape[0]),
  used: used(own),
  pivotUsed: used(pivot),
  isTeacher: false,
  tokens: (ids: Iterable<number>) => Array.from(ids, (id) => `t${id}`),
});

describe('normFigures', () => {
  it('gives z of a known norm', () => {
    // Norm 0.02 √4 + 2 · 0.02 / √2 has z = 2.
    const norm = 0.04 + 0.04 / Math.SQRT2;
    const { meanZ, nearStart } = normFigures(
      { dtype: 'F32', shape: [1, 4], data: Float32Array.of(norm, 0, 0, 0) },
      [0],
    );
    expect(meanZ).toBeCloseTo(2, 5);
    expect(nearStart).toBe(1);
  });
});

describe('untrained tokens', () => {
  it('are told one by one where the pivot language is far away', () => {
    const { figures, verdict, findings } = examineWordVectors(
      input(table(200, 150, 3), range(100, 200), range(0, 100)),
    );
    expect(figures.untrained).toBeCloseTo(0.5, 1); // of 100 tokens 50 were multiplied
    expect(verdict).toBe('care');
    expect(findings[0].remedy).toContain('refract pretrain');
  });

  it('are told together where it is near', () => {
    const vectors = table(400, 200, 1.12);
    const { figures } = examineWordVectors(input(vectors, range(200, 400), range(0, 200)));
    expect(figures.untrained).toBe(1);
    const trained = examineWordVectors(input(vectors, range(100, 200), range(0, 100)));
    expect(trained.figures.untrained).toBeLessThan(0.3);
    const mixed = examineWordVectors(input(vectors, range(100, 300), range(0, 100)));
    expect(mixed.figures.untrained).toBeGreaterThan(0.3);
    expect(mixed.figures.untrained).toBeLessThan(0.7);
  });

  it('are a note for a teacher, whose packs get them by distillation', () => {
    const one = { ...input(table(200, 100, 3), range(100, 200), range(0, 100)), isTeacher: true };
    const { verdict, findings } = examineWordVectors(one);
    expect([verdict, findings[0].weight]).toEqual(['ready', 'note']);
  });

  it('cannot be told where nothing was trained, or there is nothing to compare with', () => {
    const vectors = table(200, 0, 1);
    expect(
      examineWordVectors(input(vectors, range(100, 200), range(0, 100))).figures.untrained,
    ).toBeUndefined();
    const norms = normFigures(vectors, range(0, 50));
    expect(untrainedShare(norms, { ...norms, tokens: 0 })).toBeUndefined();
  });
});

describe('equalVectors', () => {
  it('finds rows of equal numbers, and takes -0 for 0', () => {
    const data = Float32Array.of(1, 2, 0, 5, 1, 2, -0, 5, 2, 1);
    const tensor: FloatTensor = { dtype: 'F32', shape: [5, 2], data };
    expect([...equalVectors(tensor, [0, 1, 2, 3, 4], (id) => id)].sort()).toEqual([0, 1, 2, 3]);
  });

  it('is a finding for the tokens that the language uses', () => {
    const vectors = table(100, 100, 3);
    vectors.data.copyWithin(50 * WIDTH, 60 * WIDTH, 61 * WIDTH);
    const { verdict, findings } = examineWordVectors(input(vectors, range(50, 100), range(0, 50)));
    expect(verdict).toBe('care'); // 2 of 50 tokens
    expect(findings[0].examples).toEqual(['t50', 't60']);
  });
});
