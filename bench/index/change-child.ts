/**
 * Adds or deletes a share of the passages of a synthetic index in one commit, and prints how long it took.
 *
 *     npx tsx bench/index/change-child.ts INDEX add|delete COUNT
 */
import { readManifest } from '../../src/index/manifest.ts';
import { IndexWriter } from '../../src/index/writer/index-writer.ts';
import { RandomStream } from '../../src/random.ts';
import { SYNTHETIC } from './collection.ts';
import { SyntheticCollection } from './synthetic.ts';
import { syntheticPassages } from './synthetic-passages.ts';

const [path, operation, given] = process.argv.slice(2);
const count = Number(given);
const size = readManifest(path).passages;
const generator = new SyntheticCollection(SYNTHETIC);
// Made beforehand: vectors are given.
const added = operation === 'add' ? [...syntheticPassages(size, count, (p) => generator.passage(p))] : [];
const random = new RandomStream(SYNTHETIC.seed, 'deleted passages');
const deleted = new Set<string>();
while (operation === 'delete' && deleted.size < count) deleted.add(String(random.below(size - count)));

const start = performance.now();
const writer = await IndexWriter.open(path);
const opened = performance.now();
if (operation === 'add') await writer.add(added);
else await writer.delete(deleted);
const changed = performance.now();
await writer.commit();
const committed = performance.now();
await writer.close();
const closed = performance.now();
console.log(
  JSON.stringify({
    ...{ operation, count, seconds: (closed - start) / 1000 },
    openSeconds: (opened - start) / 1000,
    changeSeconds: (changed - opened) / 1000,
    commitSeconds: (committed - changed) / 1000,
    mergeSeconds: (closed - committed) / 1000,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  }),
);
