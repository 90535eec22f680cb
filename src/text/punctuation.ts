/**
 * Which tokens are punctuation. ColBERT leaves them out of the passage matrices (Khattab and Zaharia,
 * 2020, section 3.2): they match much and mean little.
 */

const PUNCTUATION = /^[\p{P}\p{S}]+$/u;

/** The marks that vocabularies use for the beginning or continuation of a word. */
const WORD_MARKS = /^(?:##|[▁Ġ])(?=.)/su;

/** Tokens such as `[CLS]`, `<s>` and `<0x0A>`: no text of their own. */
const NAMED_TOKEN = /^(?:\[[\p{L}\p{N}_-]+\]|<[^<>]+>)$/u;

/**
 * Whether a vocabulary token consists of punctuation and symbols (`\p{P}`, `\p{S}`) only, its word mark
 * apart. Special tokens, byte tokens and a word mark alone are not punctuation.
 *
 * @example isPunctuationToken('▁,') // true
 * @example isPunctuationToken('।') // true
 * @example isPunctuationToken('[SEP]') // false
 */
export function isPunctuationToken(token: string): boolean {
  if (NAMED_TOKEN.test(token)) return false;
  const text = token.replace(WORD_MARKS, '');
  return text !== '▁' && PUNCTUATION.test(text);
}
