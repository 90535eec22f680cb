/** The tokenizer of a run: learnt once and kept in the run's folder, so that a resumed run takes the same. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../data/atomic.ts';
import type { TokenizerJson } from '../text/tokenizer-json.ts';
import { type TrainTokenizerSettings, trainTokenizer } from '../text/train-bpe.ts';
import { VERSION } from '../version.ts';
import { otherRun } from './resume.ts';
import type { WorkControl } from './work.ts';

/** Texts in memory that count `weight` times. */
export interface TextGroup {
  readonly texts: readonly string[];
  readonly weight: number;
}

/**
 * Learns a tokenizer and writes it to the folder `run`, or takes the one that is there when the run is resumed.
 * Errors: those of `trainTokenizer`; `RESUME_MISMATCH` when what is there was learnt from other texts or under
 * other settings.
 *
 * @example await runTokenizer('teacher.unfinished', [{ texts, weight: 1 }], settings.tokenizer, { resume: true })
 */
export async function runTokenizer(
  run: string,
  groups: readonly TextGroup[],
  settings: TrainTokenizerSettings,
  control: WorkControl,
): Promise<TokenizerJson> {
  const path = join(run, 'tokenizer.json');
  const identity = identityOf(groups, settings);
  if (control.resume === true && existsSync(path)) {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { identity: string; tokenizer: TokenizerJson };
    if (kept.identity !== identity) throw otherRun(path);
    return kept.tokenizer;
  }
  const tokenizer = await trainTokenizer(groups, settings, { ...control, directory: run });
  writeFileAtomic(path, JSON.stringify({ identity, tokenizer }));
  return tokenizer;
}

function identityOf(groups: readonly TextGroup[], settings: TrainTokenizerSettings): string {
  const hash = createHash('sha256').update(JSON.stringify([VERSION, settings]));
  for (const { texts, weight } of groups) {
    hash.update(`\n#${texts.length} ${weight}\n`);
    for (const text of texts) hash.update(`${JSON.stringify(text)}\n`);
  }
  return hash.digest('hex');
}
