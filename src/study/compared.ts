/** Which languages of a test set an arm is compared in. */

import { languagesOf } from './file-names.ts';
import { needsOf } from './study-arms.ts';
import type { ArmSettings, Study } from './study-schema.ts';

/**
 * The languages of a test set in which an arm is compared; none where it cannot be. In languages without training
 * data, those are the arms that need none of them: one model that reads all languages, and BM25 without translation.
 * A student that reads all languages also reads the English queries, where there are any, as language `en`: it may have
 * forgotten some. Test sets with passages in each language have no English ones for that.
 *
 * @example comparedIn(study, study.arms.dictionary, 'mlqa') // ['es', 'de'], and not 'vi', which has no dictionary
 */
export function comparedIn(study: Study, arm: ArmSettings, test: string): string[] {
  if (arm.kind === 'english-oracle') return ['en'];
  const languages = languagesOf(study, test);
  if (arm.kind === 'fusion')
    return arm.of
      .map((part) => comparedIn(study, study.arms[part], test))
      .reduce((both, own) => both.filter((code) => own.includes(code)), languages);
  // Models translate into English; passages in each language have English queries.
  if (arm.kind === 'translation' && typeof study.tests[test].passages !== 'string') return [];
  const own = readsUnseen(arm) ? languages : languages.filter((code) => study.languages[code].train);
  const { passages, queries } = study.tests[test];
  return isStudent(arm) && typeof passages === 'string' && queries.en ? [...own, 'en'] : own;
}

/** Whether one student of an arm reads all languages. */
function isStudent(arm: ArmSettings): boolean {
  if (arm.kind === 'optical') return arm.packs === 'one';
  return arm.kind === 'code-switched' || arm.kind === 'sentence-mse' || arm.kind === 'contrastive';
}

/** Whether an arm can read a language of which it has no data. */
function readsUnseen(arm: ArmSettings): boolean {
  switch (arm.kind) {
    case 'mean-shift':
    case 'translation':
      return false;
    case 'optical':
      return arm.packs === 'one';
    case 'lexical':
      return needsOf(arm).length === 0;
    default:
      return true;
  }
}
