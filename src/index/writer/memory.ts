/** How much of the memory that a user allows goes to segments which are being written. */
import { RefractError } from '../../errors.ts';

/** Memory unless asked otherwise. */
export const DEFAULT_MEMORY = 2 ** 30;
/** Less does not hold the program itself. */
const LEAST_MEMORY = 2 ** 28;

/**
 * What the parts of a segment may hold before it is closed: a quarter. The rest is for the encoder, for what is on its
 * way to the disk, and for finishing a segment, which sorts what it holds.
 *
 * @throws RefractError `SETTING_INVALID` less than 256 MiB
 */
export function heldBytes(memoryBytes = DEFAULT_MEMORY): number {
  if (memoryBytes >= LEAST_MEMORY) return memoryBytes / 4;
  throw new RefractError('SETTING_INVALID', `${memoryBytes} bytes of memory do not suffice`, {
    hint: 'Allow at least 256MiB.',
  });
}

/** What the training of a codec may hold, by what segments may: twice as much, since none is open then. */
export function trainingBytes(heldBytes: number): number {
  return 2 * heldBytes;
}
