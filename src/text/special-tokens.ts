/** Special tokens for a tokenizer that lacks them, such as the query and passage markers of a retriever. */
import type { AddedTokenJson, Json, TokenizerJson } from './tokenizer-json.ts';

/**
 * The tokenizer with `contents` as special tokens. One that is in the vocabulary keeps its id; a new one gets
 * the next after the largest, so that no id of a text changes. The order of `contents` is that of the ids.
 *
 * @example withSpecialTokens(json, ['[Q]', '[D]']).added_tokens.at(-1) // { id: 8001, content: '[D]', special: true, ... }
 */
export function withSpecialTokens(json: TokenizerJson, contents: readonly string[]): TokenizerJson {
  const { vocab } = json.model;
  const words = isObject(vocab) ? new Map(Object.entries(vocab)) : undefined;
  const added = new Map(json.added_tokens.map((token) => [token.content, token]));
  let next = largestId(json) + 1;
  for (const content of contents) {
    const known = added.get(content)?.id ?? words?.get(content);
    const id = typeof known === 'number' ? known : next++;
    words?.set(content, id);
    added.set(content, specialToken(id, content));
  }
  return {
    ...json,
    added_tokens: [...added.values()].sort((a, b) => a.id - b.id),
    model: words === undefined ? json.model : { ...json.model, vocab: Object.fromEntries(words) },
  };
}

/** The entry of a special token: matched as it stands in the raw text, with the spaces around it left alone. */
function specialToken(id: number, content: string): AddedTokenJson {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

/** The vocabulary is an object of ids, or, in a Unigram model, a list in the order of the ids. */
function largestId({ model: { vocab }, added_tokens: added }: TokenizerJson): number {
  let largest = Array.isArray(vocab) ? vocab.length - 1 : -1;
  if (isObject(vocab)) for (const id of Object.values(vocab)) largest = Math.max(largest, Number(id));
  for (const { id } of added) largest = Math.max(largest, id);
  return largest;
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
