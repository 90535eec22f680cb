/** Symbolic tensors, operators, differentiation, ONNX, and running: the engine's public surface. */
export { chooseDevice, type DeviceChoice } from './choose-device.ts';
export { DeviceTensor, liveDeviceTensors } from './device-tensor.ts';
export { gradients } from './gradient.ts';
export { halfPrecision } from './half-precision.ts';
export { int8Layers, quantiseRows, type Values } from './int8.ts';
export { peakBytes, sizesOf } from './memory.ts';
export { toMixedPrecision } from './mixed-precision.ts';
export {
  type Bindings,
  type Declared,
  type EncodeOptions,
  ExternalData,
  encodeOnnx,
  externalFiles,
  type ImportedGraph,
  importOnnx,
  mayBeWeight,
  type OnnxModel,
  OPSET,
  parseOnnxModel,
  reachedByGradient,
  readOnnxModel,
  type Stored,
  showDeclared,
  type TableLookup,
  withoutWeights,
} from './onnx/index.ts';
export * from './ops/activation.ts';
export * from './ops/broadcast.ts';
export * from './ops/compare.ts';
export * from './ops/cumulative.ts';
export * from './ops/einsum.ts';
export * from './ops/elementwise.ts';
export * from './ops/indexing.ts';
export * from './ops/layout.ts';
export * from './ops/linear.ts';
export * from './ops/normalise.ts';
export * from './ops/power.ts';
export * from './ops/reduce.ts';
export * from './ops/run-time-shape.ts';
export * from './ops/take.ts';
export * from './ops/tile.ts';
export * from './ops/trigonometric.ts';
export { DEVICES, type Device } from './providers.ts';
export { type Rule, rewrite, substitute, type Weights } from './rewrite.ts';
export { type FloatValue, GraphSession, type SessionOptions, type Value } from './session.ts';
export type { Dim, Shape, Sizes } from './shape.ts';
export { constant, type DataType, input, scalar, type Tensor } from './tensor.ts';
export { DeviceTransfer, type WeightFeeds, withWeightsOf } from './transfer.ts';
