/** What contradicts itself in the languages of a study: their codes and data, where test sets name them, and rho. */
import { checkLanguage } from '../data/language.ts';
import { type Fault, refusalOf } from './study-fault.ts';
import { languagesOfStudy } from './study-languages.ts';
import type { Study } from './study-schema.ts';

/** What is wrong with the languages of a study: path and message. */
export function* languageFaults(study: Study): Generator<Fault> {
  const { languages, tests, arms, rho } = study;
  const { trained, low } = languagesOfStudy(study);
  if (trained.length === 0)
    yield [
      ['languages'],
      'no language is given that arms are trained on; add one with its data, without train: false',
    ];
  for (const [code, { train, low: _, ...data }] of Object.entries(languages)) {
    const wrong = codeFault(code);
    if (wrong !== undefined) yield [['languages', code], wrong];
    const [given] = Object.keys(data);
    if (!train && given !== undefined)
      yield [
        ['languages', code, given],
        'a language with train: false has no data; leave the data out, or leave out train: false',
      ];
  }
  for (const [test, { passages, queries }] of Object.entries(tests)) {
    const sides = { queries, ...(typeof passages !== 'string' && { passages }) };
    for (const [side, byLanguage] of Object.entries(sides))
      for (const code of Object.keys(byLanguage))
        if (code !== 'en' && languages[code] === undefined)
          yield [
            ['tests', test, side, code],
            `"${code}" is not among languages; add languages.${code} with its data, or with train: false where arms learn nothing of it`,
          ];
    if (typeof passages !== 'string' && Object.keys(queries).join() !== 'en')
      yield [
        ['tests', test, 'queries'],
        'passages in several languages are for English queries; give queries.en alone',
      ];
  }
  if (!Object.values(arms).some(({ kind }) => kind === 'code-switched')) return;
  const lower = trained.filter((code) => low.has(code)).length;
  const impossible = rho.find(
    (share) => (share > 0 && lower === 0) || (share < 1 && lower === trained.length),
  );
  if (impossible !== undefined)
    yield [
      ['rho'],
      lower === 0
        ? `rho ${impossible} is impossible: no language that arms are trained on is low-resource; say low: true for some, or take rho 0 alone`
        : `rho ${impossible} is impossible: every language that arms are trained on is low-resource; add another, or take rho 1 alone`,
    ];
}

/** Says which trained language lacks a kind of data that an arm needs. */
export function missingMaterial(study: Study, need: 'bitext' | 'dictionary'): string | undefined {
  const without = languagesOfStudy(study).trained.find((code) => study.languages[code][need] === undefined);
  if (without === undefined) return undefined;
  return `the arm needs ${need === 'bitext' ? 'bitext' : 'a dictionary'} of every language, and "${without}" has none; add languages.${without}.${need}, or leave the arm out`;
}

function codeFault(code: string): string | undefined {
  if (code === 'en') return 'English is the language of the teacher';
  let known = code;
  const refused = refusalOf(() => {
    known = checkLanguage(code);
  });
  return refused ?? (known === code ? undefined : `write it "${known}"`);
}
