/**
 * Whether a tokenizer treats every run between spaces by itself. Then the ids of a run can be remembered: the same
 * words come again and again.
 */

import { canonicalJson } from '../../data/canonical-json.ts';
import { normalizerJson } from '../pretokenization.ts';
import type { Json, JsonObject, TokenizerJson } from '../tokenizer-json.ts';

const LOCAL_NORMALIZERS = new Set([
  'BertNormalizer',
  'NFC',
  'NFD',
  'NFKC',
  'NFKD',
  'Lowercase',
  'StripAccents',
  'Strip',
  'Nmt',
  'Precompiled',
]);

/** Expressions of `Replace` that match within a run, or spaces that are left out anyway. */
const LOCAL_EXPRESSIONS = new Set([' {2,}', ...ownExpressions()]);

/** Whether normalising and splitting a text is the same as doing so to each run between spaces. */
export function isLocal({ normalizer, pre_tokenizer: preTokenizer }: TokenizerJson): boolean {
  return isLocalNormalizer(normalizer) && splitsAtSpaces(preTokenizer);
}

function isLocalNormalizer(part: Json | undefined): boolean {
  if (part === null || part === undefined) return true;
  const { type, normalizers, pattern } = part as JsonObject;
  if (type === 'Sequence') return Array.isArray(normalizers) && normalizers.every(isLocalNormalizer);
  if (type !== 'Replace') return LOCAL_NORMALIZERS.has(String(type));
  const { String: literal, Regex: expression } = pattern as JsonObject;
  if (typeof literal === 'string') return !/\s/u.test(literal);
  return LOCAL_EXPRESSIONS.has(String(expression));
}

/** Whether white space is left out first, and what follows does not ask where in the text a piece begins. */
function splitsAtSpaces(part: Json | undefined): boolean {
  if (part === null || part === undefined) return false;
  const { type, pretokenizers } = part as JsonObject;
  if (type === 'Sequence' && Array.isArray(pretokenizers) && pretokenizers.length > 0)
    return splitsAtSpaces(pretokenizers[0]) && !canonicalJson(pretokenizers).includes('"first"');
  if (type === 'BertPreTokenizer' || type === 'WhitespaceSplit' || type === 'Whitespace') return true;
  return canonicalJson(part) === SPLIT_AT_SPACES;
}

const SPLIT_AT_SPACES = canonicalJson({
  type: 'Split',
  pattern: { Regex: '\\s+' },
  behavior: 'Removed',
  invert: false,
});

/** The expressions of the tokenizers learnt here. */
function ownExpressions(): string[] {
  const { normalizers } = normalizerJson(true);
  return (normalizers as readonly JsonObject[]).flatMap(({ pattern }) => {
    const expression = (pattern as JsonObject | undefined)?.Regex;
    return typeof expression === 'string' ? [expression] : [];
  });
}
