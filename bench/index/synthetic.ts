/**
 * Synthetic token vectors with the structure of late-interaction encoders, as a stream: unit vectors around centres whose
 * sizes follow Zipf's law. A passage is about a few topics, a topic prefers some centres, and a token lies near its centre,
 * shifted by what the whole passage shares. A query repeats tokens of one passage with noise, so that exact search has
 * a meaningful top ten: the passage, and those of the same topics.
 */
import { RandomStream } from '../../src/random.ts';

/** What the generator makes. */
export interface SyntheticSettings {
  readonly dim: number;
  /** Tokens of each passage. */
  readonly tokens: number;
  readonly seed: number;
  readonly centres: number;
  readonly topics: number;
}

/** Centres that a topic prefers. */
const TOPIC_CENTRES = 48;
/** Topics of a passage. */
const PASSAGE_TOPICS = 2;
/** Share of tokens that are drawn from all centres, as function words are. */
const COMMON = 0.3;
/** Length of the passage's and of the token's own part beside a centre of length 1. */
const PASSAGE_SHIFT = 0.35;
const TOKEN_SHIFT = 0.45;
/** Length of a query token's noise, and share of query tokens that are drawn from the topic instead. */
const QUERY_SHIFT = 0.35;
const QUERY_OTHER = 0.25;

/** A collection that is made passage by passage; passage p is the same whatever was asked for before. */
export class SyntheticCollection {
  readonly settings: SyntheticSettings;
  private readonly centres: Float32Array;
  private readonly topicCentres: Uint32Array;
  private readonly zipf: Float64Array;
  /** A pool of normal draws: 64 tokens of 128 dimensions a passage would otherwise take most of the time. */
  private readonly pool: Float32Array;

  constructor(settings: SyntheticSettings) {
    this.settings = settings;
    const { dim, seed, centres, topics } = settings;
    const random = new RandomStream(seed, 'synthetic centres');
    this.centres = Float32Array.from({ length: centres * dim }, () => random.normal() / Math.sqrt(dim));
    this.zipf = new Float64Array(centres);
    let sum = 0;
    for (let c = 0; c < centres; c++) this.zipf[c] = sum += 1 / (c + 10);
    for (let c = 0; c < centres; c++) this.zipf[c] /= sum;
    this.topicCentres = Uint32Array.from({ length: topics * TOPIC_CENTRES }, () => random.below(centres));
    this.pool = Float32Array.from({ length: 1 << 18 }, () => random.normal() / Math.sqrt(dim));
  }

  /** The token vectors of passage `p`, row-major [tokens, dim]. */
  passage(p: number): Float32Array {
    const { tokens, dim, seed } = this.settings;
    const random = new RandomStream(seed, `synthetic passage ${p}`);
    const topics = this.topicsOf(random);
    const shared = this.draw(random);
    const out = new Float32Array(tokens * dim);
    for (let t = 0; t < tokens; t++) this.token(random, topics, shared, out.subarray(t * dim, (t + 1) * dim));
    return out;
  }

  /** A query of `tokens` tokens about a passage that is drawn from the first `passages`. */
  query(name: string, index: number, tokens: number, passages: number): Float32Array {
    const { dim, seed } = this.settings;
    const random = new RandomStream(seed, `synthetic query ${name} ${index}`);
    const p = random.below(passages);
    const source = this.passage(p);
    const again = new RandomStream(seed, `synthetic passage ${p}`);
    const topics = this.topicsOf(again);
    const shared = this.draw(again);
    const out = new Float32Array(tokens * dim);
    for (let i = 0; i < tokens; i++) {
      const row = out.subarray(i * dim, (i + 1) * dim);
      if (random.uniform() < QUERY_OTHER) this.token(random, topics, shared, row);
      else {
        const t = random.below(this.settings.tokens);
        row.set(source.subarray(t * dim, (t + 1) * dim));
      }
      const noise = this.draw(random);
      for (let d = 0; d < dim; d++) row[d] += QUERY_SHIFT * noise[d];
      normalise(row);
    }
    return out;
  }

  private topicsOf(random: RandomStream): number[] {
    return Array.from({ length: PASSAGE_TOPICS }, () => random.below(this.settings.topics));
  }

  /** `dim` normal numbers of about unit length, from the pool. */
  private draw(random: RandomStream): Float32Array {
    const start = random.below(this.pool.length - this.settings.dim);
    return this.pool.subarray(start, start + this.settings.dim);
  }

  private token(
    random: RandomStream,
    topics: readonly number[],
    shared: Float32Array,
    out: Float32Array,
  ): void {
    const { dim } = this.settings;
    const topic = topics[random.below(topics.length)];
    // Within a topic, too, some centres are met more often than others.
    const rank = Math.floor(TOPIC_CENTRES * random.uniform() ** 2);
    const centre =
      random.uniform() < COMMON
        ? this.common(random.uniform())
        : this.topicCentres[topic * TOPIC_CENTRES + rank];
    const own = this.draw(random);
    for (let d = 0; d < dim; d++) {
      out[d] = this.centres[centre * dim + d] + PASSAGE_SHIFT * shared[d] + TOKEN_SHIFT * own[d];
    }
    normalise(out);
  }

  /** The centre at `u` of the Zipf distribution. */
  private common(u: number): number {
    let [low, high] = [0, this.zipf.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.zipf[middle] < u) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function normalise(row: Float32Array): void {
  let squares = 0;
  for (const value of row) squares += value * value;
  const factor = 1 / Math.sqrt(squares);
  for (let d = 0; d < row.length; d++) row[d] *= factor;
}
