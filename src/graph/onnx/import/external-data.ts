/**
 * Tensors that an ONNX model keeps in files beside it. A model file may come from a stranger, so what it names is
 * read only where it is a regular file within the model's own folder, links included. In the cache of the hub a model's
 * files are links to one folder of blobs: where the model's own file is a link, its data may lie beside what it links to.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { RefractError } from '../../../errors.ts';
import { unreadable } from './model-error.ts';

/** Where a tensor's bytes lie, as its `external_data` says. */
export interface ExternalPlace {
  readonly location: string;
  readonly offset: number;
  /** Undefined where the file says none: to the end of what the tensor needs. */
  readonly length: number | undefined;
}

/**
 * The place that key-value pairs name. `at` is the tensor, for messages.
 * @throws RefractError `CHECKPOINT_FORMAT` for a missing location or numbers that are none
 */
export function externalPlace(pairs: readonly { key: string; value: string }[], at: string): ExternalPlace {
  const found = new Map(pairs.map(({ key, value }) => [key, value]));
  const whole = (key: string) => {
    const text = found.get(key);
    if (text === undefined) return undefined;
    const number = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
      throw unreadable(at, `external data with ${key} "${text}"`);
    return number;
  };
  const location = found.get('location');
  if (!location) throw unreadable(at, 'external data without a location');
  return { location, offset: whole('offset') ?? 0, length: whole('length') };
}

/**
 * The `bytes` bytes at `place`, a file within the folder of the model at `modelPath`.
 * @throws RefractError `CHECKPOINT_FORMAT` (a file outside the folder, or too short), `CHECKPOINT_INCOMPLETE` (none)
 */
export function readExternal(modelPath: string, place: ExternalPlace, bytes: number, at: string): Uint8Array {
  const { location, offset } = place;
  if (place.length !== undefined && place.length !== bytes)
    throw unreadable(at, `its shape and type need ${bytes} bytes, its external data has ${place.length}`);
  const folder = dirname(modelPath);
  const outside = () =>
    unreadable(
      at,
      `its data is in ${JSON.stringify(location)}, outside the model's folder`,
      'Only files in the folder of the model are read: save the model again with its data beside it.',
    );
  if (isAbsolute(location) || /^[a-z]:|[\\\0]/i.test(location) || location.split('/').includes('..'))
    throw outside();
  const path = join(folder, location);
  let real: string;
  try {
    real = realpathSync(path);
  } catch (cause) {
    throw new RefractError('CHECKPOINT_INCOMPLETE', `the model's data file ${location} is missing`, {
      at: modelPath,
      hint: 'Copy it into the folder of the model.',
      cause,
    });
  }
  const inner = relative(realpathSync(folder), real);
  const leadsOut = isAbsolute(inner) || inner.split(sep)[0] === '..';
  if (leadsOut && !liesBesideModel(real, modelPath)) throw outside();
  // Before it is opened: a pipe would be waited for.
  if (!statSync(real).isFile()) throw unreadable(at, `${location} is no file`);
  const file = openSync(real, 'r');
  try {
    const stat = fstatSync(file);
    if (offset + bytes > stat.size)
      throw unreadable(
        path,
        `tensor ${at} needs bytes ${offset} to ${offset + bytes}, the file has ${stat.size}`,
      );
    const data = new Uint8Array(bytes);
    for (let done = 0; done < bytes; ) {
      const count = readSync(file, data, done, Math.min(2 ** 30, bytes - done), offset + done);
      if (count === 0) throw unreadable(path, `the file ends within tensor ${at}`);
      done += count;
    }
    return data;
  } finally {
    closeSync(file);
  }
}

/** Whether a file lies in the folder of what the model's own file links to. */
function liesBesideModel(real: string, modelPath: string): boolean {
  return existsSync(modelPath) && dirname(real) === dirname(realpathSync(modelPath));
}
