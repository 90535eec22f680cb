/** Hashes of ids, and a set of them with a few bytes an id. */

/**
 * A hash of 53 bits, which a float64 holds exactly: two multiplicative hashes over the UTF-16 units, mixed as MurmurHash3
 * ends (Appleby, public domain). Equal ids have equal hashes; of n different ones about n^2 / 2^54 pairs do too, which
 * is why a find always compares the ids.
 *
 * @example idHash('p17') === idHash('p17') // true
 */
export function idHash(id: string): number {
  let [low, high] = [0x9e3779b9, 0x85ebca6b];
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x9e3779b1);
    high = Math.imul(high ^ unit, 0x5f356495);
    low = (low << 13) | (low >>> 19);
    high = (high << 15) | (high >>> 17);
  }
  low = mixed(low ^ (high >>> 7) ^ id.length);
  high = mixed(high ^ (low >>> 11));
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}

function mixed(value: number): number {
  let word = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}

/** A set of id hashes: 8 bytes a place of the table, which is at most half full. */
export class IdHashes {
  private table = new Float64Array(1024).fill(-1);
  size = 0;

  get bytes(): number {
    return this.table.byteLength;
  }

  has(hash: number): boolean {
    return this.table[this.place(hash)] === hash;
  }

  add(hash: number): void {
    const place = this.place(hash);
    if (this.table[place] === hash) return;
    this.table[place] = hash;
    this.size++;
    if (2 * this.size > this.table.length) this.grow();
  }

  /** Where a hash stands, or the free place where it would. */
  private place(hash: number): number {
    const mask = this.table.length - 1;
    let place = (hash >>> 0) & mask;
    while (this.table[place] !== -1 && this.table[place] !== hash) place = (place + 1) & mask;
    return place;
  }

  private grow(): void {
    const old = this.table;
    this.table = new Float64Array(2 * old.length).fill(-1);
    for (const hash of old) if (hash !== -1) this.table[this.place(hash)] = hash;
  }
}
