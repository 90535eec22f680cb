/**
 * BM25 over the live passages of an index, across its segments. Statistics (number of passages, document frequencies,
 * lengths) are those of the live passages, so that scores are those of `Bm25Index` over them, whatever the segments and
 * whatever was deleted.
 */
import { countBits, hasBit } from '../../data/bitmap.ts';
import { RefractError } from '../../errors.ts';
import { Accumulators, type ScoredTerm } from '../../lexical/accumulators.ts';
import { checkBm25 } from '../../lexical/bm25.ts';
import {
  inverseFrequency,
  type LexicalIndex,
  lengthNorms,
  type TermPostings,
  USUAL_BM25,
} from '../../lexical/lexical-index.ts';
import type { LexicalHit } from '../../lexical/top-k.ts';
import { type LexicalSettings, sameSettings, termsOf } from './lexical-files.ts';
import type { LexicalReader } from './reader.ts';
import { liveRanks } from './term-sources.ts';

/** The words of a segment, and which of its passages are live; undefined is all. */
export interface LexicalSegment {
  readonly words: LexicalReader;
  readonly live?: Uint8Array;
}

/** Settings of `LexicalView`. */
export interface LexicalViewOptions {
  /** Those of the index, where it has no segment yet. */
  readonly settings?: LexicalSettings;
  readonly k1?: number;
  readonly b?: number;
}

/** Postings of lists that are kept after a search, 6 bytes each. */
const KEPT_POSTINGS = 4_000_000;
/** What a word that no passage has takes among them. */
const MISSING_WORD = 32;

interface KeptList extends TermPostings {
  /** The largest f / (f + norm) in it. */
  readonly peak: number;
}

/** Where a segment's passages stand among the live ones. */
interface Placed extends LexicalSegment {
  readonly base: number;
  readonly ranks?: Uint32Array;
}

/**
 * The words of an open index. Ordinals count its live passages, in the order of segments and of passages in them.
 *
 * @example
 * const view = new LexicalView([{ words: reader, live }]);
 * view.search('safe water', 10, allowed); // [{ ordinal: 0, score: 2.1 }, ...]
 */
export class LexicalView implements LexicalIndex {
  readonly size: number;
  readonly k1: number;
  readonly b: number;
  readonly settings: LexicalSettings;
  private readonly segments: readonly Placed[];
  private readonly cut: (text: string) => string[];
  private readonly kept = new Map<string, KeptList | undefined>();
  private keptPostings = 0;
  private loaded: { lengths: Uint32Array; norms: Float64Array; race: Accumulators } | undefined;

  /** @throws RefractError `CHECKPOINT_FORMAT` segments with different settings; `SETTING_INVALID` k1 or b */
  constructor(segments: readonly LexicalSegment[], options: LexicalViewOptions = {}) {
    const { k1 = USUAL_BM25.k1, b = USUAL_BM25.b, settings = segments[0]?.words.settings ?? {} } = options;
    checkBm25({ k1, b });
    for (const { words } of segments)
      if (!sameSettings(words.settings, settings))
        throw new RefractError(
          'CHECKPOINT_FORMAT',
          'segments of the index cut text into words in different ways',
          {
            hint: 'Build the index again.',
          },
        );
    this.k1 = k1;
    this.b = b;
    this.settings = settings;
    this.cut = termsOf(settings);
    let base = 0;
    this.segments = segments.map(({ words, live }) => {
      const placed = { words, live, base, ranks: live && liveRanks(live, words.passages) };
      base += live === undefined ? words.passages : countBits(live);
      return placed;
    });
    this.size = base;
  }

  /** @throws RefractError `CHECKPOINT_FORMAT` */
  get lengths(): Uint32Array {
    return this.load().lengths;
  }

  terms(text: string): string[] {
    return this.cut(text);
  }

  /** @throws RefractError `CHECKPOINT_FORMAT` */
  termPostings(term: string): TermPostings | undefined {
    return this.keptList(term);
  }

  /**
   * The `k` best passages for a text, best first; equal scores by ascending ordinal.
   *
   * @param allowed bit `p & 7` of byte `p >> 3`: which ordinals may be found; undefined is all. Scores do not depend
   *   on it
   * @throws RefractError `CHECKPOINT_FORMAT`
   */
  search(text: string, k: number, allowed?: Uint8Array): LexicalHit[] {
    const weights = new Map<string, number>();
    for (const term of this.terms(text)) weights.set(term, (weights.get(term) ?? 0) + 1);
    const scored: ScoredTerm[] = [];
    for (const [term, count] of weights) {
      const list = this.keptList(term);
      if (list === undefined) continue;
      const weight = count * inverseFrequency(this.size, list.passages.length);
      scored.push({ ...list, weight, bound: weight * list.peak, dense: undefined });
    }
    return this.load().race.search(scored, k, allowed);
  }

  private load() {
    if (this.loaded !== undefined) return this.loaded;
    const lengths = new Uint32Array(this.size);
    for (const { words, live, base } of this.segments) {
      const all = words.lengths();
      lengths.set(live === undefined ? all : all.filter((_, p) => hasBit(live, p)), base);
    }
    const norms = lengthNorms(lengths, this.k1, this.b);
    this.loaded = { lengths, norms, race: new Accumulators(norms) };
    return this.loaded;
  }

  private keptList(term: string): KeptList | undefined {
    if (this.kept.has(term)) {
      const list = this.kept.get(term);
      this.kept.delete(term); // to the end: the least recently used come first
      this.kept.set(term, list);
      return list;
    }
    const list = this.read(term);
    this.kept.set(term, list);
    const taken = (each: KeptList | undefined) => each?.passages.length ?? MISSING_WORD;
    this.keptPostings += taken(list);
    for (const [old, each] of this.kept) {
      if (this.keptPostings <= KEPT_POSTINGS || old === term) break;
      this.kept.delete(old);
      this.keptPostings -= taken(each);
    }
    return list;
  }

  private read(term: string): KeptList | undefined {
    const lists = this.segments.flatMap((segment) => {
      const list = segment.words.list(term);
      return list === undefined ? [] : [{ segment, ...list }];
    });
    let count = 0;
    const most = lists.reduce((sum, { passages }) => sum + passages.length, 0);
    const passages = new Uint32Array(most);
    const frequencies = new Uint16Array(most);
    for (const { segment, ...list } of lists) {
      const { base, live, ranks } = segment;
      for (let i = 0; i < list.passages.length; i++) {
        const passage = list.passages[i];
        if (live !== undefined && !hasBit(live, passage)) continue;
        passages[count] = base + (ranks === undefined ? passage : ranks[passage]);
        frequencies[count++] = list.frequencies[i];
      }
    }
    if (count === 0) return undefined;
    const { norms } = this.load();
    let peak = 0;
    for (let i = 0; i < count; i++)
      peak = Math.max(peak, frequencies[i] / (frequencies[i] + norms[passages[i]]));
    return { passages: passages.subarray(0, count), frequencies: frequencies.subarray(0, count), peak };
  }
}
