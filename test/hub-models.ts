/** The hub of tests as long as a test file runs, and models for it: the small BERT of `test/fixtures/base` under names of a made-up organisation. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { HubSettings } from '../src/model/hub/hub-settings.ts';
import { BASE } from './base-folder.ts';
import { type Files, HubServer } from './hub-server.ts';

/** A repository as owners publish it: what an encoder needs, and what it does not. */
export function bertFiles(more: Files = {}): Record<string, string | Uint8Array> {
  const base = Object.fromEntries(
    readdirSync(BASE)
      .filter((name) => name !== 'golden.json')
      .map((name) => [name, readFileSync(join(BASE, name))]),
  );
  return {
    ...base,
    'README.md': '# A small BERT\nमराठी, العربية, ไทย, Yorùbá\n',
    '.gitattributes': '*.safetensors filter=lfs\n',
    'vocab.txt': '[PAD]\n',
    'pytorch_model.bin': 'a pickle',
    'onnx/model.onnx': 'a graph',
    ...more,
  };
}

/** The hub as a machine sees it whose cache is the folder `cache`. */
export function hubOf(server: HubServer, cache: string, more: Partial<HubSettings> = {}): HubSettings {
  return { endpoint: server.url, cache, offline: false, ...more };
}

/** A hub that runs while the test file does; what it was asked and how it was told to fail is forgotten for each test. */
export function hubServer(): HubServer {
  const server = new HubServer();
  beforeAll(() => server.start());
  afterAll(() => server.stop());
  beforeEach(() => {
    server.asked.length = 0;
    server.onHub = () => false;
    server.onCdn = () => false;
    server.pageSize = 1000;
  });
  return server;
}
