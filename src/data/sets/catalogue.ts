/** The catalogue: every data set that Refract reads, with its facts and its reader. */
import { nearest, RefractError } from '../../errors.ts';
import { africlirmatrix } from './africlirmatrix.ts';
import { afriqa } from './afriqa.ts';
import { beir } from './beir.ts';
import { belebele } from './belebele.ts';
import { ciral } from './ciral.ts';
import { clirmatrix } from './clirmatrix.ts';
import type { AnyPart, DataSet, ReadOptions } from './data-set.ts';
import { muse, panlex, stardict, tsvDictionary } from './dictionaries.ts';
import { hc4, neuclir } from './hc4.ts';
import { lareqa } from './lareqa.ts';
import { miracl } from './miracl.ts';
import { mlqa } from './mlqa.ts';
import { mmarco } from './mmarco.ts';
import { msmarco } from './msmarco.ts';
import { SetFolder } from './set-folder.ts';
import { squad } from './squad.ts';
import { trec } from './trec.ts';
import { wikiclir } from './wikiclir.ts';
import { wikiclirHeidelberg } from './wikiclir-heidelberg.ts';
import { xquad } from './xquad.ts';

/** Every data set: collections, then reading comprehension, then dictionaries. */
export const DATA_SETS: readonly DataSet[] = [
  msmarco,
  mmarco,
  wikiclir,
  wikiclirHeidelberg,
  clirmatrix,
  africlirmatrix,
  ciral,
  miracl,
  hc4,
  neuclir,
  beir,
  trec,
  squad,
  xquad,
  mlqa,
  lareqa,
  afriqa,
  belebele,
  muse,
  stardict,
  panlex,
  tsvDictionary,
];

/**
 * The entry called `name`.
 *
 * Errors: `SETTING_UNKNOWN`, with the nearest name.
 *
 * @example findDataSet('mlqa').licence // 'CC BY-SA 3.0'
 */
export function findDataSet(name: string): DataSet {
  const wanted = name.trim().toLowerCase();
  const found = DATA_SETS.find((set) => set.name === wanted);
  if (found !== undefined) return found;
  const names = DATA_SETS.map((set) => set.name);
  const near = nearest(wanted, names);
  throw new RefractError('SETTING_UNKNOWN', `no data set "${name}"`, {
    hint: `${near === undefined ? '' : `Did you mean ${near}? `}There are: ${names.join(', ')}.`,
  });
}

/**
 * The parts of a data set that a folder holds.
 *
 * Errors: `SETTING_UNKNOWN` (name), `FILE_MISSING` (no such folder, or none of the published files in it),
 * `SETTING_INVALID` (a dictionary without its language).
 *
 * @example for (const part of openDataSet('xquad', 'xquad')) for await (const record of part.read()) ...
 */
export function openDataSet(name: string, folder: string, options: ReadOptions = {}): readonly AnyPart[] {
  return findDataSet(name).open(new SetFolder(folder), options);
}
