/** Marginals: how much mass each token sends or receives. All sum to 1 over the tokens that are included. */
import { RefractError } from '../errors.ts';

/** Which tokens take part (non-zero / true), e.g. an attention mask without special tokens. */
export type Included = ArrayLike<number | boolean>;

/**
 * The same mass for each included token: a_i = 1 / |included|, and 0 for the others.
 *
 * @param included the number of tokens (all included), or one flag a token
 * @throws RefractError `SETTING_INVALID` when no token is included
 * @example uniformMarginal([1, 1, 0]); // 0.5, 0.5, 0
 */
export function uniformMarginal(included: number | Included): Float64Array {
  if (typeof included === 'number') return normalised(new Float64Array(included).fill(1));
  return normalised(Float64Array.from(included, (flag) => (flag ? 1 : 0)));
}

/**
 * Mass in proportion to how informative a token is: a_i = idf(token_i) / sum_k idf(token_k) over the
 * included tokens. A token id beyond the table counts as unseen and takes the table's largest weight.
 *
 * @param tokenIds token ids of one text (`m`)
 * @param idf weight of each vocabulary entry, from `inverseDocumentFrequency`
 * @throws RefractError `SETTING_INVALID` when no token with a weight is included
 * @example idfMarginal([101, 7, 2045, 102], idf, [0, 1, 1, 0]);
 */
export function idfMarginal(
  tokenIds: ArrayLike<number>,
  idf: Float64Array,
  included?: Included,
): Float64Array {
  const unseen = () => idf.reduce((most, weight) => Math.max(most, weight), 0);
  return normalised(
    Float64Array.from(tokenIds, (id, i) =>
      included === undefined || included[i] ? (idf[id] ?? unseen()) : 0,
    ),
  );
}

/**
 * idf(t) = ln(1 + (n - df_t + 0.5) / (df_t + 0.5)), positive for every 0 <= df_t <= n (Robertson and
 * Zaragoza 2009, The Probabilistic Relevance Framework, with the usual 1 inside the logarithm).
 *
 * @param counts df_t: in how many of the `n` texts token t occurs (vocabulary)
 * @throws RefractError `SETTING_INVALID` when a count is negative or above n
 * @example inverseDocumentFrequency([100, 1], 100); // a token in every text, a token in one
 */
export function inverseDocumentFrequency(counts: ArrayLike<number>, n: number): Float64Array {
  return Float64Array.from(counts, (count) => {
    if (!(count >= 0 && count <= n)) {
      throw new RefractError('SETTING_INVALID', `a document frequency of ${count} among ${n} texts`, {
        hint: 'Count each token at most once a text, over the same texts that n counts.',
      });
    }
    return Math.log1p((n - count + 0.5) / (count + 0.5));
  });
}

/**
 * In how many texts each token id occurs.
 *
 * @param texts token ids of each text; @param vocabulary number of token ids (larger ids are ignored)
 * @example documentFrequencies([[1, 1, 2], [2]], 4); // 0, 1, 2, 0
 */
export function documentFrequencies(texts: Iterable<ArrayLike<number>>, vocabulary: number): Uint32Array {
  const counts = new Uint32Array(vocabulary);
  for (const text of texts) {
    for (const id of new Set(Array.from(text))) if (id >= 0 && id < vocabulary) counts[id]++;
  }
  return counts;
}

function normalised(weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) {
    throw new RefractError('SETTING_INVALID', 'a text has no token that takes part in transport', {
      hint: 'Leave out texts that are empty or hold only excluded tokens (special tokens, punctuation).',
    });
  }
  return weights.map((weight) => weight / total);
}
