/** The languages of a study: those that arms are trained on, and those that test sets alone have. */

/** What is to be known of a study's languages; a `Study` has it. */
export interface StudyLanguages {
  readonly languages: Readonly<Record<string, { readonly low: boolean; readonly train: boolean }>>;
}

/**
 * The codes of a study's languages: with training data (`trained`), without (`unseen`), and the low-resource ones of
 * both (`low`), each in the order of the study file.
 *
 * @example
 * languagesOfStudy({ languages: { sw: { low: true, train: true }, yo: { low: true, train: false } } });
 * // { trained: ['sw'], unseen: ['yo'], low: new Set(['sw', 'yo']) }
 */
export function languagesOfStudy({ languages }: StudyLanguages): {
  readonly trained: readonly string[];
  readonly unseen: readonly string[];
  readonly low: ReadonlySet<string>;
} {
  const codes = Object.keys(languages);
  return {
    trained: codes.filter((code) => languages[code].train),
    unseen: codes.filter((code) => !languages[code].train),
    low: new Set(codes.filter((code) => languages[code].low)),
  };
}
