/** Detection: languages and scripts, codes, prior knowledge, and texts that say nothing. */
import { describe, expect, it } from 'vitest';
import { detectLanguage, languageDistances, languageKey, mostProbable } from './language-detection.ts';

const OPEN = ['en', 'sw', 'so', 'mr', 'yo'];

describe('detectLanguage', () => {
  it.each([
    ['sw', 'watoto wanahitaji maji safi ya kunywa kila siku'],
    ['so', 'carruurtu waxay u baahan yihiin biyo nadiif ah'],
    ['en', 'children need clean water to drink every day'],
    ['mr', 'मुलांना दररोज पिण्यासाठी स्वच्छ पाण्याची गरज आहे'],
    ['yo', 'àwọn ọmọdé nílò omi tó mọ́ láti máa mu lójoojúmọ́'],
  ])('tells %s among what is open', async (language, text) => {
    const found = await detectLanguage(text, OPEN);
    expect(found).toMatchObject({ language, candidate: true });
    expect(found?.confidence).toBeGreaterThan(0.7);
    expect(found?.runnerUp?.confidence).toBeLessThan(found?.confidence ?? 0);
  });

  it.each([
    ['th', 'เด็กต้องการน้ำสะอาดทุกวัน'],
    ['ar', 'يحتاج الأطفال إلى مياه نظيفة للشرب كل يوم'],
    ['am', 'ልጆች በየቀኑ ንጹህ የመጠጥ ውሃ ያስፈልጋቸዋል'],
    ['zh', '孩子们每天都需要干净的饮用水'],
    ['fr', 'les enfants ont besoin d’eau potable chaque jour pour vivre'],
    ['hi', 'बच्चों को हर दिन पीने के लिए साफ पानी की ज़रूरत होती है'],
  ])('tells %s, which nobody expected', async (language, text) => {
    expect(await detectLanguage(text, OPEN)).toMatchObject({ language, candidate: false });
  });

  it.each(['', '  ', '42', '2024-11-28', '😀🎉', '???', '\u0301'])('says nothing of %j', async (text) => {
    expect(await detectLanguage(text, OPEN)).toBeUndefined();
  });

  it('reads a text with foreign names in its own script', async () => {
    const hindi = await detectLanguage('COVID-19 का टीका कहाँ मिलता है', ['hi', 'en']);
    expect(hindi).toMatchObject({ language: 'hi' });
    const english = await detectLanguage('what does the word ماء mean in that sentence', ['ar', 'en']);
    expect(english).toMatchObject({ language: 'en' });
  });

  it.each([
    ['swa', 'maji safi ya kunywa kwa watoto wote'],
    ['swh', 'maji safi ya kunywa kwa watoto wote'],
    ['sw-KE', 'maji safi ya kunywa kwa watoto wote'],
    ['fil', 'kailangan ng mga bata ang malinis na tubig'],
    ['tl', 'kailangan ng mga bata ang malinis na tubig'],
    ['tgl', 'kailangan ng mga bata ang malinis na tubig'],
  ])('gives a candidate back by the code that it came with: %s', async (code, text) => {
    expect((await detectLanguage(text, ['en', code]))?.language).toBe(code);
  });

  it('reads a whole page like its beginning', async () => {
    const page = 'les enfants ont besoin d’eau potable '.repeat(200);
    const found = await languageDistances(page);
    expect(found).toEqual(await languageDistances(page.slice(0, 2048)));
    expect(found[0]).toEqual({ language: 'fr', distance: 0 });
  });

  it('gives other languages their shortest code', async () => {
    expect(
      (await detectLanguage('kailangan ng mga bata ang malinis na tubig araw-araw', ['en']))?.language,
    ).toBe('tl');
  });
});

describe('mostProbable', () => {
  const distances = [
    { language: 'ny', distance: 0 },
    { language: 'sw', distance: 1 },
    { language: 'en', distance: 3 },
  ];
  const weights = { prior: 0.1, sharpness: 0.5 };

  it('is the equation, by hand', () => {
    const [ny, sw, en] = [0.1, Math.exp(-0.5), Math.exp(-1.5)];
    const found = mostProbable(distances, ['sw', 'en'], weights);
    expect(found?.language).toBe('sw');
    expect(found?.confidence).toBeCloseTo(sw / (ny + sw + en), 12);
    expect(found?.runnerUp).toEqual({ language: 'en', confidence: expect.closeTo(en / (ny + sw + en), 12) });
  });

  it('knows nothing else with a prior of 0, and prefers nothing with one of 1', () => {
    expect(mostProbable(distances, ['en'], { ...weights, prior: 0 })).toEqual({
      language: 'en',
      confidence: 1,
      candidate: true,
    });
    expect(mostProbable(distances, ['sw', 'en'], { ...weights, prior: 1 })).toMatchObject({
      language: 'ny',
      candidate: false,
    });
    expect(mostProbable([], ['sw'], weights)).toBeUndefined();
    expect(mostProbable(distances, ['th'], { ...weights, prior: 0 })).toBeUndefined();
  });
});

describe('languageKey', () => {
  it.each([
    [['som', 'so', 'so-Latn-SO'], 'so'],
    [['tgl', 'tl', 'fil'], 'tl'],
    [['swh', 'swa', 'sw', 'sw-KE'], 'sw'],
    [['arb', 'ara', 'ar'], 'ar'],
    [['cmn', 'zho', 'zh', 'zh-Hant'], 'zh'],
    [['nob', 'nno', 'no'], 'no'],
    [['pes', 'fas', 'fa'], 'fa'],
    [['npi', 'ne'], 'ne'],
  ])('makes one of %j', (codes, key) => {
    for (const code of codes) expect(languageKey(code), code).toBe(key);
  });

  it('keeps private codes apart from all, and refuses what is none', () => {
    expect(languageKey('not a code')).toBeUndefined();
  });
});
