#!/usr/bin/env node
/** The `refract` command: the process around `run`, with its streams and signals. */
import { streamProgress } from '../progress.ts';
import { EXIT, run } from './run.ts';

const interruption = new AbortController();
process.on('SIGINT', () => {
  // The first asks the work to stop at a safe place, the second does not wait.
  if (interruption.signal.aborted) process.exit(EXIT.interrupted);
  process.stderr.write('\nStopping; press Ctrl-C again to stop at once.\n');
  interruption.abort();
});
// A reader that has seen enough, such as head, closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  columns: process.stdout.columns,
  progress: streamProgress(),
  signal: interruption.signal,
});
