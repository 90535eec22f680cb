/**
 * Which tokens are punctuation. ColBERT leaves them out of the passage matrices (Khattab and Zaharia,
 * 2020, section 3.2): they match much and mean little.
 */

import { isByteLevel, textOfBytes } from './byte-tokens.ts';
import type { TokenizerJson } from './tokenizer-json.ts';

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

/**
 * `isPunctuationToken` for the vocabulary of a `tokenizer.json`: tokens that are spelt in bytes are judged by what
 * they write, and those that hold parts of characters are no punctuation, whatever sign stands for their bytes.
 *
 * @example punctuationRule(modernBert)('à¥¤') // true: the bytes of ।
 * @example punctuationRule(modernBert)('§') // false: a byte of १
 */
export function punctuationRule(json: TokenizerJson): (token: string) => boolean {
  if (!isByteLevel(json)) return isPunctuationToken;
  return (token) => {
    const text = textOfBytes(token)?.trim();
    return text !== undefined && isPunctuationToken(text);
  };
}
