/** The parts that every segment has beside its vectors. Further kinds of data join here. */
import { idsPart } from './ids-part.ts';
import { passagesPart } from './passages-part.ts';
import type { SegmentPart } from './segment-part.ts';
import { tokenIdsPart } from './token-ids-part.ts';
import { windowsPart } from './windows-part.ts';

/** In the order in which they are written and opened. */
export const SEGMENT_PARTS: readonly SegmentPart[] = [
  windowsPart,
  passagesPart,
  idsPart,
  tokenIdsPart,
] as never;
