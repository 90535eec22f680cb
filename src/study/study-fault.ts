/** A mistake in a study file. */
import { RefractError } from '../errors.ts';

/** Where the mistake is, and what is wrong there. */
export type Fault = [readonly PropertyKey[], string];

/**
 * What a check refuses, with the way out; undefined where it refuses nothing.
 *
 * @example refusalOf(() => checkLanguage('zz')) // 'not a language code: zz. ...'
 */
export function refusalOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof RefractError ? `${error.what}. ${error.hint}` : String(error);
  }
}
