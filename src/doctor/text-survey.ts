/**
 * One pass over a text of any size in flat memory: every character is counted, and a seeded random sample of lines
 * (Vitter 1985, algorithm R) is kept for what is slower to look at.
 */
import { RandomStream } from '../random.ts';
import { Stage, type StageControl } from '../stage.ts';

/** Lines that are looked at closely, when nothing else is said. */
export const SAMPLE_TEXTS = 20_000;

/** How a sample is drawn. */
export interface SampleOptions {
  /** The most that is kept; default 20,000. */
  readonly sample?: number;
  /** Seed of the draw; default 1. */
  readonly seed?: number;
}

/** A uniform sample, without replacement, of a stream whose length is not known. */
export class Reservoir<Item> {
  readonly items: Item[] = [];
  private readonly size: number;
  private readonly stream: RandomStream;
  private seen = 0;

  /** @param name of the random stream, so that two samples of one seed differ */
  constructor(name: string, { sample = SAMPLE_TEXTS, seed = 1 }: SampleOptions = {}) {
    this.size = sample;
    this.stream = new RandomStream(seed, `doctor/${name}`);
  }

  /** How many were offered. */
  get total(): number {
    return this.seen;
  }

  /** Offers an item; `copy` makes of it what is kept, if it is. */
  add(item: Item, copy: (item: Item) => Item = (same) => same): void {
    this.seen++;
    if (this.items.length < this.size) this.items.push(copy(item));
    else {
      const place = this.stream.below(this.seen);
      if (place < this.size) this.items[place] = copy(item);
    }
  }
}

/**
 * A sample of a list that is in memory, in the order of the list's draw.
 *
 * @example sampled(pairs, 'pairs', { sample: 1000, seed: 1 })
 */
export function sampled<Item>(items: readonly Item[], name: string, options: SampleOptions = {}): Item[] {
  const reservoir = new Reservoir<Item>(name, options);
  for (const item of items) reservoir.add(item);
  return reservoir.items;
}

/** What one pass over a text tells. */
export interface TextSurvey {
  /** Texts that are not blank. */
  readonly texts: number;
  /** Code points in NFC, white space left out. */
  readonly characters: number;
  /** How often each of them occurs, the most frequent first. */
  readonly counts: ReadonlyMap<string, number>;
  /** Some of the texts, in NFC. */
  readonly sample: readonly string[];
}

/** A string of its own: a line is part of the block that it was read with, and would keep all of it in memory. */
function copied(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** One more than the largest code point. */
const CODE_POINTS = 0x110000;

/**
 * Surveys the texts that `source` yields; `name` is that of the sample's random stream and of the stage.
 *
 * @throws RefractError `INTERRUPTED`, and whatever `source` throws
 * @example (await surveyTexts(['maji safi'], 'text')).counts.get('a') // 2
 */
export async function surveyTexts(
  source: Iterable<string> | AsyncIterable<string>,
  name: string,
  options: SampleOptions = {},
  control: StageControl = {},
): Promise<TextSurvey> {
  const stage = new Stage(`reading the ${name}`, 0, 'texts', control);
  const counts = new Float64Array(CODE_POINTS);
  const reservoir = new Reservoir<string>(name, options);
  for await (const raw of source) {
    const text = raw.normalize('NFC').trim();
    if (text === '') continue;
    for (let i = 0; i < text.length; i++) {
      const point = text.codePointAt(i)!;
      if (point > 0xffff) i++;
      counts[point]++;
    }
    reservoir.add(text, copied);
    if (stage.due()) await stage.turn(reservoir.total);
  }
  stage.end(`${reservoir.total} texts`);
  const found: [string, number][] = [];
  let characters = 0;
  for (let point = 0; point < CODE_POINTS; point++) {
    if (counts[point] === 0) continue;
    const character = String.fromCodePoint(point);
    if (/[\s\p{Cc}]/u.test(character)) continue;
    found.push([character, counts[point]]);
    characters += counts[point];
  }
  found.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return { texts: reservoir.total, characters, counts: new Map(found), sample: reservoir.items };
}
