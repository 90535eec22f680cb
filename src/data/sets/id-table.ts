/**
 * Which ids of a large collection have been seen, in 12 bytes a slot instead of a string each: an open-addressed
 * table of 64-bit hashes with the line of each. Collections have up to 33 million passages (MIRACL, English),
 * more than a Map can hold. Two different ids have the same hash with probability 3e-5 over so many.
 */

const LOAD = 0.6;

/**
 * Remembers ids and their lines.
 *
 * @example const ids = new IdTable(); ids.add('p1', 1); ids.add('p1', 9) // 1, the earlier line
 */
export class IdTable {
  private high = new Uint32Array(1024);
  private low = new Uint32Array(1024);
  private lines = new Uint32Array(1024);
  private count = 0;

  /** How many ids there are. */
  get size(): number {
    return this.count;
  }

  /** Records `id` of `line`, unless it was there: then the line it had is returned. */
  add(id: string, line: number): number | undefined {
    const [high, low] = hash(id);
    const slot = this.slotOf(high, low);
    if (this.lines[slot] !== 0) return this.lines[slot];
    this.put(slot, high, low, line);
    if (++this.count > this.lines.length * LOAD) this.grow();
    return undefined;
  }

  /** Whether `id` was added. */
  has(id: string): boolean {
    const [high, low] = hash(id);
    return this.lines[this.slotOf(high, low)] !== 0;
  }

  private slotOf(high: number, low: number): number {
    const mask = this.lines.length - 1;
    let slot = low & mask;
    while (this.lines[slot] !== 0 && (this.high[slot] !== high || this.low[slot] !== low))
      slot = (slot + 1) & mask;
    return slot;
  }

  private put(slot: number, high: number, low: number, line: number): void {
    this.high[slot] = high;
    this.low[slot] = low;
    this.lines[slot] = Math.max(1, line); // 0 marks a free slot
  }

  private grow(): void {
    const { high, low, lines } = this;
    this.high = new Uint32Array(high.length * 2);
    this.low = new Uint32Array(high.length * 2);
    this.lines = new Uint32Array(high.length * 2);
    for (let i = 0; i < lines.length; i++)
      if (lines[i] !== 0) this.put(this.slotOf(high[i], low[i]), high[i], low[i], lines[i]);
  }
}

/** Two 32-bit hashes of the UTF-16 units, each an FNV step with its own prime, mixed at the end. */
function hash(id: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
    b ^= b >>> 15;
  }
  return [mix(a ^ Math.imul(b, 0x27d4eb2f)), mix(b ^ Math.imul(a, 0xc2b2ae35))];
}

/** The finaliser of MurmurHash3: every bit of the input changes half of the output. */
function mix(value: number): number {
  let v = value;
  v = Math.imul(v ^ (v >>> 16), 0x85ebca6b);
  v = Math.imul(v ^ (v >>> 13), 0xc2b2ae35);
  return (v ^ (v >>> 16)) >>> 0;
}
