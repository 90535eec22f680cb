/** The script that a language is written in, by the runtime's CLDR data. */

/** Scripts that are several, by the code that CLDR gives. */
const SEVERAL: Readonly<Record<string, string>> = {
  Jpan: '\\p{Script=Hira}\\p{Script=Kana}\\p{Script=Hani}',
  Kore: '\\p{Script=Hang}\\p{Script=Hani}',
  Hans: '\\p{Script=Hani}',
  Hant: '\\p{Script=Hani}',
};

/**
 * A pattern that finds a character of the script of `language`; undefined for languages in Latin letters, and
 * where the script is not known.
 *
 * @example ownScript('hi')?.test('पानी') // true
 * @example ownScript('sw') // undefined
 */
export function ownScript(language: string): RegExp | undefined {
  try {
    const code = new Intl.Locale(language).maximize().script;
    if (code === undefined || code === 'Latn') return undefined;
    return new RegExp(`[${SEVERAL[code] ?? `\\p{Script=${code}}`}]`, 'u');
  } catch {
    return undefined; // no code of BCP 47, or a script that the runtime's Unicode lacks
  }
}
