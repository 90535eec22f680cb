/** Entry of a worker thread of the compressed index. */
import { parentPort, workerData } from 'node:worker_threads';
import { type EncodePlan, EncodeWork } from '../codec/encode-work.ts';
import { KernelMemory } from '../kernels/kernel-memory.ts';
import { postedError } from '../kernels/thread-errors.ts';
import { serve, type WorkerStart } from '../kernels/thread-team.ts';
import { type SearchPlan, SearchWork } from './search-work.ts';

const { shared, team, thread, plan } = workerData as WorkerStart & { plan: EncodePlan | SearchPlan };
const memory = new KernelMemory(shared);
const work =
  plan.kind === 'encode' ? new EncodeWork(memory, plan, thread) : new SearchWork(memory, plan, thread);
serve(memory, team, work, (error, job) => parentPort?.postMessage(postedError(error, job)));
