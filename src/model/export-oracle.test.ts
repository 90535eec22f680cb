/**
 * Exports against the tools they are for, where Pythons that have these are named: `REFRACT_PYLATE_PYTHON` (pylate),
 * `REFRACT_MULTI_VECTOR_PYTHON` (sentence-transformers 6), `REFRACT_COLBERT_PYTHON` (colbert-ai, with transformers 4).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compatibilityTable } from '../../test/compatibility.ts';
import { FAMILY_BASES, writeFamilyTeacher } from '../../test/family-bases.ts';
import { goldenLayout, LAYOUTS, recordLayout } from '../../test/layouts.ts';
import { temporaryFolder } from '../../test/temporary.ts';
import { writeTinyRetriever } from '../../test/tiny-retriever.ts';
import { readCheckpoint } from './checkpoint.ts';
import { EXPORT_LAYOUTS, type ExportLayout, type ExportOptions, exportModel } from './export.ts';
import { PRECISIONS, type Precision } from './weight-files.ts';

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
const withoutSpaces = {
  queries: texts.queries.map((text) => text.trim()),
  passages: texts.passages.map((text) => text.trim()),
};

/** The folder of a row's model: a fixture, or a teacher of Refract with its own tokenizer or from a family's base. */
async function modelOf(name: string): Promise<string> {
  const own = join(place.path, name);
  const family = FAMILY_BASES.find((each) => name === `from-${each}`);
  if (name !== 'tiny' && family === undefined) return join(LAYOUTS, name);
  if (!existsSync(own)) await (family ? writeFamilyTeacher(family, own) : writeTinyRetriever(own));
  return own;
}

/** What the tool says of an export of the model in `folder`. */
async function open(tool: keyof typeof PYTHONS, folder: string, options: ExportOptions) {
  const out = join(place.path, `${tool}-${basename(folder)}-${options.layout}-${options.precision}`);
  await exportModel(readCheckpoint(folder), out, options);
  // MultiVectorEncoder does not cut spaces at the ends of texts, also of PyLate's models.
  const given = tool === 'multi-vector' ? withoutSpaces : texts;
  const recorded = `${out}.json`;
  // Read back by Refract, so that the export's rounding is in both.
  writeFileSync(recorded, JSON.stringify(await recordLayout(given, readCheckpoint(out))));
  const run = execFileSync(PYTHONS[tool]!, ['test/oracles/layouts.py', 'open', tool, out, recorded], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, HF_HUB_OFFLINE: '1', CUDA_VISIBLE_DEVICES: '' },
  });
  return JSON.parse(run.trim().split('\n').at(-1)!) as { vectors: number; scores: number };
}

/** Weights are in shards where the tool can read them. */
const SHARD = 10_000;

describe('other tools open what Refract exports (docs/compatibility.md)', () => {
  const rows = compatibilityTable('written');
  for (const [tool, layout, model, precision, vectors, scores] of rows) {
    if (!isTool(tool) || !isLayout(layout) || !isPrecision(precision))
      throw new Error(`no case: ${tool} ${layout} ${precision}`);
    test.skipIf(PYTHONS[tool] === undefined)(
      `${tool} opens ${layout} of ${model} in ${precision}`,
      async () => {
        const shards = tool === 'stanford' && precision === 'float16';
        const options = { layout, precision, maxShardBytes: shards ? SHARD : undefined };
        const difference = await open(tool, await modelOf(model), options);
        expect(difference.vectors).toBeLessThan(Number(vectors));
        expect(difference.scores).toBeLessThan(Number(scores));
      },
      240_000,
    );
  }

  test('of every layout and tool there is a row', () => {
    expect(new Set(rows.map(([tool]) => tool))).toEqual(new Set(Object.keys(PYTHONS)));
    expect(new Set(rows.map(([, layout]) => layout))).toEqual(new Set(EXPORT_LAYOUTS.slice(1)));
  });
});

test.skipIf(process.env.REFRACT_ORACLE_PYTHON === undefined)(
  'transformers opens an encoder in shards (needs REFRACT_ORACLE_PYTHON)',
  async () => {
    const out = join(place.path, 'plain');
    const base = readCheckpoint('test/fixtures/bert', { allowBase: true });
    const { files } = await exportModel(base, out, { layout: 'safetensors', maxShardBytes: SHARD });
    expect(files.map(({ name }) => name)).toContain('model.safetensors.index.json');
    const golden = 'test/fixtures/bert/golden.json';
    const run = execFileSync(
      process.env.REFRACT_ORACLE_PYTHON!,
      ['test/oracles/open_checkpoint.py', out, golden],
      { encoding: 'utf8' },
    );
    expect(JSON.parse(run).last_hidden_state).toBeLessThan(1e-5);
  },
  120_000,
);

function isTool(text: string): text is keyof typeof PYTHONS {
  return text in PYTHONS;
}

function isLayout(text: string): text is ExportLayout {
  return (EXPORT_LAYOUTS as readonly string[]).includes(text);
}

function isPrecision(text: string): text is Precision {
  return (PRECISIONS as readonly string[]).includes(text);
}
