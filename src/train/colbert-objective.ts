/**
 * The teacher's loss: cross-entropy of each query's positive passage over all passages of the batch, its
 * own hard negatives and everyone else's passages (in-batch negatives):
 *
 *     L = -1/Q sum_q log ( exp s(q, d_q) / sum_p exp s(q, p) ),  s = MaxSim
 */
import { add, input, logSoftmax, mul, neg, pick, reduceMean, type Tensor } from '../graph/index.ts';
import { colbertInputs, maxSim, tokenVectors } from '../model/colbert.ts';
import type { EncoderConfig } from '../model/config.ts';
import type { Objective } from './objective.ts';

/**
 * Builds the objective. Inputs: `query.ids`, `query.mask`, `query.scored` [Q, M]; `passage.*` [P, N];
 * `target` [Q], the index of each query's positive; `bias` [Q, P], added to scores (-1e4 where another
 * passage of the batch also answers the query, and must not count as a negative).
 */
export function colbertObjective(config: EncoderConfig, dim: number, temperature: number): Objective {
  const parameters = colbertInputs(config, dim);
  const side = (name: string, count: string, length: string) => {
    const [ids, mask, scored] = ['ids', 'mask', 'scored'].map((part) =>
      input(`${name}.${part}`, 'int32', [count, length]),
    );
    const { vectors, lookup } = tokenVectors(config, parameters, ids, mask);
    return { set: { vectors, mask: scored }, lookup };
  };
  const query = side('query', 'Q', 'M');
  const passage = side('passage', 'P', 'N');
  const scores = add(
    mul(maxSim(query.set, passage.set), 1 / temperature),
    input('bias', 'float32', ['Q', 'P']),
  );
  const target: Tensor = input('target', 'int32', ['Q']);
  const loss = neg(reduceMean(pick(logSoftmax(scores), target), [0]));
  return { loss, metrics: {}, parameters, lookups: [query.lookup, passage.lookup] };
}
