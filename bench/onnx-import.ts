/**
 * What an imported encoder costs against the same architecture written here: reading and importing the file,
 * building and compiling forward + backward, and one run of it. Prints one JSON line for each.
 *
 *     python test/oracles/onnx_import.py --mini FOLDER
 *     npx tsx bench/onnx-import.ts FOLDER/mini-script-17.onnx [more files] [--batch 32] [--tokens 32] [--steps 15]
 *       [--threads 1]
 *
 * The runs of all encoders take turns, so that what else the machine does falls on each alike.
 */
import { parseArgs } from 'node:util';
import {
  GraphSession,
  gradients,
  input,
  mul,
  reduceSum,
  type Tensor,
  type Value,
} from '../src/graph/index.ts';
import { configOfSize } from '../src/model/config.ts';
import { encoderGraph, type Lookup, parameterInputs, WORD_TABLE } from '../src/model/families/index.ts';
import { importEncoder } from '../src/model/onnx-encoder.ts';
import { RandomStream } from '../src/random.ts';
import { initialWeights } from '../src/train/initialise.ts';

const { values, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    batch: { type: 'string', default: '32' },
    tokens: { type: 'string', default: '32' },
    steps: { type: 'string', default: '15' },
    threads: { type: 'string', default: '1' },
  },
});
const [batch, tokens, steps, threads] = [values.batch, values.tokens, values.steps, values.threads].map(
  Number,
);
/** Steps before the clock counts. */
const WARM_UP = 2;
const config = configOfSize('mini', { vocabSize: 16000 });

const stream = new RandomStream(1, 'bench');
const whole = (each: () => number): Value => ({
  data: Int32Array.from({ length: batch * tokens }, each),
  shape: [batch, tokens],
});
const feeds = {
  ids: whole(() => stream.below(config.vocabSize)),
  mask: whole(() => 1),
  w: {
    data: Float32Array.from({ length: batch * tokens * config.hiddenSize }, () => stream.normal()),
    shape: [batch * tokens, config.hiddenSize],
  },
};

interface Timed {
  readonly name: string;
  readonly importing: number;
  readonly compiling: number;
  readonly session: GraphSession;
  readonly weights: Readonly<Record<string, Value>>;
  readonly times: number[];
}

/** Forward and backward of sum(w * hidden), the word table's gradient row by row. */
async function timed(
  name: string,
  importing: number,
  model: () => {
    parameters: ReadonlyMap<string, Tensor>;
    weights: Readonly<Record<string, Value>>;
    table: string | undefined;
    build: (ids: Tensor, mask: Tensor) => { hidden: Tensor; lookup: Lookup | undefined };
  },
): Promise<Timed> {
  const start = performance.now();
  const { parameters, weights, table, build } = model();
  const [ids, mask] = ['ids', 'mask'].map((each) => input(each, 'int32', ['B', 'L']));
  const { hidden, lookup } = build(ids, mask);
  const loss = reduceSum(mul(hidden, input('w', 'float32', hidden.shape)), [0, 1]);
  const wanted = [...parameters].filter(([each]) => each !== table || !lookup).map(([, tensor]) => tensor);
  const found = gradients(loss, lookup ? [lookup.rows, ...wanted] : wanted);
  const outputs = Object.fromEntries(found.map((g, i) => [`gradient/${i}`, g]));
  const session = await GraphSession.create(outputs, { threads });
  return { name, importing, compiling: performance.now() - start, session, weights, times: [] };
}

const all: Timed[] = [];
const own = initialWeights(config, 1);
all.push(
  await timed('own', 0, () => {
    const parameters = parameterInputs(config);
    return {
      parameters,
      weights: Object.fromEntries(own),
      table: WORD_TABLE,
      build: (ids, mask) => encoderGraph(config, parameters, ids, mask),
    };
  }),
);
for (const file of files) {
  const start = performance.now();
  const encoder = importEncoder(file);
  const importing = performance.now() - start;
  all.push(
    await timed(file.replace(/.*\//, ''), importing, () => {
      const parameters = encoder.parameterInputs();
      return {
        parameters,
        weights: Object.fromEntries(encoder.parameters),
        table: encoder.wordTable,
        build: (ids, mask) => encoder.build(parameters, ids, mask),
      };
    }),
  );
}
for (let n = 0; n < steps + WARM_UP; n++) {
  for (const { session, weights, times } of all) {
    const start = performance.now();
    await session.run({ ...weights, ...feeds });
    if (n >= WARM_UP) times.push(performance.now() - start);
  }
}
const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1];
for (const { name, importing, compiling, times, session } of all) {
  console.log(
    JSON.stringify({
      encoder: name,
      importMs: Math.round(importing),
      compileMs: Math.round(compiling),
      stepMs: Number(median(times).toFixed(1)),
      ofOwn: Number((median(times) / median(all[0].times)).toFixed(3)),
      batch,
      tokens,
      threads,
    }),
  );
  await session.close();
}
