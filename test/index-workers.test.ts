/** The threads of the compressed index start from the source and from the bundle, work, and let the process end. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'tsdown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'refract-workers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that searches with two threads and does not close what it opened. */
const program = (source: string, kind: 'ts' | 'js') => `
import { mkdirSync } from 'node:fs';
import { trainCodec } from ${JSON.stringify(`${source}/index/codec/train.${kind}`)};
import { residualStorage } from ${JSON.stringify(`${source}/index/compressed/residual-storage.${kind}`)};
const vectors = Float32Array.from({ length: 40000 * 16 }, (_, i) => Math.sin(i * i));
const codec = await trainCodec(vectors, { dim: 16, bits: 4, seed: 1, centroids: 64 });
const storage = residualStorage(codec, { threads: 2 });
const directory = process.argv[2];
mkdirSync(directory);
const writer = await storage.writer(directory);
for (let w = 0; w < 5000; w++) await writer.add(vectors.subarray(w * 128, (w + 1) * 128), 8);
await writer.finish();
const scorer = await storage.scorer([storage.reader(directory, { windows: 5000, tokens: 40000 })]);
await scorer.started();
const hits = await scorer.search(vectors.subarray(0, 64), 4, 3, [undefined]);
console.log(JSON.stringify({ serving: scorer.serving, hits }));
`;

function run(name: string, text: string, options: readonly string[]): { serving: number; hits: unknown } {
  const file = join(folder, name);
  writeFileSync(file, text);
  const args = [...options, file, join(folder, `${name}-index`)];
  // Without a limit a process that workers keep alive would hang here.
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 50_000 }));
}

describe('threads of the compressed index', () => {
  const dist = join(folder, 'dist');

  beforeAll(async () => {
    await build({
      config: false,
      cwd: root,
      // The last one makes `src` the root, as it is of the package.
      entry: [
        'src/index/codec/train.ts',
        'src/index/compressed/residual-storage.ts',
        'src/index/compressed/thread-worker.ts',
        'src/version.ts',
      ],
      outDir: dist,
      format: 'esm',
      platform: 'node',
      unbundle: true,
      dts: false,
      logLevel: 'silent',
    });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  });

  it('start from the source and from the bundle, with the same result', () => {
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const source = run('source.mts', program(join(root, 'src'), 'ts'), ['--import', tsx]);
    expect(source.serving).toBe(2);
    const bundled = run('bundled.mjs', program(dist, 'js'), []);
    expect(bundled).toEqual(source);
  });
});
