import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/temporary.ts';
import { checkLanguage, languageName, meansLanguage, sameLanguage } from './language.ts';

describe('checkLanguage', () => {
  it.each([
    'sw',
    'so',
    'tl',
    'mr',
    'fr',
    'de',
    'fi',
    'es',
    'ru',
    'hi',
    'tr',
    'ar',
    'vi',
    'el',
    'ro',
    'th',
    'zh',
    'en',
    'swa',
    'hau',
    'ibo',
    'kin',
    'yor',
    'zul',
    'twi',
    'bem',
    'fil',
    'swh',
    'nso',
    'pt-BR',
    'zh-Hant',
    'zh-Hant-TW',
    'und-x-village',
    'mul',
  ])('accepts %s as it is', (code) => {
    expect(checkLanguage(code)).toBe(code);
  });

  it.each([
    ['SW', 'sw'],
    ['en_US', 'en-US'],
    ['swh_latn', 'swh-Latn'],
    ['ZH-hant-tw', 'zh-Hant-TW'],
    [' so ', 'so'],
  ])('writes %j as %j', (given, code) => {
    expect(checkLanguage(given)).toBe(code);
  });

  it.each(['xx', 'xyz', 'qqq', 'zxx', 'und', '', 'x', 'sw-', 'e n', '日本'])('refuses %j', async (code) => {
    const error = await refusal(() => checkLanguage(code));
    expect(error.code).toBe('LANGUAGE_UNKNOWN');
    expect(error.hint).toContain('ISO 639');
  });

  it.each([
    ['swahili', '"sw" (Swahili)'],
    ['Swahilli', '"sw" (Swahili)'],
    ['somali', '"so" (Somali)'],
    ['jp', '"ja" (Japanese)'],
    ['cz', '"cs" (Czech)'],
  ])('suggests for %s', async (code, suggestion) => {
    expect((await refusal(() => checkLanguage(code))).hint).toContain(`Did you mean ${suggestion}?`);
  });
});

describe('names and sameness', () => {
  it('names languages in English, and unknown ones by their code', () => {
    expect(['sw', 'bem', 'twi', 'yor'].map(languageName)).toEqual(['Swahili', 'Bemba', 'Akan', 'Yoruba']);
    expect(languageName('xx')).toBe('xx');
    expect(languageName('not a code')).toBe('not a code');
  });

  it('looks through regions, scripts and the two spellings of ISO 639', () => {
    expect(sameLanguage('swa', 'sw-KE')).toBe(true);
    expect(sameLanguage('EN-US', 'eng')).toBe(true);
    expect(sameLanguage('swh_Latn', 'sw')).toBe(true);
    expect(sameLanguage('so', 'sw')).toBe(false);
    expect(sameLanguage('?', '?')).toBe(false);
  });

  it('recognises headings', () => {
    for (const heading of ['sw', 'SWA', 'swh_Latn', 'Swahili', ' kiswahili '])
      expect(meansLanguage(heading, 'sw')).toBe(true);
    expect(meansLanguage('हिन्दी', 'hi')).toBe(true);
    for (const heading of ['', 'so', 'source', 'text']) expect(meansLanguage(heading, 'sw')).toBe(false);
  });
});
