/** Which scripts a text is written in, and whether that is the script of its language. */
import { languageScript } from '../data/language-script.ts';
import { type Script, scriptOf } from '../text/segment.ts';
import { type Aspect, type Finding, judged, percent, weigh } from './finding.ts';
import type { TextSurvey } from './text-survey.ts';
import { FOREIGN_SCRIPT } from './thresholds.ts';

const LETTER = /^\p{L}/u;
/** Codes of ISO 15924 for scripts that languages are written in beside their usual one. */
const CODES: Readonly<Partial<Record<Script, string>>> = {
  Latin: 'Latn',
  Cyrillic: 'Cyrl',
  Greek: 'Grek',
  Arabic: 'Arab',
  Hebrew: 'Hebr',
  Devanagari: 'Deva',
  Bengali: 'Beng',
  Gurmukhi: 'Guru',
  Tibetan: 'Tibt',
  Ethiopic: 'Ethi',
  Thai: 'Thai',
  Nko: 'Nkoo',
  Tifinagh: 'Tfng',
  Vai: 'Vaii',
  Ol_Chiki: 'Olck',
  Adlam: 'Adlm',
};
/** Characters of other scripts that are named. */
const NAMED = 10;

/**
 * Scripts by their share of the letters, and letters outside the language's script.
 *
 * @param name of the language, for people
 * @example examineScript('hi', 'Hindi', survey).figures.ownScript // 0.97
 */
export function examineScript(language: string, name: string, survey: TextSurvey): Aspect {
  const own = languageScript(language);
  const scripts = new Map<Script, number>();
  const foreign: string[] = [];
  let letters = 0;
  let inOwn = 0;
  for (const [character, count] of survey.counts) {
    if (!LETTER.test(character)) continue;
    const script = scriptOf(character);
    scripts.set(script, (scripts.get(script) ?? 0) + count);
    letters += count;
    if (own?.test(character)) inOwn += count;
    else foreign.push(character);
  }
  const shares = [...scripts]
    .sort((a, b) => b[1] - a[1])
    .map(([script, n]) => [script, n / Math.max(letters, 1)] as const);
  const ownShare = own === undefined || letters === 0 ? undefined : inOwn / letters;
  const findings: Finding[] = [];
  const weight = ownShare === undefined ? undefined : weigh(1 - ownShare, FOREIGN_SCRIPT);
  if (weight !== undefined)
    findings.push({
      weight,
      what: `${percent(1 - (ownShare ?? 0))} of the letters are not in the script that ${name} is usually written in.`,
      remedy:
        weight === 'unfit'
          ? `Check the file and --language. If ${name} is written in this script there, say so in the code${example(language, shares[0][0])}.`
          : 'Look for lines of another language, romanised text, or addresses and code, and take them out.',
      examples: foreign.slice(0, NAMED),
    });
  if (letters === 0)
    findings.push({ weight: 'unfit', what: 'The text has no letters.', remedy: 'Check the file.' });
  return judged({
    name: 'script',
    summary: listed(shares.slice(0, 3)),
    facts: [
      ['scripts', listed(shares.slice(0, 6))],
      ...(ownShare === undefined ? [] : [['in the script of the language', percent(ownShare)] as const]),
    ],
    figures: { scripts: Object.fromEntries(shares), ownScript: ownShare, letters },
    findings,
  });
}

function listed(shares: readonly (readonly [Script, number])[]): string {
  return shares.length === 0
    ? 'no letters'
    : shares.map(([script, share]) => `${script} ${percent(share)}`).join(', ');
}

function example(language: string, script: Script): string {
  const code = CODES[script];
  return code === undefined ? '' : `, as in ${language.split('-')[0]}-${code}`;
}
