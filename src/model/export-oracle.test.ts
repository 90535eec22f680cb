/**
 * Exports against the tools they are for, where Pythons that have these are named: `REFRACT_PYLATE_PYTHON` (pylate),
 * `REFRACT_MULTI_VECTOR_PYTHON` (sentence-transformers 6), `REFRACT_COLBERT_PYTHON` (colbert-ai, with transformers 4).
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { goldenLayout, LAYOUTS, recordLayout } from '../../test/layouts.ts';
import { temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import { readCheckpoint } from './checkpoint.ts';
import { type ExportOptions, exportModel } from './export.ts';

const PYTHONS = {
  stanford: process.env.REFRACT_COLBERT_PYTHON,
  pylate: process.env.REFRACT_PYLATE_PYTHON,
  'multi-vector': process.env.REFRACT_MULTI_VECTOR_PYTHON,
};
const place = temporaryFolder();
const texts = {
  queries: goldenLayout('pylate').queries.map(({ text }) => text),
  passages: goldenLayout('pylate').passages.map(({ text }) => text),
};

/** What the tool says of an export of the model in `folder`. */
async function open(tool: keyof typeof PYTHONS, folder: string, options: ExportOptions) {
  const out = join(place.path, `${tool}-${options.layout}-${options.precision}`);
  await exportModel(readCheckpoint(folder), out, options);
  const recorded = `${out}.json`;
  // Read back by Refract, so that the export's rounding is in both.
  writeFileSync(recorded, JSON.stringify(await recordLayout(texts, readCheckpoint(out))));
  const run = execFileSync(PYTHONS[tool]!, ['test/oracles/layouts.py', 'open', tool, out, recorded], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, HF_HUB_OFFLINE: '1', CUDA_VISIBLE_DEVICES: '' },
  });
  return JSON.parse(run.trim().split('\n').at(-1)!) as { vectors: number; scores: number };
}

const cases: [keyof typeof PYTHONS, string, ExportOptions][] = [
  ['stanford', 'stanford', { layout: 'stanford-colbert' }],
  ['stanford', 'stanford', { layout: 'stanford-colbert', precision: 'float16', maxShardBytes: 10_000 }],
  ['pylate', 'stanford', { layout: 'stanford-colbert' }],
  ['multi-vector', 'stanford', { layout: 'stanford-colbert', precision: 'bfloat16' }],
  ['pylate', 'stanford', { layout: 'pylate' }],
  ['pylate', 'pylate-deep', { layout: 'pylate', precision: 'bfloat16' }],
  ['pylate', 'tiny', { layout: 'pylate' }],
  ['multi-vector', 'stanford', { layout: 'pylate', precision: 'float16' }],
  ['multi-vector', 'tiny', { layout: 'pylate' }],
];

describe('other tools open what Refract exports', () => {
  test.each(cases.map((each) => [`${each[0]} ${JSON.stringify(each[2])} of ${each[1]}`, each] as const))(
    '%s',
    async (_, [tool, model, options]) => {
      if (PYTHONS[tool] === undefined) return;
      const folder = model === 'tiny' ? join(place.path, 'tiny') : join(LAYOUTS, model);
      if (model === 'tiny') await writeTinyRetriever(folder);
      const difference = await open(tool, folder, options);
      expect(difference.vectors).toBeLessThan(1e-4);
      expect(difference.scores).toBeLessThan(1e-4);
    },
    120_000,
  );
});
