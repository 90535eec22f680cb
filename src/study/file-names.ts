/** Which files a study names for what: by setting, by test set, by language. */
import type { Study } from './study-schema.ts';

/** The languages that a test set compares: those of its queries, or of its passages, but English. */
export function languagesOf({ tests }: Study, test: string): string[] {
  const { passages, queries } = tests[test];
  return Object.keys(typeof passages === 'string' ? queries : passages).filter((code) => code !== 'en');
}

/** The file and field of the queries of a language; English ones where the passages are in each language. */
export function queriesOf(
  { tests }: Study,
  test: string,
  language: string,
): { file: string; field?: string } {
  const { passages, queries } = tests[test];
  const named = queries[typeof passages === 'string' ? language : 'en'];
  return typeof named === 'string' ? { file: named } : named;
}

/** The passages that queries of a language are for, and what they are written in. */
export function passagesOf(
  { tests }: Study,
  test: string,
  language: string,
): { file: string; language: string } {
  const { passages } = tests[test];
  return typeof passages === 'string'
    ? { file: passages, language: 'en' }
    : { file: passages[language], language };
}

/** Every file of a study, by the setting that names it. */
export function* namedFiles({
  train,
  languages,
  tests,
  teacher,
  arms,
}: Study): Generator<[string, readonly string[]]> {
  const { passages, queries, judgments, dev } = train;
  for (const [key, name] of Object.entries({ passages, queries, judgments })) yield [`train.${key}`, [name]];
  for (const [key, name] of Object.entries(dev ?? {})) yield [`train.dev.${key}`, [name]];
  if ('folder' in teacher) yield ['teacher.folder', [teacher.folder]];
  if ('folders' in teacher)
    for (const [seed, name] of Object.entries(teacher.folders)) yield [`teacher.folders.${seed}`, [name]];
  for (const [code, language] of Object.entries(languages))
    for (const key of ['bitext', 'devBitext', 'dictionary'] as const)
      yield [`languages.${code}.${key}`, language[key] ?? []];
  for (const [test, set] of Object.entries(tests)) {
    const { passages: named } = set;
    for (const [code, name] of Object.entries(typeof named === 'string' ? { '': named } : named))
      yield [`tests.${test}.passages${code && `.${code}`}`, [name]];
    yield [`tests.${test}.judgments`, [set.judgments]];
    for (const [code, named] of Object.entries(set.queries))
      yield [`tests.${test}.queries.${code}`, [typeof named === 'string' ? named : named.file]];
  }
  for (const [name, arm] of Object.entries(arms))
    for (const [code, model] of Object.entries(arm.kind === 'translation' ? arm.models : {}))
      yield [`arms.${name}.models.${code}`, [typeof model === 'string' ? model : model.folder]];
}

/**
 * Which file of a test set belongs to which language. A cell's settings hold this beside the files' hashes, which
 * do not say it.
 *
 * @example searchedFiles(study, 'ntrex', ['sw']) // { sw: { queries: { file: 'queries.sw.jsonl' }, passages: 'corpus.jsonl' } }
 */
export function searchedFiles(study: Study, test: string, languages: readonly string[]) {
  return Object.fromEntries(
    languages.map((code) => [
      code,
      { queries: queriesOf(study, test, code), passages: passagesOf(study, test, code).file },
    ]),
  );
}

/** Which file of `parts` belongs to which language; for a cell's settings, as `searchedFiles`. */
export function languageFiles(
  study: Study,
  languages: readonly string[],
  parts: readonly ('bitext' | 'devBitext' | 'dictionary')[],
) {
  return Object.fromEntries(
    languages.map((code) => [
      code,
      Object.fromEntries(
        parts.flatMap((part) => {
          const files = study.languages[code][part];
          return files ? [[part, files]] : [];
        }),
      ),
    ]),
  );
}
