/** Models in ONNX's format: written from graphs, and read into them. */
export { type EncodeOptions, encodeOnnx, OPSET } from './encode.ts';
export { ExternalData } from './external-data.ts';
export type { Stored } from './import/decode-tensor.ts';
export { externalFiles } from './import/external-files.ts';
export { type Bindings, type ImportedGraph, importOnnx } from './import/import.ts';
export type { TableLookup } from './import/operation.ts';
export { OPERATORS } from './import/operators.ts';
export {
  type Declared,
  type OnnxModel,
  parseOnnxModel,
  readOnnxModel,
  showDeclared,
} from './import/read-model.ts';
export { mayBeWeight, reachedByGradient } from './import/trainable.ts';
export { type WithoutWeights, withoutWeights } from './without-weights.ts';
