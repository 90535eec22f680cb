/**
 * Reading and writing safetensors, the file format of Hugging Face weights.
 *
 * Each tensor is read from disk straight into its own buffer, so a file may be larger than one buffer can
 * be and nothing is held twice. The format is little-endian, as is every platform that Node 20 has ONNX
 * Runtime for. It does not map files into memory; weights in several files are put together in weight-files.ts.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { writePiecesAtomic } from '../data/atomic.ts';
import { decodeBfloat16, decodeFloat16 } from '../data/half.ts';
import { RefractError } from '../errors.ts';
import {
  damaged,
  ELEMENT_BYTES,
  elementCount,
  MAX_HEADER_BYTES,
  parseHeader,
  type StoredDtype,
} from './safetensors-header.ts';

/** A float32 tensor: `data` holds `shape`'s elements in row-major order. */
export interface FloatTensor {
  readonly dtype: 'F32';
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A tensor in memory; the 16-bit floats of files become `F32` on reading. */
export type Tensor =
  | FloatTensor
  | { readonly dtype: 'I64'; readonly shape: readonly number[]; readonly data: BigInt64Array }
  | { readonly dtype: 'I32'; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly dtype: 'U8' | 'BOOL'; readonly shape: readonly number[]; readonly data: Uint8Array };

/** Tensors by name. */
export type TensorMap = ReadonlyMap<string, Tensor>;

/** A tensor as it is written: one in memory, or 16-bit floats by their bits. */
export type StoredTensor =
  | Tensor
  | { readonly dtype: 'F16' | 'BF16'; readonly shape: readonly number[]; readonly data: Uint16Array };

const CHUNK = 2 ** 30;

/**
 * Reads all tensors of a safetensors file, in the order in which they lie in it.
 * Throws `FILE_MISSING`, or `CHECKPOINT_FORMAT` naming what is wrong with which tensor.
 *
 * @example readSafetensors('teacher/model.safetensors').get('linear.weight')?.shape // [128, 256]
 */
export function readSafetensors(path: string): Map<string, Tensor> {
  const { file, size } = openForReading(path);
  try {
    if (size < 8) throw damaged(path, `the file has ${size} bytes, too few for a header`);
    const headerBytes = Number(new DataView(readBytes(file, 0, 8, path)).getBigUint64(0, true));
    if (headerBytes > MAX_HEADER_BYTES || headerBytes > size - 8)
      throw damaged(path, `the header claims ${headerBytes} bytes, but the file has ${size}`);
    const header = new Uint8Array(readBytes(file, 8, headerBytes, path));
    const dataStart = 8 + headerBytes;
    const tensors = new Map<string, Tensor>();
    for (const { name, dtype, shape, begin, end } of parseHeader(header, size - dataStart, path))
      tensors.set(name, decode(dtype, shape, readBytes(file, dataStart + begin, end - begin, path)));
    return tensors;
  } finally {
    closeSync(file);
  }
}

function openForReading(path: string): { file: number; size: number } {
  let cause: unknown;
  try {
    // Before it is opened: a pipe would be waited for.
    if (statSync(path).isFile()) {
      const file = openSync(path, 'r');
      return { file, size: fstatSync(file).size };
    }
  } catch (error) {
    cause = error;
  }
  throw new RefractError('FILE_MISSING', 'cannot be read as a file', {
    at: path,
    hint: 'Check the path and its permissions.',
    cause,
  });
}

function readBytes(file: number, position: number, length: number, path: string): ArrayBuffer {
  const buffer = new ArrayBuffer(length);
  for (let done = 0; done < length; ) {
    const chunk = new Uint8Array(buffer, done, Math.min(CHUNK, length - done));
    const count = readSync(file, chunk, 0, chunk.length, position + done);
    if (count === 0) throw damaged(path, `the file ends at byte ${position + done}, within a tensor`);
    done += count;
  }
  return buffer;
}

function decode(dtype: StoredDtype, shape: readonly number[], buffer: ArrayBuffer): Tensor {
  switch (dtype) {
    case 'F32':
      return { dtype, shape, data: new Float32Array(buffer) };
    case 'F16':
      return { dtype: 'F32', shape, data: decodeFloat16(new Uint16Array(buffer)) };
    case 'BF16':
      return { dtype: 'F32', shape, data: decodeBfloat16(new Uint16Array(buffer)) };
    case 'I64':
      return { dtype, shape, data: new BigInt64Array(buffer) };
    case 'I32':
      return { dtype, shape, data: new Int32Array(buffer) };
    case 'U8':
    case 'BOOL':
      return { dtype, shape, data: new Uint8Array(buffer) };
  }
}

/**
 * Writes tensors as one safetensors file, atomically. The same tensors give the same bytes in whatever
 * order they come: they lie by falling element size (so that each is aligned), then by name. Throws
 * `CHECKPOINT_SHAPE` when a tensor's data does not fill its shape, `DISK_FULL` when it cannot be written.
 *
 * @example writeSafetensors('a.safetensors', new Map([['x', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]]))
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): void {
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      ELEMENT_BYTES[b.dtype] - ELEMENT_BYTES[a.dtype] || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
  const entries: [string, unknown][] = [['__metadata__', metadata]];
  let begin = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    if (name === '__metadata__' || data.length !== elementCount(shape))
      throw new RefractError(
        'CHECKPOINT_SHAPE',
        `tensor ${name} of shape [${shape.join(', ')}] has ${data.length} elements`,
        {
          at: path,
          hint: 'Give each tensor as many elements as its shape says, and another name than __metadata__.',
        },
      );
    const end = begin + data.byteLength;
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const header = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  const parts = ordered.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  writePiecesAtomic(path, chunksOf([header, ...parts]));
}

/** The parts in pieces that the system can write at once. */
function* chunksOf(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const part of parts)
    for (let start = 0; start < part.length; start += CHUNK) yield part.subarray(start, start + CHUNK);
}
