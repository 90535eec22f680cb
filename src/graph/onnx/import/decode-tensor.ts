/**
 * The values of an ONNX tensor. Imported graphs compute in float32, int32, int64 and truth values: halves and
 * doubles become float32, and smaller whole numbers int32.
 */

import { create } from '@bufbuild/protobuf';
import { decodeBfloat16, decodeFloat16 } from '../../../data/half.ts';
import type { ConstantData, DataType } from '../../tensor.ts';
import {
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  TensorProto_DataType as Type,
} from '../schema/onnx_pb.ts';
import { externalPlace, readExternal } from './external-data.ts';
import { unreadable } from './model-error.ts';

/** Values in row-major order, their type and shape. */
export interface Stored {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly data: ConstantData;
}

/** An element type: what it becomes, its bytes, and how its stored bytes are read. */
interface ElementType {
  readonly dtype: DataType;
  readonly bytes: number;
  readonly read: (buffer: ArrayBuffer) => ConstantData;
  /** Values where they are kept as numbers in the protobuf instead of as bytes. */
  readonly listed: (proto: TensorProto) => ConstantData;
}

const fromInt32s = (proto: TensorProto) => Uint16Array.from(proto.int32Data);

const ELEMENT_TYPES: Readonly<Record<number, ElementType>> = {
  [Type.FLOAT]: {
    dtype: 'float32',
    bytes: 4,
    read: (buffer) => new Float32Array(buffer),
    listed: ({ floatData }) => Float32Array.from(floatData),
  },
  [Type.DOUBLE]: {
    dtype: 'float32',
    bytes: 8,
    read: (buffer) => Float32Array.from(new Float64Array(buffer)),
    listed: ({ doubleData }) => Float32Array.from(doubleData),
  },
  [Type.FLOAT16]: {
    dtype: 'float32',
    bytes: 2,
    read: (buffer) => decodeFloat16(new Uint16Array(buffer)),
    listed: (proto) => decodeFloat16(fromInt32s(proto)),
  },
  [Type.BFLOAT16]: {
    dtype: 'float32',
    bytes: 2,
    read: (buffer) => decodeBfloat16(new Uint16Array(buffer)),
    listed: (proto) => decodeBfloat16(fromInt32s(proto)),
  },
  [Type.INT64]: {
    dtype: 'int64',
    bytes: 8,
    read: (buffer) => new BigInt64Array(buffer),
    listed: ({ int64Data }) => BigInt64Array.from(int64Data),
  },
  [Type.INT32]: {
    dtype: 'int32',
    bytes: 4,
    read: (buffer) => new Int32Array(buffer),
    listed: ({ int32Data }) => Int32Array.from(int32Data),
  },
  [Type.INT16]: {
    dtype: 'int32',
    bytes: 2,
    read: (buffer) => Int32Array.from(new Int16Array(buffer)),
    listed: ({ int32Data }) => Int32Array.from(int32Data),
  },
  [Type.INT8]: {
    dtype: 'int32',
    bytes: 1,
    read: (buffer) => Int32Array.from(new Int8Array(buffer)),
    listed: ({ int32Data }) => Int32Array.from(int32Data),
  },
  [Type.UINT8]: {
    dtype: 'int32',
    bytes: 1,
    read: (buffer) => Int32Array.from(new Uint8Array(buffer)),
    listed: ({ int32Data }) => Int32Array.from(int32Data),
  },
  [Type.BOOL]: {
    dtype: 'bool',
    bytes: 1,
    read: (buffer) => new Uint8Array(buffer),
    listed: ({ int32Data }) => Uint8Array.from(int32Data),
  },
};

/** The element type that ONNX's number for one becomes, or undefined where imported graphs have none. */
export function elementType(code: number): DataType | undefined {
  return ELEMENT_TYPES[code]?.dtype;
}

/** ONNX's name for an element type. */
export function elementTypeName(code: number): string {
  return Type[code] ?? `number ${code}`;
}

/** The most elements of one tensor; more do not fit a typed array. */
const MOST = 2 ** 32;

/**
 * Decodes a tensor of the model file at `path`, whose external data lies beside it.
 * @throws RefractError `CHECKPOINT_FORMAT` for sizes, types and amounts of data that do not fit together
 */
export function decodeTensor(proto: TensorProto, path: string): Stored {
  const at = `${path}: tensor ${proto.name || '(unnamed)'}`;
  const type = ELEMENT_TYPES[proto.dataType];
  if (!type)
    throw unreadable(
      at,
      `element type ${elementTypeName(proto.dataType)} is not supported`,
      'Export the model in float32, float16 or bfloat16, without quantisation.',
    );
  let count = 1;
  for (const dim of proto.dims) {
    if (dim < 0n) throw unreadable(at, `a size of ${dim}`);
    count *= Number(dim);
    if (count > MOST) throw unreadable(at, `sizes [${proto.dims.join(', ')}] of more than ${MOST} elements`);
  }
  if (proto.segment) throw unreadable(at, 'it is stored in segments');
  const shape = proto.dims.map(Number);
  const data = values(proto, type, count, path, at);
  if (data.length !== count) throw unreadable(at, `shape [${shape.join(', ')}] with ${data.length} values`);
  return { dtype: type.dtype, shape, data };
}

/** A tensor that was decoded before, with its data in itself wherever they lay, and without notes. */
export function inlined(proto: TensorProto, path: string): TensorProto {
  const { name, dims, dataType } = proto;
  if (proto.dataLocation !== TensorProto_DataLocation.EXTERNAL)
    return { ...proto, docString: '', metadataProps: [] };
  const at = `${path}: tensor ${name}`;
  const bytes = dims.reduce((count, dim) => count * Number(dim), ELEMENT_TYPES[dataType].bytes);
  const data = readExternal(path, externalPlace(proto.externalData, at), bytes, at);
  return create(TensorProtoSchema, { name, dims, dataType, rawData: data });
}

function values(
  proto: TensorProto,
  type: ElementType,
  count: number,
  path: string,
  at: string,
): ConstantData {
  const bytes = count * type.bytes;
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL)
    return type.read(
      readExternal(path, externalPlace(proto.externalData, at), bytes, at).buffer as ArrayBuffer,
    );
  if (proto.rawData.length === 0) return type.listed(proto);
  if (proto.rawData.length !== bytes)
    throw unreadable(
      at,
      `shape [${proto.dims.join(', ')}] of ${elementTypeName(proto.dataType)} needs ${bytes} bytes, it has ${proto.rawData.length}`,
    );
  // A copy, since the bytes lie anywhere within the file and typed arrays need them aligned.
  return type.read(new Uint8Array(proto.rawData).buffer);
}
