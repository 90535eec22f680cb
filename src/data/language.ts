/**
 * Language codes: which exist, what they are called, and whether two of them or a column's heading mean the
 * same language. Knowledge comes from the runtime's CLDR data (`Intl`), ISO 639-1 and 639-3 alike.
 */
import { nearest, RefractError } from '../errors.ts';

const english = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
/** Codes that CLDR names but that are no language: no linguistic content, and the root of the tree. */
const NO_LANGUAGE = new Set(['zxx', 'root', 'und']);
/** BCP 47 private use: the way in for a language without a known code, e.g. `und-x-myvillage`. */
const PRIVATE_USE = /^und(-x(-[a-z0-9]{1,8})+)$/i;

/**
 * The code, well-formed (`en_US` becomes `en-US`, `SW` becomes `sw`), when it names a known language. Aliases
 * stay as given: `swa` is not turned into `sw`.
 *
 * Errors: `LANGUAGE_UNKNOWN`, with the nearest known code.
 *
 * @example checkLanguage('twi') // 'twi'
 * @example checkLanguage('swahili') // throws: did you mean "sw" (Swahili)?
 */
export function checkLanguage(code: string): string {
  const tag = wellFormed(code.trim().replaceAll('_', '-'));
  if (tag !== undefined && (PRIVATE_USE.test(tag) || isKnown(primary(tag)))) return tag;
  const suggestion = suggest(code.trim());
  throw new RefractError('LANGUAGE_UNKNOWN', `"${code}" is not a known language code`, {
    hint: `${suggestion === undefined ? 'Use' : `Did you mean "${suggestion}" (${languageName(suggestion)})? Else use`} an ISO 639 code such as sw, so or hau; a language without one can be given as und-x-NAME.`,
  });
}

/**
 * The English name of a language, or the code itself when it has none.
 *
 * @example languageName('bem') // 'Bemba'
 */
export function languageName(code: string): string {
  try {
    return english.of(code) ?? code;
  } catch {
    return code;
  }
}

/**
 * Whether two codes have the same language, whatever their region, script or spelling: `swa` and `sw-KE` do.
 *
 * @example sameLanguage('pt-BR', 'por') // true
 */
export function sameLanguage(a: string, b: string): boolean {
  const left = canonicalLanguage(a);
  return left !== undefined && left === canonicalLanguage(b);
}

/**
 * Whether a column heading or a file's suffix means a language: one of its codes (`sw`, `swa`, `swh_Latn`),
 * its English name or its own name, in any case.
 *
 * @example meansLanguage('Kiswahili', 'sw') // true
 */
export function meansLanguage(label: string, code: string): boolean {
  const word = label.trim().toLowerCase();
  if (word === '') return false;
  if (word === code.toLowerCase() || sameLanguage(word, code)) return true;
  return word === languageName(code).toLowerCase() || word === ownName(code)?.toLowerCase();
}

function isKnown(language: string): boolean {
  return !NO_LANGUAGE.has(language) && english.of(language) !== undefined;
}

/** Language in lower case, script in title case, region in upper case; undefined when not BCP 47. */
function wellFormed(tag: string): string | undefined {
  try {
    new Intl.Locale(tag); // throws on what is not BCP 47, but replaces aliases: only its verdict is used
  } catch {
    return undefined;
  }
  return tag
    .split('-')
    .map((part, i) => {
      if (i === 0 || part.length === 1) return part.toLowerCase();
      if (i <= 2 && /^[a-z]{2}$/i.test(part)) return part.toUpperCase();
      if (i === 1 && /^[a-z]{4}$/i.test(part)) return part[0].toUpperCase() + part.slice(1).toLowerCase();
      return part.toLowerCase();
    })
    .join('-');
}

function primary(tag: string): string {
  return tag.split('-')[0].toLowerCase();
}

/**
 * The language of a code, without script and region, as CLDR abbreviates it: ISO 639-3 codes of a macrolanguage's
 * standard form become that language's. Undefined where it is no code.
 *
 * @example canonicalLanguage('swh') // 'sw'
 */
export function canonicalLanguage(code: string): string | undefined {
  try {
    return new Intl.Locale(code.trim().replaceAll('_', '-')).language;
  } catch {
    return undefined;
  }
}

function ownName(code: string): string | undefined {
  try {
    return new Intl.DisplayNames(code, { type: 'language', fallback: 'none' }).of(code);
  } catch {
    return undefined;
  }
}

/** A known code for what was probably meant: a language's name, a country's code, or the nearest code. */
function suggest(word: string): string | undefined {
  if (word === '') return undefined;
  if (/^[a-z]{2}$/i.test(word) && regions.of(word.toUpperCase()) !== undefined) {
    const language = new Intl.Locale(`und-${word}`).maximize().language;
    if (isKnown(language)) return language;
  }
  const codesByName = knownCodes();
  const head = word.split(/[-_]/)[0];
  const name = head.length > 3 ? nearest(head, codesByName.keys()) : undefined;
  return name === undefined ? nearest(head, codesByName.values()) : codesByName.get(name);
}

let known: ReadonlyMap<string, string> | undefined;

/** Codes by lower-case English name, the shortest code of each; made once, when first a code is refused. */
function knownCodes(): ReadonlyMap<string, string> {
  if (known !== undefined) return known;
  const codes = new Map<string, string>();
  for (const code of possibleCodes()) {
    const name = isKnown(code) ? english.of(code)?.toLowerCase() : undefined;
    if (name !== undefined && !codes.has(name)) codes.set(name, code);
  }
  known = codes;
  return codes;
}

/** Every two-letter and then every three-letter combination. */
function* possibleCodes(): Generator<string> {
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  for (const a of letters) for (const b of letters) yield a + b;
  for (const a of letters) for (const b of letters) for (const c of letters) yield a + b + c;
}
