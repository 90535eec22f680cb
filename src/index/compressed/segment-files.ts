/** Names and sizes of a compressed segment's files, and the errors of damaged ones. */
import { RefractError } from '../../errors.ts';

/** Files within a segment's folder. `docs/index-format-vectors.md` describes them. */
export const COMPRESSED_FILES = {
  /** uint16 a token: its centroid. */
  codes: 'codes.u16',
  /** A window after the other: a scale byte a token, then the packed levels of each. */
  residuals: 'residuals.bin',
  /** uint16 a window: its tokens. */
  counts: 'window-tokens.u16',
  /** Windows of each centroid. */
  lists: 'centroid-windows.bin',
} as const;

/** Most tokens of a window. */
export const MAX_WINDOW_TOKENS = 65535;

/** The error of a file that does not hold what it should. */
export function damaged(at: string, what: string): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, {
    at,
    hint: 'The file was cut off or changed. Build the index again with `refract index`.',
  });
}
