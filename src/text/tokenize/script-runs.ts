/** The `UnicodeScripts` pre-tokenizer: a text cut where the script changes, as SentencePiece cuts it. */
import type { Range } from './aligned-text.ts';
import { HAS_SCRIPT } from './unicode-sets.ts';

/** ISO 15924 codes of the scripts of Unicode 9, which the pre-tokenizer knows. */
const CODES =
  'Adlm Aghb Ahom Arab Armi Armn Avst Bali Bamu Bass Batk Beng Bhks Bopo Brah Brai Bugi Buhd Cakm Cans Cari Cham ' +
  'Cher Copt Cprt Cyrl Deva Dsrt Dupl Egyp Elba Ethi Geor Glag Goth Gran Grek Gujr Guru Hang Hani Hano Hatr Hebr ' +
  'Hira Hluw Hmng Hung Ital Java Kali Kana Khar Khmr Khoj Knda Kthi Lana Laoo Latn Lepc Limb Lina Linb Lisu Lyci ' +
  'Lydi Mahj Mand Mani Marc Mend Merc Mero Mlym Modi Mong Mroo Mtei Mult Mymr Narb Nbat Newa Nkoo Ogam Olck Orkh ' +
  'Orya Osge Osma Palm Pauc Perm Phag Phli Phlp Phnx Plrd Prti Rjng Runr Samr Sarb Saur Sgnw Shaw Shrd Sidd Sind ' +
  'Sinh Sora Sund Sylo Syrc Tagb Takr Tale Talu Taml Tang Tavt Telu Tfng Tglg Thaa Thai Tibt Tirh Ugar Vaii Wara ' +
  'Xpeo Xsux Yiii Zinh Zyyy';

const SCRIPTS = CODES.split(' ').map((code): [string, RegExp] => [
  code,
  new RegExp(`\\p{Script=${code}}`, 'u'),
]);

/** Japanese is one script; and what Unicode has put elsewhere since version 9. */
const ELSEWHERE = new Map([
  ['ー', 'Hani'],
  ['\u0589', 'Zyyy'],
  ['\u061c', 'Zyyy'],
  ['\u0953', 'Deva'],
  ['\u0954', 'Deva'],
]);

const known = new Map<string, string | undefined>();

/** The script of a character; undefined for a space and for characters younger than Unicode 9, which go with any. */
function scriptOf(character: string): string | undefined {
  if (known.has(character)) return known.get(character);
  let script: string | undefined;
  if (HAS_SCRIPT.test(character) && character !== ' ') {
    script = ELSEWHERE.get(character) ?? SCRIPTS.find(([, expression]) => expression.test(character))?.[0];
    if (script === 'Hira' || script === 'Kana') script = 'Hani';
  }
  if (known.size > 50_000) known.clear();
  known.set(character, script);
  return script;
}

/**
 * The runs of one script each. What has no script before the first run is in none.
 *
 * @example scriptRanges('どこで waterどこ') // [[0, 4], [4, 9], [9, 11]]
 */
export function scriptRanges(text: string): Range[] {
  const starts: number[] = [];
  let last: string | undefined;
  let at = 0;
  for (const character of text) {
    const script = scriptOf(character);
    if (script !== undefined && script !== last) starts.push(at);
    last = script ?? last;
    at += character.length;
  }
  return starts.map((start, i): Range => [start, starts[i + 1] ?? text.length]);
}
