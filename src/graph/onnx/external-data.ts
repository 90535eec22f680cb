/**
 * Tensors of a model in a file beside it, since a model is one protobuf message, which can be of 2 GB at most. ONNX
 * calls this external data; the model names the file, and offset and length of each tensor in it.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { create } from '@bufbuild/protobuf';
import {
  type StringStringEntryProto,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from './schema/onnx_pb.ts';

/** Tensors of fewer bytes stay in the model, where shapes and small constants are looked for. */
const LEAST_BYTES = 1024;
/** Offsets are multiples of a page, so that the file can be mapped into memory. */
const PAGE_BYTES = 4096;
/** Bytes of one write. */
const PIECE_BYTES = 2 ** 30;

/** Where a tensor's bytes are. */
export interface ExternalPlace {
  readonly dataLocation: TensorProto_DataLocation;
  readonly externalData: StringStringEntryProto[];
}

/**
 * A file that takes a model's tensors, beside which the model must lie.
 *
 * @example
 * const external = new ExternalData('onnx/model.onnx_data');
 * writeFileSync('onnx/model.onnx', encodeOnnx({ vectors }, { initialisers, external }));
 * external.close();
 */
export class ExternalData {
  private readonly file: number;
  private readonly name: string;
  private bytes = 0;

  /** Creates the file at `path`, which must not exist. */
  constructor(path: string) {
    this.file = openSync(path, 'wx');
    this.name = basename(path);
  }

  /** Writes a tensor's bytes; undefined where they are few and belong into the model. */
  place(data: Uint8Array): ExternalPlace | undefined {
    if (data.length < LEAST_BYTES) return undefined;
    const offset = Math.ceil(this.bytes / PAGE_BYTES) * PAGE_BYTES;
    for (let done = 0; done < data.length; )
      done += writeSync(this.file, data, done, Math.min(PIECE_BYTES, data.length - done), offset + done);
    this.bytes = offset + data.length;
    const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
    return {
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: [
        entry('location', this.name),
        entry('offset', String(offset)),
        entry('length', String(data.length)),
      ],
    };
  }

  /** Flushes the file to the disk and closes it. */
  close(): void {
    fsyncSync(this.file);
    closeSync(this.file);
  }
}
