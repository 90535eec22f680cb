/** Writes a data set in the files that all other commands read: JSON lines, TREC qrels and runs, TSV dictionaries. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RefractError } from '../../errors.ts';
import { silent } from '../../progress.ts';
import { isFreePlace, writeDirectoryAtomic, writeFileAtomic } from '../atomic.ts';
import { findDataSet, openDataSet } from './catalogue.ts';
import { publishedSize, type ReadControl, stopped } from './check.ts';
import { type AnyPart, partLabel } from './data-set.ts';
import { ReadingNotes } from './reading-notes.ts';

/** How to write. */
export interface ConvertControl extends ReadControl {
  /** Only parts whose label contains this text. */
  readonly only?: string;
}

/** A file that was written. */
export interface ConvertedFile {
  readonly file: string;
  readonly records: number;
  /** What was left out. */
  readonly notes: readonly string[];
}

const ENDINGS = {
  passages: 'jsonl',
  queries: 'jsonl',
  qrels: 'txt',
  examples: 'jsonl',
  triples: 'tsv',
  'text-triples': 'tsv',
  candidates: 'run',
  dictionary: 'tsv',
} as const;

/**
 * Converts every part of `name` in `folder` into a file of the new folder `out`: `passages.sw.jsonl`,
 * `queries.sw.dev.jsonl`, `qrels.sw.dev.txt`, `examples....jsonl`, `triples....tsv`, `candidates....run`,
 * `dictionary.sw.tsv`; and the source with its licence into `data-set.json`.
 *
 * Errors: those of `openDataSet` and of the readers; `OUTPUT_EXISTS`; `SETTING_UNKNOWN` (no part contains `only`);
 * `RUN_FORMAT` (an id with white space in qrels or candidates); `DISK_FULL`; `INTERRUPTED`.
 *
 * @example await convertDataSet('miracl', 'downloads/miracl', 'data/miracl', { only: 'sw' })
 */
export async function convertDataSet(
  name: string,
  folder: string,
  out: string,
  control: ConvertControl = {},
): Promise<ConvertedFile[]> {
  const set = findDataSet(name);
  if (!isFreePlace(out))
    throw new RefractError('OUTPUT_EXISTS', 'there is something already', {
      at: out,
      hint: 'Choose another place with --out, or remove it.',
    });
  const all = openDataSet(name, folder, control);
  const chosen = all.filter((part) => partLabel(part).includes(control.only ?? ''));
  if (chosen.length === 0)
    throw new RefractError('SETTING_UNKNOWN', `no part contains "${control.only}"`, {
      at: folder,
      hint: `There are: ${all.map(partLabel).join(', ')}.`,
    });
  return writeDirectoryAtomic(out, async (directory) => {
    const files: ConvertedFile[] = [];
    for (const part of chosen) {
      const file = `${partLabel(part)}.${ENDINGS[part.kind]}`;
      const expected = publishedSize(set, part) ?? 0;
      files.push({ file, ...(await writePart(part, join(directory, file), expected, control)) });
    }
    const { title, home, licence, source } = set;
    const records = Object.fromEntries(files.map((each) => [each.file, each.records]));
    writeFileAtomic(
      join(directory, 'data-set.json'),
      `${JSON.stringify({ name, title, home, licence, source, records }, null, 2)}\n`,
    );
    return files;
  });
}

const BUFFERED = 2 ** 20;

async function writePart(
  part: AnyPart,
  path: string,
  expected: number,
  { progress: show = silent, signal }: ConvertControl,
): Promise<{ records: number; notes: string[] }> {
  const notes = new ReadingNotes();
  const progress = show(partLabel(part), expected, 'records');
  const file = openSync(path, 'w');
  let records = 0;
  try {
    let pending = '';
    for await (const line of linesOf(part, path, notes)) {
      pending += line;
      if (pending.length > BUFFERED) {
        writeSync(file, pending);
        pending = '';
      }
      if (++records % 1024 === 0) {
        if (signal?.aborted === true) throw stopped();
        progress.update(records);
      }
    }
    writeSync(file, pending);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  progress.end(`${records}`);
  return { records, notes: notes.lines() };
}

/** The lines of a part's file. */
async function* linesOf(part: AnyPart, at: string, notes: ReadingNotes): AsyncGenerator<string> {
  const name = (id: string) => trecName(id, at);
  switch (part.kind) {
    case 'passages':
    case 'examples':
      for await (const record of part.read(notes)) yield `${JSON.stringify(record)}\n`;
      break;
    case 'queries':
      for await (const { language, ...record } of part.read(notes))
        yield `${JSON.stringify({ ...record, ...(language !== undefined && { lang: language }) })}\n`;
      break;
    case 'qrels':
      for await (const { query, passage, grade } of part.read(notes))
        yield `${name(query)} 0 ${name(passage)} ${grade}\n`;
      break;
    case 'candidates': {
      const ranks = new Map<string, number>();
      for await (const { query, passage, score } of part.read(notes)) {
        const rank = (ranks.get(query) ?? 0) + 1;
        ranks.set(query, rank);
        yield `${name(query)} Q0 ${name(passage)} ${rank} ${score} published\n`;
      }
      break;
    }
    case 'triples':
    case 'text-triples':
      for await (const { query, positive, negative } of part.read(notes))
        yield `${query}\t${positive}\t${negative}\n`;
      break;
    case 'dictionary':
      for await (const { pivot, target, source } of part.read(notes))
        yield `${pivot}\t${target}${source === undefined ? '' : `\t${source}`}\n`;
      break;
  }
}

function trecName(id: string, at: string): string {
  if (id !== '' && !/\s/.test(id)) return id;
  throw new RefractError('RUN_FORMAT', `the id "${id}" is empty or holds white space`, {
    at,
    hint: 'The columns of TREC files are separated by white space; rename the id in the source.',
  });
}
