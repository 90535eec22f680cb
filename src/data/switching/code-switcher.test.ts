import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../../test/temporary.ts';
import { CodeSwitcher, codeSwitcher } from './code-switcher.ts';
import type { SwitchSettings } from './settings.ts';
import { apportion, languageQuotas } from './settings.ts';
import { lexiconOf, VOCABULARY } from './switching.fixture.ts';
import { pivotWords } from './words.ts';

fc.configureGlobal({ numRuns: 40 });

const DEFAULTS: SwitchSettings = {
  p: 1,
  design: 'natural',
  draw: 'token',
  translation: 'best',
  seed: 1,
};
const all = lexiconOf('ar', 'hi', 'sw', 'th', 'tr', 'yo');
const one = (code: string, over: Partial<SwitchSettings> = {}) =>
  codeSwitcher(lexiconOf(code), { ...DEFAULTS, ...over });
const textsOf = fc.array(
  fc
    .array(fc.constantFrom(...VOCABULARY), { minLength: 0, maxLength: 12 })
    .map((words) => `${words.join(' ')}?`),
  { minLength: 1, maxLength: 12 },
);
const settingsOf = (over: Partial<SwitchSettings> = {}) =>
  fc.record({
    p: fc.double({ min: 0, max: 1, noNaN: true }),
    rho: fc.double({ min: 0, max: 1, noNaN: true }),
    low: fc.constant(['sw', 'yo']),
    design: fc.constantFrom('natural', 'matched'),
    draw: fc.constantFrom('token', 'query'),
    translation: fc.constantFrom('best', 'uniform'),
    seed: fc.nat(),
    ...Object.fromEntries(Object.entries(over).map(([name, value]) => [name, fc.constant(value)])),
  }) as fc.Arbitrary<SwitchSettings>;
const switchAll = (switcher: CodeSwitcher, texts: readonly string[]) =>
  texts.map((text) => switcher.switch(text));

describe('one language, p = 1: every known word is switched, the rest is kept', () => {
  it.each([
    [
      'sw',
      'Where is it -- clean water, or "WATER"? The goat\'s.',
      'Wapi is it -- maji safi, or "MAJI"? The mbuzi\'s.',
    ],
    ['yo', 'Good! The goat; the river', 'Dára! Ewúrẹ́ náà; the odò'],
    ['hi', 'Where is the Water?', 'कहाँ is the पानी?'],
    ['ar', 'The (River) Station', 'The (نهر) محطة'],
    ['th', 'goat-water', 'แพะ-น้ำ'],
    ['tr', 'Station: Good WATER', 'İstasyon: İyi SU'],
  ])('%s', (code, text, switched) => {
    expect(one(code).switch(text)).toBe(switched);
    expect(codeSwitcher(lexiconOf(code), { ...DEFAULTS, p: 0.999, design: 'natural' }).switch('')).toBe('');
  });

  it('matched as natural, when p is the coverage', () => {
    const text = 'Where is the water, goat?';
    const switcher = codeSwitcher(lexiconOf('sw'), { ...DEFAULTS, p: 3 / 5, design: 'matched' }, [text]);
    expect(switcher.switch(text)).toBe('Wapi is the maji, mbuzi?');
    expect(switcher.report().matched).toMatchObject({ largestP: 3 / 5, feasible: true, exact: true });
  });

  it('a phrase is not found across punctuation', () => {
    expect(one('sw').switch('clean, water')).toBe('clean, maji');
  });

  it('the best translation is that of most sources, else the first; uniform takes all evenly', () => {
    expect(one('hi').switch('water')).toBe('पानी');
    const switcher = one('hi', { translation: 'uniform' });
    const out = Array.from({ length: 1000 }, () => switcher.switch('water'));
    expect(Math.abs(out.filter((word) => word === 'जल').length - 500)).toBeLessThan(60);
  });
});

describe('properties', () => {
  it('p = 0 changes nothing, and words outside of all lexicons are never touched', () => {
    fc.assert(
      fc.property(textsOf, settingsOf({ p: 0 }), (texts, settings) => {
        expect(switchAll(codeSwitcher(all, settings, texts), texts)).toEqual(texts);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), settingsOf({ p: 1 }), (text, settings) => {
        const known = pivotWords(text).some(({ key }) => all.lookup(key) !== undefined);
        if (!known) expect(codeSwitcher(all, settings, [text]).switch(text)).toBe(text);
      }),
    );
  });

  it('the same seed gives the same texts; a state that was saved goes on exactly', () => {
    fc.assert(
      fc.property(textsOf, settingsOf(), fc.nat(20), (texts, settings, stop) => {
        const whole = codeSwitcher(all, settings, texts);
        const once = [...switchAll(whole, texts), ...switchAll(whole, texts)];
        const first = codeSwitcher(all, settings, texts);
        const before = [...texts, ...texts].slice(0, stop).map((text) => first.switch(text));
        const second = codeSwitcher(all, settings, texts);
        second.load(JSON.parse(JSON.stringify(first.save())));
        const after = [...texts, ...texts].slice(stop).map((text) => second.switch(text));
        expect([...before, ...after]).toEqual(once);
        expect(second.report()).toEqual(whole.report());
      }),
    );
  });

  it('matched, words: every quota is met to the word where it fits, in any order of the texts', () => {
    fc.assert(
      fc.property(
        textsOf,
        settingsOf({ design: 'matched', draw: 'token' }),
        fc.nat(),
        (texts, settings, turn) => {
          const switcher = codeSwitcher(all, settings, texts);
          switchAll(switcher, [...texts.slice(turn % texts.length), ...texts.slice(0, turn % texts.length)]);
          const { matched, languages, words, realised } = switcher.report();
          for (const { quota = 0, short = 0, words: got } of Object.values(languages))
            expect(got).toBe(quota - short);
          expect(matched?.exact).toBe(matched?.feasible);
          const total = Math.round(settings.p * words);
          if (!matched?.feasible || total === 0) return;
          expect(realised.p).toBeCloseTo(total / words, 12);
          expect(realised.rho).toBeCloseTo(Math.round((settings.rho ?? 0) * total) / total, 12);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('matched, texts: as many texts of each language as asked, and the same share of words in each', () => {
    fc.assert(
      fc.property(textsOf, settingsOf({ design: 'matched', draw: 'query' }), (texts, settings) => {
        const switcher = codeSwitcher(all, settings, texts);
        const drawn = texts.map((text) => switcher.switchFields([text]).language ?? '');
        const { languages, matched, realised } = switcher.report();
        const low = drawn.filter((code) => ['sw', 'yo'].includes(code)).length;
        expect(low).toBe(Math.round((settings.rho ?? 0) * texts.length));
        expect(realised.textRho).toBe(low / texts.length);
        for (const [code, { quota = 0, short = 0, words: got, texts: count }] of Object.entries(languages)) {
          expect(got).toBe(quota - short);
          expect(count).toBe(drawn.filter((each) => each === code).length);
        }
        expect(matched?.exact).toBe(matched?.feasible);
      }),
    );
  });

  it('natural with keys: a text is switched the same way whatever came before', () => {
    fc.assert(
      fc.property(textsOf, settingsOf({ design: 'natural' }), (texts, settings) => {
        const forwards = codeSwitcher(all, settings);
        const backwards = codeSwitcher(all, settings);
        const there = texts.map((text, i) => forwards.switch(text, `q${i}`));
        const back = texts
          .map((_, i) => texts.length - 1 - i)
          .map((i) => backwards.switch(texts[i], `q${i}`));
        expect(back.reverse()).toEqual(there);
        const { settings: _, ...account } = forwards.report();
        expect(backwards.report()).toMatchObject(account);
      }),
    );
  });

  it('rho 0 and 1 go to one set only; a larger rho only adds low-resource words', () => {
    fc.assert(
      fc.property(textsOf, settingsOf({ rho: 0 }), (texts, settings) => {
        for (const [rho, code, other] of [
          [0, 'sw', 'hi'],
          [1, 'hi', 'sw'],
        ] as const) {
          const switcher = codeSwitcher(lexiconOf('sw', 'hi'), { ...settings, low: ['sw'], rho }, texts);
          switchAll(switcher, texts);
          const { languages, realised } = switcher.report();
          expect(languages[code].words).toBe(0);
          if (languages[other].words > 0) expect(realised.rho).toBe(rho);
        }
      }),
    );
    fc.assert(
      fc.property(textsOf, fc.double({ min: 0, max: 1, noNaN: true }), (texts, p) => {
        const words = [0.2, 0.7].map((rho) => {
          const settings = { ...DEFAULTS, p, rho, low: ['hi'] };
          const switcher = codeSwitcher(lexiconOf('hi', 'ar'), settings);
          switchAll(switcher, texts);
          return switcher.report().languages;
        });
        expect(words[1].hi.words).toBeGreaterThanOrEqual(words[0].hi.words);
        expect(words[1].hi.drawn! + words[1].ar.drawn!).toBe(words[0].hi.drawn! + words[0].ar.drawn!);
      }),
    );
  });

  it('p = 1 switches each word that the drawn language knows', () => {
    fc.assert(
      fc.property(textsOf, fc.nat(), (texts, seed) => {
        const switcher = codeSwitcher(lexiconOf('hi'), { ...DEFAULTS, seed });
        switchAll(switcher, texts);
        const { languages, realised } = switcher.report();
        expect(realised.p).toBeCloseTo(languages.hi.coverage.words, 12);
        expect(languages.hi.drawn).toBe(texts.flatMap((text) => pivotWords(text)).length);
      }),
    );
  });
});

describe('shares and the report', () => {
  it('natural: what the lexicons lack lowers p and moves rho; matched: it does not', () => {
    const texts = Array.from({ length: 500 }, () => 'the river is good where water is clean');
    const settings: SwitchSettings = { ...DEFAULTS, p: 0.2, rho: 0.5, low: ['th'] };
    const lexicon = lexiconOf('th', 'hi'); // th knows 1 of 8 words, hi 3
    const natural = codeSwitcher(lexicon, settings);
    switchAll(natural, texts);
    const { realised, languages } = natural.report();
    expect(realised.p).toBeCloseTo((0.2 * (1 / 8 + 3 / 8)) / 2, 1);
    expect(realised.rho).toBeLessThan(0.33);
    expect(languages.th.coverage).toEqual({ words: 1 / 8, contentWords: 1 / 4 });
    const matched = codeSwitcher(lexicon, { ...settings, design: 'matched' }, texts);
    switchAll(matched, texts);
    expect(matched.report()).toMatchObject({ realised: { p: 0.2, rho: 0.5 }, matched: { exact: true } });
    expect(matched.report().matched?.largestP).toBeCloseTo(0.25);
  });

  it('matched beyond what lexicons know: says so, and by how much', () => {
    const texts = ['water and goat and', 'sand or sand or'];
    const switcher = codeSwitcher(lexiconOf('th'), { ...DEFAULTS, p: 0.5, design: 'matched' }, texts);
    expect(switcher.report().matched).toEqual({ texts: 2, words: 8, largestP: 0.25, feasible: false });
    switchAll(switcher, texts);
    expect(switcher.report()).toMatchObject({
      languages: { th: { quota: 4, short: 2, words: 2 } },
      matched: { exact: false },
    });
  });

  it('matched takes phrases without losing count', () => {
    const texts = Array.from({ length: 60 }, (_, i) => (i % 2 ? 'clean water is good' : 'where is the goat'));
    const switcher = codeSwitcher(
      lexiconOf('sw', 'yo'),
      { ...DEFAULTS, p: 0.25, rho: 0.5, low: ['yo'], design: 'matched' },
      texts,
    );
    const out = switchAll(switcher, texts);
    const { languages } = switcher.report();
    expect([languages.sw.words, languages.yo.words]).toEqual([30, 30]);
    expect(languages.sw.phraseWords).toBeGreaterThan(0);
    expect(out.some((text) => text.includes('maji safi'))).toBe(true);
    // A phrase comes with a word that the lexicon has by itself; of "the goat" it has none.
    expect(out.some((text) => text.includes('ewúrẹ́ náà'))).toBe(false);
  });

  it('quotas are whole numbers that add up, by largest remainders', () => {
    expect(apportion(10, [0.25, 0.25, 0.5])).toEqual([3, 2, 5]);
    expect(apportion(10, [0.3, 0, 0.7])).toEqual([3, 0, 7]);
    expect(languageQuotas(10, { rho: 0.25, low: [true, false, true], shares: [] })).toEqual([2, 7, 1]);
    expect(languageQuotas(7, { rho: 1, low: [true], shares: [] })).toEqual([7]);
  });

  it('fields of a record draw one language together', () => {
    const switcher = codeSwitcher(all, { ...DEFAULTS, draw: 'query', low: [] });
    for (let i = 0; i < 20; i++) {
      const { fields, language, switches } = switcher.switchFields(['Water', 'water'], `p${i}`);
      expect(fields[0].toLowerCase()).toBe(fields[1]);
      expect(all.languages).toContain(language);
      expect(switches).toBe(2);
    }
  });
});

describe('refusals', () => {
  it.each([
    [{ p: 1.5 }, 'p is 1.5'],
    [{ rho: Number.NaN, low: ['sw'] }, 'rho is NaN'],
    [{ rho: 0.5 }, 'rho 0.5 is impossible: no language is low-resource'],
    [{ rho: 0.5, low: ['sw', 'yo'] }, 'rho 0.5 is impossible: every language is low-resource'],
    [{ low: ['xh'] }, 'low-resource language "xh" has no lexicon'],
  ])('%o', async (over, what) => {
    const error = await refusal(() => codeSwitcher(lexiconOf('sw', 'yo'), { ...DEFAULTS, ...over }));
    expect([error.code, error.what]).toEqual(['SETTING_INVALID', what]);
  });

  it('codes of one language are one, states of other lexicons are not taken, matched needs a survey', async () => {
    expect(() => codeSwitcher(lexiconOf('sw', 'yo'), { ...DEFAULTS, low: ['swa'] })).not.toThrow();
    const texts = ['water goat'];
    const matched: SwitchSettings = { ...DEFAULTS, design: 'matched' };
    const state = codeSwitcher(lexiconOf('sw'), matched, texts).save();
    for (const other of [
      codeSwitcher(lexiconOf('sw', 'hi'), matched, texts),
      codeSwitcher(lexiconOf('sw'), DEFAULTS),
      codeSwitcher(lexiconOf('sw'), matched, ['sand']),
    ])
      expect((await refusal(() => other.load(state))).code).toBe('RESUME_MISMATCH');
    expect((await refusal(() => new CodeSwitcher(lexiconOf('sw'), matched))).code).toBe('SETTING_INVALID');
  });
});
