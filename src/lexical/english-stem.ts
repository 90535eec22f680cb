/**
 * Porter's second stemmer for English ("Porter2", the English stemmer of Snowball, release 3): cuts inflection
 * and common derivation, so that `diseases` meets `disease`. Written from the published description; the words
 * of test/fixtures/english-stem are stemmed as by Snowball's own program.
 *
 * R1 is what follows the first consonant after a vowel, R2 the same within R1. `Y` is a consonantal y.
 */

const VOWEL = /[aeiouy]/;
const WHOLE: Readonly<Record<string, string>> = {
  skis: 'ski',
  skies: 'sky',
  idly: 'idl',
  gently: 'gentl',
  ugly: 'ugli',
  early: 'earli',
  only: 'onli',
  singly: 'singl',
  sky: 'sky',
  news: 'news',
  howe: 'howe',
  atlas: 'atlas',
  cosmos: 'cosmos',
  bias: 'bias',
  andes: 'andes',
};
/** Beginnings after which R1 starts, against the rule. */
const FIXED_R1 = /^(?:gener|commun|arsen|past|univers|later|emerg|organ|inter)/;
const R1 = /^[^aeiouy]*[aeiouy]+[^aeiouy]/;
/** A short syllable at the end. */
const SHORT_END = /(?:[^aeiouy][aeiouy][^aeiouywxY]|^[aeiouy][^aeiouy]|past)$/;

type Rule = readonly [suffix: string, replacement: string, before?: RegExp];

/** Longest first, so that the first suffix that fits is the one. */
const byLength = (rules: readonly Rule[]) => [...rules].sort(([a], [b]) => b.length - a.length);

const STEP_2 = byLength([
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['abli', 'able'],
  ['entli', 'ent'],
  ['izer', 'ize'],
  ['ization', 'ize'],
  ['ational', 'ate'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['aliti', 'al'],
  ['alli', 'al'],
  ['fulness', 'ful'],
  ['ousli', 'ous'],
  ['ousness', 'ous'],
  ['iveness', 'ive'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
  ['bli', 'ble'],
  ['ogist', 'og'],
  ['ogi', 'og', /l$/],
  ['fulli', 'ful'],
  ['lessli', 'less'],
  ['li', '', /[cdeghkmnrt]$/],
]);

const STEP_3 = byLength([
  ['tional', 'tion'],
  ['ational', 'ate'],
  ['alize', 'al'],
  ['icate', 'ic'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ful', ''],
  ['ness', ''],
  ['ative', ''],
]);

const STEP_4 = byLength([
  ...[
    'al',
    'ance',
    'ence',
    'er',
    'ic',
    'able',
    'ible',
    'ant',
    'ement',
    'ment',
    'ent',
    'ism',
    'ate',
    'iti',
  ].map((suffix): Rule => [suffix, '']),
  ...['ous', 'ive', 'ize'].map((suffix): Rule => [suffix, '']),
  ['ion', '', /[st]$/],
]);

/** Stems met before; query logs and collections repeat their words. Emptied when it grows large. */
const known = new Map<string, string>();
const MOST_KNOWN = 200_000;

/**
 * The stem of a lower-case English word. Words with letters beyond a-z, and numbers, are returned as they are.
 *
 * @example englishStem('diseases') // 'diseas', as englishStem('disease')
 */
export function englishStem(word: string): string {
  let stem = known.get(word);
  if (stem === undefined) {
    stem = /^[a-z']{3,}$/.test(word) ? stemOf(word) : word;
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(word, stem);
  }
  return stem;
}

function stemOf(given: string): string {
  if (Object.hasOwn(WHOLE, given)) return WHOLE[given];
  let word = given.replace(/^'/, '').replace(/(^|[aeiouy])y/g, '$1Y');
  const r1 = (FIXED_R1.exec(word) ?? R1.exec(word))?.[0].length ?? word.length;
  const r2 = r1 + (R1.exec(word.slice(r1))?.[0].length ?? word.length - r1);
  word = word.replace(/'(?:s'?)?$/, '');
  word = plural(word);
  word = pastOrProgressive(word, r1);
  word = word.replace(/(?<=.[^aeiouy])[yY]$/, 'i');
  word = replaced(word, STEP_2, r1);
  word = replaced(word, STEP_3, r1, r2);
  word = replaced(word, STEP_4, r2);
  return finalLetter(word, r1, r2).replaceAll('Y', 'y');
}

/** Step 1a. */
function plural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2);
  if (/ie[ds]$/.test(word)) return word.slice(0, word.length > 4 ? -2 : -1);
  if (/(?:us|ss)$/.test(word)) return word;
  return /[aeiouy].+s$/.test(word) ? word.slice(0, -1) : word;
}

/** Step 1b. */
function pastOrProgressive(word: string, r1: number): string {
  const suffix = /(?:eedly|ingly|edly|eed|ing|ed)$/.exec(word)?.[0];
  if (suffix === undefined) return word;
  const rest = word.slice(0, -suffix.length);
  if (suffix.startsWith('eed'))
    return rest.length >= r1 && !/^(?:succ|proc|exc)$/.test(rest) ? `${rest}ee` : word;
  if (suffix === 'ing') {
    if (/^[^aeiouy]y$/.test(rest)) return `${rest[0]}ie`;
    if (/^(?:even|cann|inn|earr|herr|out)$/.test(rest)) return word;
  }
  if (!VOWEL.test(rest)) return word;
  if (/(?:at|bl|iz)$/.test(rest)) return `${rest}e`;
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(rest)) return /^[aeo]..$/.test(rest) ? rest : rest.slice(0, -1);
  return rest.length === r1 && SHORT_END.test(rest) ? `${rest}e` : rest;
}

/** The longest suffix of `rules` replaced where it lies in the region; `ative` must lie in `r2`. */
function replaced(word: string, rules: readonly Rule[], region: number, r2 = region): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (rule === undefined) return word;
  const [suffix, replacement, before] = rule;
  const rest = word.slice(0, -suffix.length);
  if (rest.length < (suffix === 'ative' ? r2 : region)) return word;
  return before === undefined || before.test(rest) ? rest + replacement : word;
}

/** Step 5. */
function finalLetter(word: string, r1: number, r2: number): string {
  const rest = word.slice(0, -1);
  if (word.endsWith('e') && (rest.length >= r2 || (rest.length >= r1 && !SHORT_END.test(rest)))) return rest;
  return word.endsWith('ll') && rest.length >= r2 ? rest : word;
}
