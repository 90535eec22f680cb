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
  return scriptCode(language) === 'Latn' ? undefined : languageScript(language);
}

/**
 * The same for all languages, those in Latin letters too; undefined where the script is not known.
 *
 * @example languageScript('sw')?.test('maji') // true
 */
export function languageScript(language: string): RegExp | undefined {
  const code = scriptCode(language);
  if (code === undefined) return undefined;
  try {
    return new RegExp(`[${SEVERAL[code] ?? `\\p{Script=${code}}`}]`, 'u');
  } catch {
    return undefined; // a script that the runtime's Unicode lacks
  }
}

/** The script by CLDR, as ISO 15924 writes it. */
function scriptCode(language: string): string | undefined {
  try {
    return new Intl.Locale(language).maximize().script;
  } catch {
    return undefined; // no code of BCP 47
  }
}
