/**
 * Greedy and beam search for one text, step by step: a search says which texts it wants continued and is told
 * the log-probabilities of their next tokens. Several searches can so share the batches of a model.
 *
 * The rules are those of `generate` in Hugging Face transformers, so that the same model writes the same text:
 * of the best continuations of all kept texts, as many as 2 x beams, those that end among the first `beams` are
 * finished with the score
 *
 *     log p(text) / |text| ^ lengthPenalty          |text| without the start token,
 *
 * and the best `beams` of the others are kept.
 */
import type { GenerationSettings } from './generation.ts';

/** A text being written: ids with the start token, and log p or, when finished, its score. */
export interface Hypothesis {
  readonly ids: readonly number[];
  readonly score: number;
}

/** One search. */
export interface Search {
  /** Texts to be continued; none when the search has ended. All have the same length. */
  readonly running: readonly Hypothesis[];
  /** Takes log-probabilities [running, vocabulary] of the next tokens, as `nextTokenLogProbabilities` gives them. */
  advance(logProbabilities: readonly Float32Array[]): void;
  /** The best text, once the search has ended. */
  best(): Hypothesis;
}

/**
 * A search with `settings`: greedy for one beam.
 *
 * @example
 * const search = startSearch(settings);
 * while (search.running.length > 0) search.advance(await model(search.running));
 * search.best().ids;
 */
export function startSearch(settings: GenerationSettings): Search {
  return settings.beams === 1 ? new GreedySearch(settings) : new BeamSearch(settings);
}

/** The most probable token each time. The score is the log-probability, without regard to length. */
class GreedySearch implements Search {
  running: readonly Hypothesis[];
  private text: Hypothesis;
  private readonly settings: GenerationSettings;

  constructor(settings: GenerationSettings) {
    this.settings = settings;
    this.text = { ids: [settings.startId], score: 0 };
    this.running = [this.text];
  }

  advance([logProbabilities]: readonly Float32Array[]): void {
    let token = 0;
    for (let i = 1; i < logProbabilities.length; i++)
      if (logProbabilities[i] > logProbabilities[token]) token = i;
    const { ids, score } = this.text;
    this.text = { ids: [...ids, token], score: score + logProbabilities[token] };
    const { endIds, maxLength } = this.settings;
    const ended = endIds.includes(token) || this.text.ids.length >= maxLength;
    this.running = ended ? [] : [this.text];
  }

  best(): Hypothesis {
    return this.text;
  }
}

/** A text with one more token. */
interface Continuation {
  readonly from: number;
  readonly token: number;
  /** log p */
  readonly score: number;
}

class BeamSearch implements Search {
  running: readonly Hypothesis[];
  /** Best first, at most `beams`. */
  private finished: Hypothesis[] = [];
  private readonly settings: GenerationSettings;

  constructor(settings: GenerationSettings) {
    this.settings = settings;
    this.running = [{ ids: [settings.startId], score: 0 }];
  }

  advance(logProbabilities: readonly Float32Array[]): void {
    const { beams, endIds, maxLength } = this.settings;
    const length = this.running[0].ids.length + 1;
    const full = length >= maxLength;
    const best = this.continuations(logProbabilities, Math.max(2, 1 + endIds.length) * beams);
    const kept: Hypothesis[] = [];
    best.forEach(({ from, token, score }, rank) => {
      const ended = full || endIds.includes(token);
      if (ended ? rank >= beams : kept.length >= beams) return;
      const ids = [...this.running[from].ids, token];
      if (ended) this.finish({ ids, score: score / (length - 1) ** this.settings.lengthPenalty });
      else kept.push({ ids, score });
    });
    this.running = kept.length > 0 && this.mayImprove(kept[0].score, length) ? kept : [];
  }

  best(): Hypothesis {
    return this.finished[0] ?? { ids: [this.settings.startId], score: -Infinity };
  }

  /** The best `count` continuations, best first; of equals, that of the better text, then the lower token. */
  private continuations(logProbabilities: readonly Float32Array[], count: number): Continuation[] {
    const best: Continuation[] = [];
    logProbabilities.forEach((row, from) => {
      const { score: before } = this.running[from];
      for (let token = 0; token < row.length; token++) {
        const score = before + row[token];
        if (score === -Infinity || (best.length === count && score <= best[count - 1].score)) continue;
        let at = Math.min(best.length, count - 1);
        if (best.length < count) best.push({ from, token, score });
        for (; at > 0 && best[at - 1].score < score; at--) best[at] = best[at - 1];
        best[at] = { from, token, score };
      }
    });
    return best;
  }

  private finish(text: Hypothesis): void {
    this.finished.push(text);
    this.finished.sort((a, b) => b.score - a.score);
    this.finished.length = Math.min(this.finished.length, this.settings.beams);
  }

  private get isFull(): boolean {
    return this.finished.length === this.settings.beams;
  }

  /** Whether a running text of log-probability `score` may still finish above the worst finished one. */
  private mayImprove(score: number, length: number): boolean {
    if (!this.isFull) return true;
    const { earlyStopping, lengthPenalty, maxLength } = this.settings;
    if (earlyStopping === true) return false;
    const reach = earlyStopping === 'never' && lengthPenalty > 0 ? maxLength - 1 : length - 1;
    return score / reach ** lengthPenalty > this.finished[this.finished.length - 1].score;
  }
}
