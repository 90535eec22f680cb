/** One training step: run forward and backward as one ONNX model, accumulate, update. */
import {
  type Device,
  type FloatValue,
  GraphSession,
  gradients,
  type Tensor,
  type Value,
} from '../graph/index.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import { type RowGradient, sumRows } from './adamw.ts';
import { withEstimate } from './memory-estimate.ts';
import type { Batch, Objective } from './objective.ts';
import type { StepGradient } from './optimiser.ts';

/** How the backward pass is compiled. */
export interface StepOptions {
  readonly device: Device;
  readonly threads: number;
  /** Names of the tensors that are trained; the others get no gradient. */
  readonly trainable: ReadonlySet<string>;
  /** Arrays for the gradients (`Optimiser.gradients`), by name; by default new ones. */
  readonly into?: ReadonlyMap<string, Float32Array>;
  /** Prefix of files for a trace of every operator, written by `close`. */
  readonly profile?: string;
}

/** Forward and backward over batches; gradients add up until `take` hands them over. */
export class GradientStep {
  private readonly session: GraphSession;
  private readonly graph: Readonly<Record<string, Tensor>>;
  private readonly objective: Objective;
  private readonly weights: Record<string, Value>;
  private readonly into: Record<string, FloatValue> = {};
  private readonly dense = new Map<string, Float32Array>();
  private readonly tableTrained: boolean;
  private readonly tableWhole: boolean;
  private accumulated = 0;
  private rowIds: Int32Array[] = [];
  private rowGradients: Float32Array[] = [];

  private constructor(
    session: GraphSession,
    graph: Readonly<Record<string, Tensor>>,
    objective: Objective,
    weights: Record<string, Value>,
    tableTrained: boolean,
  ) {
    this.session = session;
    this.graph = graph;
    this.objective = objective;
    this.weights = weights;
    this.tableTrained = tableTrained;
    this.tableWhole = tableTrained && objective.wholeTable !== undefined;
  }

  /** Compiles the objective with its gradients. `parameters` are fed at every run, in place. */
  static async create(
    objective: Objective,
    parameters: ReadonlyMap<string, FloatTensor>,
    options: StepOptions,
  ): Promise<GradientStep> {
    const { denseNames, tableTrained, wanted } = trainedTensors(objective, options.trainable);
    const found = gradients(objective.loss, wanted);
    const outputs: Record<string, Tensor> = { loss: objective.loss };
    for (const [name, metric] of Object.entries(objective.metrics)) outputs[`metric/${name}`] = metric;
    // ONNX Runtime computes the last output first, and of the others what is still missing: in this order a layer's
    // gradients of weights follow its gradient of activations, which are then still in the cache, and freed.
    if (tableTrained) {
      objective.lookups.forEach((lookup, i) => {
        outputs[`ids/${i}`] = lookup.ids;
        outputs[`rows/${i}`] = found[denseNames.length + i];
      });
    }
    denseNames.forEach((name, i) => {
      outputs[`gradient/${name}`] = found[i];
    });
    const weights: Record<string, Value> = {};
    for (const name of objective.parameters.keys()) {
      const { data, shape } = parameters.get(name)!;
      weights[name] = { data, shape };
    }
    const { device, threads, profile } = options;
    const session = await GraphSession.create(outputs, { device, threads, profile });
    const step = new GradientStep(session, outputs, objective, weights, tableTrained);
    for (const name of denseNames) {
      const { data, shape } = parameters.get(name)!;
      const gradient = options.into?.get(name) ?? new Float32Array(data.length);
      step.dense.set(name, gradient);
      step.into[`gradient/${name}`] = { data: gradient, shape };
    }
    return step;
  }

  /** Runs a batch and adds its gradients; returns the loss and the metrics. */
  async add(batch: Batch): Promise<{ loss: number; metrics: Record<string, number> }> {
    const earlier =
      this.accumulated > 0 ? new Map([...this.dense].map(([name, g]) => [name, g.slice()])) : undefined;
    const result = await this.session
      .run({ ...this.weights, ...batch.feeds }, this.into)
      .catch((error: unknown) => {
        throw this.estimated(error, batch.feeds);
      });
    if (this.tableTrained) {
      this.objective.lookups.forEach((_, i) => {
        const ids = result[`ids/${i}`].data as unknown as Int32Array;
        const rows = result[`rows/${i}`].data;
        if (this.tableWhole) addRows(this.dense.get(WORD_TABLE)!, ids, rows);
        else {
          this.rowIds.push(ids);
          this.rowGradients.push(rows);
        }
      });
    }
    if (earlier) {
      for (const [name, sum] of earlier) {
        const g = this.dense.get(name)!;
        for (let i = 0; i < g.length; i++) g[i] += sum[i];
      }
    }
    this.accumulated++;
    const metrics: Record<string, number> = {};
    for (const name of Object.keys(this.objective.metrics)) metrics[name] = result[`metric/${name}`].data[0];
    return { loss: result.loss.data[0], metrics };
  }

  /** The gradients added since the last call. The dense arrays are reused by the next `add`. */
  take(): StepGradient {
    const width = this.weights[WORD_TABLE]?.shape[1] ?? 0;
    const rows: RowGradient | undefined =
      this.rowIds.length > 0 ? sumRows(this.rowIds, this.rowGradients, width) : undefined;
    this.rowIds = [];
    this.rowGradients = [];
    this.accumulated = 0;
    return { dense: this.dense, rows: rows && { name: WORD_TABLE, gradient: rows } };
  }

  close(): Promise<void> {
    return this.session.close();
  }

  /** The weights lie with the CPU, and so do their moments: what a device holds of them is for the time of a run. */
  private estimated(error: unknown, feeds: Batch['feeds']): unknown {
    const parameters = Object.values(this.weights).map(({ data }) => ({ data: data as Float32Array }));
    return withEstimate(error, { graph: this.graph, feeds, parameters, trained: 0, table: 0 });
  }
}

/**
 * What gradients are taken with respect to: the tensors with a dense gradient, then, where the word table is
 * trained, the rows of its look-ups.
 */
export function trainedTensors(
  { parameters, lookups, wholeTable }: Objective,
  trainable: ReadonlySet<string>,
): { denseNames: string[]; tableTrained: boolean; wanted: Tensor[] } {
  const names = [...parameters.keys()].filter((name) => trainable.has(name));
  const tableTrained = names.includes(WORD_TABLE);
  const denseNames = names.filter((name) => name !== WORD_TABLE || wholeTable);
  const wanted: Tensor[] = denseNames.map((name) =>
    name === WORD_TABLE && wholeTable ? wholeTable : parameters.get(name)!,
  );
  if (tableTrained) wanted.push(...lookups.map((lookup) => lookup.rows));
  return { denseNames, tableTrained, wanted };
}

/** Adds rows [N, width] to the rows `ids` [N] of a table [V, width], in order, so that sums are reproducible. */
function addRows(table: Float32Array, ids: Int32Array, rows: Float32Array): void {
  const width = rows.length / ids.length;
  ids.forEach((id, n) => {
    const to = id * width;
    const from = n * width;
    for (let h = 0; h < width; h++) table[to + h] += rows[from + h];
  });
}
