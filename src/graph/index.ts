/** Symbolic tensors, operators, differentiation, ONNX, and running: the engine's public surface. */
export { gradients } from './gradient.ts';
export { halfPrecision } from './half.ts';
export { int8Layers, quantiseRows, type Values } from './int8.ts';
export { type EncodeOptions, encodeOnnx, OPSET } from './onnx/encode.ts';
export { ExternalData } from './onnx/external-data.ts';
export * from './ops/activation.ts';
export * from './ops/broadcast.ts';
export * from './ops/compare.ts';
export * from './ops/elementwise.ts';
export * from './ops/indexing.ts';
export * from './ops/layout.ts';
export * from './ops/linear.ts';
export * from './ops/normalise.ts';
export * from './ops/reduce.ts';
export { type Rule, rewrite, type Weights } from './rewrite.ts';
export { type Device, type FloatValue, GraphSession, type SessionOptions, type Value } from './session.ts';
export type { Dim, Shape, Sizes } from './shape.ts';
export { constant, type DataType, input, scalar, type Tensor } from './tensor.ts';
