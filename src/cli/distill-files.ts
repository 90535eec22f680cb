/** The files that `refract distill` reads, and what it says of them. */
import { type BitextOptions, loadBitext } from '../data/bitext.ts';
import { formatBitextReport } from '../data/bitext-report.ts';
import type { CleanOptions } from '../data/clean.ts';
import { languageName } from '../data/language.ts';
import { readLexiconReport } from '../data/lexicon.ts';
import { DIRECTION_SAMPLE, leftOutNote } from '../data/lexicon-notes.ts';
import { readQueries } from '../data/queries.ts';
import type { SentencePair } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import type { DistillInput } from '../train/distill.ts';
import { filesByLanguage } from './language-files.ts';
import { tellOfLexicon } from './lexicon-files.ts';

/** The options that name files, and how bitext is read. */
export interface DistillFiles extends CleanOptions {
  readonly bitext: readonly string[];
  readonly language?: string;
  readonly dictionary?: readonly string[];
  readonly devBitext?: readonly string[];
  readonly anchor?: readonly string[];
  readonly columns?: string;
  readonly strict?: boolean;
  /** The language of the teacher: that of the sentences' other side. */
  readonly pivotLanguage?: string;
  /** `[source=]licence`: of the pack, and of sources. */
  readonly license?: readonly string[];
}

/**
 * Reads everything a pack is made from; `tell` hears how many records were read and left out, and why. Errors:
 * those of `loadBitext`, `readLexiconReport` and `readQueries`; `SETTING_INVALID` for dictionaries or dev pairs
 * of a language that has no bitext.
 */
export async function readDistillFiles(
  given: DistillFiles,
  tell: (text: string) => void,
): Promise<DistillInput> {
  const { language } = given;
  const bitext = filesByLanguage('--bitext', given.bitext, language);
  const dictionary = filesByLanguage('--dictionary', given.dictionary, language);
  const devBitext = filesByLanguage('--dev-bitext', given.devBitext, language);
  for (const [option, files] of [
    ['--dictionary', dictionary],
    ['--dev-bitext', devBitext],
  ] as const)
    checkLanguages(option, files, bitext);

  const pairs: SentencePair[] = [];
  for (const [code, files] of bitext) pairs.push(...(await readPairs(code, files, given, tell)));
  const dictionaries = new Map<string, SentencePair[]>();
  for (const [code, files] of dictionary) {
    const entries: SentencePair[] = [];
    const text = firstPivots(code, pairs);
    for (const file of files) {
      const lexicon = await readLexiconReport(file, code);
      if (leftOutNote(file, lexicon) === undefined) tell(`${file}: ${lexicon.entries.length} entries\n`);
      tellOfLexicon(file, code, lexicon, text, tell, given.pivotLanguage);
      for (const entry of lexicon.entries) entries.push(entry);
    }
    dictionaries.set(code, entries);
  }
  const dev = await readPairsByLanguage('--dev-bitext', given.devBitext, given, tell);
  const anchors: string[] = [];
  for (const file of given.anchor ?? []) anchors.push(...(await readQueries(file)).map(({ text }) => text));
  return {
    pairs,
    dictionaries,
    anchors,
    dev: dev.length > 0 ? dev : undefined,
    ...licencesOf(given.license),
  };
}

/** The licence of a model, which is named alone, and those of sources, `source=licence`; the last of each holds. */
export function licencesOf(values: readonly string[] = []): {
  licence?: string;
  licences: Map<string, string>;
} {
  const licences = new Map<string, string>();
  let licence: string | undefined;
  for (const value of values) {
    const cut = value.indexOf('=');
    const name = value.slice(cut + 1).trim();
    if (name === '' || cut === 0)
      throw new RefractError('SETTING_INVALID', `--license "${value}" names no licence`, {
        hint: 'Write --license apache-2.0 for the model, --license tatoeba=cc-by-2.0 for a source.',
      });
    if (cut < 0) licence = name;
    else licences.set(value.slice(0, cut).trim(), name);
  }
  return { licence, licences };
}

/** The teacher's sides of a language's first pairs, to tell a dictionary's direction by their words. */
function firstPivots(language: string, pairs: readonly SentencePair[]): string[] {
  const texts: string[] = [];
  for (const pair of pairs) {
    if (pair.language === language) texts.push(pair.pivot);
    if (texts.length === DIRECTION_SAMPLE) break;
  }
  return texts;
}

/** The sentence pairs of the files of an option, language by language. Errors: those of `loadBitext`. */
export async function readPairsByLanguage(
  option: string,
  values: readonly string[] | undefined,
  given: PairReading,
  tell: (text: string) => void,
): Promise<SentencePair[]> {
  const pairs: SentencePair[] = [];
  for (const [code, files] of filesByLanguage(option, values, given.language))
    pairs.push(...(await readPairs(code, files, given, tell)));
  return pairs;
}

/** How bitext is read. */
type PairReading = CleanOptions & Pick<DistillFiles, 'language' | 'columns' | 'strict' | 'pivotLanguage'>;

async function readPairs(
  language: string,
  files: readonly string[],
  given: PairReading,
  tell: (text: string) => void,
): Promise<SentencePair[]> {
  const { pivotLanguage, strict, maxCharacters, maxWords, maxRatio } = given;
  const options: BitextOptions & CleanOptions = {
    language,
    pivotLanguage,
    strict,
    columns: given.columns?.split(','),
    maxCharacters,
    maxWords,
    maxRatio,
  };
  const { pairs, report } = await loadBitext(files, options);
  tell(`${languageName(language)}: ${formatBitextReport(report)}\n`);
  return pairs;
}

function checkLanguages(
  option: string,
  files: ReadonlyMap<string, unknown>,
  bitext: ReadonlyMap<string, unknown>,
): void {
  const lost = [...files.keys()].find((code) => !bitext.has(code));
  if (lost !== undefined)
    throw new RefractError('SETTING_INVALID', `there is no bitext for "${lost}"`, {
      at: option,
      hint: `Languages with bitext: ${[...bitext.keys()].join(', ')}.`,
    });
}
