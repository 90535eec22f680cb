/** The errors of ids that cannot be added or deleted. */
import { RefractError } from '../../errors.ts';

/** An id that is in the index already; `at` is the index. */
export function alreadyThere(id: string, at: string): RefractError {
  return new RefractError('DUPLICATE_ID', `the index already has a passage "${id}"`, {
    at,
    hint: 'Nothing of this batch was added. With --replace new passages take the place of old ones.',
  });
}

/** Ids that are not in the index; `at` is the index. */
export function notThere(ids: readonly string[], at: string): RefractError {
  const few = ids.slice(0, 3).map((id) => `"${id}"`);
  const shown = `${few.join(', ')}${ids.length > 3 ? ` and ${ids.length - 3} more` : ''}`;
  return new RefractError('UNKNOWN_ID', `the index has no passage ${shown}`, {
    at,
    hint: 'Nothing was deleted. Correct the ids, or pass over missing ones with --ignore-missing.',
  });
}
