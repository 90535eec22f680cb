/** The committed fixtures of published data sets, and reading their parts whole. */
import { fileURLToPath } from 'node:url';
import { openDataSet } from '../src/data/sets/catalogue.ts';
import { type AnyPart, partLabel, type ReadOptions } from '../src/data/sets/data-set.ts';
import { ReadingNotes } from '../src/data/sets/reading-notes.ts';

/** Path of a fixture. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/data-sets/${name}`, import.meta.url));
}

/** Labels of all parts of a set's fixture. */
export function labels(set: string, place = set, options: ReadOptions = {}): string[] {
  return openDataSet(set, fixture(place), options).map(partLabel);
}

function partOf(set: string, label: string, place: string, options: ReadOptions): AnyPart {
  const part = openDataSet(set, fixture(place), options).find((each) => partLabel(each) === label);
  if (part === undefined) throw new Error(`no part ${label}`);
  return part;
}

/** All records of a part of a set's fixture. */
export async function allOf(
  set: string,
  label: string,
  place = set,
  options: ReadOptions = {},
): Promise<Record<string, unknown>[]> {
  const records: Record<string, unknown>[] = [];
  for await (const record of partOf(set, label, place, options).read()) records.push({ ...record });
  return records;
}

/** What reading a part left out. */
export async function notesOf(
  set: string,
  label: string,
  place = set,
  options: ReadOptions = {},
): Promise<string[]> {
  const notes = new ReadingNotes();
  for await (const _ of partOf(set, label, place, options).read(notes));
  return notes.lines();
}
