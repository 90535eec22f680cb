/** Running commands within a test: what they print, and their exit code. */

import type { CommandIo } from '../src/cli/io.ts';
import { run } from '../src/cli/run.ts';
import { silent } from '../src/progress.ts';

/** What a command did. */
export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs `refract` with `args`, as on a machine without a terminal.
 *
 * @example const { code, out } = await refract(['search', '--index', index, 'water'])
 */
export async function refract(
  args: readonly string[],
  over: Partial<CommandIo> = {},
): Promise<CommandResult> {
  const printed = { out: '', err: '' };
  const code = await run(args, {
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
    progress: silent,
    signal: new AbortController().signal,
    ...over,
  });
  return { code, ...printed };
}
