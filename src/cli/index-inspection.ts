/** `refract index verify` and `stats`: looking at an index without changing it. */
import type { Command } from 'commander';
import { RefractError } from '../errors.ts';
import { DAMAGED_HINT } from '../index/segments/segment-file.ts';
import { indexStats } from '../index/stats.ts';
import { verifyIndex } from '../index/verify.ts';
import { describeStats, describeVerify } from './index-text.ts';
import type { CommandIo } from './io.ts';
import { progressOf, quietOption } from './options.ts';

interface InspectionArguments {
  readonly index: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds the commands that look at an index. */
export function addInspectionCommands(command: Command, io: CommandIo): void {
  const inspect = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .requiredOption('--index <folder>', 'the index')
      .option('--json', 'print the result as JSON')
      .addOption(quietOption());
  inspect('verify', 'compare every byte with the checksums that were written').action(
    async ({ index, json, quiet }: InspectionArguments) => {
      const report = await verifyIndex(index, { progress: progressOf(io, quiet), signal: io.signal });
      io.out(
        json === true ? `${JSON.stringify({ index, ...report }, null, 2)}\n` : describeVerify(index, report),
      );
      if (report.damaged.length === 0) return;
      const names = report.damaged.map(({ file }) => file);
      throw new RefractError('INDEX_DAMAGED', `damaged: ${names.join(', ')}`, {
        at: index,
        hint: DAMAGED_HINT,
      });
    },
  );
  inspect('stats', 'what the index holds and what takes its bytes').action(
    ({ index, json }: InspectionArguments) => {
      const stats = indexStats(index);
      io.out(json === true ? `${JSON.stringify({ index, ...stats }, null, 2)}\n` : describeStats(stats));
    },
  );
}
