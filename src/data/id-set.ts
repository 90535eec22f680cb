/**
 * Which ids have been met, for collections of any size: 64-bit hashes by open addressing, 11 to 21 bytes an id
 * whatever its length. The ids themselves lie in a file, which decides when a hash is met twice.
 */
import { hashId, type IdHash } from './id-hash.ts';

const FIRST_SLOTS = 4096;
/** The part of the slots that is taken before there are twice as many. */
const MOST_LOAD = 0.75;

/**
 * Ids that have been added.
 *
 * @example
 * const ids = new IdSet(async (id) => lineOf('ids.txt', id));
 * const earlier = await ids.add('a'); // undefined: it is new
 */
export class IdSet<Place> {
  private readonly find: (id: string) => Promise<Place | undefined>;
  private readonly hash: (id: string) => IdHash;
  /** Two words a slot; a slot of zeros is free. */
  private slots = new Uint32Array(2 * FIRST_SLOTS);
  private hashes = 0;
  /** How many ids were added. */
  size = 0;

  /**
   * @param find looks where an id stands among those that were added so far; asked when its hash is known
   * @param hash for tests
   */
  constructor(find: (id: string) => Promise<Place | undefined>, hash = hashId) {
    this.find = find;
    this.hash = hash;
  }

  /** Adds an id: undefined for a new one, else where it stands already. There is nothing to wait for mostly. */
  add(id: string): Promise<Place | undefined> | undefined {
    if (!this.put(this.hash(id))) return this.decide(id);
    this.size++;
    return undefined;
  }

  private async decide(id: string): Promise<Place | undefined> {
    const place = await this.find(id);
    if (place === undefined) this.size++;
    return place;
  }

  /** Whether the hash is new. */
  private put([first, second]: IdHash): boolean {
    if (this.hashes >= (MOST_LOAD * this.slots.length) / 2) this.grow();
    // Zeros would be a free slot.
    const word = first === 0 && second === 0 ? 1 : second;
    const slot = slotOf(this.slots, first, word);
    if (this.slots[slot] === first && this.slots[slot + 1] === word) return false;
    this.slots[slot] = first;
    this.slots[slot + 1] = word;
    this.hashes++;
    return true;
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Uint32Array(2 * old.length);
    for (let from = 0; from < old.length; from += 2) {
      const [first, second] = [old[from], old[from + 1]];
      if (first === 0 && second === 0) continue;
      const slot = slotOf(this.slots, first, second);
      this.slots[slot] = first;
      this.slots[slot + 1] = second;
    }
  }
}

/** The slot that holds a hash, or the free one where it belongs. */
function slotOf(slots: Uint32Array, first: number, second: number): number {
  let slot = 2 * (second % (slots.length / 2));
  while (
    (slots[slot] !== 0 || slots[slot + 1] !== 0) &&
    (slots[slot] !== first || slots[slot + 1] !== second)
  )
    slot = (slot + 2) % slots.length;
  return slot;
}
