/** How much of one text, or of two, is kept where they are too long, by the rules of Hugging Face `tokenizers`. */
import { RefractError } from '../../errors.ts';

/** Which text is cut: the longer one first, or always the same one. */
export type TruncationStrategy = 'longest_first' | 'only_first' | 'only_second';

/**
 * Numbers of tokens that are kept.
 *
 * @param lengths numbers of tokens, of one text or of two
 * @param most tokens that there is room for, without those of the template
 * @throws RefractError `SETTING_INVALID` when the text that may be cut is too short for that, or not there
 * @example keptLengths([10, 30], 24, 'longest_first') // [10, 14]
 */
export function keptLengths(
  lengths: readonly number[],
  most: number,
  strategy: TruncationStrategy,
): readonly number[] {
  const excess = lengths.reduce((sum, length) => sum + length, 0) - most;
  if (excess <= 0) return lengths;
  if (most <= 0) return lengths.map(() => 0);
  if (strategy === 'longest_first') return lengths.length === 1 ? [most] : shared(lengths, most);
  const cut = strategy === 'only_first' ? 0 : 1;
  if (lengths.length <= cut || lengths[cut] <= excess)
    throw new RefractError(
      'SETTING_INVALID',
      `the ${cut === 0 ? 'first' : 'second'} text cannot be cut by ${excess} tokens`,
      {
        hint: 'Allow more tokens, or cut the longer text first (longest_first).',
      },
    );
  return lengths.map((length, i) => (i === cut ? length - excess : length));
}

/** The shorter text keeps all of its tokens where they leave as many for the other one; else both get half. */
function shared(lengths: readonly number[], most: number): readonly number[] {
  const short = Math.min(...lengths);
  const long = short > most ? short : Math.max(short, most - short);
  const halves = short + long > most;
  const kept = halves ? [Math.floor(most / 2), most - Math.floor(most / 2)] : [short, long];
  return lengths[0] > lengths[1] ? kept.reverse() : kept;
}
