/**
 * XQuAD: https://github.com/google-deepmind/xquad (layout, sizes, licence). 240 paragraphs and 1,190 questions of
 * SQuAD's development set, the same in every language. Ids of questions are the same in all files, so that the
 * judgments of one language's passages hold for questions of any other.
 */
import type { AnyPart, DataSet } from './data-set.ts';
import type { SetFolder } from './set-folder.ts';
import { squadPassages, squadQuestionParts } from './squad-parts.ts';

const LANGUAGES = ['ar', 'de', 'el', 'en', 'es', 'hi', 'ro', 'ru', 'th', 'tr', 'vi', 'zh'];

/** The catalogue's entry. */
export const xquad: DataSet = {
  name: 'xquad',
  title: 'XQuAD',
  home: 'https://github.com/google-deepmind/xquad',
  licence: 'CC BY-SA 4.0',
  languages: LANGUAGES.join(' '),
  layout: 'xquad.{LANGUAGE}.json, as SQuAD',
  size: '240 paragraphs, 1,190 questions in each of 12 languages',
  source: 'https://github.com/google-deepmind/xquad/blob/master/README.md',
  published: Object.fromEntries(
    LANGUAGES.flatMap((language) => [
      [`passages.${language}`, 240],
      [`queries.${language}`, 1190],
    ]),
  ),
  files: LANGUAGES.map((language) => ({
    url: `https://raw.githubusercontent.com/google-deepmind/xquad/master/xquad.${language}.json`,
    path: `xquad.${language}.json`,
  })),
  open: openXquad,
};

function openXquad(folder: SetFolder): AnyPart[] {
  const files = folder.find(/xquad\.([a-z]{2,3})\.json/);
  if (files.length === 0) throw folder.nothingFound('xquad.en.json, xquad.hi.json, ...');
  return files.flatMap((file) => {
    const [language] = file.groups;
    return [squadPassages(language, [file]), ...squadQuestionParts(language, file, language, language)];
  });
}
