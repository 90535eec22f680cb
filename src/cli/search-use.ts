/** What `refract search` is asked for: which options go together, and where a run goes. */
import { basename, resolve } from 'node:path';
import { RefractError } from '../errors.ts';
import { SEARCH_MODES, type SearchMode } from '../search/hybrid.ts';
import { holdsPacks } from '../search/pack-set.ts';
import type { DeviceArguments } from './device.ts';
import type { ModeArguments } from './search-mode.ts';

/** The arguments of the command. */
export interface SearchArguments extends DeviceArguments, ModeArguments {
  readonly index: string;
  readonly pack?: readonly string[];
  readonly language?: string;
  readonly minConfidence?: number;
  readonly teacher?: string;
  readonly threads?: number;
  readonly top?: number;
  readonly explain?: boolean;
  readonly queries?: string;
  readonly textField?: string;
  readonly run?: string;
  readonly tag?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Options that some modes do not use, and the modes that do. */
const USED_BY: Readonly<Record<string, readonly SearchMode[]>> = {
  pack: ['dense', 'hybrid', 'rerank'],
  teacher: ['dense', 'hybrid', 'rerank'],
  threads: ['dense', 'hybrid', 'rerank'],
  device: ['dense', 'hybrid', 'rerank'],
  effort: ['dense', 'hybrid'],
  weights: ['hybrid'],
  candidates: ['hybrid', 'rerank'],
  lexicon: ['lexical', 'hybrid', 'rerank'],
};

/** Refuses, with `SETTING_INVALID`, an option that the mode does not use. */
export function checkMode(given: SearchArguments): void {
  // The device has a default, which says nothing.
  const { device, ...named } = given;
  const said: Readonly<Record<string, unknown>> = { ...named, device: device === 'cpu' ? undefined : device };
  const idle = Object.keys(USED_BY).find(
    (name) => said[name] !== undefined && !USED_BY[name].includes(given.mode),
  );
  if (idle === undefined) return;
  const modes = SEARCH_MODES.filter((mode) => USED_BY[idle].includes(mode)).join(' or ');
  throw new RefractError('SETTING_INVALID', `--${idle} means nothing for --mode ${given.mode}`, {
    hint: `Leave it out, or search with --mode ${modes}.`,
  });
}

/**
 * Whether queries are sorted by language; refuses options that mean nothing otherwise.
 *
 * @param dictionaries how many languages have a dictionary
 */
export function byLanguage(
  { pack = [], language, minConfidence }: SearchArguments,
  dictionaries: number,
): boolean {
  const several = pack.length > 1 || pack.some(holdsPacks) || dictionaries > 1;
  if (several || (pack.length > 0 && language !== undefined)) {
    if (minConfidence === undefined || language === undefined) return true;
    throw new RefractError('SETTING_INVALID', '--min-confidence means nothing for a language that is named', {
      hint: 'Leave --language or --min-confidence out.',
    });
  }
  const idle = language !== undefined ? '--language' : minConfidence !== undefined ? '--min-confidence' : '';
  if (idle === '') return false;
  throw new RefractError('SETTING_INVALID', `${idle} chooses between packs, and there is no choice`, {
    hint: `Give several packs, --pack packs/sw --pack packs/so or a folder of them, or leave ${idle} out.`,
  });
}

/** The files of a run, and the name of the system. */
export interface RunFiles {
  readonly queries: string;
  readonly run: string;
  readonly tag: string;
}

/** The files of a run, or undefined for a search by words; refuses anything in between. */
export function runFiles(words: readonly string[], given: SearchArguments): RunFiles | undefined {
  const refuse = (what: string, hint: string) => new RefractError('SETTING_INVALID', what, { hint });
  const { queries, run } = given;
  if (words.length > 0 && queries !== undefined)
    throw refuse('words and --queries were both given', 'Give one of them.');
  if (words.length > 0) {
    const idle = (['run', 'tag', 'textField'] as const).find((name) => given[name] !== undefined);
    if (idle === undefined) return undefined;
    throw refuse(
      `--${idle === 'textField' ? 'text-field' : idle} means nothing for a search by words`,
      'Give a file of queries with --queries, or leave it out.',
    );
  }
  if (queries === undefined || run === undefined)
    throw refuse(
      queries === undefined ? 'nothing to search for' : 'no place for the run',
      'Give words in quotes, or --queries FILE together with --run FILE.',
    );
  if (given.explain === true)
    throw refuse(
      '--explain means nothing for a file of queries',
      'Search by words to see the parts of scores.',
    );
  const tag = given.tag ?? usualTag(given);
  if (tag === '' || /\s/u.test(tag))
    throw refuse(`the tag "${tag}" is empty or holds white space`, 'Give another name with --tag.');
  return { queries, run, tag };
}

/** The pack, or the teacher, and the mode where it is not the usual one. */
function usualTag({ pack = [], mode }: SearchArguments): string {
  if (mode === 'lexical') return 'bm25';
  const encoder = pack.length > 1 ? 'packs' : pack.length === 1 ? basename(resolve(pack[0])) : 'teacher';
  return mode === 'dense' ? encoder : `${encoder}-${mode}`;
}
