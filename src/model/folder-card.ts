/** The card of a model that lies in a folder already. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RefractError } from '../errors.ts';
import { modelCard } from './card.ts';
import { readCheckpoint } from './checkpoint.ts';
import { readJson } from './checkpoint-parts.ts';
import { modelFingerprint } from './fingerprint.ts';
import { parseSettings } from './settings.ts';

/**
 * The card of the teacher or pack in `folder`. Of a pack only `refract.json` is read, so its teacher need not be there.
 *
 * @throws RefractError `FILE_MISSING`, `CHECKPOINT_INCOMPLETE` (a model that does not retrieve), and what
 *   `readCheckpoint` throws for a teacher
 * @example cardOfFolder('packs/sw').startsWith('---') // true
 */
export function cardOfFolder(folder: string): string {
  if (!existsSync(folder))
    throw new RefractError('FILE_MISSING', 'no such folder', {
      at: folder,
      hint: 'Give the folder that refract teach or refract distill wrote.',
    });
  const settings = parseSettings(readJson(folder, 'refract.json'), join(folder, 'refract.json'));
  if (!('retrieval' in settings))
    throw new RefractError('CHECKPOINT_INCOMPLETE', `a ${settings.kind} encoder has no card of a retriever`, {
      at: folder,
      hint: 'Give a teacher or a language pack.',
    });
  return settings.kind === 'pack'
    ? modelCard(settings)
    : modelCard(settings, modelFingerprint(readCheckpoint(folder)));
}
