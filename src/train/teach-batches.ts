/** Batches for the teacher: queries with a positive passage each, hard negatives, no passage twice. */
import type { EncoderInput } from '../model/input.ts';
import { padInputs } from '../model/input.ts';
import { RandomStream } from '../random.ts';
import type { Batch, BatchSource } from './objective.ts';

/** A training query: ordinals of its relevant passages and of its hard negatives (may be empty). */
export interface TeachExample {
  readonly query: EncoderInput;
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
}

/** How batches are made. */
export interface TeachBatchSettings {
  readonly batchSize: number;
  readonly negativesPerQuery: number;
  readonly seed: number;
  readonly padId: number;
  /** Passages are cut to this many tokens while training; 0 for no cut beyond the encoder's own. */
  readonly passageTokens: number;
}

/** Goes through all examples in a new random order each epoch. */
export class TeachBatches implements BatchSource {
  private readonly stream: RandomStream;
  private order: number[] = [];
  private at = 0;
  private readonly examples: readonly TeachExample[];
  private readonly passage: (ordinal: number) => EncoderInput;
  private readonly settings: TeachBatchSettings;

  constructor(
    examples: readonly TeachExample[],
    passage: (ordinal: number) => EncoderInput,
    settings: TeachBatchSettings,
  ) {
    this.examples = examples;
    this.passage = passage;
    this.settings = settings;
    this.stream = new RandomStream(settings.seed, 'teach/batches');
  }

  next(): Batch {
    const { batchSize, negativesPerQuery, padId } = this.settings;
    const chosen: TeachExample[] = [];
    const targets: number[] = [];
    const slots = new Map<number, number>();
    const slot = (ordinal: number) => {
      if (!slots.has(ordinal)) slots.set(ordinal, slots.size);
      return slots.get(ordinal)!;
    };
    for (let k = 0; k < batchSize; k++) {
      const example = this.draw();
      chosen.push(example);
      targets.push(slot(example.positives[this.stream.below(example.positives.length)]));
    }
    for (const { negatives } of chosen) {
      for (let n = 0; n < Math.min(negativesPerQuery, negatives.length); n++) {
        slot(negatives[this.stream.below(negatives.length)]);
      }
    }
    const bias = new Float32Array(chosen.length * slots.size);
    chosen.forEach((example, q) => {
      for (const ordinal of example.positives) {
        const p = slots.get(ordinal);
        if (p !== undefined && p !== targets[q]) bias[q * slots.size + p] = -1e4;
      }
    });
    const query = padInputs(
      chosen.map((example) => example.query),
      padId,
    );
    const passage = padInputs(
      [...slots.keys()].map((ordinal) => this.cut(this.passage(ordinal))),
      padId,
    );
    return {
      feeds: {
        'query.ids': query.ids,
        'query.mask': query.mask,
        'query.scored': query.scored,
        'passage.ids': passage.ids,
        'passage.mask': passage.mask,
        'passage.scored': passage.scored,
        target: { data: Int32Array.from(targets), shape: [chosen.length] },
        bias: { data: bias, shape: [chosen.length, slots.size] },
      },
    };
  }

  save(): unknown {
    return { stream: this.stream.save(), order: this.order, at: this.at };
  }

  load(state: unknown): void {
    const { stream, order, at } = state as { stream: number[]; order: number[]; at: number };
    this.stream.load(stream);
    this.order = order;
    this.at = at;
  }

  private draw(): TeachExample {
    if (this.at >= this.order.length) {
      this.order = this.stream.shuffle(this.examples.map((_, i) => i));
      this.at = 0;
    }
    return this.examples[this.order[this.at++]];
  }

  private cut(input: EncoderInput): EncoderInput {
    const most = this.settings.passageTokens;
    if (most === 0 || input.ids.length <= most) return input;
    return { ids: input.ids.subarray(0, most), scored: input.scored.subarray(0, most) };
  }
}
