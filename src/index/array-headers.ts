/** The beginnings of array files of other tools, whose numbers follow: NumPy's and safetensors. */

/**
 * The header of a `.npy` file of version 1.0, C order
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 *
 * @param type such as `<f2` or `<i4`
 * @example npyHeader('<f2', [3, 128])
 */
export function npyHeader(type: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Magic, version and length take 10 bytes; all together a multiple of 64, with a line's end.
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const header = new Uint8Array(10 + padded.length);
  header.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
  header.set(new TextEncoder().encode(padded), 10);
  return header;
}

/** A tensor of a safetensors file. */
export interface HeaderTensor {
  readonly name: string;
  readonly type: 'F16' | 'F32' | 'I32';
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** The header of a safetensors file whose tensors follow in the order given. */
export function safetensorsHeader(tensors: readonly HeaderTensor[]): Uint8Array {
  let at = 0;
  const fields = tensors.map(({ name, type, shape, bytes }) => {
    const offsets = [at, at + bytes];
    at += bytes;
    return [name, { dtype: type, shape, data_offsets: offsets }];
  });
  const text = JSON.stringify(Object.fromEntries(fields));
  const json = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const header = new Uint8Array(8 + json.length);
  new DataView(header.buffer).setBigUint64(0, BigInt(json.length), true);
  header.set(json, 8);
  return header;
}
