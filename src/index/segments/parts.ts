/** The parts that every segment has beside its vectors. Further kinds of data join here. */
import { fieldsPart } from './fields-part.ts';
import { idsPart } from './ids-part.ts';
import { lexicalPart } from './lexical-part.ts';
import { passagesPart } from './passages-part.ts';
import type { SegmentPart } from './segment-part.ts';
import { tokenIdsPart } from './token-ids-part.ts';
import { windowsPart } from './windows-part.ts';

/**
 * In the order in which they are written and opened. Fields come first: a passage that they refuse is then in no part.
 */
export const SEGMENT_PARTS: readonly SegmentPart[] = [
  fieldsPart,
  windowsPart,
  passagesPart,
  idsPart,
  tokenIdsPart,
  lexicalPart,
] as never;

/**
 * Those of segments that a build stages. Words are cut when the index is written from them: taking over the lists of many
 * small segments at once would need all of these open.
 */
export const STAGED_PARTS: readonly SegmentPart[] = SEGMENT_PARTS.filter((part) => part.name !== 'lexical');
