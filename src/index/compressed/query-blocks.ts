/** A query as integers, in blocks of at most 32 tokens laid out for the kernels. */
import { RefractError } from '../../errors.ts';
import type { Codec } from '../codec/codec.ts';
import { packBlock } from '../kernels/kernels.ts';
import { BLOCK_TOKENS } from './search-work.ts';

/** Norm of the longest query token as integers. */
const QUERY_NORM = 2 ** 13;
/** Norms of the longest token within which scores and their factors are float32 numbers, none of them 0 or infinite. */
const [LEAST_NORM, MOST_NORM] = [1e-30, 1e30];

/** One block: both operands of the kernels are the same numbers. */
export interface QueryBlock {
  readonly tokens: number;
  /** Lanes: 16 or 32. */
  readonly width: number;
  /** int16, packed. */
  readonly packed: Int16Array;
  /** Norm of each token, float64. */
  readonly norms: Float64Array;
}

/** A query's blocks, and the factor that makes its integers numbers. */
export interface IntegerQuery {
  readonly blocks: readonly QueryBlock[];
  readonly unit: number;
}

/**
 * Rounds a query to integers of a common unit.
 *
 * @param query row-major [tokens, dim]
 * @throws RefractError `GRAPH_SHAPE` no token or another size; `SETTING_INVALID` numbers that are not finite,
 *   or so small or large that scores would not be (a query of zeros is none of these: it scores 0)
 */
export function integerQuery(query: Float32Array, tokens: number, { dim, paddedDim }: Codec): IntegerQuery {
  if (!(Number.isInteger(tokens) && tokens >= 1) || query.length !== tokens * dim) {
    throw new RefractError(
      'GRAPH_SHAPE',
      `a query of ${query.length} numbers for ${tokens} tokens of ${dim}`,
      {
        hint: 'Give at least one token and tokens * dim numbers, row-major.',
      },
    );
  }
  const norms = new Float64Array(tokens);
  for (let i = 0; i < tokens; i++) {
    let squares = 0;
    for (let d = 0; d < dim; d++) squares += query[i * dim + d] ** 2;
    norms[i] = Math.sqrt(squares);
    if (!Number.isFinite(norms[i])) {
      throw new RefractError('SETTING_INVALID', `query token ${i + 1} has a number that is not finite`, {
        hint: 'The query encoder is damaged; check its weights.',
      });
    }
  }
  const longest = norms.reduce((a, b) => Math.max(a, b));
  if (longest > MOST_NORM || (longest > 0 && longest < LEAST_NORM)) {
    throw new RefractError('SETTING_INVALID', `the longest query token has a norm of ${longest}`, {
      hint: `Scale the query: norms from ${LEAST_NORM} to ${MOST_NORM} can be scored; encoders give 1.`,
    });
  }
  const unit = longest / QUERY_NORM || 1;
  const blocks: QueryBlock[] = [];
  for (let first = 0; first < tokens; first += BLOCK_TOKENS) {
    const count = Math.min(BLOCK_TOKENS, tokens - first);
    const rows = new Int16Array(count * paddedDim);
    for (let i = 0; i < count; i++) {
      for (let d = 0; d < dim; d++) rows[i * paddedDim + d] = Math.round(query[(first + i) * dim + d] / unit);
    }
    const width = count <= 16 ? 16 : 32;
    const packed = new Int16Array(width * paddedDim);
    packBlock(rows, count, paddedDim, width, packed);
    blocks.push({ tokens: count, width, packed, norms: norms.subarray(first, first + count) });
  }
  return { blocks, unit };
}
