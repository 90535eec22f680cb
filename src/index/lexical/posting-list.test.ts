import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteBuffer, ByteCursor } from './byte-buffer.ts';
import { decodePostings, PostingListEncoder } from './posting-list.ts';

describe('numbers of variable length', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(300), fc.nat(), fc.maxSafeNat())), (numbers) => {
        const buffer = new ByteBuffer();
        for (const number of numbers) buffer.varint(number);
        const cursor = new ByteCursor(buffer.view());
        expect(numbers.map(() => cursor.varint())).toEqual(numbers);
        expect(cursor.left).toBe(0);
      }),
    );
  });

  it.each([[[]], [[0x80]], [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]]])(
    'refuse %j',
    (bytes) => {
      expect(() => new ByteCursor(Uint8Array.from(bytes)).varint()).toThrow(RangeError);
    },
  );
});

describe('a posting list', () => {
  const postings = fc.uniqueArray(
    fc.tuple(
      fc.oneof(fc.nat(200), fc.nat(2 ** 31 - 2)),
      fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 70_000 })),
    ),
    { selector: ([passage]) => passage, maxLength: 50 },
  );

  it('is decoded as it was encoded, with counts of at most 65,535', () => {
    const list = new PostingListEncoder();
    fc.assert(
      fc.property(postings, (given) => {
        const sorted = given.sort(([a], [b]) => a - b);
        list.clear();
        for (const [passage, count] of sorted) list.push(passage, count);
        const read = decodePostings(list.view(), sorted.length, 2 ** 31 - 1);
        expect([...read.passages]).toEqual(sorted.map(([passage]) => passage));
        expect([...read.frequencies]).toEqual(sorted.map(([, count]) => Math.min(count, 65_535)));
      }),
    );
  });

  it('takes one byte for a passage that is near', () => {
    const list = new PostingListEncoder();
    for (let passage = 0; passage < 640; passage += 64) list.push(passage, 1);
    expect(list.view()).toHaveLength(10);
  });

  it('never reads past its end or gives a passage that does not exist, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 20 }),
        fc.nat(20),
        fc.integer({ min: 1, max: 50 }),
        (bytes, count, size) => {
          try {
            const { passages, frequencies } = decodePostings(bytes, count, size);
            expect(passages).toHaveLength(count);
            passages.forEach((passage, i) => {
              expect(passage).toBeLessThan(size);
              expect(passage).toBeGreaterThan(i === 0 ? -1 : passages[i - 1]);
              expect(frequencies[i]).toBeGreaterThan(0);
            });
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
