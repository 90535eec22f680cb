/**
 * The graphs of a training step whose weights live on a device: one for the gradient, and AdamW's update for a flat
 * group of tensors and for rows of the word table.
 */
import {
  add,
  cast,
  concat,
  constant,
  div,
  equal,
  gather,
  gemm,
  gradients,
  input,
  mul,
  reduceSum,
  replaceRows,
  reshape,
  scatterAdd,
  slice,
  sqrt,
  sub,
  substitute,
  type Tensor,
  toMixedPrecision,
} from '../graph/index.ts';
import { WORD_TABLE } from '../model/families/index.ts';
import type { AdamWSettings } from './adamw.ts';
import type { Objective } from './objective.ts';
import { trainedTensors } from './step.ts';
import { ROW, sizeOf, type WeightGroup } from './weight-groups.ts';

/** How the gradient of a run is computed. */
export interface GradientPlan {
  readonly trainable: ReadonlySet<string>;
  /** All trained tensors, but the word table where its rows are updated one by one. */
  readonly groups: readonly WeightGroup[];
  /** The word table [V, H] is trained by rows. */
  readonly rowwise: boolean;
  /** Add to the gradient of earlier batches. */
  readonly accumulate: boolean;
  readonly mixedPrecision: boolean;
}

/**
 * The gradient of an objective. Inputs are the objective's, with trained tensors in `group/i` [N_i] instead of by
 * name; `unique` [U], the ids of all look-ups of the update without repeats, where the table is trained; and
 * `lossScale` in mixed precision. With `accumulate` also the gradients so far, `sum/i` and `sum/rows`, and `carry`,
 * 1, or 0 for the first batch, when any finite values may be fed for them. Outputs: `loss` and `metric/*`;
 * `gradient/i` [N_i]; `gradient/rows` [U, H], rows of equal ids added up; their squares summed by rows, `squares/*`.
 */
export function gradientGraph(objective: Objective, plan: GradientPlan): Record<string, Tensor> {
  const { groups, rowwise, mixedPrecision } = plan;
  const { denseNames, tableTrained, wanted } = trainedTensors(objective, plan.trainable);
  const { loss, lookups } = objective;
  const found = gradients(mixedPrecision ? mul(loss, input('lossScale', 'float32', [])) : loss, wanted);
  const parts: Record<string, Tensor> = { loss };
  for (const [name, metric] of Object.entries(objective.metrics)) parts[`metric/${name}`] = metric;
  denseNames.forEach((name, i) => {
    parts[`dense/${name}`] = found[i];
  });
  if (tableTrained) {
    lookups.forEach(({ ids }, i) => {
      parts[`ids/${i}`] = ids;
      parts[`rows/${i}`] = found[denseNames.length + i];
    });
  }
  const computed = mixedPrecision ? toMixedPrecision(parts) : parts;
  const outputs: Record<string, Tensor> = {};
  for (const name of ['loss', ...Object.keys(objective.metrics).map((each) => `metric/${each}`)])
    outputs[name] = computed[name];
  const share = plan.accumulate ? input('carry', 'float32', []) : undefined;
  const carry = (name: string, gradient: Tensor) =>
    share ? add(gradient, mul(input(`sum/${name}`, 'float32', gradient.shape), share)) : gradient;
  if (tableTrained) {
    const unique = input('unique', 'int32', ['U']);
    const sums = lookups.map((_, i) => sumEqual(unique, computed[`ids/${i}`], computed[`rows/${i}`]));
    const rows = sums.reduce((a, b) => add(a, b));
    if (rowwise) {
      outputs['gradient/rows'] = carry('rows', rows);
      outputs['squares/rows'] = reduceSum(mul(outputs['gradient/rows'], outputs['gradient/rows']), [1]);
    } else {
      const whole = computed[`dense/${WORD_TABLE}`];
      computed[`dense/${WORD_TABLE}`] = add(whole, scatterAdd(whole.shape, unique, rows));
    }
  }
  const weights = new Map<Tensor, Tensor>();
  groups.forEach(({ places, length }, i) => {
    const flat = input(`group/${i}`, 'float32', [length]);
    const lists = places.map(({ name }) => reshape(computed[`dense/${name}`], [-1]));
    const filled = places.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (filled < length) lists.push(constant(new Float32Array(length - filled)));
    const gradient = carry(`${i}`, lists.length === 1 ? lists[0] : concat(lists, 0));
    outputs[`gradient/${i}`] = gradient;
    outputs[`squares/${i}`] = reduceSum(reshape(mul(gradient, gradient), [length / ROW, ROW]), [1]);
    for (const { name, at, shape } of places) {
      weights.set(objective.parameters.get(name)!, reshape(slice(flat, 0, at, at + sizeOf(shape)), shape));
    }
  });
  return substitute(outputs, weights);
}

/** Rows [N, H] of equal ids [N] added up, in the order of `unique` [U]: a product with a matrix of zeros and ones. */
function sumEqual(unique: Tensor, ids: Tensor, rows: Tensor): Tensor {
  const same = equal(reshape(unique, [-1, 1]), reshape(ids, [1, -1]));
  return gemm(cast(same, 'float32'), rows, false, false);
}

/**
 * AdamW of a flat group, as in `adamw-kernel.ts`: weights, moments and gradient `x`, `m`, `v`, `g` [N] to `newX`,
 * `newM`, `newV`. The numbers of `adamwNumbers` that change from step to step are inputs.
 */
export function groupUpdateGraph(settings: AdamWSettings): Record<string, Tensor> {
  const [x, m, v, g] = ['x', 'm', 'v', 'g'].map((name) => input(name, 'float32', ['N']));
  return adamw(x, m, v, g, settings);
}

/**
 * The same for the rows `unique` [U] of a table: `x`, `m`, `v` [V, H] and the rows' gradient `g` [U, H]. Rows that
 * are not named stay as they are; where an output is written over its input, they are not touched.
 */
export function rowUpdateGraph(
  settings: AdamWSettings,
  [size, width]: readonly number[],
): Record<string, Tensor> {
  const [x, m, v] = ['x', 'm', 'v'].map((name) => input(name, 'float32', [size, width]));
  const unique = input('unique', 'int32', ['U']);
  const g = input('g', 'float32', ['U', width]);
  const rows = (table: Tensor) => gather(table, unique);
  const { newX, newM, newV } = adamw(rows(x), rows(m), rows(v), g, settings);
  return {
    newX: replaceRows(x, unique, newX),
    newM: replaceRows(m, unique, newM),
    newV: replaceRows(v, unique, newV),
  };
}

function adamw(x: Tensor, m: Tensor, v: Tensor, g: Tensor, settings: AdamWSettings): Record<string, Tensor> {
  const { beta1, beta2, epsilon } = settings;
  const [scale, shrink, size, root] = ['scale', 'shrink', 'size', 'root'].map((name) =>
    input(name, 'float32', []),
  );
  const gradient = mul(g, scale);
  const newM = add(mul(m, beta1), mul(gradient, 1 - beta1));
  const newV = add(mul(v, beta2), mul(mul(gradient, gradient), 1 - beta2));
  const newX = sub(mul(x, shrink), div(mul(newM, size), add(mul(sqrt(newV), root), epsilon)));
  return { newX, newM, newV };
}
