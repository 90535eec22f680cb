/** What a training loop needs to know of a task: a loss as a graph, and batches to feed it. */
import type { Tensor, Value } from '../graph/index.ts';
import type { Lookup } from '../model/families/index.ts';

/** A loss over a batch, differentiable in `parameters`. */
export interface Objective {
  /** Scalar. */
  readonly loss: Tensor;
  /** Scalars to log beside the loss. */
  readonly metrics: Readonly<Record<string, Tensor>>;
  /** Every weight of the graph by name; the loop feeds them. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Look-ups of the word table, whose gradients are kept row by row. */
  readonly lookups: readonly Lookup[];
  /**
   * The word table where it is also used whole, as by a decoder tied to it: an `identity` of the table, so
   * that its gradient does not count the look-ups. The table's gradient is then dense.
   */
  readonly wholeTable?: Tensor;
}

/** Values for the objective's inputs other than its parameters. */
export interface Batch {
  readonly feeds: Readonly<Record<string, Value>>;
}

/** An endless, seeded source of batches that can be saved and continued exactly. */
export interface BatchSource {
  next(): Batch | Promise<Batch>;
  /** JSON-serialisable state. */
  save(): unknown;
  load(state: unknown): void;
}
