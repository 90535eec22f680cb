import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/temporary.ts';
import { examineScript } from './script-use.ts';
import { Reservoir, sampled, surveyTexts } from './text-survey.ts';

describe('Reservoir', () => {
  it('keeps each item with the same probability', () => {
    const kept = new Array(20).fill(0);
    for (let seed = 0; seed < 2000; seed++)
      for (const item of sampled([...kept.keys()], 'test', { sample: 5, seed })) kept[item]++;
    // Binomial with mean 500 and standard deviation 19.4.
    for (const count of kept) expect(Math.abs(count - 500)).toBeLessThan(90);
  });

  it('gives the same sample for the same seed, another for another, and all where there is room', () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    const draw = (seed: number) => sampled(items, 'test', { sample: 10, seed });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(sampled([3, 1, 2], 'test', { sample: 3 })).toEqual([3, 1, 2]);
    const reservoir = new Reservoir<number>('test', { sample: 2 });
    for (const item of items) reservoir.add(item);
    expect([reservoir.total, reservoir.items.length]).toEqual([100, 2]);
  });
});

describe('surveyTexts', () => {
  it('counts characters in NFC, without spaces, also beyond the first plane', async () => {
    const survey = await surveyTexts(['é e', 'e\u0301 𞤀', '  '], 'text');
    expect([survey.texts, survey.characters]).toEqual([2, 4]);
    expect([...survey.counts]).toEqual([
      ['é', 2],
      ['e', 1],
      ['𞤀', 1],
    ]);
    expect(survey.sample).toEqual(['é e', 'é 𞤀']);
  });

  it('can be stopped', async () => {
    const signal = AbortSignal.abort();
    const error = await refusal(() => surveyTexts(['a'], 'text', {}, { signal }));
    expect(error.code).toBe('INTERRUPTED');
  });
});

describe('examineScript', () => {
  const of = async (text: string, language: string) =>
    examineScript(language, language, await surveyTexts([text], 'text'));

  it('counts letters of each script, and those of the language', async () => {
    const { figures, verdict } = await of('पानीabc', 'hi'); // प, न are letters; matras are marks
    expect(figures).toEqual({ scripts: { Latin: 3 / 5, Devanagari: 2 / 5 }, ownScript: 2 / 5, letters: 5 });
    expect(verdict).toBe('care');
  });

  it.each([
    ['maji safi', 'hi', 'unfit'],
    ['maji safi', 'sw', 'ready'],
    ['ひらがなと漢字とカタカナ', 'ja', 'ready'],
    ['Ọjọ́ Ìbàdàn', 'yo', 'ready'],
    ['вода', 'sr', 'ready'],
    ['voda', 'sr-Latn', 'ready'],
    ['123', 'sw', 'unfit'],
  ])('finds %j as %s %s', async (text, language, verdict) => {
    expect((await of(text, language)).verdict).toBe(verdict);
  });

  it('says once that there are no letters, and names the script that it found', async () => {
    const none = await of('123 45-6', 'sw');
    expect(none.findings.map(({ what }) => what)).toEqual(['The text has no letters.']);
    expect([none.summary, none.figures.ownScript]).toEqual(['no letters', undefined]);
    expect((await of('مرحبا', 'sw')).findings[0].remedy).toContain('as in sw-Arab.');
    expect((await of('пани', 'hi-Deva')).findings[0].remedy).toContain('as in hi-Cyrl.');
  });
});
