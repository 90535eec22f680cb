/** `refract index add`, `delete` and `merge`: changing an index while others search it. */
import type { Command } from 'commander';
import { counted } from '../counted.ts';
import { readLines } from '../data/lines.ts';
import { RefractError } from '../errors.ts';
import { IndexWriter } from '../index/writer/index-writer.ts';
import { addPassages, mergeAfter } from '../search/change-index.ts';
import { type DeviceArguments, deviceFallbackOption, deviceOf, deviceOption, fallbackOf } from './device.ts';
import { describeTexts } from './index-text.ts';
import type { CommandIo } from './io.ts';
import { localModel } from './model-folder.ts';
import { byteSize, notesOf, progressOf, quietOption, threadsOption } from './options.ts';

interface ChangeArguments {
  readonly index: string;
  readonly memory?: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

interface AddArguments extends ChangeArguments, DeviceArguments {
  readonly passages: string;
  readonly teacher?: string;
  readonly replace?: boolean;
  readonly skipEmpty?: boolean;
  readonly threads?: number;
}

interface DeleteArguments extends ChangeArguments {
  readonly ids?: string;
  readonly ignoreMissing?: boolean;
}

/** Adds the commands that change an index. */
export function addChangeCommands(command: Command, io: CommandIo): void {
  const change = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .requiredOption('--index <folder>', 'the index')
      .option('--memory <size>', 'memory beside the encoder (default 1GiB)', byteSize('--memory'))
      .option('--json', 'print the result as JSON')
      .addOption(quietOption());
  change('add', 'encode further passages with the teacher of the index and add them')
    .requiredOption('--passages <file>', 'the passages, as for build')
    .option('--replace', 'passages whose ids are in the index take the place of those')
    .option('--skip-empty', 'leave out passages without words, and count them')
    .option('--teacher <model>', 'where the teacher of the index lies, when it has moved')
    .addOption(deviceOption())
    .addOption(deviceFallbackOption())
    .addOption(threadsOption())
    .action((given: AddArguments) => add(given, io));
  change('delete', 'delete passages by their ids')
    .argument('[ids...]', 'ids of passages')
    .option('--ids <file>', 'a file with an id a line')
    .option('--ignore-missing', 'pass over ids that the index does not have, and count them')
    .action((ids: string[], given: DeleteArguments) => remove(ids, given, io));
  change('merge', 'merge segments, and drop what is deleted in them')
    .option('--all', 'into as few segments as there can be')
    .action((given: ChangeArguments & { readonly all?: boolean }) => merge(given, io));
}

async function add(given: AddArguments, io: CommandIo): Promise<void> {
  const { index, passages, json, quiet, memory } = given;
  const { replace, skipEmpty, threads } = given;
  const teacher =
    given.teacher === undefined ? undefined : (await localModel(given.teacher, io, given)).folder;
  const { added, replaced, texts, manifest, seconds } = await addPassages(index, passages, {
    ...{ replace, skipEmpty, teacher, threads, memoryBytes: memory },
    device: await deviceOf(given, io),
    fallback: fallbackOf(given, io),
    progress: progressOf(io, quiet),
    notice: notesOf(io, quiet),
    signal: io.signal,
  });
  const { generation, passages: size } = manifest;
  if (json === true) {
    const result = { index, added, replaced, texts, generation, passages: size, seconds };
    io.out(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  io.out(`${index}: ${added} added, ${replaced} of them replaced others; ${size} passages\n`);
  io.out(describeTexts(texts));
}

async function remove(ids: readonly string[], given: DeleteArguments, io: CommandIo): Promise<void> {
  const { index, json, quiet, memory } = given;
  const asked = [...ids];
  if (given.ids !== undefined)
    for await (const { text } of readLines(given.ids)) if (text !== '') asked.push(text);
  if (asked.length === 0)
    throw new RefractError('SETTING_INVALID', 'no ids to delete', {
      hint: 'Name them, or a file with an id a line: refract index delete --index index p17 p18',
    });
  const writer = await IndexWriter.open(index, { memoryBytes: memory, notice: notesOf(io, quiet) });
  try {
    const report = await writer.delete(asked, { missing: given.ignoreMissing ? 'ignore' : 'refuse' });
    await writer.commit({ merge: false });
    const control = { progress: progressOf(io, quiet), signal: io.signal };
    const { generation, passages } = await mergeAfter(writer, control, notesOf(io, quiet));
    if (json === true) io.out(`${JSON.stringify({ index, ...report, generation, passages }, null, 2)}\n`);
    else {
      const missing = report.missing > 0 ? `, ${report.missing} were not there` : '';
      io.out(`${index}: ${report.deleted} deleted${missing}; ${passages} passages\n`);
    }
  } finally {
    await writer.close();
  }
}

async function merge(given: ChangeArguments & { readonly all?: boolean }, io: CommandIo): Promise<void> {
  const { index, all, json, quiet, memory } = given;
  const writer = await IndexWriter.open(index, { memoryBytes: memory, notice: notesOf(io, quiet) });
  try {
    const { generation: last, segments: old } = writer.manifest;
    const before = old.length;
    const control = { progress: progressOf(io, quiet), signal: io.signal };
    const { generation, passages, segments } = await writer.merge({ all, control });
    if (json === true) {
      const result = { index, before, segments: segments.length, generation, passages };
      io.out(`${JSON.stringify(result, null, 2)}\n`);
    } else if (generation === last)
      io.out(
        `${index}: nothing to merge${all === true ? '' : ' (--all makes as few segments as there can be)'}; ${counted(before, 'segment')}, ${counted(passages, 'passage')}\n`,
      );
    else {
      const [then, kept] = [counted(before, 'segment'), counted(passages, 'passage')];
      io.out(`${index}: ${then} before, ${segments.length} now; ${kept}\n`);
    }
  } finally {
    await writer.close();
  }
}
