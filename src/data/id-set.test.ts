/** Ids that were met: exact whatever the hash, and the hash spreads ids that are numbered or in any script. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashId, type IdHash } from './id-hash.ts';
import { IdSet } from './id-set.ts';

/** Adds ids one after the other; places are positions, found by looking through those that were added. */
async function addAll(ids: readonly string[], hash?: (id: string) => IdHash) {
  const added: string[] = [];
  let looked = 0;
  const set = new IdSet(async (id) => {
    looked++;
    const place = added.indexOf(id);
    return place < 0 ? undefined : place;
  }, hash);
  const places: (number | undefined)[] = [];
  for (const id of ids) {
    places.push(await set.add(id));
    if (places.at(-1) === undefined) added.push(id);
  }
  return { places, size: set.size, added, looked };
}

/** What a map finds. */
function expected(ids: readonly string[]) {
  const places = new Map<string, number>();
  return ids.map((id) => {
    const place = places.get(id);
    if (place === undefined) places.set(id, places.size);
    return place;
  });
}

const idLists = fc.array(fc.string({ unit: 'grapheme', maxLength: 3 }), { maxLength: 60 });

describe('IdSet', () => {
  it.each<[string, ((id: string) => IdHash) | undefined]>([
    ['its own hash', undefined],
    ['one hash for all', () => [7, 7]],
    ['a hash of zeros', () => [0, 0]],
    ['a hash of lengths', (id) => [id.length, 0]],
  ])('finds what a map finds, with %s', async (_, hash) => {
    await fc.assert(
      fc.asyncProperty(idLists, async (ids) => {
        const { places, size, added } = await addAll(ids, hash);
        expect(places).toEqual(expected(ids));
        expect(size).toBe(new Set(ids).size);
        expect(added).toEqual([...new Set(ids)]);
      }),
    );
  });

  it('tells ids apart that share a hash, by looking', async () => {
    const ids = ['kìlómítà', 'kilomita', 'กิโลเมตร', 'किलोमीटर', 'كيلومتر', 'كيلومتر'];
    const { places, looked } = await addAll(ids, () => [1, 2]);
    expect(places).toEqual([undefined, undefined, undefined, undefined, undefined, 4]);
    expect(looked).toBe(5);
  });

  it('grows without forgetting, and does not look for new ids', async () => {
    let looked = 0;
    const set = new IdSet(async (id) => {
      looked++;
      return id;
    });
    for (let i = 0; i < 100_000; i++) set.add(`p-${i}`);
    expect(set.size).toBe(100_000);
    expect(looked).toBe(0);
    for (let i = 0; i < 100_000; i += 97) expect(await set.add(`p-${i}`)).toBe(`p-${i}`);
    expect(set.size).toBe(100_000);
  });
});

describe('hashId', () => {
  it.each<[string, (i: number) => string]>([
    ['numbers', (i) => String(i)],
    ['numbers behind a name', (i) => `passage-${i}`],
    ['numbers before a name', (i) => `${i}-passage`],
    ['two numbers', (i) => `${i % 1000}#${Math.floor(i / 1000)}`],
    [
      'letters of any script',
      (i) => [7, 61, 331].map((n) => String.fromCharCode(0x900 + ((i * n) % 997))).join('') + i,
    ],
  ])('spreads %s: halves meet as often as draws by chance, wholes never', (_, idOf) => {
    const count = 50_000;
    const firsts = new Map<number, number>();
    const seconds = new Set<number>();
    for (let i = 0; i < count; i++) {
      const [first, second] = hashId(idOf(i));
      if (firsts.get(first) === second) throw new Error(`${idOf(i)} has the hash of another`);
      firsts.set(first, second);
      seconds.add(second);
    }
    // count^2 / 2^33 = .3 are expected to meet; 6 of a Poisson draw come once in a million.
    for (const { size } of [firsts, seconds]) expect(count - size).toBeLessThanOrEqual(6);
  });
});
