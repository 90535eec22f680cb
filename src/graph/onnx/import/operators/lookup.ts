/** Looking up by index, and its counterpart, writing at an index. */
import { gather, gatherElements } from '../../../ops/indexing.ts';
import { reshape, slice } from '../../../ops/layout.ts';
import { take, takePlaces, writeElements, writePlaces } from '../../../ops/take.ts';
import { axisOf, type Dim } from '../../../shape.ts';
import type { Tensor } from '../../../tensor.ts';
import type { Operation, OperatorRules } from '../operation.ts';
import { asValue, numberOf, type Value } from '../value.ts';

function look(operation: Operation): Value {
  const [data, places] = [operation.input(0), operation.input(1)];
  const x = data.tensor;
  const axis = axisOf('Gather', operation.attributes.int('axis', 0), x.shape);
  const elements =
    x.shape.length === 1 && data.elements && places.elements
      ? places.elements.map((i) =>
          typeof i === 'number' ? data.elements![i < 0 ? i + data.elements!.length : i] : undefined,
        )
      : undefined;
  const size = x.shape[axis];
  const one = places.tensor.shape.length === 0 ? numberOf(places) : undefined;
  if (one !== undefined && typeof size === 'number') {
    const at = one < 0 ? one + size : one;
    if (!(at >= 0 && at < size)) throw operation.fail(`place ${one} is outside an axis of ${size}`);
    const rest = x.shape.filter((_, i) => i !== axis);
    return asValue(reshape(slice(x, axis, at, at + 1), rest), elements);
  }
  const { ids } = operation.scope;
  const table = x.node.op === 'Input' && x.shape.length === 2 && axis === 0 ? x.node.name : undefined;
  if (table && ids && isIds(places.tensor, ids))
    return wordRows(operation, x, table, ids, places.tensor.shape);
  return asValue(take(x, places.tensor, axis), elements);
}

/** A look-up of vectors by the encoder's ids: flat, so that the gradient of its rows can be taken alone. */
function wordRows(operation: Operation, x: Tensor, table: string, ids: Tensor, shape: readonly Dim[]): Value {
  const flat = reshape(ids, [-1]);
  const rows = gather(x, flat);
  operation.scope.lookups.push({ table, ids: flat, rows });
  return asValue(reshape(rows, [...shape, x.shape[1]]));
}

/** True where `x` is the ids themselves, in another type or shape. */
function isIds(x: Tensor, ids: Tensor): boolean {
  let at = x;
  while (at !== ids && ['Cast', 'Identity', 'Reshape'].includes(at.node.op)) at = at.node.inputs[0];
  return at === ids;
}

function lookEach(operation: Operation): Value {
  const [x, places] = [operation.input(0).tensor, operation.input(1).tensor];
  return asValue(gatherElements(x, places, operation.attributes.int('axis', 0)));
}

function lookPlaces(operation: Operation): Value {
  if (operation.attributes.int('batch_dims', 0) !== 0) throw operation.fail('batch_dims is not supported');
  return asValue(takePlaces(operation.input(0).tensor, operation.input(1).tensor));
}

function write(operation: Operation): Value {
  const [x, places, updates] = [0, 1, 2].map((i) => operation.input(i).tensor);
  if (operation.attributes.text('reduction', 'none') !== 'none')
    throw operation.fail('reduction is not supported');
  if (operation.op === 'ScatterND') return asValue(writePlaces(x, places, updates));
  return asValue(writeElements(x, places, updates, operation.attributes.int('axis', 0)));
}

export const LOOKUP: OperatorRules = {
  Gather: look,
  GatherElements: lookEach,
  GatherND: lookPlaces,
  ScatterND: write,
  ScatterElements: write,
};
