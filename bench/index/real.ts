/** Real vectors: English passages of the kit, encoded by a teacher, and its dev questions over them. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../src/data/atomic.ts';
import { readPassages } from '../../src/data/passages.ts';
import { readQueries as readQuestions } from '../../src/data/queries.ts';
import { readManifest } from '../../src/index/manifest.ts';
import { openIndex } from '../../src/index/open-index.ts';
import { readCheckpoint } from '../../src/model/checkpoint.ts';
import { Encoder } from '../../src/model/encoder.ts';
import { streamProgress } from '../../src/progress.ts';
import { indexPassages } from '../../src/search/index-passages.ts';
import type { System } from '../turns.ts';
import { readQueries, writeQueries } from './collection.ts';
import { DEPTH } from './exact.ts';
import { figures, type SearchTurn } from './stages.ts';
import { type Choices, child, system, type Workplace } from './workplace.ts';

/** Passage files of the kit, 26,317 passages together. */
const PASSAGES = ['train/teacher/passages', 'test/indomain-xquad/corpus.en', 'test/ood-afriqa/corpus.en'];
const QUESTIONS = 'train/teacher/queries.dev';
/** Questions, evenly spaced. */
const COUNT = 200;
const PRECISIONS = ['4bit', '2bit', '1bit', '4bit+float16'];
const NAME = 'dev';

/** What the stage needs beside the choices of all. */
export interface RealChoices {
  readonly kit: string;
  /** A folder with a teacher. */
  readonly teacher: string;
  /** Passages of each file; all of them by default. */
  readonly most?: number;
}

/** Recall against exact MaxSim, latency and bytes of exact search and of each compressed form. */
export async function real(work: Workplace, choices: Choices, given: RealChoices): Promise<void> {
  const name = given.most === undefined ? 'real' : `real-${given.most}`;
  const folder = work.at(name);
  const exact = `${folder}-float16`;
  if (!existsSync(join(exact, 'manifest.json'))) await encodePassages(folder, exact, given);
  const { dim } = readManifest(exact);
  if (!existsSync(`${folder}/${NAME}.json`)) await encodeQuestions(folder, given);
  const best = await exactHits(exact, folder, dim);
  for (const precision of ['float16', ...PRECISIONS]) {
    // Exact search has one thread, and takes long.
    const exactly = precision === 'float16';
    if (exactly && work.last({ stage: 'real', name, precision })) continue;
    const path = `${folder}-${precision}`;
    const known = work.last({ stage: 'real build', name, precision });
    let built: object | undefined = known;
    if (!exactly && !(known && existsSync(join(path, 'manifest.json')))) {
      rmSync(path, { recursive: true, force: true });
      built = await child<object>('build-child.ts', path, precision, '--vectors', exact);
      work.report({ stage: 'real build', name, precision, ...built });
    }
    for (const threads of exactly ? [1] : choices.threads) {
      const open: System<SearchTurn> = system('search-system.ts', path, folder, NAME, String(threads));
      const { passages, openSeconds } = JSON.parse(await open.loaded());
      const turn = await open.turn('{}');
      open.end();
      const { tokens } = readManifest(path);
      const place = { name, passages, tokens, precision, threads, openSeconds };
      const { bytesPerPassage } = (built ?? {}) as { bytesPerPassage?: number };
      work.report({ stage: 'real', ...place, bytesPerPassage, ...figures([turn], best) });
    }
  }
}

/** The kit's passages as one file, and the index of them as they are. */
async function encodePassages(folder: string, out: string, { kit, teacher, most }: RealChoices) {
  const lines: string[] = [];
  for (const [i, file] of PASSAGES.entries())
    for (const { id, title, text } of (await readPassages(join(kit, `${file}.jsonl`))).slice(0, most))
      lines.push(JSON.stringify({ id: `${i}/${id}`, title, text }));
  const file = `${folder}-passages.jsonl`;
  writeFileAtomic(file, `${lines.join('\n')}\n`);
  await indexPassages(teacher, file, out, { precision: 'float16', progress: streamProgress(process.stderr) });
}

async function encodeQuestions(folder: string, { kit, teacher }: RealChoices): Promise<void> {
  const all = await readQuestions(join(kit, `${QUESTIONS}.jsonl`));
  const chosen = Array.from({ length: COUNT }, (_, q) => all[Math.floor((q * all.length) / COUNT)]);
  const encoder = await Encoder.fromCheckpoint(readCheckpoint(teacher));
  try {
    const encoded = await encoder.queries(chosen.map(({ text }) => text));
    writeQueries(
      folder,
      NAME,
      encoded.map(({ vectors, count }) => ({ vectors, tokens: count })),
    );
  } finally {
    await encoder.close();
  }
}

/** The best of each question by the index that holds the vectors as they are. */
async function exactHits(path: string, folder: string, dim: number): Promise<string[][]> {
  const file = `${folder}/${NAME}.best.json`;
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const index = openIndex(path);
  const hits = await index.searchBatch(readQueries(folder, NAME, dim), DEPTH);
  await index.close();
  const best = hits.map((each) => each.map(({ id }) => id));
  writeFileAtomic(file, JSON.stringify(best));
  return best;
}
