/** A new operator must come with a gradient case, or be named here as one that has no gradient. */
import { expect, it } from 'vitest';
import { GRADIENT_CASES } from '../../test/gradient-cases.ts';
import * as graph from './index.ts';

/** Exports that make, run or differentiate graphs, and operators without a gradient. */
const WITHOUT_GRADIENT = new Set([
  'chooseDevice',
  'constant',
  'DeviceTensor',
  'DeviceTransfer',
  'encodeOnnx',
  'GraphSession',
  'gradients',
  'ExternalData',
  'externalFiles',
  'halfPrecision',
  'importOnnx',
  'int8Layers',
  'quantiseRows',
  'input',
  'mayBeWeight',
  'parseOnnxModel',
  'reachedByGradient',
  'readOnnxModel',
  'scalar',
  'showDeclared',
  'withoutWeights',
  'liveDeviceTensors',
  'peakBytes',
  'rewrite',
  'sizesOf',
  'substitute',
  'toMixedPrecision',
  'withWeightsOf',
  // for updates of weights, which nothing is differentiated through
  'replaceRows',
  // integers, booleans and shapes
  'count',
  'equal',
  'less',
  'range',
  'shapeOf',
  'sign',
  'sizeOf',
]);

it('checks the gradient of every operator that is exported', () => {
  const checked = new Set(GRADIENT_CASES.map(({ name }) => name));
  const operators = Object.entries(graph).flatMap(([name, value]) =>
    typeof value === 'function' && !WITHOUT_GRADIENT.has(name) ? [name] : [],
  );
  expect(operators.filter((name) => !checked.has(name))).toEqual([]);
});

it('names each case once', () => {
  expect(new Set(GRADIENT_CASES.map(({ name }) => name)).size).toBe(GRADIENT_CASES.length);
});
