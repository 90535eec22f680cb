/** Why an index finds a passage for a query: the alignment of their tokens, with readable labels. */
import type { Passage } from '../data/records.ts';
import { nearest, RefractError } from '../errors.ts';
import { alignTokens, type TokenAlignment, type TokenLabels } from './explain-align.ts';
import type { Searcher } from './searcher.ts';
import { tokenLabels } from './token-labels.ts';

/** An alignment and what a reader needs beside it. */
export interface Explanation {
  readonly query: string;
  readonly passage: Passage;
  readonly alignment: TokenAlignment;
  readonly labels: TokenLabels;
}

/** Indexes up to this size are looked through for an id that is spelled alike. */
const SUGGESTION_LIMIT = 100_000;

/**
 * Aligns the tokens of `query` with those of the passage `id`, as the searcher scores them.
 *
 * @param options.plan also compute the optimal transport between the tokens
 * Throws `UNKNOWN_ID` when the index has no such passage, `SETTING_INVALID` when the query has no words.
 *
 * @example
 * const { alignment, labels } = await explainPassage(searcher, 'maji safi', 'p17');
 * console.log(alignmentTable(alignment, labels));
 */
export async function explainPassage(
  searcher: Searcher,
  query: string,
  id: string,
  options: { readonly plan?: boolean } = {},
): Promise<Explanation> {
  const { index, encoder } = searcher;
  const ordinal = index.ordinal(id);
  if (ordinal === undefined) throw unknownPassage(searcher, id);
  const { vectors, ids } = await searcher.encodeQuery(query);
  const { alignment, start, end } = bestWindow(searcher, vectors, ordinal, options);
  return {
    query,
    passage: index.passage(ordinal),
    alignment,
    labels: {
      query: tokenLabels(encoder.maker.tokenizer.tokens(ids)),
      passage: tokenLabels(searcher.passageTokenizer().tokens(index.tokenIds(ordinal).subarray(start, end))),
    },
  };
}

/** The alignment with the window that gives the passage its score, and which of its tokens that window has. */
function bestWindow(
  { index }: Searcher,
  query: Float32Array,
  ordinal: number,
  options: { readonly plan?: boolean },
): { readonly alignment: TokenAlignment; readonly start: number; readonly end: number } {
  const { dim } = index;
  const rows = index.vectors(ordinal);
  let [best, start, end, at] = [Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (const count of index.windows(ordinal)) {
    const { score } = alignTokens(query, rows.subarray(at * dim, (at + count) * dim), dim);
    if (score > best) [best, start, end] = [score, at, at + count];
    at += count;
  }
  return { alignment: alignTokens(query, rows.subarray(start * dim, end * dim), dim, options), start, end };
}

function unknownPassage({ index }: Searcher, id: string): RefractError {
  const looked = Math.min(index.size, SUGGESTION_LIMIT);
  const ids = Array.from({ length: looked }, (_, ordinal) => index.id(ordinal));
  const near = nearest(id, ids);
  return new RefractError('UNKNOWN_ID', `the index has no passage "${id}"`, {
    hint:
      near === undefined
        ? `Ids are those of the passages file, such as "${ids[0]}"; refract search prints them.`
        : `Did you mean "${near}"? Ids are those of the passages file.`,
  });
}
