/**
 * Content words of English: those made of letters only that carry a meaning of their own. Numbers, mixed forms
 * such as `3rd`, and the words of grammar below are left out.
 */

const LIST = `
a an the this that these those some any no none each every either neither both all half such other another same
i me my mine myself you your yours yourself he him his himself she her hers herself it its itself we us our ours
ourselves they them their theirs themselves one ones who whom whose which what when where why how whoever
whatever whichever someone anyone everyone something anything everything nothing nobody
be am is are was were been being do does did done doing have has had having will would shall should can could
may might must ought cannot
and or but nor so yet if then else than as because since although though while whereas unless until whether
of in on at to for from by with without about into onto upon over under above below between among through during
before after against within across along around toward towards up down out off per via near
not only also too very just even still ever never again once here there now more most much many few less least
own well rather quite perhaps however therefore thus
s t d ll re ve m don doesn didn isn aren wasn weren hasn haven hadn won wouldn couldn shouldn
`;

/** English words of grammar, in lower case. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(LIST.trim().split(/\s+/));

const LETTERS = /^[\p{L}\p{M}]+$/u;

/**
 * Whether a word, in lower case, is a content word of English.
 *
 * @example isContentWord('river') // true
 * @example isContentWord('the') // false
 */
export function isContentWord(key: string): boolean {
  return !FUNCTION_WORDS.has(key) && LETTERS.test(key);
}
