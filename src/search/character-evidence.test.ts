/** What packs' character models add to the detection of a query's language. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { CharacterModels } from '../model/character-models-file.ts';
import type { CharacterModel } from '../text/character-model.ts';
import { CharacterCounts, modelSize } from '../text/character-model.ts';
import { characterModels } from '../train/character-models.ts';
import { characterEvidence, combineModels } from './character-evidence.ts';
import { detectLanguage, languageKey, mostProbable } from './language-detection.ts';
import { chooseEncoder } from './query-language.ts';

/** Sentences of everyday life; the models of real packs are made from thousands. */
const SENTENCES: Readonly<Record<string, readonly [pivot: string, target: string][]>> = {
  sw: [
    ['children need clean water to drink every day', 'watoto wanahitaji maji safi ya kunywa kila siku'],
    ['boil the water before you drink it', 'chemsha maji kabla ya kunywa'],
    ['where is the school of the village', 'shule ya kijiji iko wapi'],
  ],
  // Twi: franc does not know it.
  tw: [
    ['children need clean water', 'mmofra hia nsu pa a wɔnom da biara'],
    ['where is the school', 'sukuu no wɔ he wɔ akuraa no ase'],
    ['boil the water before you drink it', 'noa nsu no ansa na woanom'],
  ],
};
const key = (code: string) => languageKey(code) ?? code;
let packs: CharacterModels[];
let models: ReadonlyMap<string, CharacterModel>;

beforeAll(async () => {
  packs = await Promise.all(
    Object.entries(SENTENCES).map(([language, sentences]) =>
      characterModels(
        sentences.map(([pivot, target]) => ({ language, pivot, target })),
        'en',
      ),
    ),
  );
  models = combineModels(packs, key);
});

describe('combineModels', () => {
  it("has each language once, the teacher's from the pack that read most of it", () => {
    expect([...models.keys()].sort()).toEqual(['ak', 'en', 'sw']);
    const sizes = packs.map((pack) => modelSize(pack.get('en') as CharacterModel));
    expect(modelSize(models.get('en') as CharacterModel)).toBe(Math.max(...sizes));
  });
});

describe('detection with character models', () => {
  const candidates = ['en', 'sw', 'tw'];

  it.each([
    ['sw', 'maji safi'],
    ['tw', 'nsu pa a wɔnom'],
    ['tw', 'mmofra sukuu no wɔ he'],
    ['en', 'clean water'],
  ])('tells %s by two words and more: %s', async (language, text) => {
    const found = await detectLanguage(text, candidates, { models });
    expect(found).toMatchObject({ language, candidate: true });
    expect(found?.confidence).toBeGreaterThan(0.5);
  });

  it('is surer of two words than franc alone is', async () => {
    const [alone, both] = [
      await detectLanguage('maji safi', candidates),
      await detectLanguage('maji safi', candidates, { models }),
    ];
    expect(both?.confidence).toBeGreaterThan((alone?.confidence ?? 0) + 0.2);
  });

  it.each([
    ['th', 'เด็กต้องการน้ำสะอาด'],
    ['ru', 'детям нужна чистая вода каждый день'],
    ['fi', 'lapset tarvitsevat puhdasta juomavettä joka päivä'],
  ])('leaves %s, which no pack is for, to the teacher', async (language, text) => {
    expect(await detectLanguage(text, candidates, { models })).toMatchObject({ language, candidate: false });
    const reads = { packs: [{ folder: 'packs/sw', languages: ['sw'] }], teacher: ['en'], models };
    const { pack, notice } = await chooseEncoder(text, reads);
    expect(pack).toBeUndefined();
    expect(notice).toContain('the teacher answered');
  });

  it('tells a language in a script that franc does not know, where a pack has it', async () => {
    const counts = new CharacterCounts();
    counts.add('𞤱𞤢𞤣𞤭 𞤲𞤣𞤭𞤴𞤢𞤥 𞤤𞤢𞤦𞤯𞤵𞤯𞤢𞤥');
    const withAdlam = new Map([...models, ['ff', counts.model()]]);
    const text = '𞤲𞤣𞤭𞤴𞤢𞤥 𞤤𞤢𞤦𞤯𞤵';
    const found = await detectLanguage(text, [...candidates, 'ff'], { models: withAdlam });
    expect(found).toMatchObject({ language: 'ff', candidate: true });
    expect(await detectLanguage(text, candidates, { models })).toBeUndefined();
  });

  it.each(['', '2019', '😀', '?!'])('says nothing of %j', async (text) => {
    expect(await detectLanguage(text, candidates, { models })).toBeUndefined();
  });

  it('bears texts of any length', async () => {
    const page = 'watoto wanahitaji maji safi ya kunywa '.repeat(500);
    expect((await detectLanguage(page, candidates, { models }))?.confidence).toBeCloseTo(1, 6);
  });

  it('is the equation, by hand', () => {
    const distances = [
      { language: 'ny', distance: 0 },
      { language: 'sw', distance: 2 },
    ];
    const evidence = {
      known: new Map([
        ['sw', -10],
        ['ak', -30],
      ]),
      other: -16,
    };
    const found = mostProbable(distances, ['sw', 'tw'], {
      prior: 0.1,
      sharpness: 0.5,
      weight: 0.5,
      evidence,
    });
    // Twi (ak, as CLDR has it), which franc does not know, is as far as Swahili.
    const [ny, sw, tw] = [0.1, Math.exp(3 - 1), Math.exp(-7 - 1)];
    expect(found?.language).toBe('sw');
    expect(found?.confidence).toBeCloseTo(sw / (ny + sw + tw), 12);
  });

  it('has nothing to say without models', () => {
    expect(characterEvidence('maji', new Map())).toBeUndefined();
  });
});
