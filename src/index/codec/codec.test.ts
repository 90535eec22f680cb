import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { clusteredVectors } from '../../../test/clustered-vectors.ts';
import { RandomStream } from '../../random.ts';
import { type CodeBits, type Codec, decodeToken } from './codec.ts';
import { CODEC_FILES, readCodec, writeCodec } from './codec-files.ts';
import { fitLevels, ResidualEncoder } from './quantiser.ts';
import { scaleByte, scaleTable } from './scales.ts';
import { TokenEncoder } from './token-encoder.ts';
import { centroidCount, trainCodec } from './train.ts';

const folder = mkdtempSync(join(tmpdir(), 'refract-codec-'));
afterAll(() => rmSync(folder, { recursive: true }));
let folders = 0;
const fresh = () => mkdtempSync(join(folder, `${folders++}-`));

describe('levels', () => {
  it.each([
    [1 as CodeBits, [0.7979]],
    [2 as CodeBits, [0.4528, 1.51]],
    // Table I of Max (1960), 16 levels.
    [4 as CodeBits, [0.1284, 0.3881, 0.6568, 0.9424, 1.256, 1.618, 2.069, 2.733]],
  ])('of %i bits are those of Max for normal values', (bits, expected) => {
    const random = new RandomStream(1, 'normal');
    const { levels, levelUnit } = fitLevels(
      Float32Array.from({ length: 256 * 2000 }, () => random.normal()),
      256,
      bits,
    );
    const positive = [...levels].map((level) => level * levelUnit).filter((level) => level > 0);
    expect(positive).toHaveLength(expected.length);
    positive.forEach((level, k) => {
      expect(Math.abs(level - expected[k])).toBeLessThan(0.04 + 0.02 * expected[k]);
    });
  });

  it('are found when all residuals are zero', () => {
    expect(fitLevels(new Float32Array(64), 16, 4).levels).toHaveLength(16);
  });
});

describe('scales', () => {
  it('are the nearest in ratio, and 0 when far below', () => {
    const table = scaleTable(0.5);
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 0.5, noNaN: true }), (scale) => {
        expect(Math.abs(table[scaleByte(scale, 0.5)] / scale - 1)).toBeLessThan(0.0146);
      }),
    );
    expect([scaleByte(1e-9, 0.5), table[0], scaleByte(7, 0.5)]).toEqual([0, 0, 255]);
  });
});

describe('encoding a residual', () => {
  it.each([1, 2, 4] as const)('with %i bits says what it loses', (bits) => {
    const random = new RandomStream(2, 'residual');
    const sample = Float32Array.from({ length: 48 * 500 }, () => 0.1 * random.normal());
    const levels = fitLevels(sample, 48, bits);
    const encoder = new ResidualEncoder(48, bits, levels, 1);
    const scales = scaleTable(1);
    let lost = 0;
    for (let row = 0; row < 200; row++) {
      const residual = sample.subarray(48 * row, 48 * (row + 1));
      const packed = new Uint8Array(6 * bits);
      const byte = encoder.encode(residual, packed, 0);
      let error = 0;
      for (let d = 0; d < 48; d++) {
        const code = (packed[Math.floor((d * bits) / 8)] >> ((d * bits) % 8)) & (2 ** bits - 1);
        error += (residual[d] - scales[byte] * levels.levelUnit * levels.levels[code]) ** 2;
      }
      expect(encoder.error).toBeCloseTo(error, 6);
      const squares = residual.reduce((sum, value) => sum + value * value, 0);
      lost += error / squares / 200;
    }
    // What Max's levels lose of normal values is 0.363, 0.118 and 0.0095; the scale of each token saves some.
    expect(lost).toBeLessThan({ 1: 0.363, 2: 0.118, 4: 0.0105 }[bits]);
  });
});

describe('training', () => {
  const vectors = clusteredVectors({ count: 3000, dim: 20, clusters: 60, noise: 0.3, seed: 3 });

  it('gives the same bytes for the same seed, with and without WebAssembly; others for another', async () => {
    const settings = { dim: 20, bits: 4, seed: 5, centroids: 64 } as const;
    const a = await trainCodec(vectors, settings);
    const plain = await trainCodec(vectors, { ...settings, plain: true });
    const other = await trainCodec(vectors, { ...settings, seed: 6 });
    expect(plain).toEqual(a);
    expect(other.centroids).not.toEqual(a.centroids);
    expect(a.size).toBe(64);
  });

  it('derives the number of centroids, and has no more than vectors', async () => {
    expect([1, 10_000, 6_400_000, 1e9].map(centroidCount)).toEqual([16, 2048, 32768, 65536]);
    const codec = await trainCodec(vectors.subarray(0, 20 * 7), { dim: 20, bits: 2, seed: 1 });
    expect(codec.size).toBe(7);
  });

  it('codes a sample of few different vectors without loss', async () => {
    const three = Float32Array.from({ length: 16 * 99 }, (_, i) =>
      i % 16 === Math.floor(i / 16) % 3 ? 1 : 0,
    );
    const codec = await trainCodec(three, { dim: 16, bits: 1, seed: 1, centroids: 99 });
    const [loss] = await losses(codec, three);
    expect(loss).toBeLessThan(1e-6);
  });

  it('loses less with more bits, and vectors outside of the sample are kept in bounds', async () => {
    const lost: number[] = [];
    for (const bits of [1, 2, 4] as const) {
      const codec = await trainCodec(vectors, { dim: 20, bits, seed: 1, centroids: 128 });
      lost.push(...(await losses(codec, vectors)));
      const [far] = await losses(
        codec,
        Float32Array.from({ length: 20 }, () => 9),
      );
      expect(Number.isFinite(far)).toBe(true);
    }
    expect(lost[0]).toBeGreaterThan(2 * lost[1]);
    expect(lost[1]).toBeGreaterThan(4 * lost[2]);
  });

  it.each([
    ['nothing', new Float32Array(), {}, /0 numbers/],
    ['NaN', Float32Array.of(Number.NaN, 1), {}, /not finite/],
    ['a part of a vector', Float32Array.of(1, 1, 1), {}, /3 numbers/],
    ['too many centroids', Float32Array.of(1, 1), { centroids: 65537 }, /65537 centroids/],
    ['three bits', Float32Array.of(1, 1), { bits: 3 as CodeBits }, /3 bits/],
  ])('refuses %s', async (_, sample, more, message) => {
    const trained = trainCodec(sample, { dim: 2, bits: 4, seed: 1, ...more });
    await expect(trained).rejects.toMatchObject({
      code: 'SETTING_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('can be stopped', async () => {
    const signal = AbortSignal.abort();
    await expect(trainCodec(vectors, { dim: 20, bits: 4, seed: 1 }, { signal })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
  });
});

/** Mean squared loss of vectors. */
async function losses(codec: Codec, vectors: Float32Array): Promise<number[]> {
  const encoder = new TokenEncoder(codec, 1);
  const count = vectors.length / codec.dim;
  encoder.vectors.set(vectors);
  await encoder.encode(count);
  const out = new Float32Array(codec.dim);
  let sum = 0;
  for (let t = 0; t < count; t++) {
    const packed = encoder.packed.subarray(t * codec.packedBytes, (t + 1) * codec.packedBytes);
    decodeToken(codec, encoder.codes[t], encoder.scales[t], packed, out);
    for (let d = 0; d < codec.dim; d++) sum += (vectors[t * codec.dim + d] - out[d]) ** 2;
  }
  expect(encoder.fit.errors).toBeCloseTo(sum, 2);
  return [sum / count];
}

describe('files of a codec', async () => {
  const vectors = clusteredVectors({ count: 400, dim: 10, clusters: 9, noise: 0.3, seed: 3 });
  const codec = await trainCodec(vectors, { dim: 10, bits: 2, seed: 1, centroids: 32 });

  it('are read as they were written', async () => {
    const directory = fresh();
    const files = await writeCodec(codec, directory);
    expect(readCodec(directory)).toEqual(codec);
    expect(Object.keys(files)).toEqual(Object.values(CODEC_FILES));
    for (const [name, { bytes }] of Object.entries(files)) {
      expect(readFileSync(join(directory, name))).toHaveLength(bytes);
    }
  });

  it.each([
    ['a missing file', (at: string) => rmSync(join(at, CODEC_FILES.centroids)), 'CHECKPOINT_INCOMPLETE'],
    ['a short file', (at: string) => truncateSync(join(at, CODEC_FILES.centroids), 10), 'CHECKPOINT_FORMAT'],
    [
      'a long file',
      (at: string) => appendFileSync(join(at, CODEC_FILES.centroids), 'x'),
      'CHECKPOINT_FORMAT',
    ],
    ['no JSON', (at: string) => writeFileSync(join(at, CODEC_FILES.parts), '{'), 'CHECKPOINT_FORMAT'],
    ['a level too many', (at: string) => change(at, { levels: [1, 2, 3, 4, 5] }), 'CHECKPOINT_FORMAT'],
    ['a field of another type', (at: string) => change(at, { unit: 'x' }), 'CHECKPOINT_FORMAT'],
    ['too many centroids', (at: string) => change(at, { cellSizes: [70000] }), 'CHECKPOINT_FORMAT'],
  ])('with %s are refused by name', async (_, damage, code) => {
    const directory = fresh();
    await writeCodec(codec, directory);
    damage(directory);
    expect(() => readCodec(directory)).toThrow(
      expect.objectContaining({ code, at: expect.stringContaining(directory) }),
    );
  });

  function change(directory: string, fields: object): void {
    const at = join(directory, CODEC_FILES.parts);
    writeFileSync(at, JSON.stringify({ ...JSON.parse(readFileSync(at, 'utf8')), ...fields }));
  }
});
