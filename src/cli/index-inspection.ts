/** `refract index verify`, `stats` and `export`: looking at an index without changing it. */
import { type Command, Option } from 'commander';
import { counted } from '../counted.ts';
import { isFreePlace } from '../data/atomic.ts';
import { RefractError } from '../errors.ts';
import {
  EXPORT_FORMATS,
  EXPORT_TYPES,
  type ExportFormat,
  type ExportType,
  exportVectors,
} from '../index/export-vectors.ts';
import { openIndex } from '../index/open-index.ts';
import { DAMAGED_HINT } from '../index/segments/segment-file.ts';
import { indexStats } from '../index/stats.ts';
import { verifyIndex } from '../index/verify.ts';
import { describeStats, describeVerify } from './index-text.ts';
import type { CommandIo } from './io.ts';
import { progressOf, quietOption, wholeNumber } from './options.ts';

interface InspectionArguments {
  readonly index: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

interface ExportArguments extends InspectionArguments {
  readonly out: string;
  readonly format: ExportFormat;
  readonly type: ExportType;
  readonly chunk: number;
}

async function exportIndex(given: ExportArguments, io: CommandIo): Promise<void> {
  const { index, out, format, type, chunk, json, quiet } = given;
  if (!isFreePlace(out))
    throw new RefractError('OUTPUT_EXISTS', 'there is already something here', {
      at: out,
      hint: 'Choose another place.',
    });
  const view = openIndex(index);
  try {
    const control = { progress: progressOf(io, quiet), signal: io.signal };
    const report = await exportVectors(view, out, { format, type, chunk, control });
    const { passages, windows, tokens, chunks } = report;
    if (json === true) io.out(`${JSON.stringify({ out, format, type, ...report }, null, 2)}\n`);
    else
      io.out(
        `${out}: ${counted(tokens, 'vector')} of ${counted(passages, 'passage')}, ${counted(windows, 'window')}, in ${counted(chunks, 'array')}\n`,
      );
  } finally {
    await view.close();
  }
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
  inspect('export', 'write the token vectors for other engines: arrays with ids')
    .requiredOption('--out <folder>', 'where they go')
    .addOption(new Option('--format <name>', 'how arrays are written').choices(EXPORT_FORMATS).default('npy'))
    .addOption(new Option('--type <name>', 'what numbers are').choices(EXPORT_TYPES).default('float16'))
    .option('--chunk <count>', 'passages of one array', wholeNumber('--chunk'), 25_000)
    .action((given: ExportArguments) => exportIndex(given, io));
  inspect('stats', 'what the index holds and what takes its bytes').action(
    ({ index, json }: InspectionArguments) => {
      const stats = indexStats(index);
      io.out(json === true ? `${JSON.stringify({ index, ...stats }, null, 2)}\n` : describeStats(stats));
    },
  );
}
