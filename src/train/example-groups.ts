/**
 * The passages of a batch of training queries: of each query one relevant passage and some hard negatives, no
 * passage twice, and which scores must not count. Shared by batches that encode passages and those that look
 * their vectors up.
 */
import type { Value } from '../graph/index.ts';
import { RandomStream } from '../random.ts';

/** Ordinals of a query's relevant passages and of its hard negatives (may be empty). */
export interface Answers {
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
}

/** Queries with their passages. */
export interface ExampleGroup<Example extends Answers> {
  readonly examples: readonly Example[];
  /** Ordinals of the P different passages. */
  readonly passages: readonly number[];
  /** The example that brought each passage. */
  readonly owners: readonly Example[];
  /** [Q], the place in `passages` of each query's positive. */
  readonly target: Value;
  /** [Q, P], -1e4 where another passage of the batch also answers the query, else 0. */
  readonly bias: Value;
}

/** The state of `ExampleGroups`, as plain JSON. */
export interface ExampleGroupsState {
  readonly stream: number[];
  readonly order: number[];
  readonly at: number;
}

/** Goes through all examples in a new random order each epoch. */
export class ExampleGroups<Example extends Answers> {
  private readonly examples: readonly Example[];
  private readonly stream: RandomStream;
  private order: number[] = [];
  private at = 0;

  /** @param name of the stream of draws */
  constructor(examples: readonly Example[], seed: number, name: string) {
    this.examples = examples;
    this.stream = new RandomStream(seed, name);
  }

  /** The next `size` examples, with `negatives` hard negatives each. */
  next(size: number, negatives: number): ExampleGroup<Example> {
    const chosen: Example[] = [];
    const targets: number[] = [];
    const slots = new Map<number, number>();
    const owners: Example[] = [];
    const slot = (ordinal: number, owner: Example) => {
      if (!slots.has(ordinal)) {
        slots.set(ordinal, slots.size);
        owners.push(owner);
      }
      return slots.get(ordinal)!;
    };
    for (let k = 0; k < size; k++) {
      const example = this.draw();
      chosen.push(example);
      targets.push(slot(example.positives[this.stream.below(example.positives.length)], example));
    }
    for (const example of chosen) {
      const { negatives: own } = example;
      for (let n = 0; n < Math.min(negatives, own.length); n++)
        slot(own[this.stream.below(own.length)], example);
    }
    const bias = new Float32Array(chosen.length * slots.size);
    chosen.forEach((example, q) => {
      for (const ordinal of example.positives) {
        const p = slots.get(ordinal);
        if (p !== undefined && p !== targets[q]) bias[q * slots.size + p] = -1e4;
      }
    });
    return {
      examples: chosen,
      passages: [...slots.keys()],
      owners,
      target: { data: Int32Array.from(targets), shape: [chosen.length] },
      bias: { data: bias, shape: [chosen.length, slots.size] },
    };
  }

  save(): ExampleGroupsState {
    return { stream: this.stream.save(), order: this.order, at: this.at };
  }

  load({ stream, order, at }: ExampleGroupsState): void {
    this.stream.load(stream);
    this.order = order;
    this.at = at;
  }

  private draw(): Example {
    if (this.at >= this.order.length) {
      this.order = this.stream.shuffle(this.examples.map((_, i) => i));
      this.at = 0;
    }
    return this.examples[this.order[this.at++]];
  }
}
