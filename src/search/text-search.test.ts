/** Which dictionary a query's words get: by its language, among those with a pack, a dictionary or neither. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from '../../test/tiny-retriever.ts';
import type { QueryTranslation } from '../lexical/cross-lingual.ts';
import { QueryDictionary } from '../lexical/query-translation.ts';
import { indexPassages } from './index-passages.ts';
import { openTextSearch, type TextSearchOptions } from './text-search.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const SWAHILI = 'watoto wanahitaji maji safi ya kunywa kila siku';
const ENGLISH = 'children need clean water to drink every day';
const SOMALI = 'biyo nadiif ah';

beforeAll(async () => {
  const { fingerprint: teacher } = await writeTinyRetriever(at('teacher'), { languages: ['en'] });
  await writeTinyRetriever(at('sw'), { seed: 2, teacher, languages: ['sw'] });
  await writeTinyRetriever(at('hi'), { seed: 3, teacher, languages: ['hi'] });
  const passages = folder.write('passages.jsonl', jsonLines(PASSAGES));
  await indexPassages(at('teacher'), passages, at('index'), { threads: 1 });
});

const dictionary = (language: string, word: string): [string, QueryTranslation] => [
  language,
  {
    method: 'dictionary',
    dictionary: new QueryDictionary([{ pivot: 'water', target: word, language }], language),
    structure: 'synonyms',
  },
];

async function asked(text: string, options: TextSearchOptions) {
  const search = await openTextSearch(at('index'), { threads: 1, ...options });
  try {
    return await search.search(text, 3);
  } finally {
    await search.close();
  }
}

describe('dictionaries of several languages', () => {
  const translation = new Map([dictionary('sw', 'maji'), dictionary('so', 'biyo')]);

  it('leave words in the language of the passages as they are', async () => {
    const { answered, translated } = await asked(ENGLISH, { mode: 'lexical', translation });
    expect(answered).toMatchObject({ language: 'en' });
    expect(answered?.notice).toBeUndefined();
    expect(translated?.known).toBe(0);
  });

  it('are chosen by the language of the query', async () => {
    for (const [text, language] of [
      [SWAHILI, 'sw'],
      [SOMALI, 'so'],
    ]) {
      const { answered, translated } = await asked(text, { mode: 'lexical', translation });
      expect([answered?.language, translated?.known]).toEqual([language, 1]);
    }
  });

  it('are expected beside packs, where they have none', async () => {
    const packs = [at('sw'), at('hi')];
    const options = { packs, mode: 'hybrid' as const, translation, minConfidence: 0.6 };
    const { answered, translated } = await asked(SOMALI, options);
    expect(answered).toMatchObject({ language: 'so', notice: expect.stringContaining('no open pack') });
    expect(answered?.pack).toBeUndefined();
    expect(translated?.known).toBe(1);
  });

  it('refuse a query of no language by its name, and a confidence that is none', async () => {
    const search = await openTextSearch(at('index'), { mode: 'lexical', translation });
    const queries = [
      { id: 'a', text: SWAHILI, language: 'sw' },
      { id: 'b', text: SWAHILI, language: 'klingonn' },
    ];
    const error = await refusal(() => search.searchAll(queries, 3));
    expect([error.code, error.at]).toEqual(['LANGUAGE_UNKNOWN', 'query b']);
    await search.close();
    const unsure = await refusal(() => asked(ENGLISH, { mode: 'lexical', translation, minConfidence: 7 }));
    expect(unsure.code).toBe('SETTING_INVALID');
  });
});
