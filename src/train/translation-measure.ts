/** The dev measure of students of bitext: RR@10 of sentences among the teacher's vectors of their translations. */
import type { SentencePair } from '../data/records.ts';
import type { Encoder, TextVectors } from '../model/encoder.ts';
import { MaxSimScorer } from '../model/maxsim-scorer.ts';
import { reciprocalRank } from './dev-measure.ts';
import type { OnPart } from './work.ts';

/** Held-out pairs with the teacher's vectors of their English side. */
export class TranslationMeasure {
  private readonly pairs: readonly SentencePair[];
  private readonly passages: readonly TextVectors[];
  private readonly relevant: readonly ReadonlySet<number>[];
  private readonly scorer: MaxSimScorer;

  private constructor(
    pairs: readonly SentencePair[],
    passages: readonly TextVectors[],
    scorer: MaxSimScorer,
  ) {
    this.pairs = pairs;
    this.passages = passages;
    this.relevant = pairs.map((_, i) => new Set([i]));
    this.scorer = scorer;
  }

  /** Encodes the English side; close it after use. */
  static async create(
    teacher: Encoder,
    pairs: readonly SentencePair[],
    options: { readonly threads?: number; readonly onPart?: (done: number) => void } = {},
  ): Promise<TranslationMeasure> {
    const passages = await teacher.passages(
      pairs.map(({ pivot }) => pivot),
      options.onPart,
    );
    return new TranslationMeasure(pairs, passages, await MaxSimScorer.create(teacher.dim, options.threads));
  }

  /** RR@10 with queries by `encoder`. */
  async of(encoder: Encoder, onPart?: OnPart): Promise<number> {
    const { pairs } = this;
    const after = (earlier: number) => (done: number) => onPart?.(earlier + done, 2 * pairs.length);
    const queries = await encoder.queries(
      pairs.map(({ target }) => target),
      after(0),
    );
    return reciprocalRank(this.scorer, queries, this.passages, this.relevant, after(pairs.length));
  }

  close(): Promise<void> {
    return this.scorer.close();
  }
}
