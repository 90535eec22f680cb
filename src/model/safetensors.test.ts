import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { RefractError } from '../errors.ts';
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts';

const directory = mkdtempSync(join(tmpdir(), 'refract-safetensors-'));
const file = join(directory, 'a.safetensors');
afterAll(() => rmSync(directory, { recursive: true }));

/** The error that `act` throws. */
function failure(act: () => unknown): RefractError {
  try {
    act();
  } catch (error) {
    if (error instanceof RefractError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** A file with the given header text (or object) and number of data bytes. */
function forge(header: unknown, dataBytes = 0, claimedLength?: number | bigint): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(claimedLength ?? json.length));
  writeFileSync(file, Buffer.concat([length, json, Buffer.alloc(dataBytes)]));
  return file;
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const tensor: fc.Arbitrary<Tensor> = fc
  .array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
  .chain((shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const exactly = { minLength: length, maxLength: length };
    return fc.oneof(
      fc.float32Array(exactly).map((data): Tensor => ({ dtype: 'F32', shape, data })),
      fc.bigInt64Array(exactly).map((data): Tensor => ({ dtype: 'I64', shape, data })),
      fc.int32Array(exactly).map((data): Tensor => ({ dtype: 'I32', shape, data })),
      fc.uint8Array(exactly).map((data): Tensor => ({ dtype: 'U8', shape, data })),
      fc.uint8Array({ ...exactly, max: 1 }).map((data): Tensor => ({ dtype: 'BOOL', shape, data })),
    );
  });
const name = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', '0', 'पानी', 'ماء', 'น้ำ', 'ọjà'),
);
const tensorMap = fc
  .array(fc.tuple(name, tensor), { maxLength: 6 })
  .map((pairs) => new Map(pairs.filter(([n]) => n !== '__metadata__')));

test('what is written is read back, in whatever order it came', () => {
  fc.assert(
    fc.property(tensorMap, (tensors) => {
      writeSafetensors(file, tensors);
      const bytes = readFileSync(file);
      const read = readSafetensors(file);
      expect(new Map(read)).toEqual(tensors);
      expect((8 + Number(bytes.readBigUInt64LE())) % 8).toBe(0);
      writeSafetensors(file, new Map([...tensors].reverse()));
      expect(readFileSync(file).equals(bytes)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('every truncation of a file is refused', () => {
  writeSafetensors(
    file,
    new Map<string, Tensor>([
      ['a', { dtype: 'F32', shape: [3], data: Float32Array.of(1, 2, 3) }],
      ['b', { dtype: 'U8', shape: [2], data: Uint8Array.of(1, 2) }],
    ]),
  );
  const bytes = readFileSync(file);
  for (let length = 0; length < bytes.length; length++) {
    writeFileSync(file, bytes.subarray(0, length));
    expect(failure(() => readSafetensors(file)).code).toBe('CHECKPOINT_FORMAT');
  }
});

test('other dtypes and shapes that PyTorch wrote', () => {
  const tensors = readSafetensors('test/fixtures/halves/halves.safetensors');
  expect(tensors.get('long')).toEqual({
    dtype: 'I64',
    shape: [1, 2],
    data: BigInt64Array.of(-(2n ** 62n), 5n),
  });
  expect(tensors.get('int')).toEqual({ dtype: 'I32', shape: [2], data: Int32Array.of(-7, 7) });
  expect(tensors.get('byte')).toEqual({ dtype: 'U8', shape: [2], data: Uint8Array.of(0, 255) });
  expect(tensors.get('bool')).toEqual({ dtype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) });
  expect(tensors.get('scalar')).toEqual({ dtype: 'F32', shape: [], data: Float32Array.of(2.5) });
  expect(tensors.get('empty')).toEqual({ dtype: 'F32', shape: [0, 3], data: new Float32Array() });
});

test('no dtype of a tensor that holds fewer bytes spoils the alignment of the next', () => {
  writeSafetensors(
    file,
    new Map<string, Tensor>([
      ['a', { dtype: 'U8', shape: [1], data: Uint8Array.of(9) }],
      ['b', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }],
      ['c', { dtype: 'I64', shape: [1], data: BigInt64Array.of(1n) }],
    ]),
  );
  expect([...readSafetensors(file).keys()]).toEqual(['c', 'b', 'a']);
});

describe('headers that lie', () => {
  const big = Number.MAX_SAFE_INTEGER;
  test.each<[string, unknown, number, RegExp]>([
    ['not JSON', '{"a":', 0, /not JSON/],
    ['not UTF-8', '\ud800', 0, /not JSON|not a JSON object/],
    ['an array', [], 0, /not a JSON object/],
    ['null', 'null', 0, /not a JSON object/],
    ['deep nesting', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 0, /tensor a/],
    ['no entry', { a: 3 }, 0, /tensor a: bad header entry/],
    ['no offsets', { a: { dtype: 'F32', shape: [] } }, 0, /tensor a: bad header entry, data_offsets/],
    ['three offsets', { a: { dtype: 'F32', shape: [], data_offsets: [0, 4, 8] } }, 4, /tensor a: bad/],
    ['a negative size', { a: entry(0, 4, [-1]) }, 4, /tensor a: bad header entry, shape\.0/],
    ['a fractional size', { a: entry(0, 4, [0.5]) }, 4, /tensor a: bad header entry, shape\.0/],
    [
      'a size beyond integers',
      `{"a":{"dtype":"F32","shape":[1e300],"data_offsets":[0,4]}}`,
      4,
      /tensor a: bad/,
    ],
    ['a negative offset', { a: entry(-4, 0, [1]) }, 4, /tensor a: bad header entry, data_offsets\.0/],
    ['an unknown dtype', { a: entry(0, 4, [1], 'F8_E4M3') }, 4, /tensor a has dtype F8_E4M3/],
    ['8-bit integers', { a: entry(0, 4, [4], 'I8') }, 4, /tensor a has dtype I8/],
    ['double precision', { a: entry(0, 8, [1], 'F64') }, 8, /tensor a has dtype F64/],
    [
      'a name twice, one of them escaped',
      String.raw`{"पा\"{नी":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u092a\u093e\"{नी":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`,
      8,
      /an entry twice: पा"\{नी/,
    ],
    ['a dtype of the prototype', { a: entry(0, 4, [1], 'constructor') }, 4, /tensor a has dtype/],
    ['an end before the begin', { a: entry(4, 0, [1]) }, 4, /tensor a lies at 4\.\.0/],
    ['an end beyond the file', { a: entry(0, 8) }, 4, /tensor a lies at 0\.\.8, outside the 4 bytes/],
    ['an end far beyond the file', { a: entry(0, big - 3, [1]) }, 4, /tensor a lies at/],
    [
      'too large a shape',
      { a: entry(0, 4, [2]) },
      4,
      /tensor a of shape \[2\] and dtype F32 needs 8 bytes, not 4/,
    ],
    ['a product that overflows', { a: entry(0, 0, [big, big, big]) }, 0, /tensor a of shape/],
    ['a product that is no number', { a: entry(0, 0, [...Array(30).fill(big), 0]) }, 0, /tensor a of shape/],
    ['overlapping tensors', { a: entry(0, 8), b: entry(4, 12) }, 12, /tensor b overlaps/],
    ['the same bytes twice', { a: entry(0, 8), b: entry(0, 8) }, 8, /tensor b overlaps/],
    ['a hole', { a: entry(0, 4), b: entry(8, 12) }, 12, /4 unclaimed bytes before tensor b/],
    ['a hole at the start', { a: entry(4, 8) }, 8, /4 unclaimed bytes before tensor a/],
    ['bytes at the end', { a: entry(0, 4) }, 7, /3 bytes after the last tensor/],
  ])('%s', (_what, header, dataBytes, message) => {
    const error = failure(() => readSafetensors(forge(header, dataBytes)));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
    expect(error.message).toMatch(message);
    expect(error.at).toBe(file);
  });

  test.each([3, 2 ** 40, 2n ** 64n - 1n])('a header length of %s', (length) => {
    expect(failure(() => readSafetensors(forge({}, 0, length))).code).toBe('CHECKPOINT_FORMAT');
  });

  test('names within metadata and shapes are not taken for names of tensors', () => {
    const header = { __metadata__: { a: 'a', shape: '{"a":' }, a: entry(0, 4), shape: entry(4, 8) };
    expect([...readSafetensors(forge(header, 8)).keys()]).toEqual(['a', 'shape']);
  });

  test('metadata is no tensor and need not be understood', () => {
    expect(readSafetensors(forge({ __metadata__: { format: 'pt' }, a: entry(0, 4) }, 4)).size).toBe(1);
  });
});

test('a missing file, and a folder in its place', () => {
  expect(failure(() => readSafetensors(join(directory, 'none'))).code).toBe('FILE_MISSING');
  expect(failure(() => readSafetensors(directory)).code).toBe('FILE_MISSING');
});

test.skipIf(process.platform === 'win32')('a pipe is no file, and not waited for', () => {
  const pipe = join(directory, 'pipe.safetensors');
  execFileSync('mkfifo', [pipe]);
  expect(failure(() => readSafetensors(pipe)).code).toBe('FILE_MISSING');
});

test('a tensor that does not fill its shape is not written, and the old file stays', () => {
  writeSafetensors(file, new Map());
  const before = readFileSync(file);
  const wrong: Tensor = { dtype: 'F32', shape: [2, 2], data: new Float32Array(3) };
  const error = failure(() => writeSafetensors(file, new Map([['encoder.x', wrong]])));
  expect(error.code).toBe('CHECKPOINT_SHAPE');
  expect(error.message).toContain('tensor encoder.x of shape [2, 2] has 3 elements');
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('a place that cannot be written to', () => {
  const blocked = join(directory, 'folder');
  mkdirSync(join(blocked, 'inner'), { recursive: true });
  expect(failure(() => writeSafetensors(blocked, new Map())).code).toBe('DISK_FULL');
  expect(readdirSync(directory).filter((f) => f.endsWith('.tmp'))).toEqual([]);
});
