/** Which files an ONNX model keeps data in, without reading that data: what has to be fetched or copied with it. */
import type { GraphProto, TensorProto } from '../schema/onnx_pb.ts';
import { TensorProto_DataLocation } from '../schema/onnx_pb.ts';
import { parseModel } from './read-model.ts';

/**
 * The locations that the model at `path` names, each once and as it writes them: of stored tensors, of constants and of
 * those in branches and loops.
 *
 * @throws RefractError `FILE_MISSING`, `CHECKPOINT_FORMAT` (no ONNX model)
 * @example externalFiles('onnx/model.onnx') // ['model.onnx_data']
 */
export function externalFiles(path: string): string[] {
  const { graph } = parseModel(path);
  return graph === undefined ? [] : [...new Set(locationsIn(graph))];
}

function* locationsIn({ initializer, node }: GraphProto): Generator<string> {
  for (const tensor of initializer) yield* locationOf(tensor);
  for (const { attribute } of node) {
    for (const { t, tensors, g, graphs } of attribute) {
      for (const tensor of t ? [t, ...tensors] : tensors) yield* locationOf(tensor);
      for (const graph of g ? [g, ...graphs] : graphs) yield* locationsIn(graph);
    }
  }
}

function* locationOf({ dataLocation, externalData }: TensorProto): Generator<string> {
  if (dataLocation !== TensorProto_DataLocation.EXTERNAL) return;
  for (const { key, value } of externalData) if (key === 'location') yield value;
}
