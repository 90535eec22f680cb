import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/temporary.ts';
import { RandomStream } from '../random.ts';
import { type MixerState, mixSources } from './sampler.ts';

/** 8 pairs of sw/a, 2 of sw/b, 2 of so without a source. */
const pairs = [
  ...Array.from({ length: 8 }, () => ({ language: 'sw', source: 'a' })),
  ...Array.from({ length: 2 }, () => ({ language: 'sw', source: 'b' })),
  ...Array.from({ length: 2 }, () => ({ language: 'so' })),
];
const mixer = (seed: number, temperature?: number) =>
  mixSources(pairs, new RandomStream(seed, 'mix'), { temperature });

describe('mixSources', () => {
  it('groups by source within language, source, or language', () => {
    const named = (by?: 'source' | 'language' | 'both') =>
      mixSources(pairs, new RandomStream(1, 'g'), { by }).groups.map(({ name, size }) => [name, size]);
    expect(named()).toEqual([
      ['sw/a', 8],
      ['sw/b', 2],
      ['so/', 2],
    ]);
    expect(named('language')).toEqual([
      ['sw', 10],
      ['so', 2],
    ]);
    expect(named('source')).toEqual([
      ['a', 8],
      ['b', 2],
      ['', 2],
    ]);
  });

  it('weighs groups by size to the power of the temperature', () => {
    const probabilities = (temperature?: number) =>
      mixer(1, temperature).groups.map(({ probability }) => probability);
    expect(probabilities()).toEqual([8 / 12, 2 / 12, 2 / 12]);
    expect(probabilities(0)).toEqual([1 / 3, 1 / 3, 1 / 3]);
    const half = probabilities(0.5); // sqrt 8 = 2 sqrt 2, so 1/2, 1/4, 1/4
    [0.5, 0.25, 0.25].forEach((expected, i) => {
      expect(half[i]).toBeCloseTo(expected, 12);
    });
  });

  it('draws groups as often as that', () => {
    const counts = [0, 0, 0];
    for (const index of mixer(3, 0.5).take(40_000)) counts[index < 8 ? 0 : index < 10 ? 1 : 2]++;
    // standard deviation of a share of 1/2 over 40,000 draws: .0025
    [0.5, 0.25, 0.25].forEach((share, i) => {
      expect(Math.abs(counts[i] / 40_000 - share)).toBeLessThan(0.01);
    });
  });

  it('gives every pair of a group once per epoch, in an order of its own each time', () => {
    const fromA = mixer(5)
      .take(3_000)
      .filter((index) => index < 8);
    const epochs: number[][] = [];
    for (let start = 0; start + 8 <= fromA.length; start += 8) epochs.push(fromA.slice(start, start + 8));
    for (const epoch of epochs) expect([...epoch].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(epochs.map(String)).size).toBeGreaterThan(epochs.length * 0.9);
  });

  it('is the same for the same seed and another for another', () => {
    expect(mixer(1).take(100)).toEqual(mixer(1).take(100));
    expect(mixer(1).take(100)).not.toEqual(mixer(2).take(100));
    const iterated: number[] = [];
    for (const index of mixer(1)) if (iterated.push(index) === 100) break;
    expect(iterated).toEqual(mixer(1).take(100));
  });

  it('continues from a saved state exactly, at any point, through JSON', () => {
    for (const before of [0, 1, 7, 50, 333]) {
      const original = mixer(9, 0.3);
      original.take(before);
      const saved = JSON.stringify(original.save());
      const expected = original.take(200);
      const resumed = mixer(1234, 0.3);
      resumed.take(17);
      resumed.load(JSON.parse(saved) as MixerState);
      expect(resumed.take(200)).toEqual(expected);
      original.load(JSON.parse(saved) as MixerState);
      expect(original.take(200)).toEqual(expected);
    }
  });

  it('refuses another set of pairs, no pairs and a temperature that is no number', async () => {
    const fewer = mixSources(pairs.slice(1), new RandomStream(1, 'mix'));
    const error = await refusal(() => fewer.load(mixer(1).save()));
    expect(error).toMatchObject({ code: 'RESUME_MISMATCH' });
    expect(error.message).toContain('sw/a 8');
    expect((await refusal(() => mixSources([], new RandomStream(1, 'm')))).code).toBe('BITEXT_EMPTY');
    expect((await refusal(() => mixer(1, Number.NaN))).code).toBe('SETTING_INVALID');
  });
});
