/**
 * Prints the inputs and loss weights of every gradient case as JSON, for `gradients.py`.
 * Run from the repository's root: npx tsx test/oracles/gradient-inputs.ts
 */
import { input } from '../../src/graph/index.ts';
import { GRADIENT_CASES } from '../gradient-cases.ts';
import { caseInputs, caseWeights } from '../gradient-check.ts';

const cases = GRADIENT_CASES.map((each) => {
  const output = each.build(...each.shapes.map((shape, i) => input(`x${i}`, 'float32', shape)));
  return {
    name: each.name,
    shapes: each.shapes,
    inputs: caseInputs(each).map((x) => [...x]),
    weights: [...caseWeights(each.name, output)],
    outputShape: output.shape,
  };
});
process.stdout.write(`${JSON.stringify(cases)}\n`);
