/** Exported arrays hold what the index holds, under the ids that it has. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FaultyFileSystem } from '../../test/faulty-file-system.ts';
import { FINGERPRINT, randomPassages } from '../../test/index-passages.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { decodeFloat16 } from '../data/half.ts';
import { buildIndex } from './build.ts';
import { exportVectors } from './export-vectors.ts';
import type { IndexView } from './index-view.ts';
import { openIndex } from './open-index.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const [split, ...others] = randomPassages(2, 11, 6);
let index: IndexView;

beforeAll(async () => {
  const half = split.tokens >> 1;
  const windows = half > 0 ? [half, split.tokens - half] : [split.tokens];
  const passages = [...others.slice(0, 4), { ...split, windows }, ...others.slice(4)];
  await buildIndex(at('index'), { dim: 6, fingerprint: FINGERPRINT }, passages);
  index = openIndex(at('index'));
});

const floats = (bytes: Buffer) => {
  const halves = new Uint16Array(new Uint8Array(bytes).buffer);
  const values = new Float32Array(halves.length);
  decodeFloat16(halves, values);
  return values;
};

/** Header and data of a `.npy` file. */
function readNpy(path: string): { header: string; data: Buffer } {
  const bytes = readFileSync(path);
  expect(bytes.subarray(0, 8)).toEqual(Buffer.from('\x93NUMPY\x01\x00', 'latin1'));
  const length = bytes.readUInt16LE(8);
  expect((10 + length) % 64).toBe(0);
  return { header: bytes.toString('latin1', 10, 10 + length), data: bytes.subarray(10 + length) };
}

interface Line {
  readonly id: string;
  readonly chunk: number;
  readonly start: number;
  readonly tokens: number;
}

const linesOf = (name: string): Line[] =>
  readFileSync(at(`${name}/ids.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

function expectWhole(lines: readonly Line[], rowsOf: (chunk: number) => Float32Array): void {
  for (let ordinal = 0; ordinal < index.size; ordinal++) {
    const own = lines.filter(({ id }) => id === index.id(ordinal));
    expect(own.map(({ tokens }) => tokens)).toEqual([...index.windows(ordinal)]);
    const [{ chunk, start }] = own;
    const vectors = index.vectors(ordinal);
    expect(rowsOf(chunk).subarray(start * 6, start * 6 + vectors.length)).toEqual(vectors);
  }
}

describe('exportVectors', () => {
  it('writes NumPy arrays, lengths and ids, in chunks', async () => {
    const report = await exportVectors(index, at('npy'), { chunk: 4 });
    const windows = split.tokens > 1 ? 12 : 11;
    expect(report).toEqual({ passages: 11, windows, tokens: index.manifest.tokens, chunks: 3 });
    expect(readdirSync(at('npy')).sort()).toEqual([
      ...['0.npy', '1.npy', '2.npy', 'doclens.0.npy', 'doclens.1.npy', 'doclens.2.npy'],
      ...['export.json', 'ids.jsonl'],
    ]);
    const lines = linesOf('npy');
    const chunks = [0, 1, 2].map((chunk) => {
      const { header, data } = readNpy(at(`npy/${chunk}.npy`));
      expect(header).toMatch(`{'descr': '<f2', 'fortran_order': False, 'shape': (${data.length / 12}, 6), }`);
      const lengths = readNpy(at(`npy/doclens.${chunk}.npy`));
      const counts = new Int32Array(new Uint8Array(lengths.data).buffer);
      expect(lengths.header).toMatch(`'shape': (${counts.length},)`);
      expect([...counts]).toEqual(lines.filter((line) => line.chunk === chunk).map(({ tokens }) => tokens));
      return floats(data);
    });
    expectWhole(lines, (chunk) => chunks[chunk]);
  });

  it('writes safetensors', async () => {
    await exportVectors(index, at('tensors'), { format: 'safetensors' });
    const bytes = readFileSync(at('tensors/0.safetensors'));
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
    expect(header.vectors).toMatchObject({ dtype: 'F16', shape: [index.manifest.tokens, 6] });
    const data = bytes.subarray(8 + length);
    expect(header.vectors.data_offsets[1]).toBe(data.length);
    expectWhole(linesOf('tensors'), () => floats(data.subarray(...header.vectors.data_offsets)));
  });

  it('writes float32 as it is, in both formats', async () => {
    for (const format of ['npy', 'safetensors'] as const) {
      const out = at(`float32-${format}`);
      await exportVectors(index, out, { format, type: 'float32' });
      const bytes = readFileSync(join(out, `0.${format}`));
      const header = bytes.toString('latin1', 8, 200);
      expect(header).toContain(format === 'npy' ? "'<f4'" : '"dtype":"F32"');
      const data = bytes.subarray(bytes.length - 4 * 6 * index.manifest.tokens);
      const rows = new Float32Array(new Uint8Array(data).buffer);
      expectWhole(linesOf(`float32-${format}`), () => rows);
      expect(JSON.parse(readFileSync(join(out, 'export.json'), 'utf8')).type).toBe('float32');
    }
  });

  it('refuses numbers that float16 has not, and says how they go', async () => {
    const large = { passage: { id: 'कखग', text: 'x' }, vectors: Float32Array.of(65504, -70_000), tokens: 1 };
    await buildIndex(at('large'), { dim: 2, fingerprint: FINGERPRINT, precision: 'float32' }, [large]);
    const view = openIndex(at('large'));
    const error = await refusal(() => exportVectors(view, at('half')));
    expect([error.code, error.message]).toEqual([
      ...['SETTING_INVALID', expect.stringContaining('"कखग" holds -70000, too large for float16')],
    ]);
    expect(error.hint).toContain('--type float32');
    expect(existsSync(at('half'))).toBe(false);
    await exportVectors(view, at('single'), { type: 'float32' });
    const { data } = readNpy(at('single/0.npy'));
    expect([...new Float32Array(new Uint8Array(data).buffer)]).toEqual([65504, -70_000]);
    await view.close();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('takes %s for damage', async (value) => {
    const out = at(`damaged-${value}`);
    await buildIndex(out, { dim: 6, fingerprint: FINGERPRINT, precision: 'float32' }, others);
    const file = join(out, 'segments/000001/vectors.f32');
    const bytes = readFileSync(file);
    bytes.writeFloatLE(value, 4);
    writeFileSync(file, bytes);
    const view = openIndex(out);
    for (const type of ['float16', 'float32'] as const) {
      const error = await refusal(() => exportVectors(view, at('none'), { type }));
      expect([error.code, error.message]).toEqual([
        ...['CHECKPOINT_FORMAT', expect.stringContaining(`"${others[0].passage.id}" holds ${value}`)],
      ]);
      expect(error.hint).toContain('verify');
    }
    expect(existsSync(at('none'))).toBe(false);
    await view.close();
  });

  it('leaves nothing where the disk is full or may not be written, at any step', async () => {
    const counted = new FaultyFileSystem();
    await exportVectors(index, at('counted'), { chunk: 4, files: counted });
    expect(counted.count).toBeGreaterThan(20);
    for (const code of ['ENOSPC', 'EROFS', 'EIO'])
      for (let step = 1; step <= counted.count; step++) {
        const strike = (operation: string): never => {
          throw Object.assign(new Error(`${code}: ${operation}`), { code });
        };
        const files = new FaultyFileSystem({ at: step, strike });
        const error = await refusal(() => exportVectors(index, at('full'), { chunk: 4, files }));
        expect([error.code, error.at]).toEqual(['DISK_FULL', at('full')]);
        expect(error.message).toContain(code);
        expect(readdirSync(folder.path).filter((name) => name.startsWith('full'))).toEqual([]);
      }
    expect(index.passage(0)).toBeDefined();
  });
});
