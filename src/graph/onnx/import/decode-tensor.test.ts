/** Stored tensors of every type and place, and those that are refused. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../../../test/temporary.ts';
import {
  TensorProto_DataLocation,
  TensorProtoSchema,
  TensorProto_DataType as Type,
} from '../schema/onnx_pb.ts';
import { decodeTensor } from './decode-tensor.ts';

const folder = temporaryFolder();
const path = folder.write('model/model.onnx', '');
const decode = (init: MessageInitShape<typeof TensorProtoSchema>) =>
  decodeTensor(create(TensorProtoSchema, { name: 't', ...init }), path);
const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe('values', () => {
  it.each([
    ['FLOAT', Type.FLOAT, Float32Array.of(1.5, -2), 'float32', [1.5, -2]],
    ['DOUBLE', Type.DOUBLE, Float64Array.of(1.5, -2), 'float32', [1.5, -2]],
    ['FLOAT16', Type.FLOAT16, Uint16Array.of(0x3e00, 0xc000), 'float32', [1.5, -2]],
    ['BFLOAT16', Type.BFLOAT16, Uint16Array.of(0x3fc0, 0xc000), 'float32', [1.5, -2]],
    ['INT64', Type.INT64, BigInt64Array.of(5n, -7n), 'int64', [5, -7]],
    ['INT32', Type.INT32, Int32Array.of(5, -7), 'int32', [5, -7]],
    ['INT16', Type.INT16, Int16Array.of(5, -7), 'int32', [5, -7]],
    ['INT8', Type.INT8, Int8Array.of(5, -7), 'int32', [5, -7]],
    ['UINT8', Type.UINT8, Uint8Array.of(5, 249), 'int32', [5, 249]],
    ['BOOL', Type.BOOL, Uint8Array.of(1, 0), 'bool', [1, 0]],
  ])('of %s as bytes', (_, dataType, values, dtype, expected) => {
    const stored = decode({ dims: [1n, 2n], dataType, rawData: bytes(values) });
    expect(stored).toMatchObject({ dtype, shape: [1, 2] });
    expect(Array.from(stored.data as Float32Array, Number)).toEqual(expected);
  });

  it.each([
    ['FLOAT', { dataType: Type.FLOAT, floatData: [1.5, -2] }, [1.5, -2]],
    ['DOUBLE', { dataType: Type.DOUBLE, doubleData: [1.5, -2] }, [1.5, -2]],
    ['FLOAT16', { dataType: Type.FLOAT16, int32Data: [0x3e00, 0xc000] }, [1.5, -2]],
    ['BFLOAT16', { dataType: Type.BFLOAT16, int32Data: [0x3fc0, 0xc000] }, [1.5, -2]],
    ['INT64', { dataType: Type.INT64, int64Data: [5n, -7n] }, [5, -7]],
    ['INT8', { dataType: Type.INT8, int32Data: [5, -7] }, [5, -7]],
    ['BOOL', { dataType: Type.BOOL, int32Data: [1, 0] }, [1, 0]],
  ])('of %s as a list', (_, init, expected) => {
    expect(Array.from(decode({ dims: [2n], ...init }).data as Float32Array, Number)).toEqual(expected);
  });

  it('of a scalar and of an empty vector', () => {
    expect(decode({ dataType: Type.FLOAT, floatData: [3] }).data).toEqual(Float32Array.of(3));
    expect(decode({ dims: [0n], dataType: Type.INT64 }).data).toEqual(new BigInt64Array(0));
  });

  it('that lie anywhere in the file', () => {
    const odd = new Uint8Array(9);
    odd.set(bytes(Float32Array.of(1.5, -2)), 1);
    expect(decode({ dims: [2n], dataType: Type.FLOAT, rawData: odd.subarray(1) }).data).toEqual(
      Float32Array.of(1.5, -2),
    );
  });
});

describe('what does not fit is refused:', () => {
  it.each([
    ['a negative size', { dims: [-2n], dataType: Type.FLOAT }, /a size of -2/],
    [
      'a size beyond memory',
      { dims: [2n ** 40n, 2n ** 40n], dataType: Type.FLOAT },
      /more than 4294967296 elements/,
    ],
    [
      'too few bytes',
      { dims: [3n], dataType: Type.FLOAT, rawData: new Uint8Array(8) },
      /needs 12 bytes, it has 8/,
    ],
    [
      'too many bytes',
      { dims: [1n], dataType: Type.INT64, rawData: new Uint8Array(16) },
      /needs 8 bytes, it has 16/,
    ],
    ['too few numbers', { dims: [3n], dataType: Type.FLOAT, floatData: [1] }, /shape \[3\] with 1 values/],
    ['text', { dims: [1n], dataType: Type.STRING }, /element type STRING/],
    ['complex numbers', { dims: [1n], dataType: Type.COMPLEX64 }, /element type COMPLEX64/],
    ['4-bit numbers', { dims: [2n], dataType: Type.INT4 }, /element type INT4/],
    ['a type that does not exist', { dims: [2n], dataType: 99 }, /element type number 99/],
  ])('%s', async (_, init, message) => {
    const error = await refusal(() => decode(init));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
    expect(error.message).toMatch(message);
    expect(error.at).toContain('tensor t');
  });
});

describe('external data', () => {
  const place = (entries: Record<string, string>) => ({
    dims: [2n],
    dataType: Type.FLOAT,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });
  const values = Float32Array.of(0, 0, 1.5, -2);
  folder.write('model/weights/data.bin', bytes(values));
  folder.write('model/दत्तांश.bin', bytes(values));
  folder.write('secret.bin', bytes(values));
  symlinkSync('../secret.bin', join(folder.path, 'model/link.bin'));
  symlinkSync('weights/data.bin', join(folder.path, 'model/inner.bin'));
  symlinkSync('..', join(folder.path, 'model/up'));
  mkdirSync(join(folder.path, 'model/folder'));

  it.each(['weights/data.bin', './weights/data.bin', 'inner.bin', 'दत्तांश.bin'])(
    'is read from %s',
    (location) => {
      expect(decode(place({ location, offset: '8', length: '8' })).data).toEqual(Float32Array.of(1.5, -2));
      expect(decode(place({ location, offset: '8' })).data).toEqual(Float32Array.of(1.5, -2));
    },
  );

  it.each([
    ['../secret.bin', 'a folder above'],
    ['weights/../../secret.bin', 'a folder above, by a way down'],
    ['..\\secret.bin', 'a folder above, as Windows writes it'],
    [join(folder.path, 'secret.bin'), 'an absolute path'],
    ['C:\\secret.bin', 'a drive'],
    ['link.bin', 'a link that leads out'],
    ['up/secret.bin', 'a folder that is a link'],
    ['weights/data.bin\0.onnx', 'a name that is cut off'],
  ])('in %s is refused (%s)', async (location) => {
    const error = await refusal(() => decode(place({ location })));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
    expect(error.message).toContain("outside the model's folder");
  });

  it('may lie beside what the model links to, as in the cache of the hub, and nowhere else', async () => {
    folder.write('cache/blobs/1f', bytes(values));
    folder.write('cache/blobs/2e', 'the model');
    folder.write('cache/3d', bytes(values));
    mkdirSync(join(folder.path, 'cache/snapshot'));
    const model = join(folder.path, 'cache/snapshot/model.onnx');
    symlinkSync('../blobs/2e', model);
    symlinkSync('../blobs/1f', join(folder.path, 'cache/snapshot/model.onnx_data'));
    symlinkSync('../3d', join(folder.path, 'cache/snapshot/other'));
    const from = (location: string) =>
      decodeTensor(create(TensorProtoSchema, { name: 't', ...place({ location, offset: '8' }) }), model);
    expect(from('model.onnx_data').data).toEqual(Float32Array.of(1.5, -2));
    expect((await refusal(() => from('other'))).message).toContain("outside the model's folder");
  });

  it.each([
    ['no location', { offset: '0' }, /without a location/],
    ['a negative offset', { location: 'inner.bin', offset: '-8' }, /offset "-8"/],
    ['a huge offset', { location: 'inner.bin', offset: '99999999999999999999' }, /offset "9+"/],
    [
      'an offset beyond the file',
      { location: 'inner.bin', offset: '12' },
      /needs bytes 12 to 20, the file has 16/,
    ],
    ['another length', { location: 'inner.bin', length: '16' }, /need 8 bytes, its external data has 16/],
    ['a folder', { location: 'folder' }, /folder is no file/],
  ])('with %s is refused', async (_, entries, message) => {
    const error = await refusal(() => decode(place(entries)));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
    expect(error.message).toMatch(message);
  });

  it.skipIf(process.platform === 'win32')('in a pipe is refused, and not waited for', async () => {
    execFileSync('mkfifo', [join(folder.path, 'model/pipe')]);
    expect((await refusal(() => decode(place({ location: 'pipe' })))).message).toMatch(/pipe is no file/);
  });

  it('in a file that is not there is missed by name', async () => {
    const error = await refusal(() => decode(place({ location: 'gone.bin' })));
    expect(error.code).toBe('CHECKPOINT_INCOMPLETE');
    expect(error.message).toContain('gone.bin');
  });
});
