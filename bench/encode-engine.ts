/**
 * One engine of bench/encode.ts: encodes the token lists of FOLDER/ids.json for every line on standard input, and
 * prints the seconds. transformers.js gets the batch size that suits it best, as PyTorch does.
 *
 *     node --import tsx bench/encode-engine.ts FOLDER THREADS refract float32|int8
 *     node --import tsx bench/encode-engine.ts FOLDER THREADS transformers.js fp32|q8 PLACE
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { readCheckpoint } from '../src/model/checkpoint.ts';
import { Encoder } from '../src/model/encoder.ts';
import { lengthBatches } from '../src/model/length-batches.ts';
import type { Precision } from '../src/model/precision.ts';

const [folder, threadsText, engine, precision, place] = process.argv.slice(2);
const threads = Number(threadsText);
const lists: number[][] = JSON.parse(readFileSync(join(folder, 'ids.json'), 'utf8'));

type Work = (ids: readonly number[][]) => Promise<void>;

async function refract(): Promise<{ work: Work }> {
  const encoder = await Encoder.fromCheckpoint(readCheckpoint(join(folder, 'teacher')), {
    threads,
    precision: precision as Precision,
  });
  const work: Work = async (ids) => {
    await encoder.encode(
      ids.map((each) => ({ ids: Int32Array.from(each), scored: new Uint8Array(each.length).fill(1) })),
    );
  };
  await work(lists.slice(0, 16));
  return { work };
}

async function transformers(): Promise<{ work: Work; note: string }> {
  const packages = createRequire(join(resolve(place), 'package.json'));
  const { AutoModel, Tensor, env } = await import(
    pathToFileURL(packages.resolve('@huggingface/transformers')).href
  );
  env.allowRemoteModels = false;
  env.localModelPath = folder;
  const model = await AutoModel.from_pretrained('onnx', {
    dtype: precision,
    device: 'cpu',
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
  const withBudget =
    (most: number): Work =>
    async (ids) => {
      for (const batch of lengthBatches(
        ids.map((each) => each.length),
        most,
      )) {
        const length = ids[batch[0]].length;
        const int64 = (value: (i: number, t: number) => number) => {
          const data = new BigInt64Array(batch.length * length);
          batch.forEach((i, n) => {
            for (let t = 0; t < length; t++) data[n * length + t] = BigInt(value(i, t));
          });
          return new Tensor('int64', data, [batch.length, length]);
        };
        await model({
          input_ids: int64((i, t) => ids[i][t] ?? 0),
          attention_mask: int64((i, t) => (t < ids[i].length ? 1 : 0)),
        });
      }
    };
  const sample = lists.filter((_, i) => i % 4 === 0);
  let best = { most: 0, cpu: Infinity };
  for (const most of [180, 256, 512, 1024, 4096]) {
    const { cpu } = await timed(() => withBudget(most)(sample));
    if (cpu < best.cpu) best = { most, cpu };
  }
  return { work: withBudget(best.most), note: `${best.most} tokens a batch` };
}

async function timed(work: () => Promise<void>): Promise<{ seconds: number; cpu: number }> {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { seconds, cpu: (user + system) / 1e6 };
}

const { work, ...ready } = await (engine === 'refract' ? refract() : transformers());
console.log(JSON.stringify(ready));
for await (const _ of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await timed(() => work(lists))));
process.exit(0);
