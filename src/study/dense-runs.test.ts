/** Searches by models: each model is opened once for all languages that it reads, and closed however the work ends. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { GraphSession } from '../graph/index.ts';
import { Encoder } from '../model/encoder.ts';
import { studySchema } from './checked-study.ts';
import { studyMatrix } from './matrix.ts';
import { runCells } from './run-cells.ts';
import { readRunOf } from './run-files.ts';
import { STUDY, writeStudyData } from './study.fixture.ts';
import { StudyFiles } from './study-files.ts';

const folder = temporaryFolder();
const out = join(folder.path, 'out');
const few =
  'maxTokens: 16, batch: { pairs: 2, switched: 1, anchors: 1 }, train: { steps: 1, warmupSteps: 0 }';
const ARMS = `arms:
  zero: { kind: zero-shot }
  shift: { kind: mean-shift, sentences: 3 }
  packs: { kind: optical, packs: each, settings: { ${few} } }
`;
const ROOMS = `
  rooms:
    passages: { en: corpus.en.jsonl, sw: corpus.sw.jsonl, ar: corpus.ar.jsonl }
    judgments: test.qrels
    queries: { en: test.en.jsonl }
teacher:`;
const text = `${STUDY.slice(0, STUDY.indexOf('arms:')).replace('\nteacher:', ROOMS)}${ARMS}`;

/** The study's cells, those of its runs apart. */
async function cells() {
  const files = await StudyFiles.open(studySchema.parse(parse(text)), folder.path);
  const all = studyMatrix(files).cells.filter(({ kind }) => kind !== 'scores');
  return { all, models: all.filter(({ kind }) => kind !== 'runs') };
}

beforeAll(async () => {
  await writeStudyData(folder);
  await runCells((await cells()).models, { out, threads: 1 });
}, 60_000);
afterEach(() => {
  vi.restoreAllMocks();
});

/** Watches sessions: how many encoders are opened, and which sessions stay open. */
function watch() {
  const encoders = vi.spyOn(Encoder, 'fromCheckpoint');
  const created = vi.spyOn(GraphSession, 'create');
  const closed = vi.spyOn(GraphSession.prototype, 'close');
  return {
    encoders: () => encoders.mock.calls.length,
    async open() {
      const opened = await Promise.all(created.mock.results.map(({ value }) => value));
      expect(opened.length).toBeGreaterThan(0);
      return opened.filter((session) => !closed.mock.contexts.includes(session));
    },
  };
}

it('a model is closed when a language of several cannot be read', async () => {
  const { all } = await cells();
  const zero = all.filter(({ name, kind }) => kind !== 'runs' || name === 'runs-zero-1-desk');
  rmSync(join(folder.path, 'test.ar.jsonl'));
  const watched = watch();
  try {
    const error = await refusal(() => runCells(zero, { out, threads: 1 }));
    expect(error.code).toBe('FILE_MISSING');
  } finally {
    await writeStudyData(folder);
  }
  expect(watched.encoders()).toBe(1);
  expect(await watched.open()).toEqual([]);
});

it('one model for two languages is opened once, two models once each', async () => {
  const watched = watch();
  await runCells((await cells()).all, { out, threads: 1 });
  // On two test sets, the teacher as it is and with shifts, and two packs.
  expect(watched.encoders()).toBe(2 * (1 + 1 + 2));
  expect(await watched.open()).toEqual([]);
  for (const name of ['runs-zero-1-desk', 'runs-shift-1-rooms', 'runs-packs-1-desk'])
    for (const language of ['sw', 'ar'])
      expect((await readRunOf(join(out, 'cells', name), language)).length, name).toBeGreaterThan(0);
});
