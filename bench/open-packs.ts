/**
 * What packs cost that are open at the same time: memory of each, and what a query waits for when its encoder is opened.
 *
 *     npx tsx --expose-gc bench/open-packs.ts [--packs 8] [--open 1,2,4,8]
 *
 * Packs are of preset `mini` with random weights over the sample's passages: time and memory do not depend on what
 * weights say. Each bound has a process of its own, in which every pack answers twice: first opened, then, where the
 * bound allows, as it is. Memory is the resident set after garbage collection, above that before the first query.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readPassages } from '../src/data/passages.ts';
import { writeCheckpoint } from '../src/model/checkpoint.ts';
import { configOfSize } from '../src/model/config.ts';
import { modelFingerprint } from '../src/model/fingerprint.ts';
import { retrievalSettings, SETTINGS_VERSION } from '../src/model/settings.ts';
import { indexPassages } from '../src/search/index-passages.ts';
import { openSearcher } from '../src/search/open-searcher.ts';
import { trainTokenizer } from '../src/text/train-bpe.ts';
import { initialWeights } from '../src/train/initialise.ts';

const LANGUAGES = ['sw', 'so', 'tl', 'mr', 'ha', 'yo', 'ig', 'zu'];
const QUERY = 'clean water for children';

const { values } = parseArgs({
  options: {
    packs: { type: 'string', default: `${LANGUAGES.length}` },
    open: { type: 'string', default: '1,2,4,8' },
    at: { type: 'string' },
  },
});
const languages = LANGUAGES.slice(0, Number(values.packs));
if (values.at === undefined) await compare();
else await measure(values.at, Number(values.open));

async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'refract-open-packs-'));
  try {
    await makeModels(folder);
    const bytes = statSync(join(folder, languages[0], 'model.safetensors')).size;
    console.log(`${languages.length} packs, weights of ${(bytes / 2 ** 20).toFixed(1)} MiB each, 1 thread`);
    for (const open of values.open.split(',')) {
      const args = [...process.execArgv, fileURLToPath(import.meta.url)];
      const { stdout, stderr, status } = spawnSync(
        process.execPath,
        [...args, '--at', folder, '--open', open, '--packs', values.packs],
        { encoding: 'utf8' },
      );
      if (status !== 0) throw new Error(stderr);
      process.stdout.write(stdout);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeModels(folder: string): Promise<void> {
  const file = fileURLToPath(new URL('../sample/passages.jsonl', import.meta.url));
  const texts = (await readPassages(file)).map(({ text }) => text);
  const tokenizerJson = { ...(await trainTokenizer(texts, { vocabSize: 3000 })) };
  const dim = 64;
  // The table has as many rows as that of a teacher for several languages.
  const config = configOfSize('mini', { vocabSize: 16_000 });
  const retrieval = retrievalSettings({ dim, queryMaxTokens: 32, passageMaxTokens: 128 });
  const common = { version: SETTINGS_VERSION, createdWith: 'bench', training: {}, retrieval };
  const parts = { config, tensors: initialWeights(config, 1, dim), tokenizerJson };
  const settings = { ...common, kind: 'teacher' as const, languages: ['en'] };
  await writeCheckpoint(join(folder, 'teacher'), { ...parts, settings });
  const teacher = modelFingerprint({ ...parts, settings });
  for (const [i, language] of languages.entries()) {
    const pack = { ...common, kind: 'pack' as const, languages: [language], teacher, readings: false };
    const tensors = initialWeights(config, 2 + i, dim);
    await writeCheckpoint(join(folder, language), { ...parts, tensors, settings: pack });
  }
  await indexPassages(join(folder, 'teacher'), file, join(folder, 'index'), { threads: 1 });
}

async function measure(folder: string, maxOpen: number): Promise<void> {
  const packs = languages.map((language) => join(folder, language));
  const start = performance.now();
  const searcher = await openSearcher(join(folder, 'index'), { packs, maxOpen, threads: 1 });
  const opening = performance.now() - start;
  const before = resident();
  const rounds = [0, 1].map(() => [] as number[]);
  for (const times of rounds)
    for (const language of languages) {
      const asked = performance.now();
      await searcher.search(QUERY, 10, { language });
      times.push(performance.now() - asked);
    }
  const [first, again] = rounds.map((times) => times.sort((a, b) => a - b)[times.length >> 1].toFixed(0));
  const grown = (resident() - before) / 2 ** 20;
  console.log(
    `at most ${maxOpen} open: set opened in ${opening.toFixed(0)} ms; query ${first} ms at first, ${again} ms again; ${grown.toFixed(0)} MiB more`,
  );
  await searcher.close();
}

function resident(): number {
  for (let i = 0; i < 3; i++) global.gc?.();
  return process.memoryUsage.rss();
}
