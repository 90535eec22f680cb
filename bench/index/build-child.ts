/**
 * Builds an index through the public interface, in a process of its own so that its memory can be told. Prints a line.
 *
 *     npx tsx bench/index/build-child.ts OUT PRECISION --collection FOLDER | --stream PASSAGES | --vectors INDEX
 *
 * Vectors come from a folder of `writeCollection`, from the generator as a stream, or from another index.
 */
import { parseArgs } from 'node:util';
import { buildIndex, type EncodedPassage } from '../../src/index/build.ts';
import { PRECISION_CHOICES } from '../../src/index/manifest.ts';
import { openIndex } from '../../src/index/open-index.ts';
import { indexStats } from '../../src/index/stats.ts';
import { Collection, SYNTHETIC } from './collection.ts';
import { SyntheticCollection } from './synthetic.ts';
import { syntheticPassages } from './synthetic-passages.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    collection: { type: 'string' },
    stream: { type: 'string' },
    vectors: { type: 'string' },
    threads: { type: 'string', default: '2' },
  },
});
const [out, asked] = positionals;
const precision = PRECISION_CHOICES.find((choice) => choice === asked);
if (!precision) throw new Error(`Give a precision: ${PRECISION_CHOICES.join(', ')}.`);
const { dim, passages } = source();

function source(): { readonly dim: number; readonly passages: Iterable<EncodedPassage> } {
  if (values.vectors) {
    const view = openIndex(values.vectors);
    return { dim: view.dim, passages: passagesOf(view) };
  }
  if (values.collection) {
    const collection = new Collection(values.collection);
    const vectors = (p: number) => collection.vectors(p);
    return { dim: collection.dim, passages: syntheticPassages(0, collection.passages, vectors) };
  }
  const generator = new SyntheticCollection(SYNTHETIC);
  const vectors = (p: number) => generator.passage(p);
  return { dim: SYNTHETIC.dim, passages: syntheticPassages(0, Number(values.stream), vectors) };
}

function* passagesOf(view: ReturnType<typeof openIndex>): Generator<EncodedPassage> {
  for (let p = 0; p < view.size; p++) {
    const windows = view.windows(p);
    const tokens = windows.reduce((sum, count) => sum + count, 0);
    const tokenIds = view.tokenIds(p);
    yield { passage: view.passage(p), vectors: view.vectors(p), tokens, windows, tokenIds };
  }
}

/** Milliseconds in which the passages were made or read. */
let giving = 0;
function* timedPassages(): Generator<EncodedPassage> {
  const iterator = passages[Symbol.iterator]();
  for (;;) {
    const start = performance.now();
    const next = iterator.next();
    giving += performance.now() - start;
    if (next.done) return;
    yield next.value;
  }
}

const start = performance.now();
const cpu = process.cpuUsage();
const fingerprint = { teacher: 'synthetic', tokenizer: 'synthetic' };
await buildIndex(out, { dim, fingerprint, precision }, timedPassages(), { threads: Number(values.threads) });
const seconds = (performance.now() - start) / 1000;
const used = process.cpuUsage(cpu);
const { passages: count, tokens, bytes, bytesPerPassage, bytesByPart, segments, trained } = indexStats(out);
console.log(
  JSON.stringify({
    ...{ passages: count, tokens, seconds: seconds - giving / 1000, givingSeconds: giving / 1000 },
    cpuSeconds: (used.user + used.system) / 1e6,
    peakMiB: process.resourceUsage().maxRSS / 1024,
    ...{ bytes, bytesPerPassage, segments: segments.length, trained },
    partsPerPassage: Object.fromEntries(
      Object.entries(bytesByPart).map(([part, each]) => [part, each / count]),
    ),
  }),
);
