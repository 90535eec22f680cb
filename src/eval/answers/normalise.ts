/**
 * Answers made comparable, by the rules of SQuAD (Rajpurkar et al. 2016) and of MLQA (Lewis et al. 2020).
 *
 * Both rule sets are defined by a program in Python, whose notions of white space and of word characters are kept
 * here: `\b` of JavaScript knows ASCII only.
 */

/** Whose rules. */
export type AnswerRules = 'squad' | 'mlqa';

/** What Python's `str.split` takes for white space. */
const WHITE_SPACE = new RegExp(`[\\s${String.fromCharCode(0x1c, 0x1d, 0x1e, 0x1f, 0x85)}]+`, 'u');
const ASCII_PUNCTUATION = /[!-/:-@[-`{-~]/g;
const PUNCTUATION = /[!-/:-@[-`{-~]|\p{P}/gu;
/** Where MLQA cuts mixed text: each of these is a token of its own. */
const HAN = /[\u4e00-\u9fa5]/;

/** A word of a list, with no letter, number or underscore beside it. */
const wholeWords = (words: string) =>
  new RegExp(`(?<![\\p{L}\\p{N}_])(?:${words.replaceAll(' ', '|')})(?![\\p{L}\\p{N}_])`, 'gu');

/** Articles by language; `ال` is a prefix and goes wherever it stands. Hindi and Chinese have none. */
const ARTICLES: ReadonlyMap<string, RegExp> = new Map([
  ['en', wholeWords('a an the')],
  ['es', wholeWords('un una unos unas el la los las')],
  ['de', wholeWords('ein eine einen einem eines einer der die das den dem des')],
  ['vi', wholeWords('của là cái chiếc những')],
  ['ar', /ال/g],
]);

/** The languages that MLQA's rules are written for. */
export const MLQA_LANGUAGES: readonly string[] = ['en', 'es', 'hi', 'vi', 'de', 'ar', 'zh'];

/**
 * The tokens of an answer: lower case, punctuation and articles dropped, split at white space.
 *
 * SQuAD's rules drop ASCII punctuation and English articles whatever the language. MLQA's drop all Unicode
 * punctuation and the language's articles; for `zh` every Han character is a token. A language that MLQA has no
 * rules for loses no articles.
 *
 * @example answerTokens('The Amazon, Jungle!', 'squad', 'en') // ['amazon', 'jungle']
 * @example answerTokens('中国人 20', 'mlqa', 'zh') // ['中', '国', '人', '20']
 */
export function answerTokens(text: string, rules: AnswerRules, language: string): string[] {
  if (rules === 'squad')
    return split(
      text
        .toLowerCase()
        .replace(ASCII_PUNCTUATION, '')
        .replace(ARTICLES.get('en') ?? '', ' '),
    );
  const bare = text.toLowerCase().replace(PUNCTUATION, '');
  const articles = ARTICLES.get(language);
  const kept = articles === undefined ? bare : bare.replace(articles, ' ');
  return language === 'zh' ? split(kept.replace(new RegExp(HAN, 'g'), ' $& ')) : split(kept);
}

function split(text: string): string[] {
  return text.split(WHITE_SPACE).filter((token) => token !== '');
}
