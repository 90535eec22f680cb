/**
 * Peak memory of indexing a collection of so many short lines with a tiny model, to see whether it grows with the
 * collection. Prints one JSON line.
 *
 *     npx tsx bench/index-memory.ts --passages 1000000 [--threads 1]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { streamPiecesAtomic } from '../src/data/atomic.ts';
import { indexPassages } from '../src/search/index-passages.ts';
import { PASSAGES, writeTinyRetriever } from '../test/tiny-retriever.ts';

const { values } = parseArgs({
  options: { passages: { type: 'string', default: '100000' }, threads: { type: 'string', default: '1' } },
});
const count = Number(values.passages);
const folder = mkdtempSync(join(tmpdir(), 'refract-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

async function* lines(): AsyncGenerator<string> {
  const words = PASSAGES.flatMap(({ text }) => text.split(' '));
  for (let i = 0; i < count; i++) {
    const text = [i, i * 7, i * 31].map((n) => words[n % words.length]).join(' ');
    yield `${JSON.stringify({ id: `passage-${i}`, text: `${text} ${i % 1000}` })}\n`;
  }
}

await writeTinyRetriever(join(folder, 'teacher'));
await streamPiecesAtomic(join(folder, 'p.jsonl'), lines());
const before = process.resourceUsage().maxRSS;
const { seconds, manifest } = await indexPassages(
  join(folder, 'teacher'),
  join(folder, 'p.jsonl'),
  join(folder, 'index'),
  { threads: Number(values.threads) },
);
const megabytes = (kilobytes: number) => Math.round(kilobytes / 1024);
console.log(
  JSON.stringify({
    passages: count,
    tokens: manifest.tokens,
    seconds: Math.round(seconds),
    peakMiB: megabytes(process.resourceUsage().maxRSS),
    beforeMiB: megabytes(before),
  }),
);
