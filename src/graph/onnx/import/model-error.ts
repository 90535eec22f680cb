/** What is wrong with an ONNX file, as errors that say where. */
import { RefractError } from '../../../errors.ts';

const EXPORT_AGAIN = 'The file is cut off, damaged, or no ONNX model: copy or export it again.';

/** A `CHECKPOINT_FORMAT` error about the ONNX file (or the part of it) at `at`. */
export function unreadable(at: string, what: string, hint = EXPORT_AGAIN, cause?: unknown): RefractError {
  return new RefractError('CHECKPOINT_FORMAT', what, { at, hint, cause });
}
