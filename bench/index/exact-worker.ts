/** Entry of a thread of `exactBest`. */
import { parentPort, workerData } from 'node:worker_threads';
import { bestOfShare } from './exact.ts';

parentPort!.postMessage(bestOfShare(workerData));
