/** The catalogue's dictionaries: MUSE, StarDict, PanLex and plain TSV. */
import { RefractError } from '../../errors.ts';
import { normaliseSentence } from '../clean.ts';
import { checkLanguage } from '../language.ts';
import { readLines } from '../lines.ts';
import type { LexiconEntry } from '../records.ts';
import type { AnyPart, DataSet, ReadOptions } from './data-set.ts';
import { panlexParts } from './panlex.ts';
import type { ReadingNotes } from './reading-notes.ts';
import type { FoundFile, SetFolder } from './set-folder.ts';
import { starDictEntries } from './stardict.ts';

const MUSE_FILES = 'https://dl.fbaipublicfiles.com/arrival/dictionaries';
const MUSE_LANGUAGES =
  'af ar bg bn bs ca cs da de el es et fa fi fr he hi hr hu id it ja ko lt lv mk ms nl no pl pt ro ru sk sl sq sv ta th tl tr uk vi zh';

/**
 * MUSE (Lample et al. 2018): https://github.com/facebookresearch/MUSE . `{source}-{target}.txt`, `.0-5000.txt` (train) and
 * `.5000-6500.txt` (test), one pair of words a line between white space.
 */
export const muse: DataSet = {
  name: 'muse',
  title: 'MUSE bilingual dictionaries',
  home: 'https://github.com/facebookresearch/MUSE',
  licence: 'CC BY-NC 4.0',
  languages: MUSE_LANGUAGES,
  layout: '{SOURCE}-{TARGET}.txt, {SOURCE}-{TARGET}.{0-5000,5000-6500}.txt: word, white space, word',
  size: '110 dictionaries of up to 100,000 pairs; 5,000 train and 1,500 test words each',
  source: 'https://github.com/facebookresearch/MUSE/blob/main/README.md',
  published: {},
  files: MUSE_LANGUAGES.split(' ').map((code) => ({
    url: `${MUSE_FILES}/en-${code}.txt`,
    path: `en-${code}.txt`,
  })),
  byHand: 'One language: --only en-tl. There is no Swahili, Somali or Marathi.',
  open: (folder) => {
    const files = folder.find(/([a-z]{2,3})-([a-z]{2,3})(?:\.(0-5000|5000-6500))?\.txt/);
    const usable = files.filter(({ groups: [a, b] }) => (a === 'en') !== (b === 'en'));
    if (usable.length === 0)
      throw folder.nothingFound('en-tl.txt, sw-en.txt and the like, English being one side');
    return usable.map((file): AnyPart => {
      const [source, target, part] = file.groups;
      const reverse = target === 'en';
      const language = checkLanguage(reverse ? source : target);
      const name = [language, reverse ? 'reversed' : '', PARTS[part] ?? ''].filter(Boolean).join('.');
      return dictionary(name, [file], (notes) => pairs(file.path, /\s+/, language, reverse, notes));
    });
  },
};

const PARTS: Readonly<Record<string, string>> = { '0-5000': 'train', '5000-6500': 'test' };

/** StarDict: the layout stands in `stardict.ts`. */
export const stardict: DataSet = {
  name: 'stardict',
  title: 'StarDict dictionaries',
  home: 'https://stardict-4.sourceforge.net/StarDictFileFormat',
  licence: 'of each dictionary',
  languages: 'any; say --language',
  layout: '{NAME}.ifo, {NAME}.idx[.gz], {NAME}.dict[.dz], {NAME}.syn',
  size: 'any',
  source: 'https://stardict-4.sourceforge.net/StarDictFileFormat',
  published: {},
  files: [],
  byHand: 'Unpack the dictionary of your choice into a folder.',
  open: (folder, options) => {
    const files = folder.find(/([^/]+)\.ifo/);
    if (files.length === 0) throw folder.nothingFound('NAME.ifo with NAME.idx and NAME.dict.dz');
    const language = neededLanguage(folder, options);
    return files.map((file) =>
      dictionary(files.length === 1 ? language : `${language}.${file.groups[0]}`, [file], (notes) =>
        starDictEntries(file.path, language, options.reverse === true, notes),
      ),
    );
  },
};

/** PanLex: the layouts stand in `panlex.ts`. */
export const panlex: DataSet = {
  name: 'panlex',
  title: 'PanLex',
  home: 'https://panlex.org/source-list/',
  licence: 'CC0',
  languages: 'over 5,700; say --language',
  layout: 'langvar.csv, expr.csv, denotation.csv; or eng.tsv and {LANGUAGE}.tsv',
  size: '25 million expressions, 1.3 billion derived translations',
  source: 'https://dev.panlex.org/database-design/',
  published: {},
  files: [],
  byHand:
    'Take the CSV dump from https://db.panlex.org/ and unpack it; or the files of English and your language from https://huggingface.co/datasets/cointegrated/panlex-meanings .',
  open: (folder, options) => panlexParts(folder, neededLanguage(folder, options)),
};

/** Dictionaries as TSV: `en-{language}.tsv`, or `--language`. */
export const tsvDictionary: DataSet = {
  name: 'dictionary',
  title: 'Dictionaries as TSV',
  home: 'https://en.wikipedia.org/wiki/Tab-separated_values',
  licence: 'of each dictionary',
  languages: 'any',
  layout: 'en-{LANGUAGE}.tsv, or any .tsv with --language: word, translation, sources',
  size: 'any',
  source: 'docs/formats.md',
  published: {},
  files: [],
  byHand: 'Put the files into a folder.',
  open: (folder, options) => {
    const named = folder.find(/en[-_]([a-z]{2,3})\.(?:tsv|tab)/);
    if (named.length > 0)
      return named.map((file) => {
        const language = checkLanguage(file.groups[0]);
        return dictionary(language, [file], (notes) =>
          pairs(file.path, '\t', language, options.reverse === true, notes),
        );
      });
    const files = folder.find(/([^/]+)\.(?:tsv|tab)/);
    if (files.length === 0) throw folder.nothingFound('en-sw.tsv and the like');
    const language = neededLanguage(folder, options);
    return files.map((file) =>
      dictionary(files.length === 1 ? language : `${language}.${file.groups[0]}`, [file], (notes) =>
        pairs(file.path, '\t', language, options.reverse === true, notes),
      ),
    );
  },
};

function neededLanguage(folder: SetFolder, { language }: ReadOptions): string {
  if (language !== undefined) return checkLanguage(language);
  throw new RefractError('SETTING_INVALID', 'the language of the dictionary is not said', {
    at: folder.path,
    hint: 'Add --language with its code, such as --language sw.',
  });
}

function dictionary(
  name: string,
  files: readonly FoundFile[],
  read: (notes?: ReadingNotes) => AsyncIterable<LexiconEntry>,
): AnyPart {
  return { kind: 'dictionary', name, files: files.map((file) => file.path), read };
}

async function* pairs(
  path: string,
  separator: RegExp | string,
  language: string,
  reverse: boolean,
  notes?: ReadingNotes,
): AsyncGenerator<LexiconEntry> {
  for await (const { line, text } of readLines(path)) {
    if (text.trim() === '') continue;
    const cells = (separator === '\t' ? text : text.trim()).split(separator);
    if (cells.length < 2)
      throw new RefractError('COLUMN_MISSING', 'a row has one column', {
        at: path,
        line,
        hint: 'A row is a word and its translation.',
      });
    const [source, target] = cells.map(normaliseSentence);
    const from = cells[2]?.trim() ?? '';
    if (source === '' || target === '') notes?.add('empty', path, line);
    else
      yield {
        pivot: reverse ? target : source,
        target: reverse ? source : target,
        language,
        ...(separator === '\t' && from !== '' && { source: from }),
      };
  }
}
