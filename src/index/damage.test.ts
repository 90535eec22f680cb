/** Files that are damaged so that their sizes stay: whatever is read of them, it is refused as damage or has a meaning. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FINGERPRINT, randomPassages, unitVectors } from '../../test/index-passages.ts';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { RefractError } from '../errors.ts';
import { RandomStream } from '../random.ts';
import { buildIndex } from './build.ts';
import { openIndex } from './open-index.ts';
import { IndexWriter } from './writer/index-writer.ts';

const DIM = 8;
const folder = temporaryFolder();
const place = (precision: string) => join(folder.path, precision);
const ids = Array.from({ length: 60 }, (_, n) => `p${n}`);

beforeAll(async () => {
  for (const precision of ['float16', '4bit', '4bit+float16'] as const) {
    const passages = randomPassages(4, 60, DIM).map((each, n) => {
      const { tokens } = each;
      const metadata = { ...each.passage.metadata, seen: n % 3 === 0 };
      // Some blocks of texts.
      const text = `${each.passage.text} ${'x'.repeat(600)}`;
      const windows = tokens > 2 && n % 5 === 0 ? [tokens - 2, 2] : [tokens];
      return { ...each, passage: { ...each.passage, text, metadata }, windows };
    });
    await buildIndex(place(precision), { dim: DIM, fingerprint: FINGERPRINT, precision }, passages);
    const writer = await IndexWriter.open(place(precision));
    await writer.delete(['p7', 'p8']);
    await writer.commit({ merge: false });
    await writer.close();
  }
});

/** Reads all that an index offers. */
async function readAll(path: string): Promise<void> {
  const view = openIndex(path, { threads: 1 });
  try {
    for (const id of [...ids, 'none']) view.ordinal(id);
    for (let ordinal = 0; ordinal < view.size; ordinal++) {
      expect(typeof view.id(ordinal)).toBe('string');
      view.passage(ordinal);
      view.vectors(ordinal);
      for (const id of view.tokenIds(ordinal)) expect(id).toBeGreaterThanOrEqual(-1);
    }
    const filters = [
      { field: 'year', from: 2007 },
      { field: 'source', equals: 'ìwé' },
      { field: 'topics', in: ['a', 'ب'] },
      { field: 'seen', equals: true },
      { field: 'title', from: 'Title 2' },
    ];
    for (const filter of filters) view.fields.allowed(filter);
    for (const word of ['water', 'पानी', 'ماء', 'น้ำ', 'ọjà', 'text']) view.lexical.search(word, 100);
    await view.search(unitVectors(new RandomStream(1, 'query'), 3, DIM), 3, 100, { effort: 1 });
  } finally {
    await view.close();
  }
}

/** What `bytes` may become: other numbers of each width in some places, or other digits and letters of JSON. */
function* damages(bytes: Buffer, name: string): Generator<Buffer> {
  const random = new RandomStream(9, name);
  for (let at = 0; at + 8 <= bytes.length && bytes.length <= 128; at += 8)
    for (const value of [bytes.readDoubleLE(at) + 0.5, -1, 1e300, Number.NaN]) {
      const changed = Buffer.from(bytes);
      changed.writeDoubleLE(value, at);
      yield changed;
    }
  for (let n = 0; n < 16; n++) {
    const changed = Buffer.from(bytes);
    const at = random.below(bytes.length);
    const aligned = at - (at % 8);
    if (name.endsWith('.json') && n % 2 === 0) {
      const digits = [...bytes.keys()].filter((i) => bytes[i] >= 48 && bytes[i] <= 57);
      changed[digits[random.below(digits.length)] ?? 0] = [45, 46, 48, 57, 101][random.below(5)];
    } else if (n % 3 === 0 && aligned + 8 <= bytes.length)
      changed.writeDoubleLE([0.5, -1, 1e300, Number.NaN, 2 ** 33, 3][random.below(6)], aligned);
    else if (n % 3 === 1 && aligned + 4 <= bytes.length)
      changed.writeUInt32LE([0, 1, 0xffffffff, 0x80000000, 70_000][random.below(5)], aligned);
    else changed[at] ^= 1 << random.below(8);
    yield changed;
  }
}

describe.each(['float16', '4bit', '4bit+float16'])('a damaged file of an index in %s', (precision) => {
  it('is refused by its name, or read as something else, and nothing but that', async () => {
    const path = place(precision);
    const files = ['segments/000001', 'codec'].flatMap((below) =>
      namesIn(join(path, below)).map((name) => join(below, name)),
    );
    expect(files.length).toBeGreaterThan(10);
    let refused = 0;
    for (const file of files) {
      const at = join(path, file);
      const whole = readFileSync(at);
      for (const changed of damages(whole, file)) {
        writeFileSync(at, changed);
        try {
          await readAll(path);
        } catch (error) {
          if (!(error instanceof RefractError)) throw new Error(`${file}: ${error}`, { cause: error });
          expect([file, error.code, error.at, error.hint]).toEqual([
            ...[file, 'CHECKPOINT_FORMAT', expect.stringContaining(path), expect.stringContaining('index')],
          ]);
          refused++;
        }
      }
      writeFileSync(at, whole);
    }
    await readAll(path);
    expect(refused).toBeGreaterThan(100);
  });
});

describe('a number that no file of the kind has', () => {
  it.each<[string, (bytes: Buffer) => void]>([
    // A block that starts between two bytes, or two passages.
    ['segments/000001/passages.blocks', (bytes) => bytes.writeDoubleLE(bytes.readDoubleLE(24) + 0.5, 24)],
    ['segments/000001/passages.blocks', (bytes) => bytes.writeDoubleLE(bytes.readDoubleLE(16) + 0.5, 16)],
    ['segments/000001/passages.blocks', (bytes) => bytes.writeDoubleLE(1e300, 24)],
    ['segments/000001/ids.hashes', (bytes) => bytes.writeUInt32LE(60, bytes.length - 4)],
    ['segments/000001/ids.hashes', (bytes) => bytes.writeDoubleLE(2 ** 53, 8)],
    ['segments/000001/windows.u16', withoutWindow],
    ['codec', (bytes) => bytes.write(bytes.toString().replace('"dim":8', '"dim":7'))],
  ])('in %s is damage of that file', async (file, change) => {
    const path = place('4bit');
    const at = join(path, file === 'codec' ? 'codec/codec.json' : file);
    const whole = readFileSync(at);
    const changed = Buffer.from(whole);
    change(changed);
    expect(changed).not.toEqual(whole);
    writeFileSync(at, changed);
    try {
      const error = await refusal(async () => {
        const view = openIndex(path);
        try {
          view.ordinal('p1');
        } finally {
          await view.close();
        }
      });
      expect([error.code, error.at]).toEqual(['CHECKPOINT_FORMAT', expect.stringContaining(file)]);
      expect(error.hint).toContain('refract index');
    } finally {
      writeFileSync(at, whole);
    }
  });
});

/** A passage with two windows gets all of three, and another none. */
function withoutWindow(bytes: Buffer): void {
  const counts = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  counts[counts.indexOf(2)] = 3;
  counts[counts.indexOf(1)] = 0;
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // no codec
  }
}
