/** Which columns, or fields, of a bitext are the pivot side, the target side and the source's name. */
import { languageName, meansLanguage } from './language.ts';

/** The two languages of a bitext. */
export interface Languages {
  /** Language of the target side. */
  readonly language: string;
  /** The teacher's language. */
  readonly pivotLanguage: string;
}

/** Indices into a row, or names of fields. */
export interface Sides<Key> {
  readonly pivot: Key;
  readonly target: Key;
  readonly source?: Key;
}

const SOURCE_NAMES = new Set(['source', 'corpus', 'collection', 'origin', 'domain']);
/** Names of the two sides that do not name a language, first match wins. */
const NEUTRAL_NAMES = [
  ['pivot', 'target'],
  ['source', 'target'],
  ['src', 'tgt'],
  ['source_text', 'target_text'],
] as const;

/**
 * The sides among headings such as `source en sw`, `English Kiswahili`, `pivot target`, or undefined when
 * the headings do not name both.
 *
 * @example recogniseSides(['source', 'English', 'swh_Latn'], { language: 'sw', pivotLanguage: 'en' })
 * // { pivot: 1, target: 2, source: 0 }
 */
export function recogniseSides(headings: readonly string[], languages: Languages): Sides<number> | undefined {
  const names = headings.map((heading) => heading.trim().toLowerCase());
  const byLanguage = (language: string) => names.findIndex((name) => meansLanguage(name, language));
  let pivot = byLanguage(languages.pivotLanguage);
  let target = byLanguage(languages.language);
  for (const [neutralPivot, neutralTarget] of NEUTRAL_NAMES) {
    if (pivot >= 0 && target >= 0) break;
    if (pivot >= 0 && names.includes(neutralTarget)) target = names.indexOf(neutralTarget);
    else if (target >= 0 && names.includes(neutralPivot)) pivot = names.indexOf(neutralPivot);
    else if (names.includes(neutralPivot) && names.includes(neutralTarget)) {
      pivot = names.indexOf(neutralPivot);
      target = names.indexOf(neutralTarget);
    }
  }
  if (pivot < 0 || target < 0 || pivot === target) return undefined;
  const source = names.findIndex((name, i) => i !== pivot && i !== target && SOURCE_NAMES.has(name));
  return source < 0 ? { pivot, target } : { pivot, target, source };
}

/** A description such as `columns: English 3, sw 4, source 1` for the report. */
export function describeSides(
  sides: Sides<number | string>,
  languages: Languages,
  noun: 'columns' | 'fields',
): string {
  const label = (key: number | string) => (typeof key === 'number' ? String(key + 1) : key);
  const source = sides.source === undefined ? '' : `, source ${label(sides.source)}`;
  return `${noun}: ${languageName(languages.pivotLanguage)} ${label(sides.pivot)}, ${languageName(languages.language)} ${label(sides.target)}${source}`;
}
