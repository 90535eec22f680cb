/** Several packs over one index: whose vectors a query gets, the bound of open ones, runs, and what is refused. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, temporaryFolder } from '../../test/temporary.ts';
import { jsonLines, PASSAGES, writeTinyRetriever } from '../../test/tiny-retriever.ts';
import {
  CHARACTER_MODELS_FILE,
  characterFingerprint,
  writeCharacterModels,
} from '../model/character-models-file.ts';
import { characterModels } from '../train/character-models.ts';
import { indexPassages } from './index-passages.ts';
import type { LanguageSearcher } from './language-searcher.ts';
import { openSearcher } from './open-searcher.ts';
import { packFolders } from './pack-set.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const [index, sw, hi] = [at('index'), at('packs/sw'), at('packs/hi')];
const SWAHILI = 'watoto wanahitaji maji safi ya kunywa kila siku';
const HINDI = 'बच्चों को हर दिन पीने के लिए साफ पानी की ज़रूरत है';
const ENGLISH = 'children need clean water to drink every day';
let searcher: LanguageSearcher;

beforeAll(async () => {
  const { fingerprint: teacher } = await writeTinyRetriever(at('teacher'), { languages: ['en'] });
  await writeTinyRetriever(sw, { seed: 2, teacher, languages: ['sw'] });
  await writeTinyRetriever(hi, { seed: 3, teacher, languages: ['hi'] });
  await writeTinyRetriever(at('swa'), { seed: 2, teacher, languages: ['swa'] });
  await writeTinyRetriever(at('silent'), { seed: 2, teacher, languages: [] });
  await writeTinyRetriever(at('stranger'), { teacher: 'f'.repeat(16), languages: ['so'] });
  await indexPassages(at('teacher'), folder.write('passages.jsonl', jsonLines(PASSAGES)), index, {
    threads: 1,
  });
  searcher = await openSearcher(index, { packs: [sw, hi], threads: 1 });
});
afterAll(() => searcher.close());

/** What one encoder alone finds. */
async function alone(text: string, pack?: string) {
  const single = await openSearcher(index, { pack, threads: 1 });
  try {
    return (await single.search(text, 5)).map(({ rank, score, passage }) => [rank, score, passage.id]);
  } finally {
    await single.close();
  }
}

describe('LanguageSearcher', () => {
  it('reads the languages of packs and teacher, and opens no encoder before a query', async () => {
    const fresh = await openSearcher(index, { packs: [sw, hi], threads: 1 });
    expect(fresh.reads).toEqual({
      packs: [
        { folder: sw, languages: ['sw'] },
        { folder: hi, languages: ['hi'] },
      ],
      teacher: ['en'],
    });
    expect(fresh.openEncoders).toEqual([]);
    await fresh.close();
  });

  it('tells queries by the character models of packs that have them', async () => {
    const told = at('told');
    cpSync(sw, told, { recursive: true });
    const models = await characterModels([{ language: 'sw', pivot: ENGLISH, target: SWAHILI }], 'en');
    writeCharacterModels(join(told, CHARACTER_MODELS_FILE), models);
    const file = join(told, 'refract.json');
    const settings = JSON.parse(readFileSync(file, 'utf8'));
    const written = { ...settings, characterModels: characterFingerprint(models) };
    writeFileSync(file, JSON.stringify(written));
    const [without, withModels] = [
      await openSearcher(index, { packs: [sw, hi], threads: 1 }),
      await openSearcher(index, { packs: [told, hi], threads: 1 }),
    ];
    try {
      expect(without.reads.models).toBeUndefined();
      expect([...(withModels.reads.models?.keys() ?? [])].sort()).toEqual(['en', 'sw']);
      const queries = [{ id: 'q', text: 'maji safi', language: 'und' }];
      const [[alone], [answered]] = [await without.chooseAll(queries), await withModels.chooseAll(queries)];
      expect(answered).toMatchObject({ pack: told, language: 'sw' });
      expect(answered.confidence).toBeGreaterThan(alone.confidence ?? 0);
      expect((await withModels.search(HINDI, 3)).pack).toBe(hi);
    } finally {
      await without.close();
      await withModels.close();
    }
    writeFileSync(file, JSON.stringify({ ...written, characterModels: 'f'.repeat(16) }));
    const error = await refusal(() => openSearcher(index, { packs: [told, hi] }));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
  });

  it.each([
    ['Swahili', SWAHILI, sw],
    ['Hindi', HINDI, hi],
    ['English', ENGLISH, undefined],
    ['Thai', 'ต้มน้ำหนึ่งนาทีก่อนดื่ม', undefined],
  ])('finds for %s what its encoder alone finds', async (_, text, pack) => {
    const { hits, ...answered } = await searcher.search(text, 5);
    expect(answered.pack).toBe(pack);
    expect(hits.map(({ rank, score, passage }) => [rank, score, passage.id])).toEqual(
      await alone(text, pack),
    );
  });

  it('takes a named language at its word', async () => {
    const { hits, ...answered } = await searcher.search(ENGLISH, 5, { language: 'swa' });
    expect(answered).toEqual({ pack: sw, language: 'swa', by: 'named' });
    expect(hits.map(({ score }) => score)).toEqual((await alone(ENGLISH, sw)).map(([, score]) => score));
  });

  it('keeps no more encoders open than asked, also for queries at the same time', async () => {
    const small = await openSearcher(index, { packs: [sw, hi], maxOpen: 1, threads: 1 });
    await small.search(SWAHILI, 1);
    expect(small.openEncoders).toEqual([sw]);
    await small.search(ENGLISH, 1);
    expect(small.openEncoders).toEqual(['teacher']);
    const texts = [SWAHILI, HINDI, ENGLISH, SWAHILI, HINDI];
    const answers = await Promise.all(texts.map((text) => small.search(text, 1)));
    expect(answers.map(({ pack }) => pack)).toEqual([sw, hi, undefined, sw, hi]);
    expect(small.openEncoders).toHaveLength(1);
    await small.close();
    expect(small.openEncoders).toEqual([]);
  });

  it('refuses a query without words', async () => {
    expect((await refusal(() => searcher.search('  ', 5))).code).toBe('SETTING_INVALID');
  });

  it('lends the encoder that it would take, for explanations', async () => {
    const count = await searcher.withSearcher(HINDI, {}, async (single, { language }) => {
      expect(language).toBe('hi');
      return (await single.encodeQuery(HINDI)).count;
    });
    expect(count).toBeGreaterThan(3);
  });
});

describe('LanguageSearcher.searchAll', () => {
  const queries = [
    { id: 'a', text: HINDI },
    { id: 'b', text: ENGLISH },
    { id: 'c', text: ENGLISH, language: 'hin' },
    { id: 'd', text: SWAHILI, language: 'und' },
    { id: 'e', text: '12:30' },
    { id: 'f', text: SWAHILI, language: 'so' },
  ];

  it('groups by encoder, keeps the order, and says who read what', async () => {
    const seen: number[] = [];
    const { entries, answered } = await searcher.searchAll(queries, 3, {
      progress: (_label, total) => ({ update: (done) => seen.push(done / total), end() {} }),
    });
    expect(entries.map(({ query }) => query)).toEqual(queries.flatMap(({ id }) => [id, id, id]));
    expect(answered.map(({ pack, language, by }) => [pack, language, by])).toEqual([
      [hi, 'hi', 'detected'],
      [undefined, 'en', 'detected'],
      [hi, 'hin', 'named'],
      [sw, 'sw', 'detected'],
      [undefined, undefined, 'detected'],
      [undefined, 'so', 'named'],
    ]);
    for (const [i, { id, text }] of queries.entries()) {
      const expected = (await alone(text, answered[i].pack)).slice(0, 3);
      const found = entries.filter(({ query }) => query === id);
      expect(found.map(({ passage }) => passage)).toEqual(expected.map(([, , passage]) => passage));
    }
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('reads all queries in a language that is named for all', async () => {
    const { answered } = await searcher.searchAll(queries, 1, { language: 'sw' });
    expect(new Set(answered.map(({ pack }) => pack))).toEqual(new Set([sw]));
  });

  it('names the query whose language is no code, and stops when asked', async () => {
    const error = await refusal(() =>
      searcher.searchAll([{ id: 'q7', text: SWAHILI, language: 'kiswahilli' }], 1),
    );
    expect([error.code, error.at]).toEqual(['LANGUAGE_UNKNOWN', 'query q7']);
    const stopped = await refusal(() => searcher.searchAll(queries, 1, { signal: AbortSignal.abort() }));
    expect(stopped.code).toBe('INTERRUPTED');
  });
});

describe('opening several packs', () => {
  const opening = (packs: readonly string[], more = {}) =>
    refusal(() => openSearcher(index, { packs, threads: 1, ...more }));

  it.each([
    ['no pack', [], 'SETTING_INVALID', 'no language pack'],
    ['two packs for one language', [sw, at('swa')], 'SETTING_INVALID', `${sw} are both for Swahili (swa)`],
    ['a pack that says no language', [at('silent')], 'SETTING_INVALID', 'does not say which languages'],
    ['a pack for another teacher', [sw, at('stranger')], 'TEACHER_MISMATCH', 'made for teacher ffffffff'],
    ['a teacher', [at('teacher')], 'TEACHER_MISMATCH', 'not a language pack'],
    ['no folder', [at('nowhere')], 'FILE_MISSING', 'nowhere'],
  ])('refuses %s', async (_, packs, code, words) => {
    const error = await opening(packs);
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  it.each([
    [{ maxOpen: 0 }, 'maxOpen'],
    [{ maxOpen: 1.5 }, 'maxOpen'],
    [{ minConfidence: 2 }, 'minConfidence'],
    [{ minConfidence: Number.NaN }, 'minConfidence'],
  ])('refuses %j', async (more, words) => {
    const error = await opening([sw], more);
    expect(error.code).toBe('SETTING_INVALID');
    expect(error.message).toContain(words);
  });

  it('reads no weights before a pack is used, and then says what is wrong with them, again and again', async () => {
    const broken = at('broken');
    cpSync(sw, broken, { recursive: true });
    rmSync(join(broken, 'model.safetensors'));
    const opened = await openSearcher(index, { packs: [broken, hi], threads: 1 });
    for (let i = 0; i < 2; i++) {
      const error = await refusal(() => opened.search(SWAHILI, 1));
      expect(error.code).toBe('CHECKPOINT_INCOMPLETE');
    }
    expect((await opened.search(HINDI, 1)).pack).toBe(hi);
    await opened.close();
  });

  it('takes English for the language of a teacher that says none', async () => {
    const quiet = at('quiet');
    cpSync(join(index, 'teacher'), quiet, { recursive: true });
    const file = join(quiet, 'refract.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), languages: [] }));
    const opened = await openSearcher(index, { packs: [sw], teacher: quiet, threads: 1 });
    expect(opened.reads.teacher).toEqual(['en']);
    await opened.close();
  });
});

describe('packFolders', () => {
  it('takes the packs in a folder, by name, and leaves packs as they are', () => {
    expect(packFolders([at('packs')])).toEqual([hi, sw]);
    expect(packFolders([sw])).toEqual([sw]);
    expect(packFolders([at('nowhere')])).toEqual([at('nowhere')]);
  });
});
