/** Activations, by the names that ONNX has for them. */
import { elu, gelu, geluTanh, leakyRelu, relu, softplus } from '../../../ops/activation.ts';
import { clamp } from '../../../ops/compare.ts';
import { abs, add, div, erf, mul, sigmoid, tanh } from '../../../ops/elementwise.ts';
import type { Tensor } from '../../../tensor.ts';
import type { Attributes } from '../attributes.ts';
import type { OperatorRule, OperatorRules } from '../operation.ts';
import { asValue } from '../value.ts';

function activation(apply: (x: Tensor, attributes: Attributes) => Tensor): OperatorRule {
  return (operation) => asValue(apply(operation.input(0).tensor, operation.attributes));
}

/** max(0, min(1, alpha x + beta)). */
function hardSigmoid(x: Tensor, alpha: number, beta: number): Tensor {
  return clamp(add(mul(x, alpha), beta), 0, 1);
}

export const ACTIVATION: OperatorRules = {
  Relu: activation(relu),
  Gelu: activation((x, a) => (a.text('approximate', 'none') === 'tanh' ? geluTanh(x) : gelu(x))),
  Erf: activation(erf),
  Tanh: activation(tanh),
  Sigmoid: activation(sigmoid),
  Softplus: activation(softplus),
  Softsign: activation((x) => div(x, add(abs(x), 1))),
  Elu: activation((x, a) => elu(x, a.float('alpha', 1))),
  Selu: activation((x, a) => mul(elu(x, a.float('alpha', 1.6732632)), a.float('gamma', 1.050701))),
  LeakyRelu: activation((x, a) => leakyRelu(x, a.float('alpha', 0.01))),
  HardSigmoid: activation((x, a) => hardSigmoid(x, a.float('alpha', 0.2), a.float('beta', 0.5))),
  HardSwish: activation((x) => mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  Mish: activation((x) => mul(x, tanh(softplus(x)))),
};
