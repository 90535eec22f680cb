/** Batches for the teacher: queries with a positive passage each, hard negatives, no passage twice. */
import type { EncoderInput } from '../model/input.ts';
import { padInputs } from '../model/input.ts';
import { type Answers, ExampleGroups, type ExampleGroupsState } from './example-groups.ts';
import type { Batch, BatchSource } from './objective.ts';

/** A training query: ordinals of its relevant passages and of its hard negatives (may be empty). */
export interface TeachExample extends Answers {
  readonly query: EncoderInput;
}

/** How batches are made. */
export interface TeachBatchSettings {
  readonly batchSize: number;
  readonly negativesPerQuery: number;
  readonly seed: number;
  readonly padId: number;
  /** Inputs are never padded beyond this many tokens. */
  readonly longest: number;
  /** Passages are cut to the window of this many tokens that best matches the query; 0 for no cut. */
  readonly passageTokens: number;
  /** Weight of each token id when windows are matched: its inverse document frequency. */
  readonly tokenWeights: Float64Array;
}

/** Goes through all examples in a new random order each epoch. */
export class TeachBatches implements BatchSource {
  private readonly groups: ExampleGroups<TeachExample>;
  private readonly passage: (ordinal: number) => EncoderInput;
  private readonly settings: TeachBatchSettings;

  constructor(
    examples: readonly TeachExample[],
    passage: (ordinal: number) => EncoderInput,
    settings: TeachBatchSettings,
  ) {
    this.passage = passage;
    this.settings = settings;
    this.groups = new ExampleGroups(examples, settings.seed, 'teach/batches');
  }

  next(): Batch {
    const { batchSize, negativesPerQuery, padId, longest } = this.settings;
    const { examples, passages, owners, target, bias } = this.groups.next(batchSize, negativesPerQuery);
    const query = padInputs(
      examples.map((example) => example.query),
      padId,
      longest,
    );
    const passage = padInputs(
      passages.map((ordinal, p) => this.cut(this.passage(ordinal), owners[p].query)),
      padId,
      longest,
    );
    return {
      feeds: {
        'query.ids': query.ids,
        'query.mask': query.mask,
        'query.scored': query.scored,
        'passage.ids': passage.ids,
        'passage.mask': passage.mask,
        'passage.scored': passage.scored,
        target,
        bias,
      },
    };
  }

  save(): unknown {
    return this.groups.save();
  }

  load(state: unknown): void {
    this.groups.load(state as ExampleGroupsState);
  }

  private cut(passage: EncoderInput, query: EncoderInput): EncoderInput {
    const most = this.settings.passageTokens;
    if (most === 0 || passage.ids.length <= most) return passage;
    return cutToWindow(passage, query, most, this.settings.tokenWeights);
  }
}

/**
 * The window of a passage that holds the most weight of the query's tokens, each counted wherever it
 * occurs; the earliest of equal ones. [CLS] and marker before it and [SEP] after it are kept: `width` tokens in all.
 */
export function cutToWindow(
  passage: EncoderInput,
  query: EncoderInput,
  width: number,
  weights: Float64Array,
): EncoderInput {
  const inner = width - 3;
  const wanted = new Set(query.ids.subarray(2, query.ids.length - 1));
  const weight = (at: number) => (wanted.has(passage.ids[at]) ? weights[passage.ids[at]] : 0);
  const last = passage.ids.length - 1;
  let sum = 0;
  for (let at = 2; at < 2 + inner; at++) sum += weight(at);
  let best = sum;
  let start = 2;
  for (let from = 3; from + inner <= last; from++) {
    sum += weight(from + inner - 1) - weight(from - 1);
    if (sum > best + 1e-9) {
      best = sum;
      start = from;
    }
  }
  const take = <T extends Int32Array | Uint8Array>(values: T): T => {
    const cut = values.slice(0, width) as T;
    cut.set(values.subarray(start, start + inner), 2);
    cut[width - 1] = values[last];
    return cut;
  };
  return { ids: take(passage.ids), scored: take(passage.scored) };
}
