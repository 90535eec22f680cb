/** Control flow: a branch whose condition the shapes decide is taken; what depends on the data is refused. */
import type { Operation, OperatorRules } from '../operation.ts';
import { numberOf, type Value } from '../value.ts';

function branch(operation: Operation): Value[] {
  const condition = numberOf(operation.input(0));
  if (condition === undefined) {
    throw operation.fail(
      'a branch that depends on the input is not supported',
      'Export the model without the branch (torch.onnx.export with dynamo=True often does).',
    );
  }
  const taken = operation.attributes.graph(condition === 0 ? 'else_branch' : 'then_branch');
  if (!taken) throw operation.fail('the branch to take is missing');
  return operation.subgraph(taken);
}

export const CONTROL: OperatorRules = { If: branch };
