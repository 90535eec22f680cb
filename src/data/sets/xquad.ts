/**
 * XQuAD: https://github.com/google-deepmind/xquad (layout, sizes, licence). 240 paragraphs and 1,190 questions of
 * SQuAD's development set, the same in every language. Ids of questions are the same in all files, so that the
 * judgments of one language's passages hold for questions of any other.
 */
import type { AnyPart, DataSet } from './data-set.ts';
import type { SetFolder } from './set-folder.ts';
import { squadPassages, squadQuestionParts } from './squad-parts.ts';

/**
 * SHA-256 and size of each language's file, as https://github.com/huggingface/datasets and, but for Romanian,
 * https://github.com/tensorflow/datasets list them, and agree.
 */
const SUMS = {
  ar: { sha256: 'abdabd7afed5c635d99cca0f3f0d0c9d9ed0bc77451e963c2e4e0638c29e486d', bytes: 1_582_988 },
  de: { sha256: '990b5d746746ed65ed4702ea5f35f99ffa4e2f1c390c07d003642acd937916f9', bytes: 669_810 },
  el: { sha256: '821cf0f88e73fa258fd2f548b19b6ec39f7025059e16f6f9fc8cd797c9c3663e', bytes: 1_918_889 },
  en: { sha256: 'e4c57d1c9143aaa1c5d265ba5987a65f4e69528d2a98f29d6e75019b10344f29', bytes: 609_383 },
  es: { sha256: 'dcbae93ec3a9f4b9e78fd834a171d6f96c1a875e10e15b7530b7e4ef4971e37e', bytes: 684_322 },
  hi: { sha256: 'df2cce3532b37e9beb8979704b5c9a4bf874358f105395a298b89427b43b9d24', bytes: 1_680_538 },
  ro: { sha256: '94f8d54e93ad2b7dd2e76dd921a666b5b8eff2d4379df9f179c42b445f09643f', bytes: 661_158 },
  ru: { sha256: '208d5b1aa154c52b1b5c5eda16281e455e8fd198cdb9af3f469f0d6037d973bf', bytes: 1_896_368 },
  th: { sha256: '5cdda11d0e1e075f7872abf4e6ae830388ce7f617964d542308e9ae4257e0f43', bytes: 1_809_143 },
  tr: { sha256: '92179a564774b7696100d144c1e10870d0a966b6fccbdd254a65b9d2ab1971cc', bytes: 729_506 },
  vi: { sha256: 'f619a1eb11fb42d3ab0834259e488a65f585447ef6154437bfb7199d85161a04', bytes: 911_401 },
  zh: { sha256: '691d0b3359bc6b8faa8de931dfdfe21d50a65861ae348e32a0d1a0190b0c8835', bytes: 808_652 },
};
const LANGUAGES = Object.keys(SUMS);

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
  files: Object.entries(SUMS).map(([language, sums]) => ({
    url: `https://raw.githubusercontent.com/google-deepmind/xquad/master/xquad.${language}.json`,
    path: `xquad.${language}.json`,
    ...sums,
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
