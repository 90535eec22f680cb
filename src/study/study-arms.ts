/** What the settings of an arm ask of a study: where it stands in the matrix, and what data it needs. */
import type { ArmSettings, Study } from './study-schema.ts';

/**
 * The shares and designs at which an arm of code switching is trained: its own, or all of the study. A fusion has those
 * that all its parts have.
 */
export function sharesOfArm(
  study: Pick<Study, 'arms' | 'rho' | 'designs'>,
  arm: ArmSettings,
): Pick<Study, 'rho' | 'designs'> {
  const parts = arm.kind === 'fusion' ? arm.of.flatMap((name) => study.arms[name] ?? []) : [arm];
  const switching = parts.filter((part) => part.kind === 'code-switched');
  return {
    rho: study.rho.filter((each) => switching.every(({ rho = [each] }) => rho.includes(each))),
    designs: study.designs.filter((each) =>
      switching.every(({ designs = [each] }) => designs.includes(each)),
    ),
  };
}

/** Kinds of data that an arm needs of each language that it reads. */
export function needsOf(arm: ArmSettings): ('bitext' | 'dictionary')[] {
  switch (arm.kind) {
    case 'mean-shift':
    case 'optical':
    case 'sentence-mse':
    case 'contrastive':
      return ['bitext'];
    case 'code-switched':
      return ['dictionary'];
    case 'lexical':
      return arm.translate === 'none' ? [] : arm.translate === 'psq' ? ['bitext'] : ['dictionary'];
    default:
      return [];
  }
}
