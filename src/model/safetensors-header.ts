/**
 * The header of a safetensors file: 8 bytes of length (little-endian), then that many bytes of JSON
 * `{name: {dtype, shape, data_offsets: [begin, end]}}`, padded with spaces, then the tensors' bytes.
 *
 * Checkpoints come from strangers, so nothing in a header is believed before it has been checked: the
 * tensors must tile the data section exactly (no overlap, no hole, no byte left over), as the format asks.
 */
import { z } from 'zod';
import { RefractError } from '../errors.ts';

/** Bytes of one element of every dtype that Refract reads. */
export const ELEMENT_BYTES = { F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 } as const;

/** A dtype as safetensors names it. */
export type StoredDtype = keyof typeof ELEMENT_BYTES;

/** The longest header accepted, in bytes (the limit of the reference implementation). */
export const MAX_HEADER_BYTES = 100_000_000;

/** Where a tensor lies: `[begin, end)` in bytes from the start of the data section. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const offset = z.int().nonnegative();
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([offset, offset]),
});

/** A `CHECKPOINT_FORMAT` error about the file at `path`. */
export function damaged(path: string, what: string, cause?: unknown): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, {
    at: path,
    hint: 'The file is damaged or was not written as safetensors: copy or export it again.',
    cause,
  });
}

/** Number of elements of a shape; `[]` is a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Checks the JSON of a header against a data section of `dataBytes` bytes and returns its tensors in the
 * order in which they lie in the file. Throws `CHECKPOINT_FORMAT`, naming the tensor.
 *
 * @example parseHeader(bytes, 4, 'm.safetensors') // [{name: 'a', dtype: 'F32', shape: [1], begin: 0, end: 4}]
 */
export function parseHeader(json: Uint8Array, dataBytes: number, path: string): TensorEntry[] {
  let text = '';
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(json);
    header = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, 'the header is not JSON in UTF-8', cause);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw damaged(path, 'the header is not a JSON object');
  const twice = repeatedKey(text);
  if (twice !== undefined) throw damaged(path, `the header has an entry twice: ${twice}`);
  const entries: TensorEntry[] = [];
  for (const [name, value] of Object.entries(header))
    if (name !== '__metadata__') entries.push(parseEntry(name, value, dataBytes, path));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of entries) {
    if (begin < position) throw damaged(path, `tensor ${name} overlaps the one before it at byte ${begin}`);
    if (begin > position) throw damaged(path, `${begin - position} unclaimed bytes before tensor ${name}`);
    position = end;
  }
  if (position !== dataBytes)
    throw damaged(path, `${dataBytes - position} bytes after the last tensor belong to none`);
  return entries;
}

/** The first name that the outermost object of valid JSON `text` has twice; JSON.parse would keep the last. */
function repeatedKey(text: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    else if (character === '"') {
      const begin = i;
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
      if (depth !== 1 || !/^\s*:/.test(text.slice(i + 1, i + 100))) continue;
      const key: string = JSON.parse(text.slice(begin, i + 1));
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}

function parseEntry(name: string, value: unknown, dataBytes: number, path: string): TensorEntry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw damaged(path, `tensor ${name}: bad header entry, ${issue.path.join('.')}: ${issue.message}`);
  }
  const { dtype, shape, data_offsets } = parsed.data;
  const [begin, end] = data_offsets;
  if (!Object.hasOwn(ELEMENT_BYTES, dtype))
    throw new RefractError('CHECKPOINT_FORMAT', `tensor ${name} has dtype ${dtype}`, {
      at: path,
      hint: `Export it with one of ${Object.keys(ELEMENT_BYTES).join(', ')}; of weights F32, F16 or BF16.`,
    });
  if (end < begin || end > dataBytes)
    throw damaged(path, `tensor ${name} lies at ${begin}..${end}, outside the ${dataBytes} bytes of data`);
  const bytes = elementCount(shape) * ELEMENT_BYTES[dtype as StoredDtype];
  if (bytes !== end - begin)
    throw damaged(
      path,
      `tensor ${name} of shape [${shape.join(', ')}] and dtype ${dtype} needs ${bytes} bytes, not ${end - begin}`,
    );
  return { name, dtype: dtype as StoredDtype, shape, begin, end };
}
