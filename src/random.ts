/**
 * Named, seeded random streams: every random draw of Refract comes from one of these, so the same seed
 * gives the same bytes on every machine, and adding a draw to one stream never moves another.
 */

/** A reproducible stream of numbers (xoshiro128**, seeded from text by 32-bit FNV-1a and splitmix). */
export class RandomStream {
  private readonly state: Uint32Array;

  /** @param seed the run's seed; @param name the stream's name, e.g. `'batches'`. */
  constructor(seed: number, name: string) {
    let hash = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(`${seed}/${name}`))
      hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    this.state = new Uint32Array(4);
    for (let i = 0; i < 4; i++) {
      hash = (hash + 0x9e3779b9) >>> 0;
      let z = hash;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      this.state[i] = (z ^ (z >>> 16)) >>> 0;
    }
    if (this.state.every((word) => word === 0)) this.state[0] = 1;
  }

  /** A uniform 32-bit unsigned integer. */
  uint32(): number {
    const s = this.state;
    const product = Math.imul(s[1], 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** A uniform double in [0, 1). */
  uniform(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** A uniform integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** A standard normal draw (Box-Muller, one of the pair). */
  normal(): number {
    const u = 1 - this.uniform();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Shuffles `items` in place (Fisher-Yates) and returns it. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }

  /** The stream's state, for a checkpoint. */
  save(): number[] {
    return [...this.state];
  }

  /** Continues from a state that `save` returned. */
  load(state: readonly number[]): void {
    this.state.set(state);
  }
}
