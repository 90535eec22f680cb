/** The ONNX operators that can be imported. */
import type { OperatorRules } from './operation.ts';
import { ACTIVATION } from './operators/activation.ts';
import { ARITHMETIC } from './operators/arithmetic.ts';
import { CONTROL } from './operators/control.ts';
import { LOGIC } from './operators/logic.ts';
import { LOOKUP } from './operators/lookup.ts';
import { NORMALISE } from './operators/normalise.ts';
import { PIECES } from './operators/pieces.ts';
import { PRODUCT } from './operators/product.ts';
import { REDUCE } from './operators/reduce.ts';
import { RESHAPE } from './operators/reshape.ts';
import { SHAPE } from './operators/shape.ts';

/** Rules by the operator's name in ONNX's own domain. */
export const OPERATORS: OperatorRules = {
  ...ACTIVATION,
  ...ARITHMETIC,
  ...CONTROL,
  ...LOGIC,
  ...LOOKUP,
  ...NORMALISE,
  ...PIECES,
  ...PRODUCT,
  ...REDUCE,
  ...RESHAPE,
  ...SHAPE,
};
