/**
 * Exported ONNX models in the tools they are for: onnxruntime-web (WebAssembly) and transformers.js against Refract's
 * Encoder; and a reference file for onnx_export.py, which does the same in Python. Prints a line for each.
 *
 *     refract export models/teacher --to onnx --out exported --precision float32 float16 int8
 *     npm install --prefix PLACE @huggingface/transformers@4.3.2 onnxruntime-web@1.30.0
 *     npx tsx test/oracles/onnx-export.ts models/teacher exported PLACE reference.json
 *     python test/oracles/onnx_export.py exported reference.json
 *
 * Neither package is a dependency: they are large, and no other test needs them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readCheckpoint } from '../../src/model/checkpoint.ts';
import { Encoder } from '../../src/model/encoder.ts';
import { ONNX_FILES } from '../../src/model/export/onnx.ts';
import { PRECISIONS } from '../../src/model/precision.ts';
import { PASSAGES } from '../tiny-retriever.ts';

const [model, exported, place, reference] = process.argv.slice(2).map((path) => resolve(path));
const packages = createRequire(join(place, 'package.json'));
const load = (name: string) => import(pathToFileURL(packages.resolve(name)).href);
const checkpoint = readCheckpoint(model);
const encoder = await Encoder.fromCheckpoint(checkpoint, { threads: 1 });
const texts = PASSAGES.map(({ text }) => text);
const { dim, passageMarker } = checkpoint.settings.retrieval;
const inputs = texts.map((text) => ({ ...encoder.maker.passage(text) }));
// All tokens, those of punctuation too: an exported model does not know which count.
const expected = await encoder.encode(inputs.map((each) => ({ ...each, scored: each.scored.fill(1) })));
await encoder.close();
const length = Math.max(...inputs.map(({ ids }) => ids.length)) + 3;
const padded = (values: (i: number) => ArrayLike<number>, fill: number) =>
  inputs.flatMap((_, i) => Array.from({ length }, (_, t) => values(i)[t] ?? fill));
const ids = padded((i) => inputs[i].ids, encoder.maker.padId);
const mask = padded((i) => new Uint8Array(inputs[i].ids.length).fill(1), 0);
writeFileSync(
  reference,
  JSON.stringify({
    shape: [texts.length, length],
    ids,
    mask,
    dim,
    vectors: expected.map((e) => [...e.vectors]),
  }),
);

/** The largest difference and the least cosine over tokens, and whether padding is zero. */
function compare(name: string, found: Float32Array, width: number): void {
  let [difference, cosine, padding] = [0, 1, 0];
  expected.forEach(({ vectors, count }, i) => {
    for (let t = 0; t < width; t++) {
      const at = (i * width + t) * dim;
      let product = 0;
      for (let k = 0; k < dim; k++) {
        if (t >= count) padding = Math.max(padding, Math.abs(found[at + k]));
        else {
          difference = Math.max(difference, Math.abs(found[at + k] - vectors[t * dim + k]));
          product += found[at + k] * vectors[t * dim + k];
        }
      }
      if (t < count) cosine = Math.min(cosine, product);
    }
  });
  console.log(JSON.stringify({ name, difference, cosine, padding }));
}

// First: where onnxruntime-web is loaded already, transformers.js would use that instead of onnxruntime-node.
const { AutoModel, AutoTokenizer, env } = await load('@huggingface/transformers');
env.allowRemoteModels = false;
env.localModelPath = resolve(exported, '..');
const name = exported.slice(env.localModelPath.length + 1);
const tokenizer = await AutoTokenizer.from_pretrained(name);
for (const [precision, dtype] of [
  ['float32', 'fp32'],
  ['float16', 'fp16'],
  ['int8', 'q8'],
]) {
  const encoding = await tokenizer(
    texts.map((text) => passageMarker + text),
    { padding: true, truncation: true, max_length: checkpoint.settings.retrieval.passageMaxTokens },
  );
  const transformer = await AutoModel.from_pretrained(name, { dtype });
  const { token_vectors: vectors } = await transformer(encoding);
  const same = inputs.filter(({ ids: own }, i) =>
    own.every((id, t) => Number(encoding.input_ids.data[i * vectors.dims[1] + t]) === id),
  );
  console.log(`transformers.js tokens: ${same.length} of ${texts.length} texts the same`);
  compare(`transformers.js ${precision}`, vectors.data, vectors.dims[1]);
}

const web = await load('onnxruntime-web');
web.env.wasm.numThreads = 1;
for (const precision of PRECISIONS) {
  const bytes = readFileSync(join(exported, 'onnx', ONNX_FILES[precision]));
  const session = await web.InferenceSession.create(new Uint8Array(bytes), { executionProviders: ['wasm'] });
  const int64 = (values: number[]) =>
    new web.Tensor('int64', BigInt64Array.from(values, BigInt), [texts.length, length]);
  const { token_vectors: vectors } = await session.run({
    input_ids: int64(ids),
    attention_mask: int64(mask),
  });
  compare(`onnxruntime-web ${precision}`, vectors.data, length);
}
