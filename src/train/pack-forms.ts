/** Language packs from one form to the other: from a whole model to a difference from the teacher, and back. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../data/atomic.ts';
import type { SentencePair } from '../data/records.ts';
import { RefractError } from '../errors.ts';
import { CARD_FILE, FORM_SECTION, formOf } from '../model/card.ts';
import { withSection } from '../model/card-sections.ts';
import { type RetrieverCheckpoint, readCheckpoint, writeCheckpoint } from '../model/checkpoint.ts';
import { readDifference, type WriteDifferenceOptions, writeDifference } from '../model/difference-folder.ts';
import { Encoder } from '../model/encoder.ts';
import { checkPackFits, modelFingerprint } from '../model/fingerprint.ts';
import { parseSettings } from '../model/settings.ts';
import { Stage } from '../stage.ts';
import { OpenSessions } from './open-sessions.ts';
import { TranslationMeasure } from './translation-measure.ts';
import type { WorkControl } from './work.ts';

/** What is lost, and measured, when a pack is shrunk. */
export interface ShrinkOptions extends Pick<WriteDifferenceOptions, 'precision' | 'truncation'> {
  /** Held-out pairs to measure the loss by. */
  readonly dev?: readonly SentencePair[];
}

/** What `shrinkPack` made. */
export interface ShrinkReport {
  /** Bytes of the folder before and after. */
  readonly bytes: { readonly before: number; readonly after: number };
  /** Whether the pack is the same bit for bit. */
  readonly exact: boolean;
  /** RR@10 of held-out sentences among their translations: with the pack before, and as it is now. */
  readonly dev?: { readonly pairs: number; readonly before: number; readonly after: number };
}

/**
 * Saves the pack in folder `pack` as its difference from the teacher in folder `teacher`, at `out`, with its card and
 * its log. A difference may be shrunk again.
 *
 * @throws RefractError `TEACHER_MISMATCH`, `DISK_FULL`, `INTERRUPTED`, and what `readCheckpoint` throws
 * @example await shrinkPack('packs/sw', 'teacher', 'packs/sw-small', { precision: 'float16', dev })
 */
export async function shrinkPack(
  pack: string,
  teacher: string,
  out: string,
  { dev = [], ...options }: ShrinkOptions = {},
  control: WorkControl = {},
): Promise<ShrinkReport> {
  const from = readTeacher(teacher);
  const before = readPack(pack, from);
  await writeDifference(out, before, from, options);
  carryOver(pack, out);
  const after = readDifference(out, () => from);
  const exact = modelFingerprint(before) === modelFingerprint(after);
  const bytes = { before: folderBytes(pack), after: folderBytes(out) };
  if (dev.length === 0) return { bytes, exact };
  const [was, is] = await translationRanks(from, [before, after], dev, control);
  return { bytes, exact, dev: { pairs: dev.length, before: was, after: is } };
}

/**
 * Makes a whole model of the difference in folder `pack`, at `out`, with its card and its log.
 *
 * @throws RefractError `TEACHER_MISMATCH`, `DISK_FULL`, and what `readCheckpoint` throws
 * @example await expandPack('packs/sw-small', 'teacher', 'packs/sw')
 */
export async function expandPack(pack: string, teacher: string, out: string): Promise<void> {
  await writeCheckpoint(out, readPack(pack, readTeacher(teacher)));
  carryOver(pack, out);
}

/** RR@10 of packs: held-out sentences among the teacher's vectors of their translations. */
async function translationRanks(
  teacher: RetrieverCheckpoint,
  packs: readonly RetrieverCheckpoint[],
  dev: readonly SentencePair[],
  control: WorkControl,
): Promise<number[]> {
  const sessions = new OpenSessions();
  try {
    const encoder = sessions.keep(await Encoder.fromCheckpoint(teacher, control));
    const stage = new Stage('measuring', packs.length, 'packs', control);
    const measure = sessions.keep(await TranslationMeasure.create(encoder, dev, control));
    const ranks: number[] = [];
    for (const pack of packs) {
      ranks.push(await measure.of(sessions.keep(await Encoder.fromCheckpoint(pack, control))));
      await stage.turn(ranks.length);
    }
    stage.end();
    return ranks;
  } finally {
    await sessions.close();
  }
}

function readTeacher(folder: string): RetrieverCheckpoint {
  const teacher = readCheckpoint(folder);
  if (teacher.settings.kind === 'teacher') return teacher;
  throw new RefractError('TEACHER_MISMATCH', 'this is a language pack, not a teacher', {
    at: folder,
    hint: 'Give the teacher that the pack was distilled from.',
  });
}

function readPack(folder: string, teacher: RetrieverCheckpoint): RetrieverCheckpoint {
  const pack = readCheckpoint(folder, { teacher: () => teacher });
  if (pack.settings.kind !== 'pack')
    throw new RefractError('TEACHER_MISMATCH', 'this is a teacher, not a language pack', {
      at: folder,
      hint: 'Give the folder that refract distill wrote.',
    });
  checkPackFits(pack.settings, modelFingerprint(teacher), folder);
  return pack;
}

/** The card, which then says how the model lies there, and the log. */
function carryOver(from: string, to: string): void {
  const at = join(to, 'refract.json');
  const settings = parseSettings(JSON.parse(readFileSync(at, 'utf8')), at);
  const card = join(from, CARD_FILE);
  if (existsSync(card) && settings.kind === 'pack')
    writeFileAtomic(
      join(to, CARD_FILE),
      withSection(readFileSync(card, 'utf8'), FORM_SECTION, formOf(settings)),
    );
  const log = join(from, 'metrics.jsonl');
  if (existsSync(log)) writeFileAtomic(join(to, 'metrics.jsonl'), readFileSync(log));
}

function folderBytes(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
