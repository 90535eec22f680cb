/** Files by language, as the options `--bitext` and `--dictionary` name them. */
import { checkLanguage } from '../data/language.ts';
import { RefractError } from '../errors.ts';

/** A comma outside of braces; `prefix.{en,sw}` is one name. */
const COMMA = /,(?![^{]*\})/;
const LABEL = /^([A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*)=(.+)$/;

/**
 * Names by language code, in their order. A name is labelled as `sw=a.tsv`; those after it belong to the same
 * language until the next label, those before any label to `language`. Names are separated by commas, and an
 * option may be repeated.
 *
 * Errors: `LANGUAGE_UNKNOWN`; `SETTING_INVALID` for a name without label where no `language` was given.
 *
 * @example filesByLanguage('--bitext', ['sw=a.tsv,b.tsv,so=c.tsv']) // Map { sw => [a.tsv, b.tsv], so => [c.tsv] }
 * @example filesByLanguage('--bitext', ['tanzil.{en,sw}'], 'sw') // Map { sw => [tanzil.{en,sw}] }
 */
export function filesByLanguage(
  option: string,
  values: readonly string[] = [],
  language?: string,
): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const value of values) {
    let current = language === undefined ? undefined : checkLanguage(language);
    for (const part of value.split(COMMA)) {
      if (part === '') continue;
      const labelled = LABEL.exec(part);
      if (labelled) current = checkLanguage(labelled[1]);
      if (current === undefined)
        throw new RefractError('SETTING_INVALID', `the language of ${part} is not said`, {
          at: option,
          hint: `Write ${option} sw=${part} (with the code of the language).`,
        });
      const list = files.get(current);
      const name = labelled ? labelled[2] : part;
      if (list) list.push(name);
      else files.set(current, [name]);
    }
  }
  return files;
}
