/** Character models: the equation by hand, what is read of a text in any script, and what is kept. */
import { describe, expect, it } from 'vitest';
import { CharacterCounts, charactersOf, logLikelihood, modelSize } from './character-model.ts';

const read = (text: string) => String.fromCodePoint(...charactersOf(text));

function modelOf(texts: readonly string[], most?: number) {
  const counts = new CharacterCounts();
  for (const text of texts) counts.add(text);
  return counts.model(most);
}

describe('charactersOf', () => {
  it.each([
    ['Nairobi, 2019!', ' nairobi '],
    ['O\u0323jo\u0323\u0301 kan', ' ọjọ́ kan '],
    ['ΟΔΌΣ', ' οδόσ '],
    ["Ng'ombe wa-ke", " ng'ombe wa ke "],
    ['ng’ombe ʼyar', " ng'ombe 'yar "],
    ['हिन्दी में २०१९', ' हिन्दी में '],
    ['می\u200cخواهم؟', ' می\u200cخواهم '],
    ['Staub\u00adsau\u2060ger', ' staubsauger '],
    ['น้ำสะอาด', ' น้ำสะอาด '],
    ['𞤀𞤣𞤤𞤢𞤥', ' 𞤢𞤣𞤤𞤢𞤥 '],
    ['2019 😀', ' '],
    ['👨\u200d👩 maji ❤\ufe0f', ' maji '],
    ["❤\ufe0f ' ", ' '],
    ['', ' '],
  ])('reads %j', (text, expected) => {
    expect(read(text)).toBe(expected);
  });
});

describe('a character model', () => {
  it('is the equation, by hand', () => {
    // Of " a ": 2 spaces and an "a"; after " " once "a", after "a" and " a" once " ".
    const model = modelOf(['a']);
    const smooth = (count: number, seen: number, shorter: number) => (count + 10 * shorter) / (seen + 10);
    const base = 1 / 2000;
    const a = smooth(1, 1, smooth(1, 3, base));
    const space = smooth(1, 1, smooth(1, 1, smooth(2, 3, base)));
    // 3 is 2^(13/8) on the scale of counts: within 3% of 3.
    expect(logLikelihood(model, charactersOf('a'))).toBeCloseTo(Math.log(a) + Math.log(space), 1);
    const b = smooth(0, 1, smooth(0, 3, base));
    expect(logLikelihood(model, charactersOf('b'))).toBeLessThan(Math.log(b) + Math.log(0.2));
    expect(logLikelihood(model, charactersOf('a'), 1)).toBeLessThan(logLikelihood(model, charactersOf('a')));
    expect(modelSize(model)).toBeCloseTo(3, 0);
  });

  it.each([
    [
      'Latin letters',
      ['maji safi ya kunywa', 'watoto wa shule'],
      ['biyo nadiif ah', 'carruurta dugsiga'],
      'maji ya watoto',
    ],
    [
      'Devanagari',
      ['मुलांना पाण्याची गरज आहे', 'स्वच्छ पाणी'],
      ['बच्चों को पानी की ज़रूरत है', 'साफ पानी'],
      'मुलांना पाणी आहे',
    ],
    ['Arabic letters', ['کودکان به آب نیاز دارند'], ['يحتاج الأطفال إلى الماء'], 'آب برای کودکان'],
    ['tone marks', ['àwọn ọmọdé nílò omi tó mọ́'], ['children need clean water'], 'omi fún àwọn ọmọ'],
    [
      'tone marks that were not typed',
      ['àwọn ọmọdé nílò omi tó mọ́'],
      ['children need clean water'],
      'omi fun awon omo',
    ],
  ])('tells languages of the same script apart: %s', (_, own, other, text) => {
    const characters = charactersOf(text);
    expect(logLikelihood(modelOf(own), characters)).toBeGreaterThan(
      logLikelihood(modelOf(other), characters) + 2,
    );
  });

  it('keeps the most frequent runs, and the contexts that they follow', () => {
    const texts = ['abcabcabc abc', 'abd'];
    const [all, few] = [modelOf(texts), modelOf(texts, 6)];
    expect(few.hashes.length).toBeLessThan(all.hashes.length);
    expect(few.hashes.length).toBeGreaterThanOrEqual(6);
    for (const { hashes, counts, continuations } of [all, few]) {
      expect([...hashes]).toEqual([...hashes].sort((a, b) => a - b));
      expect(counts).toHaveLength(hashes.length);
      expect(continuations).toHaveLength(hashes.length);
    }
    expect(modelOf(texts)).toEqual(all);
  });

  it('of nothing knows nothing', () => {
    const model = new CharacterCounts().model();
    expect(logLikelihood(model, charactersOf('ab'))).toBeCloseTo(3 * Math.log(1 / 2000), 10);
    expect(modelSize(model)).toBe(0);
  });
});
