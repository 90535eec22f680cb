/** MaxSim in two stages: compressed vectors find windows, and the best of these are ranked by the vectors as they came. */
import type { CodeBits } from '../codec/codec.ts';
import type { StoredWindows } from '../plain/stored-windows.ts';
import type {
  AllowedWindows,
  SearchEffort,
  SegmentScorer,
  WindowHit,
  WindowPlace,
} from '../vector-storage.ts';

/**
 * Windows that are ranked again for `depth` of them: the fewer bits found them, the farther down the best may stand.
 * Decision 030 has what other numbers give.
 */
const RANKED_AGAIN: Readonly<Record<CodeBits, { readonly times: number; readonly more: number }>> = {
  4: { times: 1, more: 32 },
  2: { times: 2, more: 64 },
  1: { times: 4, more: 128 },
};

/** Scores of windows are those of the vectors as they came, whichever way they were found. */
export class RefinedScorer implements SegmentScorer {
  private readonly coded: SegmentScorer;
  private readonly numbers: StoredWindows;
  private readonly bits: CodeBits;

  /** @param coded finds; @param numbers ranks; @param bits of a dimension of the compressed vectors */
  constructor(coded: SegmentScorer, numbers: StoredWindows, bits: CodeBits) {
    this.coded = coded;
    this.numbers = numbers;
    this.bits = bits;
  }

  async search(
    query: Float32Array,
    tokens: number,
    depth: number,
    allowed: readonly AllowedWindows[],
    options: SearchEffort = {},
  ): Promise<WindowHit[]> {
    const { times, more } = RANKED_AGAIN[this.bits];
    const found = await this.coded.search(query, tokens, times * depth + more, allowed, options);
    const scores = this.numbers.score(query, tokens, found);
    return found
      .map(({ segment, window }, i) => ({ segment, window, score: scores[i] }))
      .sort((a, b) => b.score - a.score || a.segment - b.segment || a.window - b.window)
      .slice(0, depth);
  }

  async score(query: Float32Array, tokens: number, windows: readonly WindowPlace[]): Promise<Float32Array> {
    return this.numbers.score(query, tokens, windows);
  }

  get failed(): boolean {
    return this.coded.failed === true;
  }

  close(): Promise<void> {
    return this.coded.close();
  }
}
