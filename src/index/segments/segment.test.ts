/** Segments and their parts: what is written comes back, also from copies; hashes, widths, blocks. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomPassages } from '../../../test/index-passages.ts';
import { temporaryFolder } from '../../../test/temporary.ts';
import { countBits, emptyBitmap, hasBit, setBit } from '../../data/bitmap.ts';
import type { EncodedPassage } from '../encoded-passage.ts';
import { FieldSchema } from '../fields/schema.ts';
import { nodeFileSystem } from '../file-system.ts';
import { PlainStorage } from '../plain/plain-storage.ts';
import { idHash, idsPart } from './ids-part.ts';
import { LivePassages } from './live-passages.ts';
import { SEGMENT_PARTS } from './parts.ts';
import { SegmentReader } from './segment-reader.ts';
import { SegmentWriter } from './segment-writer.ts';
import { tokenIdsPart } from './token-ids-part.ts';

const folder = temporaryFolder();
const storage = new PlainStorage(4, 'float32');
let count = 0;

/** Writes a segment, copies it to another (a passage at a time, of another precision too), and opens all three. */
async function segmentsOf(passages: readonly EncodedPassage[]): Promise<SegmentReader[]> {
  const directory = join(folder.path, String(count++));
  mkdirSync(directory);
  const schema = new FieldSchema();
  const write = async (name: string, to: PlainStorage, fill: (writer: SegmentWriter) => Promise<void>) => {
    const context = { schema, words: {} };
    const place = { directory, name, storage: to, files: nodeFileSystem, context };
    const writer = await SegmentWriter.create(place, SEGMENT_PARTS);
    await fill(writer);
    return new SegmentReader({ directory, storage: to }, await writer.finish());
  };
  const first = await write('000001', storage, async (writer) => {
    for (const passage of passages) await writer.add(passage);
  });
  const copied = async (writer: SegmentWriter) => {
    for (let p = 0; p < passages.length; p++) await writer.copy(first, p);
  };
  const second = await write('000002', storage, copied);
  const half = await write('000003', new PlainStorage(4, 'float16'), copied);
  return [first, second, half];
}

const one = (id: string, tokenIds?: number[], text = id): EncodedPassage => ({
  passage: { id, text },
  vectors: new Float32Array(4 * (tokenIds?.length ?? 1)).fill(0.5),
  tokens: tokenIds?.length ?? 1,
  ...(tokenIds && { tokenIds: Int32Array.from(tokenIds) }),
});

describe('a segment', () => {
  it('gives back passages of every script and length, and so do its copies', async () => {
    const texts = ['पानी', 'ماء (API) 水', 'น้ำ', 'Ẹ sè omi', 'x'.repeat(40_000), '\ud800', '', 'a\nb\u2028c'];
    const passages = Array.from({ length: 300 }, (_, n) => one(`id ${n} ${texts[n % 3]}`, [n], texts[n % 8]));
    for (const segment of await segmentsOf(passages)) {
      for (const n of [0, 299, 7, 150, 151, 4, 5, 6]) {
        expect(segment.passage(n)).toEqual(passages[n].passage);
        expect(segment.part(idsPart).find(passages[n].passage.id)).toBe(n);
        expect([...segment.part(tokenIdsPart).ids(n)]).toEqual([n]);
      }
      expect(segment.part(idsPart).find('id 1')).toBeUndefined();
      segment.close();
    }
  });

  it.each([
    ['tokens.u16', [0, 65534, -1], [5]],
    ['tokens.u24', [0, 65535, -1], [5, 2 ** 24 - 2]],
    ['tokens.u32', [70_000, -1], [2 ** 24 - 1, 2 ** 31 - 1]],
  ])('packs token ids into %s', async (name, ...ids) => {
    const passages = [...ids.map((each, n) => one(`p${n}`, each)), one('unknown')];
    for (const segment of await segmentsOf(passages)) {
      expect(readdirSync(segment.directory).filter((file) => file.startsWith('tokens'))).toEqual([name]);
      expect(ids.map((_, n) => [...segment.part(tokenIdsPart).ids(n)])).toEqual(ids);
      expect([...segment.part(tokenIdsPart).ids(ids.length)]).toEqual([-1]);
      segment.close();
    }
  });

  it('leaves out what nobody knows', async () => {
    const passages = randomPassages(1, 5, 4).map(({ tokenIds: _, ...rest }) => rest);
    for (const segment of await segmentsOf(passages)) {
      expect(readdirSync(segment.directory).some((file) => /^(?:tokens|windows)/.test(file))).toBe(false);
      expect([...segment.part(tokenIdsPart).ids(2)]).toEqual(Array(passages[2].tokens).fill(-1));
      expect(segment.windowTokens(2)).toEqual([passages[2].tokens]);
      segment.close();
    }
  });
});

describe('hashes of ids', () => {
  it('are whole numbers of 53 bits, which rarely meet', () => {
    const hashes = new Set<number>();
    for (let n = 0; n < 100_000; n++) hashes.add(idHash(`passage-${n}`));
    expect(hashes.size).toBe(100_000);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        const hash = idHash(id);
        expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true);
        expect(idHash(id)).toBe(hash);
      }),
    );
    // Both halves are spread evenly: no bit is set in far more or fewer than half.
    for (let bit = 0; bit < 53; bit++) {
      let set = 0;
      for (const hash of hashes) if (Math.floor(hash / 2 ** bit) % 2 === 1) set++;
      expect(Math.abs(set - 50_000), `bit ${bit}`).toBeLessThan(1000);
    }
  });
});

describe('ordinals', () => {
  it('number what is not deleted, in order, there and back', () => {
    const segment = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), (segments) => {
        const given = segments.map((flags) => {
          const deleted = emptyBitmap(flags.length);
          flags.forEach((flag, p) => {
            if (flag) setBit(deleted, p);
          });
          expect(countBits(deleted)).toBe(flags.filter(Boolean).length);
          expect(flags.every((flag, p) => hasBit(deleted, p) === flag)).toBe(true);
          return { passages: flags.length, deleted: flags.includes(true) ? deleted : undefined };
        });
        const live = new LivePassages(given);
        const expected = segments.flatMap((flags, segment) =>
          flags.flatMap((flag, passage) => (flag ? [] : [{ segment, passage }])),
        );
        expect(live.size).toBe(expected.length);
        expected.forEach((place, ordinal) => {
          expect(live.place(ordinal)).toEqual(place);
          expect(live.ordinal(place.segment, place.passage)).toBe(ordinal);
        });
      }),
    );
  });
});
