/** The dev measure of pretraining: the loss on held-out windows whose hidden tokens are always the same. */
import { GraphSession, type Value, withWeightsOf } from '../graph/index.ts';
import type { FloatTensor } from '../model/safetensors.ts';
import { RandomStream } from '../random.ts';
import type { TokenMasker } from './mlm-batches.ts';
import type { Batch, Objective } from './objective.ts';
import type { OnPart, WorkControl } from './work.ts';

/** Measures weights that are being trained; they are read anew each time. */
export class MlmMeasure {
  private readonly session: GraphSession;
  private readonly weights: Readonly<Record<string, Value>>;
  private readonly batches: readonly Batch[];

  private constructor(
    session: GraphSession,
    weights: Readonly<Record<string, Value>>,
    batches: readonly Batch[],
  ) {
    this.session = session;
    this.weights = weights;
    this.batches = batches;
  }

  /** Compiles the objective without its gradient; tokens are hidden here, the same for every seed of a run. */
  static async create(
    objective: Objective,
    parameters: ReadonlyMap<string, FloatTensor>,
    masker: TokenMasker,
    windows: readonly Int32Array[],
    batchSize: number,
    { device, threads }: Pick<WorkControl, 'device' | 'threads'>,
  ): Promise<MlmMeasure> {
    const stream = new RandomStream(0, 'mlm/dev');
    const batches: Batch[] = [];
    for (let start = 0; start < windows.length; start += batchSize)
      batches.push(masker.batch(windows.slice(start, start + batchSize), stream));
    const weights: Record<string, Value> = {};
    for (const name of objective.parameters.keys()) weights[name] = parameters.get(name)!;
    const session = await GraphSession.create({ loss: objective.loss }, { device, threads });
    return new MlmMeasure(session, weights, batches);
  }

  /** The mean cross-entropy over all hidden tokens, in nats; `onPart` counts batches. */
  loss(onPart?: OnPart): Promise<number> {
    return withWeightsOf(this.session, this.weights, async (weights) => {
      let sum = 0;
      let count = 0;
      for (const [i, { feeds }] of this.batches.entries()) {
        const { loss } = await this.session.run({ ...weights, ...feeds });
        const tokens = feeds.labels.data.length;
        sum += loss.data[0] * tokens;
        count += tokens;
        onPart?.(i + 1, this.batches.length);
      }
      return sum / count;
    });
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
