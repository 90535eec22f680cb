/** Softmax and normalisations. */
import { expand } from '../../../ops/broadcast.ts';
import { add, mul, reciprocal, sqrt } from '../../../ops/elementwise.ts';
import { reshape } from '../../../ops/layout.ts';
import { layerNorm, logSoftmax, softmax, unitVectors } from '../../../ops/normalise.ts';
import { reduceMean } from '../../../ops/reduce.ts';
import { axisOf, product } from '../../../shape.ts';
import { scalar, type Tensor } from '../../../tensor.ts';
import type { Operation, OperatorRule, OperatorRules } from '../operation.ts';
import { asValue, type Value } from '../value.ts';

function soft(apply: (x: Tensor, axis: number) => Tensor): OperatorRule {
  return (operation) => {
    const { tensor: x } = operation.input(0);
    const old = operation.opset < 13;
    const axis = axisOf(operation.op, operation.attributes.int('axis', old ? 1 : -1), x.shape);
    if (!old || axis === x.shape.length - 1) return asValue(apply(x, axis));
    // Before operator set 13 all axes from this one on are one.
    const flat = reshape(x, [product(x.shape.slice(0, axis)), product(x.shape.slice(axis))]);
    return asValue(reshape(apply(flat, 1), x.shape));
  };
}

function layer(operation: Operation): Value {
  const [x, scale] = [operation.input(0).tensor, operation.input(1).tensor];
  if (operation.outputs > 1) throw operation.fail('mean and deviation as outputs are not supported');
  const last = x.shape.length - 1;
  const width = x.shape[last];
  const axis = axisOf(operation.op, operation.attributes.int('axis', -1), x.shape);
  if (axis !== last || typeof width !== 'number')
    throw operation.fail('only normalisation over the last axis, of fixed size, is supported');
  const bias = operation.inputs[2]?.tensor ?? expand(scalar(0), [width]);
  return asValue(layerNorm(x, scale, bias, operation.attributes.float('epsilon', 1e-5)));
}

/** x / sqrt(mean x^2 + epsilon) * scale, over the last axis. */
function rootMeanSquare(operation: Operation): Value {
  const [x, scale] = [operation.input(0).tensor, operation.input(1).tensor];
  const axis = axisOf(operation.op, operation.attributes.int('axis', -1), x.shape);
  if (axis !== x.shape.length - 1) throw operation.fail('only normalisation over the last axis is supported');
  const epsilon = operation.attributes.float('epsilon', 1e-5);
  const size = sqrt(add(reduceMean(mul(x, x), [axis], true), epsilon));
  return asValue(mul(mul(x, reciprocal(size)), scale));
}

function unit(operation: Operation): Value {
  const { tensor: x } = operation.input(0);
  const axis = axisOf(operation.op, operation.attributes.int('axis', -1), x.shape);
  if (axis !== x.shape.length - 1 || operation.attributes.int('p', 2) !== 2)
    throw operation.fail('only unit length over the last axis is supported');
  return asValue(unitVectors(x));
}

export const NORMALISE: OperatorRules = {
  Softmax: soft(softmax),
  LogSoftmax: soft(logSoftmax),
  LayerNormalization: layer,
  RMSNormalization: rootMeanSquare,
  SimplifiedLayerNormalization: rootMeanSquare,
  LpNormalization: unit,
};
