/**
 * A worker of `refract study run --jobs`: a process of its own that makes the cells it is told to make. ONNX Runtime
 * computes on the thread that asks, so that several cells in one process would wait for each other.
 */
import type { ProgressFactory } from '../progress.ts';
import type { Cell } from './cell.ts';
import { cellFolder, peakMemory } from './cell-record.ts';
import { studyMatrix } from './matrix.ts';
import { StudyFiles } from './study-files.ts';
import { type OpenMessage, type Reply, requestSchema, toldError } from './worker-messages.ts';

/** What a worker needs to make a cell. */
interface Opened extends Pick<OpenMessage, 'out' | 'device' | 'threads'> {
  readonly cells: ReadonlyMap<string, Cell>;
}

const stop = new AbortController();
let opened: Promise<Opened> | undefined;
let stages = 0;

function reply(message: Reply): void {
  // Without a channel the study's process has gone.
  if (process.connected) process.send?.(message);
}

const progress: ProgressFactory = (label, total, unit = '') => {
  const stage = ++stages;
  reply({ kind: 'begins', stage, label, total, unit });
  return {
    update: (done, note = '') => reply({ kind: 'progress', stage, done, note }),
    end: (note = '') => reply({ kind: 'ends', stage, note }),
  };
};

async function open({ study, root, ...options }: OpenMessage): Promise<Opened> {
  const { cells } = studyMatrix(await StudyFiles.open(study, root));
  return { ...options, cells: new Map(cells.map((cell) => [cell.name, cell])) };
}

async function make(name: string, resume: boolean): Promise<void> {
  if (opened === undefined) throw new Error('a worker is to make a cell before it has the study');
  const { cells, out, device, threads } = await opened;
  const cell = cells.get(name);
  if (cell === undefined) throw new Error(`the worker's study has no cell ${name}`);
  const result = await cell.make({
    folder: cellFolder(out, cell),
    folderOf: (need) => cellFolder(out, need),
    control: { device, threads, resume, progress, signal: stop.signal },
  });
  reply({ kind: 'made', result, memoryBytes: peakMemory() });
}

/** Does what a message asks for, and tells what went wrong. */
async function answer(message: unknown): Promise<void> {
  try {
    const request = requestSchema.parse(message);
    if (request.kind === 'stop') stop.abort();
    if (request.kind === 'make') await make(request.cell, request.resume);
    if (request.kind === 'open') {
      opened = open(request);
      await opened;
      reply({ kind: 'opened' });
    }
  } catch (error) {
    reply({ kind: 'failed', error: toldError(error), memoryBytes: peakMemory() });
  }
}

process.on('message', (message) => void answer(message));
// The study's process was killed: nothing is written half, and the cell is begun again by the next run.
process.on('disconnect', () => process.exit());
