/** Checks against Python's transformers, where `REFRACT_ORACLE_PYTHON` names a Python that has it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { FloatTensor } from './safetensors.ts';
import { retrievalSettings } from './settings.ts';

const python = process.env.REFRACT_ORACLE_PYTHON;

test.skipIf(python === undefined)(
  'transformers opens what Refract writes, with equal outputs (needs REFRACT_ORACLE_PYTHON)',
  async () => {
    const place = mkdtempSync(join(tmpdir(), 'refract-oracle-'));
    try {
      const base = readCheckpoint('test/fixtures/bert', { allowBase: true });
      const golden = JSON.parse(readFileSync('test/fixtures/bert/golden.json', 'utf8'));
      const projection: FloatTensor = { dtype: 'F32', shape: [8, 32], data: new Float32Array(256).fill(0.1) };
      await writeCheckpoint(join(place, 'teacher'), {
        ...base,
        tokenizerConfig: undefined,
        tensors: new Map([...base.tensors, ['linear.weight', projection]]),
        settings: {
          version: '1.0',
          createdWith: '0.1.0',
          languages: ['en'],
          training: {},
          kind: 'teacher',
          retrieval: retrievalSettings({ dim: 8, queryMaxTokens: 12, passageMaxTokens: 24 }),
        },
      });
      // Ids by hand: counted in the fixture's vocabulary, [PAD] being 0.
      const texts = [
        { text: 'Where is the market?', ids: [2, 22, 10, 7, 13, 26, 3] },
        { text: '[Q] soko maji पानी', ids: [2, 5, 30, 29, 40, 3] },
      ];
      writeFileSync(join(place, 'recorded.json'), JSON.stringify({ ...golden, texts }));
      const output = execFileSync(
        python!,
        ['test/oracles/open_checkpoint.py', join(place, 'teacher'), join(place, 'recorded.json')],
        { encoding: 'utf8' },
      );
      const report = JSON.parse(output);
      expect(report).toMatchObject({ parameters: 18720, texts: 2, texts_with_other_ids: [] });
      expect(report.last_hidden_state).toBeLessThan(1e-5);
    } finally {
      rmSync(place, { recursive: true });
    }
  },
);
